//! The two doors to the compiler: build scripts (`cargo`) and procedural macros (`macros`).

pub mod cargo;
pub mod environment;
pub mod macros;
mod names;
