//! The tests of the whole: one binary, one module a topic. See `tests/README.md`.

mod project;
mod snapshot;

mod command_line;
mod determinism;
mod doors;
mod rebuild;
mod workspace;
