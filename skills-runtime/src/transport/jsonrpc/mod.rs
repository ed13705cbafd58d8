//! JSON-RPC as MCP uses it, the same for every transport: what a message says (`message.rs`), what is wrong with it as JSON
//! (`strict.rs`), and which of rmcp's types it is (`request.rs`).

#[cfg(fuzzing)]
pub(crate) mod fuzzing;
pub(super) mod message;
pub(super) mod request;
pub(crate) mod strict;
