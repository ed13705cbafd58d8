//! The levels of the command line, `-A`, `-W` and `-D`: the later one wins, and `warnings` stands for all that warns.

use clap::ArgMatches;
use skills_compiler::Options;
use skills_compiler::diagnostics::{Finding, Level};
use skills_compiler::rules::Rule;

use crate::error::Error;

/// The word for all rules that warn, as in `-D warnings`.
const WARNINGS: &str = "warnings";

/// What was said about rules, in the order in which it was said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Levels {
    changes: Vec<(Level, String)>,
}

impl Levels {
    /// What the arguments `allow`, `warn` and `deny` say.
    pub(crate) fn of(matches: &ArgMatches) -> Self {
        let mut placed: Vec<_> = [
            ("allow", Level::Allow),
            ("warn", Level::Warn),
            ("deny", Level::Deny),
        ]
        .into_iter()
        .flat_map(|(argument, level)| {
            let places = matches.indices_of(argument).into_iter().flatten();
            let rules = matches
                .get_many::<String>(argument)
                .into_iter()
                .flatten()
                .cloned();
            places.zip(rules).map(move |(at, rule)| (at, level, rule))
        })
        .collect();
        placed.sort_by_key(|&(at, ..)| at);
        let changes = placed.into_iter().map(|(_, level, rule)| (level, rule));
        Self {
            changes: changes.collect(),
        }
    }

    /// The options of the compiler with these levels.
    pub(crate) fn options(&self) -> Result<Options, Error> {
        let mut options = Options::default();
        for (level, rule) in self.changes.iter().filter(|(_, rule)| rule != WARNINGS) {
            options.set_level(rule, *level).map_err(Error::Level)?;
        }
        Ok(options)
    }

    /// Gives findings the levels that were asked for. A rule that is denied may warn of its milder cases, so that options alone
    /// do not say it all.
    pub(crate) fn settle(&self, findings: &mut Vec<Finding>) {
        for finding in findings.iter_mut() {
            for (level, rule) in &self.changes {
                if is_meant(finding, rule) && finding.level != *level {
                    finding.level = *level;
                    finding.is_configured = true;
                }
            }
        }
        findings.retain(|finding| finding.level > Level::Allow);
    }
}

/// Whether a word of the command line speaks of a finding.
fn is_meant(finding: &Finding, rule: &str) -> bool {
    let Rule { code, name, .. } = finding.rule;
    match rule {
        WARNINGS => finding.level == Level::Warn,
        rule => rule == *name || rule.eq_ignore_ascii_case(code),
    }
}
