//! How a client reaches the server: one file or folder per transport.

#[cfg(feature = "stdio")]
pub(crate) mod stdio;
