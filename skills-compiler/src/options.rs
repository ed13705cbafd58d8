//! How to compile: everything a front end may set, in one struct.

use crate::config::{
    Configuration, PROFILES, Pattern, Profile, Scope, Server, Setting, Source, nearest, select,
};
use crate::diagnostics::Level;
use crate::rules::{self, RULES};

/// What may be set. It wins over what stands in files.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// What the server says of itself.
    pub server: Server,
    /// What the rules take for too long, known and so on.
    pub settings: Settings,
    profile: Option<&'static Profile>,
    levels: Vec<(Vec<usize>, Level, Source)>,
    warnings: Option<Setting>,
}

/// The figures and names that rules go by.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// Fields of frontmatter that are known beside those of the specification and of the clients. Where some entry is the name
    /// of a client, such as `claude-code`, only the fields of the clients that are named are known.
    pub known_fields: Vec<String>,
    /// Whether fields that only some clients define count as unknown.
    pub only_specified_fields: bool,
    /// Whether every directory of the tree should be a skill, be part of one, or lead to one: true of a directory that is there
    /// to be served, and not of a whole repository.
    pub only_skills: bool,
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
            only_specified_fields: false,
            only_skills: true,
            unicode_names: false,
            body_lines: 500,
            body_tokens: 5_000,
            listing_bytes: 16_000,
        }
    }
}

impl Options {
    /// Sets the level of the rule with this code or name, or of a group of rules; `by` says in words who wants it.
    /// `warnings` stands for everything that would be a warning.
    ///
    /// Fails, with a text for the user, when there is no such rule or when a skill could not be served without it.
    pub fn set_level(&mut self, rule: &str, level: Level, by: &str) -> Result<(), String> {
        let source = Source::named(by);
        if rule == "warnings" {
            self.warnings = Some(Setting { level, source });
            return Ok(());
        }
        let Some(found) = select(rule) else {
            return Err(format!("no rule is called `{rule}`{}", near(rule)));
        };
        if let ([index], true) = (found.as_slice(), level < Level::Deny)
            && let Some(rule) = RULES.get(*index).filter(|rule| rules::is_essential(rule))
        {
            let reason = "a skill with such a finding cannot be served";
            return Err(format!(
                "the level of `{}` ({}) cannot be `{level}`: {reason}",
                rule.name, rule.code
            ));
        }
        self.levels.push((found, level, source));
        Ok(())
    }

    /// Chooses a profile.
    ///
    /// Fails, with a text for the user, when there is none of this name.
    pub fn set_profile(&mut self, name: &str) -> Result<(), String> {
        let found = Profile::find(name);
        self.profile = Some(found.ok_or_else(|| {
            let names: Vec<_> = PROFILES.iter().map(|profile| profile.name).collect();
            format!(
                "no profile is called `{name}`; there are `{}`",
                names.join("`, `")
            )
        })?);
        Ok(())
    }

    /// Sets levels as on a command line: `-A RULE`, `-W RULE` and `-D RULE`, separated by blanks.
    ///
    /// Fails, with a text for the user, when that makes no sense.
    pub fn set_flags(&mut self, flags: &str, by: &str) -> Result<(), String> {
        let mut words = flags.split_whitespace();
        while let Some(flag) = words.next() {
            let (letter, rest) = flag.split_at_checked(2).unwrap_or((flag, ""));
            let level = match letter {
                "-A" => Level::Allow,
                "-W" => Level::Warn,
                "-D" => Level::Deny,
                _ => {
                    return Err(format!(
                        "`{flag}` is none of `-A RULE`, `-W RULE` and `-D RULE`"
                    ));
                }
            };
            let rule = if rest.is_empty() {
                words.next().unwrap_or_default()
            } else {
                rest
            };
            self.set_level(rule, level, &format!("`{letter} {rule}` in {by}"))?;
        }
        Ok(())
    }

    /// Puts all that on top of what the files say.
    pub(crate) fn apply(&self, configuration: &mut Configuration) {
        // A pattern that fits every skill comes after those of the files.
        let everywhere = Scope::Skills(Pattern::new("**"));
        if let Some(profile) = self.profile {
            configuration.apply_profile(profile, &everywhere);
        }
        for (rules, level, source) in &self.levels {
            configuration.levels.set(rules, *level, source, &everywhere);
        }
        if let Some(setting) = &self.warnings {
            configuration.levels.set_warnings(setting.clone());
        }
        configuration.server.override_with(&self.server);
    }
}

fn near(wanted: &str) -> String {
    let nearest = nearest(wanted, RULES.iter().map(|rule| rule.name));
    nearest
        .map(|name| format!("; did you mean `{name}`?"))
        .unwrap_or_default()
}
