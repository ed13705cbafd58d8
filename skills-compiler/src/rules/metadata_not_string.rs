//! SK021: a value of `metadata` that is no text.

use super::metadata;
use super::value::EDITS;
use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::{Entry, Node, NodeKind, Scalar};

declare_rule! {
    /// A value of `metadata` is a number, a boolean or nothing, where the specification wants text.
    ///
    /// ## Why
    ///
    /// `metadata` maps text to text. Clients with types refuse the whole skill, and the others show `1.10` as 1.1. The flag
    /// `internal`, which the `skills` installer reads as a boolean, is left in peace, unless the profile wants the specification
    /// alone: to the reference validator it is text. A field that belongs to the top level, such as `user-invocable`, has to be
    /// moved: quoted or not, nobody reads it here.
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

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let wrong: Vec<_> = metadata::entries(cx.skill)
        .iter()
        .filter(|entry| is_other_scalar(&entry.value) && !is_flag(cx, entry))
        .collect();
    let place = |entry: &Entry| {
        if entry.value.span.is_empty() {
            entry.key_span.clone()
        } else {
            entry.value.span.clone()
        }
    };
    let Some(finding) = metadata::not_text(cx, &METADATA_NOT_STRING, &wrong, "", place) else {
        return;
    };
    let finding =
        finding.note("`metadata` maps text to text, and clients with types refuse the skill");
    if let Some(help) = metadata::misplaced(cx.skill, &wrong) {
        out.push(finding.help(help));
        return;
    }
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
        // An installer would no longer hide the skill.
        _ if quotable.iter().any(|entry| is_internal(entry)) => finding.offer("quote it", quotes),
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

/// Whether a value is a scalar other than text.
pub(super) fn is_other_scalar(node: &Node) -> bool {
    matches!(node.kind, NodeKind::Scalar(..)) && node.as_text().is_none()
}

/// Whether an entry is what the `skills` installer hides a skill by, for those who may use it.
fn is_flag(cx: &SkillContext<'_>, entry: &Entry) -> bool {
    is_internal(entry) && !cx.settings.only_specified_fields
}

/// Only the boolean will do.
fn is_internal(entry: &Entry) -> bool {
    entry.key == "internal" && matches!(entry.value.kind, NodeKind::Scalar(Scalar::Bool(_), _))
}

fn is_null(entry: &Entry) -> bool {
    matches!(entry.value.kind, NodeKind::Scalar(Scalar::Null, _))
}
