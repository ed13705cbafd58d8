//! The seam between build time and run time: a [`Bundle`] of Agent Skills as constant data.
//!
//! `skills-compiler` writes [`Tables`], `skills-runtime` reads them as a [`Bundle`]; neither knows the other. Everything
//! that is read is `&'static`, nothing allocates for it and nothing does I/O. What a bundle may hold is bounded by
//! [`limits`]. What both say to models in the same words, a [`Guide`] says.
#![no_std]

extern crate alloc;

mod bundle;
mod data;
mod digest;
mod discovery;
mod guide;
pub mod limits;
mod rows;
mod scopes;
mod table;
mod tables;

pub use bundle::{Bundle, Listings, Server, Telling, Tools};
pub use data::{Data, Place};
pub use digest::Digest;
pub use discovery::{Archive, ArchiveRow, Index, IndexRow};
pub use guide::{Guide, ToolNames};
pub use rows::{
    Content, Directory, DirectoryRow, Page, PageRow, Resource, ResourceRow, Skill, SkillRow,
};
pub use scopes::{Scope, ScopeRow, Scopes};
pub use table::{Row, Rows, Table};
pub use tables::Tables;
