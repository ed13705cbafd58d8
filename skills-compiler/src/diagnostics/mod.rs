//! What the compiler has to say, and how it says it.
//!
//! A [`Finding`] is data: a message (what), places (where), notes (why) and helps (what to do, with a patch where the
//! repair is certain). `text` renders it in the look of rustc.

mod hidden;
mod line;
mod shown;
mod text;

use std::fmt;
use std::ops::Range;

pub use hidden::{visible, without_secrets};
pub use line::position;
pub use text::{Style, render, summary};

use crate::config::Source;
use crate::rules::Rule;
use crate::source::{FileId, SourceTree};

/// What a finding does to the build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing: the rule is off.
    Allow,
    /// It is reported and the build goes on.
    Warn,
    /// It fails the build.
    Deny,
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Allow => "allow",
            Self::Warn => "warn",
            Self::Deny => "deny",
        })
    }
}

/// One thing that is wrong, at one place.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// What it does to the build.
    pub level: Level,
    /// Where the level comes from.
    pub source: Source,
    /// What is wrong: lower case, no final period, readable on its own.
    pub message: String,
    /// Where.
    pub place: Place,
    /// What the caret at the place says; may be empty.
    pub label: String,
    /// Other places that explain it.
    pub related: Vec<Label>,
    /// Why it matters.
    pub notes: Vec<String>,
    /// What to do.
    pub helps: Vec<Help>,
}

/// A finding that a comment of the skill allows, so that it is not reported.
#[derive(Clone, Debug)]
pub struct Allowed {
    /// What was found.
    pub finding: Finding,
    /// Why it is allowed, in the words of the comment.
    pub reason: String,
}

/// Where a finding is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// At bytes of a file.
    Bytes(FileId, Range<usize>),
    /// At a file as a whole, or a directory, or anything else with a path below the root.
    Path(String),
}

/// A place that explains a finding, with what there is to say of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The file.
    pub file: FileId,
    /// The bytes.
    pub span: Range<usize>,
    /// What to say.
    pub text: String,
}

/// A way to repair a finding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Help {
    /// What to do.
    pub text: String,
    /// The edits that do it, all in one file, in order and apart; empty where the author has to decide.
    pub patches: Vec<Patch>,
    /// The file that the patches are for.
    pub file: Option<FileId>,
    /// How sure it is that this is the repair.
    pub certainty: Certainty,
}

/// How sure a repair is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Certainty {
    /// It can be done unasked.
    Certain,
    /// It is right only if something is meant that the author has to say.
    Possible,
    /// It is a form that the author has to fill in.
    Draft,
}

/// One edit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Patch {
    /// The bytes to replace; empty to insert.
    pub span: Range<usize>,
    /// What to put there; empty to delete.
    pub replacement: String,
}

impl Patch {
    /// Puts `text` in at one place.
    #[must_use]
    pub fn insert(at: usize, text: impl Into<String>) -> Self {
        Self {
            span: at..at,
            replacement: text.into(),
        }
    }

    /// Puts `text` in place of some bytes.
    #[must_use]
    pub fn replace(span: Range<usize>, text: impl Into<String>) -> Self {
        Self {
            span,
            replacement: text.into(),
        }
    }
}

impl Finding {
    /// Starts a finding at bytes of a file.
    #[must_use]
    pub fn at(
        rule: &'static Rule,
        file: FileId,
        span: Range<usize>,
        message: impl Into<String>,
    ) -> Self {
        Self::new(rule, Place::Bytes(file, span), message.into())
    }

    /// Starts a finding at a path below the root.
    #[must_use]
    pub fn at_path(
        rule: &'static Rule,
        path: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self::new(rule, Place::Path(path.into()), message.into())
    }

    fn new(rule: &'static Rule, place: Place, message: String) -> Self {
        let level = rule.default_level;
        let (related, notes, helps) = (Vec::new(), Vec::new(), Vec::new());
        Self {
            rule,
            level,
            source: Source::Default,
            message,
            place,
            label: String::new(),
            related,
            notes,
            helps,
        }
    }

    /// Says something at the caret.
    #[must_use]
    pub fn label(mut self, text: impl Into<String>) -> Self {
        self.label = text.into();
        self
    }

    /// Points at another place.
    #[must_use]
    pub fn related(mut self, file: FileId, span: Range<usize>, text: impl Into<String>) -> Self {
        self.related.push(Label {
            file,
            span,
            text: text.into(),
        });
        self
    }

    /// Says why it matters.
    #[must_use]
    pub fn note(mut self, text: impl Into<String>) -> Self {
        self.notes.push(text.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn help(mut self, text: impl Into<String>) -> Self {
        self.helps.push(Help {
            text: text.into(),
            patches: Vec::new(),
            file: None,
            certainty: Certainty::Possible,
        });
        self
    }

    /// Says what to do, with the edits that certainly do it. They are in the file of the finding.
    #[must_use]
    pub fn patch(self, text: impl Into<String>, patches: impl IntoIterator<Item = Patch>) -> Self {
        self.repair(Certainty::Certain, text.into(), patches)
    }

    /// Says what may be right to do, with the edits that do it.
    #[must_use]
    pub fn offer(self, text: impl Into<String>, patches: impl IntoIterator<Item = Patch>) -> Self {
        self.repair(Certainty::Possible, text.into(), patches)
    }

    /// Shows what the author has to write, as edits with something to fill in.
    #[must_use]
    pub fn draft(self, text: impl Into<String>, patches: impl IntoIterator<Item = Patch>) -> Self {
        self.repair(Certainty::Draft, text.into(), patches)
    }

    fn repair(
        mut self,
        certainty: Certainty,
        text: String,
        patches: impl IntoIterator<Item = Patch>,
    ) -> Self {
        let file = match self.place {
            Place::Bytes(file, _) => Some(file),
            Place::Path(_) => None,
        };
        self.helps.push(Help {
            text,
            patches: patches.into_iter().collect(),
            file,
            certainty,
        });
        self
    }

    /// How sure the repair of one of the helps is: where there are several ways, somebody has to choose.
    #[must_use]
    pub fn certainty(&self, help: &Help) -> Certainty {
        match help.certainty {
            Certainty::Certain if self.helps.len() > 1 => Certainty::Possible,
            certainty => certainty,
        }
    }

    /// Whether edits are shown of what may be right to do.
    pub(crate) fn has_repair(&self) -> bool {
        self.helps.iter().any(|help| !help.patches.is_empty())
    }

    /// The repair that can be done unasked.
    #[must_use]
    pub fn certain_repair(&self) -> Option<&Help> {
        let help = self.helps.first()?;
        let has_edits = help.file.is_some() && !help.patches.is_empty();
        (has_edits && self.certainty(help) == Certainty::Certain).then_some(help)
    }

    /// The path of the finding below the root.
    #[must_use]
    pub fn path<'finding>(&'finding self, tree: &'finding SourceTree) -> &'finding str {
        match &self.place {
            Place::Bytes(file, _) => &tree.file(*file).path,
            Place::Path(path) => path,
        }
    }

    /// The order in which findings are reported: by path, by place in the file, by rule.
    pub(crate) fn order<'finding>(
        &'finding self,
        tree: &'finding SourceTree,
    ) -> (&'finding str, usize, &'static str) {
        let at = match &self.place {
            Place::Bytes(_, span) => span.start,
            Place::Path(_) => 0,
        };
        (self.path(tree), at, self.rule.code)
    }
}
