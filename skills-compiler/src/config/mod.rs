//! What the user wants: levels of rules, figures, names. It comes from `skills.toml`, from `[package.metadata.skills]` of
//! `Cargo.toml`, and from the front end ([`Options`]); what stands later in that list wins.
//!
//! Reading is total: what is wrong with a file becomes a list of [`Fault`]s, which rules report like any other.

mod access;
mod levels;
mod pattern;
mod profile;
mod reader;
mod schema;

use std::ops::{Range, RangeInclusive};

use crate::source::{FileId, SourceTree};
use crate::{Options, Settings};

pub use access::{Access, Requirement};
pub use levels::{Levels, Setting, Source};
pub(crate) use levels::{Scope, select};
pub use pattern::Pattern;
pub use profile::{PROFILES, Profile};
pub(crate) use reader::nearest;
pub(crate) use schema::MAX_BYTES;

/// Everything that is configured, settled.
#[derive(Debug, Default)]
pub struct Configuration {
    /// The figures and names that rules go by.
    pub settings: Settings,
    /// What the server says of itself.
    pub server: Server,
    /// The level of each rule for each skill.
    pub levels: Levels,
    /// For skills whose path fits, whether only the fields of the specification are known: the last one holds.
    fields_by_pattern: Vec<(Pattern, bool)>,
    /// Who may see which skills.
    pub access: Access,
    /// The patterns for skills, and where they stand.
    pub patterns: Vec<(FileId, Range<usize>, Pattern)>,
    /// What is wrong with the files.
    pub faults: Vec<Fault>,
}

/// What a server says of itself; what is not set comes from the package.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Server {
    /// Its name.
    pub name: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// What a model should know before it uses the server; what it should know of the skills is added.
    pub instructions: Option<String>,
    /// How its tools are named and how they answer.
    pub tools: Tools,
}

/// How the tools of a server are named and how they answer; what is not set is as in `skills_model::Tools::DEFAULT`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tools {
    /// What the names of the tools begin with, before an underscore.
    pub prefix: Option<String>,
    /// Whether results are given as data, too.
    pub structured_content: Option<bool>,
    /// The most bytes of text in an answer for which no more was asked.
    pub answer_bytes: Option<u32>,
}

impl Tools {
    /// What a prefix is, in the words of an error.
    pub(crate) const PREFIX: &'static str =
        "1 to 24 ASCII letters, digits, `_` and `-`, of which the first is a letter";

    /// The smallest and the largest `answer-bytes`: an answer has room for the line that says how to go on.
    pub(crate) const ANSWER_BYTES: RangeInclusive<u32> = 1_000..=10_000_000;

    /// Whether a text can stand before the names of tools: hosts put more in front and take 64 characters of some kinds.
    #[must_use]
    pub fn is_prefix(text: &str) -> bool {
        let is_inner = |symbol: u8| symbol.is_ascii_alphanumeric() || matches!(symbol, b'_' | b'-');
        let begins = text
            .bytes()
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic());
        begins && text.len() <= 24 && text.bytes().all(is_inner)
    }

    fn override_with(&mut self, other: Self) {
        let Self {
            prefix,
            structured_content,
            answer_bytes,
        } = other;
        self.prefix = prefix.or(self.prefix.take());
        self.structured_content = structured_content.or(self.structured_content);
        self.answer_bytes = answer_bytes.or(self.answer_bytes);
    }
}

impl Server {
    /// Whether a text can be the name of a server: hosts take it as a word of a command line.
    #[must_use]
    pub fn is_name(text: &str) -> bool {
        let is_apart = |symbol: char| symbol.is_whitespace() || symbol.is_control();
        !text.is_empty() && !text.contains(is_apart)
    }

    /// Takes on what another one says.
    pub(crate) fn override_with(&mut self, other: &Self) {
        let Self {
            name,
            version,
            instructions,
            tools,
        } = other.clone();
        self.name = name.or(self.name.take());
        self.version = version.or(self.version.take());
        self.instructions = instructions.or(self.instructions.take());
        self.tools.override_with(tools);
    }
}

/// Something in a file of configuration that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub file: FileId,
    /// The bytes.
    pub span: Range<usize>,
    /// What it is.
    pub kind: FaultKind,
}

/// Why something in a file of configuration makes no sense.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FaultKind {
    /// The file is not TOML, or not UTF-8; the parser's words.
    Syntax(String),
    /// The value is of another type than this one.
    Type(&'static str),
    /// A key that means nothing; the key that may be meant.
    UnknownKey(Option<&'static str>),
    /// A value that is none of these; the one that may be meant.
    UnknownValue(Vec<&'static str>, Option<&'static str>),
    /// No rule or group of rules is called so; the rule that may be meant.
    UnknownRule(Option<&'static str>),
    /// A rule without which a skill could not be served; the name of the rule, and the level that was asked for.
    Forbidden(&'static str, crate::diagnostics::Level),
    /// A rule, or a group of them, that protects others from the skill, to be lowered by a file in the skill itself.
    Inside(String),
}

/// Reads the configuration of a tree and puts the front end's options on top of it.
#[must_use]
pub fn configure(tree: &SourceTree, options: &Options) -> Configuration {
    let mut configuration = Configuration {
        settings: options.settings.clone(),
        ..Configuration::default()
    };
    for (file, _) in tree.configurations() {
        schema::read(tree, file, &mut configuration);
    }
    options.apply(&mut configuration);
    configuration
}
