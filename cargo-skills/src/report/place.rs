//! Where a finding is, in the numbers that formats want: bytes from 0, lines and columns from 1, columns in characters.

use std::ops::Range;

use serde::Serialize;
use skills_compiler::diagnostics::{Finding, Place, position};
use skills_compiler::source::{FileId, SourceTree};

/// A point in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Point {
    /// Bytes from the start of the file.
    pub(super) byte: usize,
    /// Lines, from 1.
    pub(super) line: usize,
    /// Characters, from 1.
    pub(super) column: usize,
}

/// A part of a file; the end is the first point after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Region {
    pub(super) start: Point,
    pub(super) end: Point,
}

/// The part of a file that some bytes are.
pub(super) fn region(tree: &SourceTree, file: FileId, span: &Range<usize>) -> Region {
    Region {
        start: point(tree, file, span.start),
        end: point(tree, file, span.end.max(span.start)),
    }
}

/// What a finding points at; nothing when it is about a path as a whole.
pub(super) fn region_of(tree: &SourceTree, finding: &Finding) -> Option<Region> {
    match &finding.place {
        Place::Bytes(file, span) => Some(region(tree, *file, span)),
        Place::Path(_) => None,
    }
}

/// The path of a finding as messages show it.
pub(super) fn path_of(tree: &SourceTree, finding: &Finding) -> String {
    tree.display(finding.path(tree))
}

fn point(tree: &SourceTree, file: FileId, byte: usize) -> Point {
    let bytes = &tree.file(file).bytes;
    let byte = byte.min(bytes.len());
    let (line, column) = position(bytes, byte);
    Point { byte, line, column }
}
