//! Compiles a directory of Agent Skills: reads it, checks it, and turns it into constant data.
//!
//! The folders are the phases: `source` reads, `syntax` parses, `rules` check, `diagnostics` report, `lower` computes all
//! that the server will answer, `emit` writes it down as Rust, and `frontend` is what build scripts and macros call.

pub mod source;
pub mod syntax;

pub mod rules;

pub mod diagnostics;

#[doc(hidden)]
pub mod fixture;

use diagnostics::Finding;
use source::SourceTree;

/// Checks a tree with every rule at its default level.
#[must_use]
pub fn lint(tree: &SourceTree) -> Vec<Finding> {
    let skills = syntax::parse(tree);
    rules::check(tree, &skills, |rule| rule.default_level)
}
