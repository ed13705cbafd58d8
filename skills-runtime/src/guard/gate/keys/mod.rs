//! API keys: a file with the digest of each, which `keys new`, `keys list` and `keys revoke` keep.

mod store;
pub(crate) mod token;

pub(crate) use store::{Key, Keys, NewKey, State, read, revoke, store};
