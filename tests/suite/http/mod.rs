//! The executable that serves HTTP, from outside: what it answers, what it refuses, how much it bears, and how it ends.

mod conformance;
pub(crate) mod conversation;
mod deadlines;
#[cfg(target_os = "linux")]
mod forwarding;
mod framing;
mod http2;
mod installer;
mod life;
mod manual;
#[cfg(target_os = "linux")]
mod memory;
mod messages;
pub(crate) mod metrics;
mod names;
mod prometheus;
mod proxies;
mod proxy;
mod shares;
mod sockets;
mod stuck;
