//! The tests of the whole: one binary, one module a topic. See `tests/README.md`.

mod building;
mod installation;
mod project;
mod server;
mod snapshot;
mod tree;

mod clients;
mod command_line;
mod determinism;
mod doors;
mod host;
mod pagination;
mod rebuild;
mod stdio;
mod workspace;
