//! The executable on its pipes, asked in raw JSON-RPC: what every protocol version is answered, in success, in error, to
//! lines that are no requests, and at the end.

mod answers;
mod eras;
mod hostile;
mod life;
mod log;
#[cfg(target_os = "linux")]
mod memory;
mod refusals;
mod tools;
mod unread;
