//! The seam between build time and run time: a [`Bundle`] of Agent Skills as constant data.
//!
//! `skills-compiler` writes [`Tables`], `skills-runtime` reads them as a [`Bundle`]; neither knows the other. Everything
//! that is read is `&'static`, nothing allocates for it and nothing does I/O. What a bundle may hold is bounded by
//! [`limits`]. What both say to models in the same words, a [`Guide`] says.
#![forbid(unsafe_code)]
#![no_std]

extern crate alloc;

mod bundle;
mod cursor;
mod data;
mod digest;
mod discovery;
mod guide;
pub mod gzip;
pub mod limits;
mod rows;
mod scopes;
mod table;
mod tables;

pub use bundle::{Bundle, Listings, Server, Telling, Tools};
pub use cursor::Cursors;
pub use data::{Data, Place};
pub use digest::Digest;
pub use discovery::{Archive, ArchiveRow, Index, IndexFormat, IndexRow};
pub use guide::{Guide, ToolNames};
pub use rows::{
    Content, Directory, DirectoryRow, Page, PageRow, Resource, ResourceRow, Skill, SkillRow,
};
pub use scopes::{Scope, ScopeRow, Scopes};
pub use table::{Row, Rows, Table};
pub use tables::Tables;

/// The characters that JSON leaves as they are in strings and that some readers of lines end a line at, with what stands for
/// them: NEXT LINE, LINE SEPARATOR and PARAGRAPH SEPARATOR.
pub const LINE_BREAKS: [(char, &str); 3] = [
    ('\u{85}', "\\u0085"),
    ('\u{2028}', "\\u2028"),
    ('\u{2029}', "\\u2029"),
];
