//! What a rule is, and how one is declared.

use super::copies::Copies;
use super::index;
use super::owner::Owners;
use super::run::{Used, is_meant};
use crate::Settings;
use crate::config::{Configuration, Setting, Source};
use crate::diagnostics::{Finding, Level};
use crate::source::{FileId, SourceTree};
use crate::syntax::ParsedSkill;

/// One lint rule. Its documentation is what users read; the rest is how it runs.
#[derive(Debug)]
pub struct Rule {
    /// Its code, such as `SK005`: never reused, never changed.
    pub code: &'static str,
    /// Its name, such as `unquoted-colon`: the bad pattern, so that `allow` reads well.
    pub name: &'static str,
    /// What it belongs to.
    pub group: Group,
    /// Its level unless configured.
    pub default_level: Level,
    /// The lines of its doc comment, each with the blank that follows `///`.
    pub(crate) comment: &'static str,
    pub(crate) check: Check,
}

/// What a rule belongs to; the hundreds of its code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// `SK0xx`: the form of `SKILL.md`.
    Format,
    /// `SK1xx`: names.
    Naming,
    /// `SK2xx`: what the text says and links to.
    Content,
    /// `SK3xx`: the other files.
    Resources,
    /// `SK4xx`: what could harm.
    Security,
    /// `SK5xx`: what MCP adds.
    Protocol,
    /// `SK6xx`: matters of taste.
    Style,
    /// `SK7xx`: `skills.toml`, and comments that allow a rule.
    Configuration,
}

/// What a rule looks at: each skill for itself, or everything at once.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Check {
    Skill(fn(&SkillContext<'_>, &mut Vec<Finding>)),
    Bundle(fn(&BundleContext<'_>, &mut Vec<Finding>)),
    /// When all others have run: which comments allowed something.
    Last(fn(&BundleContext<'_>, &Used, &mut Vec<Finding>)),
    /// Where there is no skill, and nothing else to say.
    Nothing(fn(&SourceTree) -> Finding),
}

/// What a rule over the whole bundle sees.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BundleContext<'a> {
    pub(crate) configuration: &'a Configuration,
    pub(crate) tree: &'a SourceTree,
    pub(crate) skills: &'a [ParsedSkill<'a>],
    pub(crate) owners: &'a Owners<'a>,
    pub(crate) copies: &'a Copies<'a>,
}

/// What a rule over one skill sees.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SkillContext<'a> {
    pub(crate) settings: &'a Settings,
    /// The level of every rule for this skill, in the order of the rules.
    pub(crate) levels: &'a [Setting],
    pub(crate) tree: &'a SourceTree,
    pub(crate) skill: &'a ParsedSkill<'a>,
}

impl<'a> SkillContext<'a> {
    /// Whether what a rule finds in `SKILL.md` is reported: it is on, and no comment there allows it.
    pub(crate) fn reports(&self, rule: &Rule) -> bool {
        let setting = index(rule).and_then(|index| self.levels.get(index));
        let mut allowances = self.skill.allowances.iter();
        setting.is_none_or(|setting| !setting.is_off())
            && !allowances
                .any(|(file, allowance)| *file == self.skill.document && is_meant(rule, allowance))
    }

    /// Whether a rule that is about other clients than Claude Code, or about serving, has nothing to say: the skill lies where only Claude
    /// Code looks, and nobody has set a level for the rule.
    pub(crate) fn is_for_claude_code_alone(&self, rule: &Rule) -> bool {
        let setting = index(rule).and_then(|index| self.levels.get(index));
        let is_default = setting.is_none_or(|setting| setting.source == Source::Default);
        is_default && self.tree.reading().is_for_claude_code
    }

    /// The own files of the skill that are text.
    pub(crate) fn texts(&self) -> impl Iterator<Item = (FileId, &'a str)> {
        self.skill.texts.iter().map(|(&id, &text)| (id, text))
    }

    /// The text of an own file; empty if it is none.
    pub(crate) fn text(&self, file: FileId) -> &'a str {
        self.skill.texts.get(&file).copied().unwrap_or_default()
    }

    /// The file that a file of another name is a link to.
    pub(crate) fn original(&self, file: FileId) -> Option<&'a str> {
        let file = self.tree.file(file);
        let original = file.link.as_ref()?.original.as_str();
        let name = |path: &'a str| path.rsplit('/').next();
        (name(original) != name(&file.path)).then_some(original)
    }

    /// The path of a file below the skill.
    pub(crate) fn inner(&self, file: FileId) -> &'a str {
        self.below(&self.tree.file(file).path)
    }

    /// A path in the skill, as seen from its directory.
    pub(crate) fn below<'path>(&self, path: &'path str) -> &'path str {
        let inner = path.get(self.skill.directory.len()..).unwrap_or_default();
        inner.strip_prefix('/').unwrap_or(inner)
    }
}

impl Group {
    /// All groups, in the order of their codes.
    pub const ALL: [Self; 8] = [
        Self::Format,
        Self::Naming,
        Self::Content,
        Self::Resources,
        Self::Security,
        Self::Protocol,
        Self::Style,
        Self::Configuration,
    ];

    /// Its name, which stands for all its rules where levels are set.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Format => "format",
            Self::Naming => "naming",
            Self::Content => "content",
            Self::Resources => "resources",
            Self::Security => "security",
            Self::Protocol => "protocol",
            Self::Style => "style",
            Self::Configuration => "configuration",
        }
    }

    /// The group of this name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|group| group.name() == name)
    }
}

impl Rule {
    /// Whether this is its code or its name.
    #[must_use]
    pub fn is_called(&self, code_or_name: &str) -> bool {
        self.code.eq_ignore_ascii_case(code_or_name) || self.name == code_or_name
    }

    /// Its documentation in Markdown: what it checks, why, an example, and what to write instead.
    #[must_use]
    pub fn documentation(&self) -> String {
        self.comment
            .lines()
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The first paragraph of the documentation.
    #[must_use]
    pub fn summary(&self) -> String {
        self.documentation()
            .split("\n\n")
            .next()
            .unwrap_or_default()
            .replace('\n', " ")
    }

    /// The code block under a heading of the documentation: `Example` is what the rule finds, `Instead` what it does not.
    #[must_use]
    pub fn block(&self, heading: &str) -> Option<String> {
        let documentation = self.documentation();
        let (_, section) = documentation.split_once(&format!("\n## {heading}\n"))?;
        let (_, block) = section.split_once("```text\n")?;
        let (block, _) = block.split_once("\n```")?;
        Some(format!("{block}\n"))
    }
}

/// Declares a rule: documentation, then `NAME = code, name, group, level, check`.
macro_rules! declare_rule {
    ($(#[doc = $line:literal])* $name:ident = $code:literal, $slug:literal, $group:ident, $level:ident, $check:expr) => {
        $(#[doc = $line])*
        pub(super) static $name: $crate::rules::Rule = $crate::rules::Rule {
            code: $code,
            name: $slug,
            group: $crate::rules::Group::$group,
            default_level: $crate::diagnostics::Level::$level,
            comment: concat!($($line, "\n"),*),
            check: $check,
        };
    };
}

pub(crate) use declare_rule;
