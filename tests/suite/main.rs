//! The tests of the whole: one binary, one module a topic. See `tests/README.md`.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test reads the disk, and panics when something is not as it should be"
)]

mod building;
mod debian;
#[cfg(target_os = "linux")]
mod footprint;
mod installation;
mod project;
mod server;
mod service;
mod snapshot;
mod tree;

mod audit;
mod clients;
mod command_line;
mod determinism;
mod doors;
mod guard;
#[cfg(target_os = "linux")]
mod hardening;
mod host;
mod http;
mod install;
mod oauth;
#[cfg(target_os = "linux")]
mod own_code;
mod pagination;
mod paths;
mod portability;
mod provenance;
mod rebuild;
#[cfg(target_os = "linux")]
mod sandbox;
mod stdio;
mod workspace;
