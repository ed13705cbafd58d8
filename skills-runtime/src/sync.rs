//! What threads share state with. It has a module of its own so that a test can put the checked forms of `loom` in its place.

pub(crate) use std::collections::hash_map::RandomState;
pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
pub(crate) use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
