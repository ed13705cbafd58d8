//! The level of each rule for each skill, and where it comes from.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::{Pattern, Profile};
use crate::diagnostics::Level;
use crate::rules::{self, Group, RULES, Rule};

/// Where a level comes from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Source {
    /// The rule itself.
    #[default]
    Default,
    /// A profile.
    Profile(&'static str),
    /// Something else, in words: a line of a file, a flag, the build script.
    Named(Arc<str>),
}

impl Source {
    /// A source in words that follow "by".
    #[must_use]
    pub fn named(words: &str) -> Self {
        Self::Named(words.into())
    }
}

impl fmt::Display for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => formatter.write_str("by default"),
            Self::Profile(name) => write!(formatter, "by the profile `{name}`"),
            Self::Named(words) => write!(formatter, "by {words}"),
        }
    }
}

/// A level and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The level.
    pub level: Level,
    /// Where it comes from.
    pub source: Source,
}

impl Setting {
    /// Whether the rule does not run.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.level == Level::Allow
    }
}

/// For which skills a level is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    /// All of them.
    Bundle,
    /// Those whose path fits.
    Skills(Pattern),
}

/// The levels of all rules.
#[derive(Clone, Debug)]
pub struct Levels {
    /// For skills that nothing more is said of, in the order of the rules.
    base: Vec<Setting>,
    /// For skills whose path fits, in the order in which they were set; each with the indices of rules.
    scoped: Vec<(Pattern, Vec<usize>, Setting)>,
    /// What becomes of warnings, if that was said.
    warnings: Option<Setting>,
}

impl Default for Levels {
    fn default() -> Self {
        let base = RULES.iter().map(|rule| Setting {
            level: rule.default_level,
            source: Source::Default,
        });
        Self {
            base: base.collect(),
            scoped: Vec::new(),
            warnings: None,
        }
    }
}

impl Levels {
    /// Sets the levels of a profile.
    pub(crate) fn set_profile(&mut self, profile: &'static Profile, scope: &Scope) {
        for (name, level) in profile.levels {
            let rules = select(name).unwrap_or_default();
            self.set(&rules, *level, &Source::Profile(profile.name), scope);
        }
    }

    /// Sets the level of some rules; rules without which a skill could not be served stay as they are.
    pub(crate) fn set(&mut self, rules: &[usize], level: Level, source: &Source, scope: &Scope) {
        let setting = Setting {
            level,
            source: source.clone(),
        };
        let may_be_set = |index: &usize| {
            let rule = RULES.get(*index).copied();
            level == Level::Deny || !rule.is_some_and(rules::is_essential)
        };
        let rules: Vec<_> = rules.iter().copied().filter(may_be_set).collect();
        match scope {
            Scope::Skills(pattern) => self.scoped.push((pattern.clone(), rules, setting)),
            Scope::Bundle => {
                for index in rules {
                    self.base
                        .get_mut(index)
                        .into_iter()
                        .for_each(|base| base.clone_from(&setting));
                }
            }
        }
    }

    /// Gives all warnings another level.
    pub(crate) fn set_warnings(&mut self, setting: Setting) {
        self.warnings = Some(setting);
    }

    /// The levels for one skill, in the order of the rules.
    #[must_use]
    pub fn of(&self, skill: &str) -> Cow<'_, [Setting]> {
        let mut levels = Cow::Borrowed(self.base.as_slice());
        for (pattern, rules, setting) in &self.scoped {
            if pattern.matches(skill) {
                for index in rules {
                    let level = levels.to_mut().get_mut(*index);
                    if let Some(level) = level {
                        level.clone_from(setting);
                    }
                }
            }
        }
        levels
    }

    /// Whether a rule is on for any skill.
    #[must_use]
    pub fn is_on(&self, index: usize) -> bool {
        let is_on = |setting: &Setting| setting.level > Level::Allow;
        self.base.get(index).is_some_and(is_on)
            || self
                .scoped
                .iter()
                .any(|(_, rules, setting)| rules.contains(&index) && is_on(setting))
    }

    /// What a level comes to when warnings have another one.
    #[must_use]
    pub fn settle(&self, setting: &Setting) -> Setting {
        match &self.warnings {
            Some(other) if setting.level == Level::Warn && other.level != Level::Warn => {
                other.clone()
            }
            _ => setting.clone(),
        }
    }
}

/// The indices of the rules with this code or name, or in the group of this name.
pub(crate) fn select(name: &str) -> Option<Vec<usize>> {
    let is_meant = |rule: &Rule| rule.is_called(name);
    if let Some(index) = RULES.iter().position(|rule| is_meant(rule)) {
        return Some(vec![index]);
    }
    let group = Group::find(name)?;
    let rules = RULES.iter().enumerate();
    Some(
        rules
            .filter(|(_, rule)| rule.group == group)
            .map(|(index, _)| index)
            .collect(),
    )
}
