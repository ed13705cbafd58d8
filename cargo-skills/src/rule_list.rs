//! `rules`: what there is to be found.

use clap::ValueEnum;
use serde::Serialize;
use skills_compiler::diagnostics::Level;
use skills_compiler::rules::{RULES, Rule, is_essential};

use crate::error::Error;
use crate::output::{Output, pass};
use crate::report::harmless_json;

/// How the rules are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Form {
    /// A table
    #[default]
    Table,
    /// One JSON array with everything that is known of each rule
    Json,
}

/// A rule as a program gets it.
#[derive(Debug, Serialize)]
struct Entry {
    code: &'static str,
    name: &'static str,
    group: &'static str,
    level: String,
    /// Whether it cannot be switched off.
    essential: bool,
    summary: String,
    documentation: String,
}

/// Prints all rules.
pub(crate) fn print(form: Form, output: Output) -> Result<(), Error> {
    match form {
        Form::Table => output.print(&table()),
        Form::Json => pass(&json()?),
    }
}

fn table() -> String {
    let widest = RULES
        .iter()
        .map(|rule| rule.name.len())
        .max()
        .unwrap_or_default();
    let lines = RULES.iter().map(|rule| {
        let Rule { code, name, .. } = rule;
        format!(
            "{code}  {name:widest$}  {:12}  {}\n",
            level(rule),
            rule.summary()
        )
    });
    lines.collect()
}

fn json() -> Result<String, Error> {
    let entries = RULES.iter().map(|rule| Entry {
        code: rule.code,
        name: rule.name,
        group: rule.group.name(),
        level: rule.default_level.to_string(),
        essential: is_essential(rule),
        summary: rule.summary(),
        documentation: rule.documentation(),
    });
    let entries: Vec<_> = entries.collect();
    Ok(harmless_json(&serde_json::to_string_pretty(&entries)?) + "\n")
}

/// The level of a rule unless somebody sets it.
pub(crate) fn level(rule: &Rule) -> &'static str {
    match rule.default_level {
        Level::Deny if is_essential(rule) => "deny, always",
        Level::Deny => "deny",
        Level::Warn => "warn",
        Level::Allow => "allow",
    }
}
