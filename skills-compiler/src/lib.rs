//! Compiles a directory of Agent Skills: reads it, checks it, and turns it into constant data.
//!
//! The folders are the phases: `source` reads, `syntax` parses, `rules` check, `diagnostics` report, `lower` computes all
//! that the server will answer, `provenance` says where it comes from, `emit` writes it down as Rust, and `frontend` is what build scripts and macros call.
#![forbid(unsafe_code)]

pub mod source;

pub mod syntax;

pub mod config;

pub mod rules;

pub mod diagnostics;

pub mod lower;

pub mod provenance;

pub mod emit;

pub mod frontend;

mod options;

#[doc(hidden)]
pub mod parallel;

mod words;

#[doc(hidden)]
pub mod fixture;

use std::io;
use std::path::Path;

pub use frontend::cargo::{Builder, build, configure};
pub use options::{Options, Settings};

use diagnostics::{Allowed, Finding, Level};
use lower::{Blob, BundlePlan};
use source::SourceTree;

/// What came of compiling one directory.
#[derive(Debug)]
pub struct Compilation {
    /// What was read.
    pub tree: SourceTree,
    /// What is to be said of it, in the order of paths and places.
    pub findings: Vec<Finding>,
    /// What comments of the skills allow, in the same order; nobody is told at the build, but provenance says so.
    pub allowed: Vec<Allowed>,
    /// What will be served; empty when a finding is denied, so that one bad skill gives its own errors and no others.
    pub plan: BundlePlan,
}

impl Compilation {
    /// The findings that fail the build.
    pub fn denied(&self) -> impl Iterator<Item = &Finding> {
        self.findings
            .iter()
            .filter(|finding| finding.level == Level::Deny)
    }
}

/// Compiles the skills below `root`, which messages call `label`.
///
/// Fails only when `root` cannot be read or is larger than a program can be; everything else is a finding.
pub fn compile(root: &Path, label: &str, options: &Options) -> io::Result<Compilation> {
    let compilation = compile_tree(source::read(root, label)?, options);
    let Blob { text, bytes } = &compilation.plan.blob;
    if text.len().max(bytes.len()) > Blob::MOST {
        return Err(io::Error::other(
            "the skills are larger than 4 GiB together; put large files elsewhere and link to them",
        ));
    }
    Ok(compilation)
}

/// Compiles a tree that has been read, or was made from memory.
#[must_use]
pub fn compile_tree(tree: SourceTree, options: &Options) -> Compilation {
    let configuration = config::configure(&tree, options);
    let skills = syntax::parse(&tree);
    let (checked, findings, allowed) = rules::check(&tree, skills, &configuration);
    let plan = lower::lower(&tree, &checked, &configuration);
    drop(checked);
    Compilation {
        tree,
        findings,
        allowed,
        plan,
    }
}

/// Checks a tree, and nothing more.
#[must_use]
pub fn lint(tree: &SourceTree, options: &Options) -> Vec<Finding> {
    let configuration = config::configure(tree, options);
    rules::check(tree, syntax::parse(tree), &configuration).1
}
