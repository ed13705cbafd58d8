//! How a client reaches the server: one file or folder per transport.

pub(crate) mod jsonrpc;
mod signal;

#[cfg(feature = "http")]
pub(crate) mod http;
#[cfg(feature = "stdio")]
pub(crate) mod stdio;
