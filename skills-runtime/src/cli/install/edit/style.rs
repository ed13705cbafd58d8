//! How JSON is set: like the text around it.

use jsonc_parser::ast::Object;
use jsonc_parser::common::Ranged;
use serde_json::Value;

use super::Body;
use super::splice::{blank_start, break_before, indentation, newline};
use crate::cli::install::entry::Datum;

/// How deep what is new is indented where the text does not show it.
const UNIT: &str = "  ";

/// How the text is set.
#[derive(Clone, Copy)]
pub(super) struct Style<'a> {
    pub(super) newline: &'static str,
    /// What one more level is indented by.
    pub(super) unit: &'a str,
    /// Whether what is new stays on one line.
    pub(super) is_compact: bool,
}

impl<'a> Style<'a> {
    /// What the text shows of its author's habits.
    pub(super) fn of(text: &'a str, root: Option<&Object>) -> Self {
        let first = root.and_then(|root| root.properties.first());
        let unit = first.and_then(|first| {
            let blank = blank_start(text, first.start());
            break_before(text, blank)?;
            let indent = indentation(text, first.start());
            let outer = indentation(text, root.map_or(0, Ranged::start));
            indent.strip_prefix(outer).filter(|unit| !unit.is_empty())
        });
        Self {
            newline: newline(text),
            unit: unit.unwrap_or(UNIT),
            is_compact: false,
        }
    }

    /// What an entry says, in lines that are indented like the one that it begins on.
    pub(super) fn body(&self, body: Body, indent: &str) -> String {
        match body {
            Body::Kept(text) => text.to_owned(),
            Body::Made(datum) => self.datum(datum, indent),
        }
    }

    fn datum(&self, datum: &Datum, indent: &str) -> String {
        match datum {
            Datum::Flag(flag) => flag.to_string(),
            Datum::Text(text) => quoted(text),
            Datum::List(items) => {
                let items: Vec<_> = items.iter().map(|item| quoted(item)).collect();
                format!("[{}]", items.join(", "))
            }
            Datum::Object(members) => {
                self.object(indent, members, |datum, indent| self.datum(datum, indent))
            }
        }
    }

    /// An object of these members, each of which makes its own text.
    pub(super) fn object<T>(
        &self,
        indent: &str,
        members: &[(&str, T)],
        text: impl Fn(&T, &str) -> String,
    ) -> String {
        let inner = format!("{indent}{}", self.unit);
        let members = members
            .iter()
            .map(|(key, value)| format!("{}: {}", quoted(key), text(value, &inner)));
        let members: Vec<_> = members.collect();
        if self.is_compact {
            return format!("{{{}}}", members.join(", "));
        }
        let newline = self.newline;
        let separator = format!(",{newline}{inner}");
        let members = members.join(&separator);
        format!("{{{newline}{inner}{members}{newline}{indent}}}")
    }
}

/// The text as a string of JSON.
pub(super) fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}
