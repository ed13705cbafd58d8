//! The executable that serves HTTP, from outside: what it answers, what it refuses, how much it bears, and how it ends.

mod conformance;
pub(crate) mod conversation;
mod deadlines;
mod framing;
mod http2;
mod installer;
mod life;
mod manual;
mod messages;
pub(crate) mod metrics;
mod names;
mod prometheus;
mod proxy;
mod sockets;
mod stuck;
