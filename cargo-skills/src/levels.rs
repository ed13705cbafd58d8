//! The levels of the command line, `-A`, `-W` and `-D`: the later one wins, and `warnings` stands for all that warns.

use clap::ArgMatches;
use skills_compiler::Options;
use skills_compiler::diagnostics::{Finding, Level};

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

    /// Gives all that warns the level that `warnings` was given. That is done with findings and not with rules, because a rule
    /// that is denied may warn of its milder cases.
    pub(crate) fn settle(&self, findings: &mut Vec<Finding>) {
        let last = self
            .changes
            .iter()
            .rev()
            .find(|(_, rule)| rule == WARNINGS)
            .map(|&(level, _)| level);
        match last {
            Some(Level::Allow) => findings.retain(|finding| finding.level != Level::Warn),
            Some(Level::Deny) => findings.iter_mut().for_each(deny),
            _ => {}
        }
    }
}

fn deny(finding: &mut Finding) {
    if finding.level == Level::Warn {
        finding.level = Level::Deny;
        finding.is_configured = true;
    }
}
