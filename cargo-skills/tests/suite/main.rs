//! `cargo-skills` as its users run it: one binary, one module a topic.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test reads the disk, and panics when something is not as it should be"
)]

mod folder;
mod process;
mod watcher;

mod arguments;
mod buffers;
mod building;
mod discovery;
mod dist;
mod documents;
mod edges;
mod fixing;
mod formats;
mod hostile;
mod importing;
mod making;
mod rules;
mod sarif;
mod shipping;
mod terminals;
mod watching;
