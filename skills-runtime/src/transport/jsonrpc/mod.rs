//! JSON-RPC as MCP uses it, the same for every transport: what a message says (`message.rs`), what is wrong with it as JSON
//! (`strict.rs`), what it costs in memory (`weight.rs`), and which of rmcp's types it is (`request.rs`).

pub(crate) mod message;
pub(super) mod request;
pub(crate) mod strict;
pub(crate) mod weight;

#[cfg(fuzzing)]
pub(crate) mod fuzzing;
