//! Frontmatter as a tree that remembers where every key and value stands.
//!
//! The YAML parser (granit-parser, events with byte offsets) stops at its first error. To report them all, the entry with
//! the error is blanked out, byte for byte so that no offset moves, and the rest is parsed again.

mod builder;
mod faults;
mod recovery;
#[cfg(test)]
mod tests;

use std::ops::Range;

use granit_parser::ScalarStyle;

use super::{Fault, FaultKind, Scalar};
use builder::Builder;
use recovery::{blank_entry, mark_faulty};

/// The largest frontmatter that is parsed. Real ones are a few hundred bytes.
const MAX_BYTES: usize = 64 * 1024;

/// How many entries are blanked out before the rest is given up.
const MAX_FAULTS: usize = 16;

/// The mapping at the top of a `SKILL.md`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frontmatter {
    /// The top-level entries in the order they were written.
    pub entries: Vec<Entry>,
    /// All comments.
    pub comments: Vec<Comment>,
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key as text.
    pub key: String,
    /// What the key is, if it is not text: `1: x` has a number.
    pub key_value: Scalar,
    /// Where the key stands, quotes included.
    pub key_span: Range<usize>,
    /// The value.
    pub value: Node,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it stands, quotes or block indicator included.
    pub span: Range<usize>,
    /// What it is.
    pub kind: NodeKind,
}

/// The kinds of value.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// A single value, with the notation it was written in.
    Scalar(Scalar, ScalarStyle),
    /// A list; whether it was written as `[..]`.
    Sequence(Vec<Node>, bool),
    /// A mapping; whether it was written as `{..}`.
    Mapping(Vec<Entry>, bool),
    /// A value that could not be parsed, and about which a fault says why. Rules say nothing more of it.
    Faulty,
}

/// A `# comment`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Where it stands, `#` included.
    pub span: Range<usize>,
    /// The text after the `#`.
    pub text: String,
}

impl Frontmatter {
    /// The top-level entry with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The text of a top-level entry, if it has one.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.value.as_text()
    }
}

impl Node {
    /// The text, if the value is text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Scalar(Scalar::Text(text), _) => Some(text),
            _ => None,
        }
    }

    /// The word for the kind of value, for messages.
    #[must_use]
    pub const fn describe(&self) -> &'static str {
        match &self.kind {
            NodeKind::Scalar(scalar, _) => scalar.kind(),
            NodeKind::Sequence(..) => "a list",
            NodeKind::Mapping(..) => "a mapping",
            NodeKind::Faulty => "not valid YAML",
        }
    }
}

/// Parses `text[range]`, which stands between the fences. Without a tree there is at least one fault.
pub(super) fn parse(text: &str, range: Range<usize>) -> (Option<Frontmatter>, Vec<Fault>) {
    let source = text.get(range.clone()).unwrap_or_default();
    if source.len() > MAX_BYTES {
        let kind = FaultKind::FrontmatterTooLarge(source.len());
        return (
            None,
            vec![Fault {
                kind,
                span: range.start..range.start,
            }],
        );
    }
    let mut source = source.to_owned();
    let mut faults = Vec::new();
    let mut blanked = Vec::new();
    loop {
        let mut builder = Builder::new(range.start, &source);
        match builder.document() {
            Ok(entries) => {
                let comments = std::mem::take(&mut builder.comments);
                if !faults.is_empty() {
                    // What was blanked out leaves nothing behind, which is no fault of its own.
                    builder
                        .faults
                        .retain(|fault| !matches!(fault.kind, FaultKind::NotAMapping(_)));
                }
                faults.append(&mut builder.faults);
                faults.sort_by_key(|fault| fault.span.start);
                let entries = entries.map(|entries| mark_faulty(entries, &blanked));
                return (
                    entries.map(|entries| Frontmatter { entries, comments }),
                    faults,
                );
            }
            Err(fault) => {
                let at = fault.span.start - range.start;
                if !faults.contains(&fault) {
                    faults.push(fault);
                }
                let Some(entry) = (faults.len() < MAX_FAULTS)
                    .then(|| blank_entry(&mut source, at))
                    .flatten()
                else {
                    return (None, faults);
                };
                blanked.push(entry.start + range.start..entry.end + range.start);
            }
        }
    }
}
