//! The seam between build time and run time: a [`Bundle`] of Agent Skills as constant data.
//!
//! `skills-compiler` writes these types as Rust source, `skills-runtime` reads them; neither knows the other. Everything
//! is `&'static`, nothing allocates and nothing does I/O. What a bundle may hold is bounded by [`limits`].
#![no_std]

mod blob;
mod bundle;
mod digest;
pub mod limits;
pub mod rows;

pub use blob::{Bytes, Text};
pub use bundle::{Bundle, Content, Directory, Listings, Page, Resource, Skill};
pub use digest::Digest;
