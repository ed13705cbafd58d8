//! How to compile: everything a front end may set, in one struct.

use std::collections::BTreeMap;

use crate::diagnostics::Level;
use crate::rules::{self, Rule};

/// What may be set.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The server's `instructions`; written from the list of skills if not set.
    pub instructions: Option<String>,
    levels: BTreeMap<&'static str, Level>,
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
