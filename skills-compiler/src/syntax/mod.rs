//! From bytes to structure. Parsing is total: it never fails, it returns what it understood and a list of [`Fault`]s.
//!
//! Nothing here decides whether a skill is good; faults become findings in `rules`.

mod allowance;
mod anchors;
mod comment;
mod fence;
mod markdown;
mod nested_fence;
mod plausible;
mod scalar;
mod secret;
mod skill;
mod url_password;
mod yaml;
pub(crate) mod yaml_1_1;

use std::ops::Range;

pub use granit_parser::{ErrorKind, ScalarStyle};

pub use allowance::Allowance;
pub(crate) use anchors::Anchors;
pub use fence::{Fence, Opening};
pub use markdown::{Border, CodeBlock, Heading, Link, LinkKind, Nested, Outline};
pub use scalar::Scalar;
pub(crate) use secret::{Secret, find as secrets, hidden as hidden_secrets};
pub use skill::{ParsedSkill, parse};
pub(crate) use url_password::find as url_passwords;
pub use yaml::{Comment, Entry, Frontmatter, Node, NodeKind};

/// A place in a `SKILL.md` that could not be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What it is.
    pub kind: FaultKind,
    /// The bytes it is about, from the start of the file.
    pub span: Range<usize>,
}

/// What could not be understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The file is not UTF-8; the span is the first byte that is not, or that is NUL.
    NotUtf8,
    /// The file does not begin with frontmatter.
    MissingFrontmatter(Opening),
    /// No line closes the frontmatter; the line that may have been meant to.
    UnclosedFrontmatter(Option<Range<usize>>),
    /// The frontmatter is larger than is parsed; its size in bytes.
    FrontmatterTooLarge(usize),
    /// The YAML parser's error.
    Yaml(ErrorKind),
    /// The same key twice in one mapping; where it stands first, and the key.
    DuplicateKey(Range<usize>, String),
    /// The frontmatter is YAML, but not a mapping; what it is instead.
    NotAMapping(&'static str),
    /// Legal YAML that some loaders refuse or read differently; what it is called.
    Unportable(Construct),
}

/// YAML constructs that loaders of skills do not agree on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Construct {
    /// `&name`
    Anchor,
    /// `*name`
    Alias,
    /// `!tag`
    Tag,
    /// `<<:`
    MergeKey,
    /// `%YAML`, `%TAG`
    Directive,
    /// A second `---` document.
    SecondDocument,
    /// A key that is a sequence, a mapping or a multi-line block.
    ComplexKey,
    /// `"\ud83d\ude00"`
    SurrogateEscape,
}
