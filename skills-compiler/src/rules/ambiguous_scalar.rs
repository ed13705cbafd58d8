//! SK023: a value that YAML 1.1 and YAML 1.2 read differently.

use std::ops::Range;

use super::brief::brief;
use super::metadata_not_string::is_other_scalar;
use super::value::EDITS;
use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::{Entry, Node, NodeKind, Scalar, ScalarStyle, yaml_1_1};

declare_rule! {
    /// An unquoted value or key is a date, a boolean or another number to YAML 1.1, and something else to YAML 1.2.
    ///
    /// ## Why
    ///
    /// The specification does not say which YAML it means. Loaders in Python read 1.1, in which `no` is false, `2026-01-02` a
    /// date, `010` eight and `12:30` the number 750, and which stop at `2026-02-31` and at `=`; loaders in JavaScript, Go and Rust
    /// read 1.2. Over MCP a host compares what it reads with what the server says, and refuses the skill when they differ. A
    /// number such as `1.10` is 1.1 to everyone.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// metadata:
    ///   updated: 2026-01-02
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// metadata:
    ///   updated: "2026-01-02"
    /// ---
    /// Open the form and fill it.
    /// ```
    AMBIGUOUS_SCALAR = "SK023", "ambiguous-scalar", Format, Warn, Check::Skill(check)
}

/// How many values of one skill are pointed at.
const MARKED: usize = 8;

/// A value or a key with two readings.
struct Ambiguous<'skill> {
    span: Range<usize>,
    text: &'skill str,
    reading: Reading,
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let Some(frontmatter) = &cx.skill.frontmatter else {
        return;
    };
    let mut found = Vec::new();
    for entry in &frontmatter.entries {
        collect_entry(cx.skill.text, entry, &mut found);
    }
    let Some((first, others)) = found.split_first() else {
        return;
    };
    let more = match others.len() {
        0 => String::new(),
        1 => ", and there is one more such value".to_owned(),
        more => format!(", and there are {more} more such values"),
    };
    let (text, (old, new)) = (brief(first.text), first.reading.words());
    let (message, note) = if first.reading == Reading::Shortened {
        let message = format!("the number `{text}` loses its last zero");
        (
            message,
            "to YAML this is a number, not a version, and 1.10 is 1.1",
        )
    } else {
        let message = format!("`{text}` is {old} to YAML 1.1 and {new} to YAML 1.2");
        (
            message,
            "loaders in Python read YAML 1.1, others 1.2, and over MCP a host refuses what it reads differently",
        )
    };
    let finding = Finding::at(
        &AMBIGUOUS_SCALAR,
        cx.skill.document,
        first.span.clone(),
        format!("{message}{more}"),
    )
    .note(note);
    let finding = others.iter().take(MARKED).fold(finding, |finding, other| {
        let (old, new) = other.reading.words();
        finding.related(
            cx.skill.document,
            other.span.clone(),
            format!("{old}, or {new}"),
        )
    });
    let quotes = found.iter().flat_map(|Ambiguous { span, .. }| {
        [
            Patch::insert(span.start, "\""),
            Patch::insert(span.end, "\""),
        ]
    });
    out.push(match found.len() {
        1 => finding.patch("quote it", quotes),
        2..=EDITS => finding.patch("quote them", quotes),
        _ => finding.help("quote them"),
    });
}

/// An entry of the frontmatter, without the values that another rule asks to quote.
fn collect_entry<'skill>(text: &'skill str, entry: &Entry, found: &mut Vec<Ambiguous<'skill>>) {
    collect_key(text, entry, found);
    match (entry.key.as_str(), &entry.value.kind) {
        ("metadata", NodeKind::Mapping(inner, _)) => {
            for entry in inner {
                collect_key(text, entry, found);
                if !is_other_scalar(&entry.value) {
                    collect(text, &entry.value, found);
                }
            }
        }
        ("name" | "description" | "license" | "compatibility" | "metadata", _)
            if entry.value.as_text().is_none() => {}
        _ => collect(text, &entry.value, found),
    }
}

fn collect<'skill>(text: &'skill str, node: &Node, found: &mut Vec<Ambiguous<'skill>>) {
    match &node.kind {
        NodeKind::Scalar(scalar, ScalarStyle::Plain) => {
            found.extend(ambiguous(text, &node.span, scalar));
        }
        NodeKind::Sequence(items, _) => {
            for item in items {
                collect(text, item, found);
            }
        }
        NodeKind::Mapping(entries, _) => {
            for entry in entries {
                collect_key(text, entry, found);
                collect(text, &entry.value, found);
            }
        }
        NodeKind::Scalar(..) | NodeKind::Faulty => {}
    }
}

/// A key that is no text at all is denied by `frontmatter-not-json`, and a merge key by `unportable-yaml`; `=` is a key to all.
fn collect_key<'skill>(text: &'skill str, entry: &Entry, found: &mut Vec<Ambiguous<'skill>>) {
    if matches!(entry.key_value, Scalar::Text(_)) && !yaml_1_1::KEYS.contains(&&*entry.key) {
        found.extend(ambiguous(text, &entry.key_span, &entry.key_value));
    }
}

fn ambiguous<'skill>(
    text: &'skill str,
    span: &Range<usize>,
    scalar: &Scalar,
) -> Option<Ambiguous<'skill>> {
    let text = text.get(span.clone()).unwrap_or_default();
    reading(text, scalar).map(|reading| Ambiguous {
        span: span.clone(),
        text,
        reading,
    })
}

/// How the two versions read a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    /// A boolean, and text.
    Bool,
    /// A date, and text.
    Date,
    /// A number, and text.
    Number,
    /// An error, and text.
    Error,
    /// A number, and another number.
    Octal,
    /// Text, and a number.
    Text,
    /// A number with fewer digits than were written, to both.
    Shortened,
}

impl Reading {
    /// What it is to YAML 1.1, and what to YAML 1.2.
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Bool => ("a boolean", "text"),
            Self::Date => ("a date", "text"),
            Self::Number => ("a number", "text"),
            Self::Error => ("an error", "text"),
            Self::Octal => ("an octal number", "a decimal one"),
            Self::Text => ("text", "a number"),
            Self::Shortened => ("a number", "one digit shorter"),
        }
    }
}

/// The two readings of a plain scalar, where they differ.
fn reading(text: &str, scalar: &Scalar) -> Option<Reading> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    match scalar {
        Scalar::Text(_) if yaml_1_1::is_error(text) => Some(Reading::Error),
        Scalar::Text(_) if yaml_1_1::is_bool(text) => Some(Reading::Bool),
        Scalar::Text(_) if yaml_1_1::is_date(text) => Some(Reading::Date),
        Scalar::Text(_) => {
            (yaml_1_1::is_number(text) || yaml_1_1::is_lax_number(text)).then_some(Reading::Number)
        }
        Scalar::Int(_) | Scalar::Float(_) if !yaml_1_1::is_number(text) => Some(Reading::Text),
        Scalar::Int(_) => {
            // A single digit after the zeros is the same number in both systems.
            let is_octal = unsigned.starts_with('0')
                && !unsigned.starts_with("0x")
                && unsigned.trim_start_matches('0').len() > 1;
            is_octal.then_some(Reading::Octal)
        }
        Scalar::Float(_) => {
            let (_, fraction) = unsigned.split_once('.')?;
            (fraction.len() > 1 && fraction.ends_with('0') && !fraction.contains(['e', 'E']))
                .then_some(Reading::Shortened)
        }
        Scalar::Null | Scalar::Bool(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Option<Reading>) {
        assert_eq!(reading(text, &Scalar::of_plain(text)), expected, "{text:?}");
    }

    #[test]
    fn values_with_two_readings_are_found() {
        check("no", Some(Reading::Bool));
        check("Off", Some(Reading::Bool));
        check("2026-01-02", Some(Reading::Date));
        check("2026-01-02T10:00:00Z", Some(Reading::Date));
        check("2026-02-31", Some(Reading::Error));
        check("2026-01-02T25:00:00Z", Some(Reading::Error));
        check("=", Some(Reading::Error));
        check("<<", Some(Reading::Error));
        check("0x_", Some(Reading::Error));
        check("0b_", Some(Reading::Error));
        check("-._", Some(Reading::Error));
        check("._1", Some(Reading::Number));
        check("08_", Some(Reading::Number));
        check("-0o7", Some(Reading::Number));
        check("2026-01-02 10:00:00.5 +02:00", Some(Reading::Date));
        check("1_000", Some(Reading::Number));
        check("12:30", Some(Reading::Number));
        check("-1:30:59", Some(Reading::Number));
        check("0b11", Some(Reading::Number));
        check("0_7", Some(Reading::Number));
        check("12:30.5", Some(Reading::Number));
        check("2026-1-2T1:00:00", Some(Reading::Date));
        check("+.5", Some(Reading::Text));
        check("010", Some(Reading::Octal));
        check("089", Some(Reading::Text));
        check("0o17", Some(Reading::Text));
        check("1e3", Some(Reading::Text));
        check("1.10", Some(Reading::Shortened));
    }

    #[test]
    fn values_with_one_reading_are_not() {
        for text in [
            "0",
            "-1",
            "1.0",
            "2.5",
            "0.5",
            "1.5e+3",
            "0x1f",
            ".inf",
            ".nan",
            "true",
            "null",
            "~",
            "1.2.3",
            "v1",
            "nobody",
            "y",
            "12:61",
            "01:30",
            "07",
            "004",
            "2026-01-02T10:00",
            "2026-1",
            "2026-01-02-draft",
            "one_two",
            "1_a",
            "10:",
            "+",
            "-",
            ".",
            "",
            "2026-01-02 morning",
            "3:2:x",
        ] {
            check(text, None);
        }
    }
}
