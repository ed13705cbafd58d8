//! The levels of the command line, `-A`, `-W` and `-D`: the later one wins, and `warnings` stands for all that warns.

use clap::ArgMatches;
use skills_compiler::Options;
use skills_compiler::diagnostics::Level;
use skills_compiler::frontend::environment::apply_environment;

use crate::error::Error;

/// What was said about rules, in the order in which it was said.
#[derive(Clone, Debug, Default)]
pub(crate) struct Levels {
    changes: Vec<(Level, String)>,
    profile: Option<String>,
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
            profile: matches.get_one("profile").cloned(),
        }
    }

    /// The options of the compiler with these levels, on top of those of the environment.
    pub(crate) fn options(&self) -> Result<Options, Error> {
        let mut options = Options::default();
        apply_environment(&mut options).map_err(Error::Level)?;
        if let Some(profile) = &self.profile {
            options.set_profile(profile).map_err(Error::Level)?;
        }
        for (level, rule) in &self.changes {
            let letter = match level {
                Level::Allow => 'A',
                Level::Warn => 'W',
                Level::Deny => 'D',
            };
            let by = format!("`-{letter} {rule}`");
            options.set_level(rule, *level, &by).map_err(Error::Level)?;
        }
        Ok(options)
    }
}
