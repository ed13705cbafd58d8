//! SK501: frontmatter that the protocol cannot carry, because JSON has no such value.

use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::{Entry, Node, NodeKind, Scalar};

declare_rule! {
    /// The frontmatter holds a number or a key that JSON cannot express.
    ///
    /// ## Why
    ///
    /// A server sends the frontmatter as JSON, and a host compares it field by field with what it reads in the file; on any
    /// difference it has to refuse the skill. JSON has neither infinity nor NaN, its readers round integers beyond 2^53,
    /// and all of its keys are text. In quotes, the value says the same everywhere.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// metadata:
    ///   1: stable
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
    ///   "1": stable
    /// ---
    /// Open the form and fill it.
    /// ```
    FRONTMATTER_NOT_JSON = "SK501", "frontmatter-not-json", Protocol, Deny, Check::Skill(check)
}

/// The largest integer that every reader of JSON keeps (RFC 8259, 6; RFC 7493, 2.2): 2^53 - 1.
const LARGEST: u128 = (1 << 53) - 1;

/// The fields that have to be text anyway, which the rule about types says better.
const TEXT_FIELDS: &[&str] = &["name", "description", "license", "compatibility"];

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let Some(frontmatter) = &cx.skill.frontmatter else {
        return;
    };
    for entry in &frontmatter.entries {
        let is_text = TEXT_FIELDS.contains(&entry.key.as_str())
            && matches!(entry.value.kind, NodeKind::Scalar(..));
        key(cx, entry, out);
        if !is_text {
            value(cx, &entry.value, out);
        }
    }
}

fn value(cx: &SkillContext<'_>, node: &Node, out: &mut Vec<Finding>) {
    match &node.kind {
        NodeKind::Scalar(scalar, _) => {
            out.extend(fault(scalar).map(|fault| finding(cx, node, fault)));
        }
        NodeKind::Sequence(items, _) => items.iter().for_each(|item| value(cx, item, out)),
        NodeKind::Mapping(entries, _) => entries.iter().for_each(|entry| {
            key(cx, entry, out);
            value(cx, &entry.value, out);
        }),
        NodeKind::Faulty => {}
    }
}

/// What keeps a value from being JSON: the message, and the reason.
pub(super) fn fault(scalar: &Scalar) -> Option<(&'static str, &'static str)> {
    match scalar {
        Scalar::Float(number) if number.is_nan() => {
            Some(("cannot be sent as JSON", "JSON has no NaN"))
        }
        Scalar::Float(number) if number.is_infinite() => Some((
            "cannot be sent as JSON",
            "JSON has no infinity, and this number is read as one",
        )),
        Scalar::Int(number) if number.unsigned_abs() > LARGEST => Some((
            "is too large for JSON",
            "most readers of JSON keep integers up to 2^53 - 1 and round larger ones",
        )),
        _ => None,
    }
}

fn finding(cx: &SkillContext<'_>, node: &Node, (message, reason): (&str, &str)) -> Finding {
    let written = cx.skill.text.get(node.span.clone()).unwrap_or_default();
    Finding::at(
        &FRONTMATTER_NOT_JSON,
        cx.skill.document,
        node.span.clone(),
        format!("the number `{written}` {message}"),
    )
    .note(format!(
        "{reason}, so a host would see another value than the file has, and refuse the skill"
    ))
    .patch("quote the value", quotes(node.span.start, node.span.end))
}

fn key(cx: &SkillContext<'_>, entry: &Entry, out: &mut Vec<Finding>) {
    let span = entry.key_span.clone();
    if matches!(entry.key_value, Scalar::Text(_)) {
        return;
    }
    let written = cx.skill.text.get(span.clone()).unwrap_or_default();
    let what = if written.is_empty() {
        "the empty key".to_owned()
    } else {
        format!("the key `{written}`")
    };
    let message = format!("{what} is {}, not text", entry.key_value.kind());
    let note = "all keys of JSON are text; loaders write this one in different ways, and a host refuses the skill";
    let finding = Finding::at(
        &FRONTMATTER_NOT_JSON,
        cx.skill.document,
        span.clone(),
        message,
    )
    .note(note);
    out.push(if written.is_empty() {
        finding.help("write a key in front of the colon")
    } else {
        finding.patch("quote the key", quotes(span.start, span.end))
    });
}

fn quotes(start: usize, end: usize) -> Vec<Patch> {
    vec![Patch::insert(start, "\""), Patch::insert(end, "\"")]
}
