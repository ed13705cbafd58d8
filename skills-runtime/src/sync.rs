//! What threads share state with. It has a module of its own so that a test can put the checked forms of `loom` in its place.

pub(crate) use std::sync::atomic::{AtomicU64, Ordering};
pub(crate) use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Hashes clients: quick, and of a seed that nobody else knows.
pub(crate) use foldhash::fast::RandomState;
