//! What `skills.toml` may say, and `[package.metadata.skills]` of `Cargo.toml`, which is the same table.

use std::borrow::Cow;

use skills_model::limits::SKILL_FILE;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::access::{MOST_SCOPES, Requirement};
use super::levels::{Scope, Source, select};
use super::reader::{Reader, Value, nearest};
use super::{Configuration, FaultKind, PROFILES, Pattern, Profile};
use crate::Settings;
use crate::diagnostics::Level;
use crate::rules::{self, Group, RULES};
use crate::source::{FileId, SourceTree};

/// The largest file of configuration that is read, in bytes.
pub(crate) const MAX_BYTES: usize = 1024 * 1024;

const LEVELS: [(&str, Level); 3] = [
    ("allow", Level::Allow),
    ("warn", Level::Warn),
    ("deny", Level::Deny),
];

/// Reads one file into a configuration.
pub(super) fn read(tree: &SourceTree, file: FileId, configuration: &mut Configuration) {
    let source = tree.file(file);
    let mut faults = Vec::new();
    let text = std::str::from_utf8(&source.bytes).unwrap_or_default();
    let mut reader = Reader {
        file,
        text,
        faults: &mut faults,
    };
    if source.bytes.len() > MAX_BYTES {
        reader.fault(
            0..0,
            FaultKind::Syntax("the file is larger than 1 MiB".into()),
        );
    } else if text.is_empty() && !source.bytes.is_empty() {
        reader.fault(0..0, FaultKind::Syntax("the file is not UTF-8".into()));
    } else {
        let is_manifest = source.path.ends_with("Cargo.toml");
        let (document, errors) = DeTable::parse_recoverable(text);
        // Cargo says what is wrong with its own file.
        for error in errors.iter().filter(|_| !is_manifest) {
            let span = error.span().unwrap_or_default();
            reader.fault(span, FaultKind::Syntax(error.message().to_owned()));
        }
        let table = if is_manifest {
            metadata(document.get_ref())
        } else {
            Some(document.get_ref())
        };
        let label = tree.display(&source.path);
        if let Some(table) = table {
            let mut schema = Schema {
                label: &label,
                is_inside: is_inside(tree, &label),
                reader: &mut reader,
                configuration,
            };
            schema.bundle(table);
        }
    }
    configuration.faults.append(&mut faults);
}

/// `[package.metadata.skills]` of a manifest.
fn metadata<'v, 'i>(manifest: &'v DeTable<'i>) -> Option<&'v DeTable<'i>> {
    let inner = |table: &'v DeTable<'i>, key: &str| table.get(key)?.get_ref().as_table();
    inner(inner(inner(manifest, "package")?, "metadata")?, "skills")
}

/// Whether a file of configuration lies in a skill: in the root, which is one itself.
fn is_inside(tree: &SourceTree, label: &str) -> bool {
    let is_there = |name: &str| tree.display(name) == label;
    tree.find(SKILL_FILE).is_some() && ["Cargo.toml", "skills.toml"].into_iter().any(is_there)
}

struct Schema<'a, 'r> {
    /// How messages call the file.
    label: &'a str,
    /// Whether whoever wrote the skill may have written it.
    is_inside: bool,
    reader: &'a mut Reader<'r>,
    configuration: &'a mut Configuration,
}

impl Schema<'_, '_> {
    fn bundle(&mut self, table: &DeTable<'_>) {
        const KEYS: [&str; 9] = [
            "access",
            "profile",
            "known-fields",
            "unicode-names",
            "lints",
            "limits",
            "server",
            "skills",
            "tools",
        ];
        for (key, value) in self.reader.known(table, &KEYS) {
            match KEYS.get(key).copied() {
                Some("profile") => self.profile(value, &Scope::Bundle),
                Some("known-fields") => {
                    let fields = self.reader.texts(value).unwrap_or_default();
                    self.configuration.settings.known_fields.extend(fields);
                }
                Some("unicode-names") => {
                    let is_on = self.reader.flag(value);
                    let settings = &mut self.configuration.settings;
                    settings.unicode_names = is_on.unwrap_or(settings.unicode_names);
                }
                Some("access") => self.access(value),
                Some("limits") => self.limits(value),
                Some("server") => self.server(value),
                Some("tools") => self.tools(value),
                _ => {}
            }
        }
        // Levels win over a profile, and those of single skills over those of all, wherever they stand.
        for (key, scoped) in [("lints", false), ("skills", true)] {
            match table.get(key) {
                Some(value) if scoped => self.skills(value),
                Some(value) => self.lints(value, &Scope::Bundle, "[lints]"),
                None => {}
            }
        }
    }

    fn profile(&mut self, value: &Value<'_>, scope: &Scope) {
        let names: Vec<_> = PROFILES.iter().map(|profile| profile.name).collect();
        let chosen = self.reader.choice(value, &names);
        if let Some(profile) = chosen.and_then(|index| PROFILES.get(index)) {
            self.configuration.apply_profile(profile, scope);
        }
    }

    fn limits(&mut self, value: &Value<'_>) {
        const KEYS: [&str; 3] = ["body-lines", "body-tokens", "listing-bytes"];
        let Some(table) = self.reader.table(value) else {
            return;
        };
        for (key, value) in self.reader.known(table, &KEYS) {
            let settings = &mut self.configuration.settings;
            let limit = match KEYS.get(key).copied() {
                Some("body-lines") => &mut settings.body_lines,
                Some("body-tokens") => &mut settings.body_tokens,
                _ => &mut settings.listing_bytes,
            };
            *limit = self.reader.number(value).unwrap_or(*limit);
        }
    }

    /// `"PATTERN" = ["SCOPE", ...]`: what callers have to be granted to see some skills.
    fn access(&mut self, value: &Value<'_>) {
        let patterns = self.reader.table(value).into_iter().flatten();
        let mut patterns: Vec<_> = patterns.collect();
        patterns.sort_by_key(|(pattern, _)| pattern.span().start);
        for (key, value) in patterns {
            let Some(scopes) = self.reader.scopes(value) else {
                continue;
            };
            let access = &mut self.configuration.access;
            access.requirements.push(Requirement {
                file: self.reader.file,
                span: key.span(),
                pattern: Pattern::new(key.get_ref()),
                scopes,
            });
            if access.scopes().len() > MOST_SCOPES {
                access.requirements.pop();
                let most = FaultKind::Type("one of at most 64 scopes that a bundle can have");
                self.reader.fault(value.span(), most);
            }
        }
    }

    fn server(&mut self, value: &Value<'_>) {
        const KEYS: [&str; 3] = ["name", "version", "instructions"];
        let Some(table) = self.reader.table(value) else {
            return;
        };
        for (key, value) in self.reader.known(table, &KEYS) {
            let server = &mut self.configuration.server;
            let text = match KEYS.get(key).copied() {
                Some("name") => &mut server.name,
                Some("version") => &mut server.version,
                _ => &mut server.instructions,
            };
            let read = match KEYS.get(key).copied() {
                Some("name") => self.reader.word(value),
                _ => self.reader.text(value),
            };
            *text = read.or_else(|| text.take());
        }
    }

    /// `[tools]`: how the tools of the server are named and how they answer.
    fn tools(&mut self, value: &Value<'_>) {
        const KEYS: [&str; 3] = ["prefix", "structured-content", "answer-bytes"];
        let Some(table) = self.reader.table(value) else {
            return;
        };
        for (key, value) in self.reader.known(table, &KEYS) {
            let tools = &mut self.configuration.server.tools;
            match KEYS.get(key).copied() {
                Some("prefix") => tools.prefix = self.reader.prefix(value).or(tools.prefix.take()),
                Some("structured-content") => {
                    let is_on = self.reader.flag(value);
                    tools.structured_content = is_on.or(tools.structured_content);
                }
                _ => {
                    let bytes = self.reader.answer_bytes(value);
                    tools.answer_bytes = bytes.or(tools.answer_bytes);
                }
            }
        }
    }

    /// `[skills."PATTERN"]`: what holds for some skills only.
    fn skills(&mut self, value: &Value<'_>) {
        const KEYS: [&str; 2] = ["profile", "lints"];
        let patterns = self.reader.table(value).into_iter().flatten();
        let mut patterns: Vec<_> = patterns.collect();
        patterns.sort_by_key(|(pattern, _)| pattern.span().start);
        for (key, value) in patterns {
            let Some(table) = self.reader.table(value) else {
                continue;
            };
            let pattern = Pattern::new(key.get_ref());
            self.configuration
                .patterns
                .push((self.reader.file, key.span(), pattern.clone()));
            let scope = Scope::Skills(pattern);
            let mut fields = self.reader.known(table, &KEYS);
            // Levels win over a profile, wherever they stand.
            fields.sort_by_key(|(field, _)| *field);
            for (field, value) in fields {
                match KEYS.get(field).copied() {
                    Some("profile") => self.profile(value, &scope),
                    _ => self.lints(
                        value,
                        &scope,
                        &format!("[skills.{:?}.lints]", key.get_ref()),
                    ),
                }
            }
        }
    }

    /// `rule = "level"`, the more general first: groups, then rules.
    fn lints(&mut self, value: &Value<'_>, scope: &Scope, table: &str) {
        let entries = self.reader.table(value).into_iter().flatten();
        let mut levels: Vec<_> = entries
            .filter_map(|(name, level)| self.lint(name, level))
            .collect();
        levels.sort_by_key(|(rules, _, at)| (rules.len() == 1, *at));
        for (rules, level, at) in levels {
            let line = self.reader.line(at);
            let source = Source::named(&format!("`{table}` in {}:{line}", self.label));
            self.configuration.levels.set(&rules, level, &source, scope);
        }
    }

    /// The rules that are meant, their level, and where that is said.
    fn lint(
        &mut self,
        name: &Spanned<Cow<'_, str>>,
        level: &Spanned<DeValue<'_>>,
    ) -> Option<(Vec<usize>, Level, usize)> {
        let Some(rules) = select(name.get_ref()) else {
            let nearest = nearest(name.get_ref(), RULES.iter().map(|rule| rule.name));
            self.reader
                .fault(name.span(), FaultKind::UnknownRule(nearest));
            return None;
        };
        let chosen = self.reader.choice(level, &LEVELS.map(|(name, _)| name))?;
        let (_, chosen) = *LEVELS.get(chosen)?;
        if let ([index], true) = (rules.as_slice(), chosen < Level::Deny) {
            let rule = RULES.get(*index)?;
            if rules::is_essential(rule) {
                self.reader
                    .fault(level.span(), FaultKind::Forbidden(rule.name, chosen));
                return None;
            }
        }
        if self.is_inside && rules.iter().any(|rule| protects(*rule, chosen)) {
            let name_of = name.get_ref().to_string();
            self.reader.fault(name.span(), FaultKind::Inside(name_of));
            return None;
        }
        Some((rules, chosen, name.span().start))
    }
}

/// Whether a rule protects others from the skill, and this level would be less than its own.
fn protects(rule: usize, level: Level) -> bool {
    let rule = RULES.get(rule);
    rule.is_some_and(|rule| rule.group == Group::Security && level < rule.default_level)
}

impl Configuration {
    /// Takes on a profile.
    pub(crate) fn apply_profile(&mut self, profile: &'static Profile, scope: &Scope) {
        self.levels.set_profile(profile, scope);
        match scope {
            Scope::Bundle => self.settings.only_specified_fields |= profile.only_specified_fields,
            Scope::Skills(pattern) => {
                let only_specified = profile.only_specified_fields;
                self.fields_by_pattern
                    .push((pattern.clone(), only_specified));
            }
        }
    }

    /// The settings for one skill.
    pub(crate) fn settings_of(&self, skill: &str) -> Cow<'_, Settings> {
        let mut patterns = self.fields_by_pattern.iter().rev();
        let found = patterns.find(|(pattern, _)| pattern.matches(skill));
        match found {
            Some((_, only)) if *only != self.settings.only_specified_fields => {
                Cow::Owned(Settings {
                    only_specified_fields: *only,
                    ..self.settings.clone()
                })
            }
            _ => Cow::Borrowed(&self.settings),
        }
    }
}
