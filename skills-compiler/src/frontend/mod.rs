//! The two doors to the compiler: build scripts (`cargo`) and procedural macros (`macros`).

pub mod cargo;
pub mod macros;
mod names;
