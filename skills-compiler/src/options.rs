//! How to compile: everything a front end may set, in one struct.

use std::collections::BTreeMap;

use crate::diagnostics::Level;
use crate::rules::{self, Rule};

/// What may be set.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The server's `instructions`; written from the list of skills if not set.
    pub instructions: Option<String>,
    /// What the rules take for too long, known and so on.
    pub settings: Settings,
    levels: BTreeMap<&'static str, Level>,
}

/// The figures and names that rules go by.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Fields of frontmatter that are known beside those of the specification and of the clients.
    pub known_fields: Vec<String>,
    /// Whether names may have lower-case letters and digits of any script.
    pub unicode_names: bool,
    /// The most lines a body should have (Agent Skills specification: keep `SKILL.md` under 500 lines).
    pub body_lines: usize,
    /// The most tokens a body should have (Agent Skills specification: under 5,000 tokens).
    pub body_tokens: usize,
    /// The most bytes that the names and descriptions of all skills should have together.
    pub listing_bytes: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            known_fields: Vec::new(),
            unicode_names: false,
            body_lines: 500,
            body_tokens: 5_000,
            listing_bytes: 16_000,
        }
    }
}

impl Options {
    /// Sets the level of the rule with this code or name.
    ///
    /// Fails, with a text for the user, when there is no such rule or when a skill could not be served without it.
    pub fn set_level(&mut self, rule: &str, level: Level) -> Result<(), String> {
        let Some(found) = rules::find(rule) else {
            return Err(format!("no rule is called `{rule}`{}", near(rule)));
        };
        if level < Level::Deny && rules::is_essential(found) {
            let reason = "a skill with such a finding cannot be served";
            return Err(format!(
                "the level of `{}` ({}) cannot be `{level}`: {reason}",
                found.name, found.code
            ));
        }
        self.levels.insert(found.code, level);
        Ok(())
    }

    /// The level at which a rule runs.
    pub(crate) fn level(&self, rule: &Rule) -> Level {
        self.levels
            .get(rule.code)
            .copied()
            .unwrap_or(rule.default_level)
    }
}

fn near(wanted: &str) -> String {
    let names = rules::RULES.iter().map(|rule| rule.name);
    let nearest = names.min_by_key(|name| strsim::damerau_levenshtein(name, wanted));
    let near =
        nearest.filter(|name| strsim::damerau_levenshtein(name, wanted) <= 1 + wanted.len() / 3);
    near.map(|name| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}
