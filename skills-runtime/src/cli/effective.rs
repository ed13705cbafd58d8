//! The settings that flags, environment and defaults come to, and where each is from; nothing in it is secret.

use std::fmt::Write;

use clap::ArgMatches;
use clap::parser::ValueSource;
use serde_json::{Map, Value, json};

/// The settings of a command.
#[derive(Clone, Debug)]
pub(crate) struct Effective(Vec<Setting>);

#[derive(Clone, Debug)]
struct Setting {
    flag: String,
    variable: Option<String>,
    values: Vec<String>,
    source: &'static str,
}

impl Effective {
    /// What was read for a command.
    pub(super) fn new(command: &clap::Command, matches: &ArgMatches) -> Self {
        let settings = command.get_arguments().filter_map(|argument| {
            let flag = argument.get_long()?;
            // What only prints is no setting.
            let is_setting = argument.get_env().is_some();
            is_setting.then(|| Setting {
                flag: flag.to_owned(),
                variable: argument
                    .get_env()
                    .map(|name| name.to_string_lossy().into_owned()),
                values: values(matches, argument),
                source: source(matches.value_source(argument.get_id().as_str())),
            })
        });
        Self(settings.collect())
    }

    /// As JSON: each setting with its value and where that is from.
    pub(crate) fn json(&self) -> Value {
        let settings = self.0.iter().map(|setting| {
            let Setting {
                flag,
                variable,
                values,
                source,
            } = setting;
            let value =
                json!({ "value": values.join(","), "source": source, "variable": variable });
            (flag.clone(), value)
        });
        Value::Object(settings.collect::<Map<_, _>>())
    }

    /// As lines for a person.
    pub(super) fn text(&self) -> String {
        let width = self
            .0
            .iter()
            .map(|setting| setting.flag.len())
            .max()
            .unwrap_or_default();
        let mut text = String::new();
        for Setting {
            flag,
            variable,
            values,
            source,
        } in &self.0
        {
            let value = if values.is_empty() {
                "(none)".to_owned()
            } else {
                values.join(",")
            };
            let variable = variable.as_deref().unwrap_or_default();
            // Writing to a string cannot fail.
            let _ = writeln!(text, "--{flag:width$}  {value}  [{source}; {variable}]");
        }
        text
    }
}

fn values(matches: &ArgMatches, argument: &clap::Arg) -> Vec<String> {
    let id = argument.get_id().as_str();
    if !argument.get_action().takes_values() {
        return vec![matches.get_flag(id).to_string()];
    }
    let raw = matches.get_raw(id).into_iter().flatten();
    raw.map(|value| value.to_string_lossy().into_owned())
        .collect()
}

const fn source(source: Option<ValueSource>) -> &'static str {
    match source {
        Some(ValueSource::CommandLine) => "command line",
        Some(ValueSource::EnvVariable) => "environment",
        _ => "default",
    }
}
