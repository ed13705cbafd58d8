//! SK021: a value of `metadata` that is no text.

use super::listed::listed;
use super::metadata;
use super::value::EDITS;
use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::{Entry, NodeKind, Scalar};

declare_rule! {
    /// A value of `metadata` is a number, a boolean or nothing, where the specification wants text.
    ///
    /// ## Why
    ///
    /// `metadata` maps text to text. Clients with types refuse the whole skill, and the others show `1.10` as 1.1. The flag
    /// `internal`, which installers read as a boolean, is left in peace.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// metadata:
    ///   version: 1.0
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
    ///   version: "1.0"
    /// ---
    /// Open the form and fill it.
    /// ```
    METADATA_NOT_STRING = "SK021", "metadata-not-string", Format, Warn, Check::Skill(check)
}

/// How many values of one skill are pointed at.
const MARKED: usize = 8;

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let wrong: Vec<_> = metadata::entries(cx.skill)
        .iter()
        .filter(|entry| is_no_text(entry))
        .collect();
    let Some((first, others)) = wrong.split_first() else {
        return;
    };
    let message = if others.is_empty() {
        format!(
            "the metadata {} is {}, not text",
            listed([&*first.key]),
            first.value.describe()
        )
    } else {
        format!(
            "the metadata {} are not text",
            listed(wrong.iter().map(|entry| &*entry.key))
        )
    };
    let place = |entry: &Entry| {
        if entry.value.span.is_empty() {
            entry.key_span.clone()
        } else {
            entry.value.span.clone()
        }
    };
    let finding = Finding::at(
        &METADATA_NOT_STRING,
        cx.skill.document,
        place(first),
        message,
    )
    .label(first.value.describe())
    .note("`metadata` maps text to text, and clients with types refuse the skill");
    let finding = others.iter().take(MARKED).fold(finding, |finding, entry| {
        finding.related(cx.skill.document, place(entry), entry.value.describe())
    });
    let quotable: Vec<_> = wrong.iter().filter(|entry| !is_null(entry)).collect();
    let quotes = quotable.iter().flat_map(|entry| {
        let span = &entry.value.span;
        [
            Patch::insert(span.start, "\""),
            Patch::insert(span.end, "\""),
        ]
    });
    let finding = match quotable.len() {
        0 => finding,
        1 => finding.patch("quote it", quotes),
        2..=EDITS => finding.patch("quote them", quotes),
        _ => finding.help("quote them"),
    };
    out.push(if wrong.len() > quotable.len() {
        finding.help("give what is empty a value, or remove the line")
    } else {
        finding
    });
}

/// Whether a value is a scalar that this rule speaks of; `ambiguous-scalar` leaves it alone then.
pub(super) fn is_no_text(entry: &Entry) -> bool {
    match &entry.value.kind {
        NodeKind::Scalar(Scalar::Text(_), _) => false,
        // The `skills` installer hides a skill with `internal: true`, and only with the boolean.
        NodeKind::Scalar(Scalar::Bool(_), _) => entry.key != "internal",
        NodeKind::Scalar(..) => true,
        _ => false,
    }
}

fn is_null(entry: &Entry) -> bool {
    matches!(entry.value.kind, NodeKind::Scalar(Scalar::Null, _))
}
