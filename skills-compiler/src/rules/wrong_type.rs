//! SK017: a value of the wrong type.

use crate::diagnostics::{Finding, Level, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::{Entry, NodeKind, Scalar};

declare_rule! {
    /// `name`, `description`, `license` or `compatibility` is not text, `metadata` is not a mapping, or an optional field is empty.
    ///
    /// ## Why
    ///
    /// Without quotes `123` is a number, `true` a boolean and `null` nothing. Loaders that expect text drop the skill, or fail.
    ///
    /// ## Example
    ///
    /// ```text
    /// === 123/SKILL.md
    /// ---
    /// name: 123
    /// description: Counts. Use when the user wants to count.
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === 123/SKILL.md
    /// ---
    /// name: "123"
    /// description: Counts. Use when the user wants to count.
    /// ---
    /// Open the form and fill it.
    /// ```
    WRONG_TYPE = "SK017", "wrong-type", Format, Deny, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for entry in cx
        .skill
        .frontmatter
        .iter()
        .flat_map(|frontmatter| &frontmatter.entries)
    {
        match entry.key.as_str() {
            "name" | "description" if is_null(entry) => {}
            "name" | "description" | "license" | "compatibility" => out.extend(not_text(cx, entry)),
            "metadata" => out.extend(not_a_mapping(cx, entry)),
            // What else it may not be is the matter of `allowed-tools-not-string`.
            "allowed-tools" if is_null(entry) => out.push(without_value(cx, entry)),
            _ => {}
        }
    }
}

/// A name or description without a value is missing, which other rules say.
fn is_null(entry: &Entry) -> bool {
    matches!(entry.value.kind, NodeKind::Scalar(Scalar::Null, _))
}

fn not_text(cx: &SkillContext<'_>, entry: &Entry) -> Option<Finding> {
    let span = entry.value.span.clone();
    let message = format!(
        "`{}` has to be text, but this is {}",
        entry.key,
        entry.value.describe()
    );
    let finding = Finding::at(&WRONG_TYPE, cx.skill.document, span.clone(), message)
        .note("loaders that expect text drop the skill, or fail");
    match &entry.value.kind {
        NodeKind::Scalar(Scalar::Text(_), _) | NodeKind::Faulty => None,
        NodeKind::Scalar(Scalar::Null, _) => Some(without_value(cx, entry)),
        NodeKind::Scalar(..) => Some(finding.patch(
            "quote it",
            [
                Patch::insert(span.start, "\""),
                Patch::insert(span.end, "\""),
            ],
        )),
        NodeKind::Sequence(_, true) | NodeKind::Mapping(_, true) => {
            Some(finding.help("quote it if it is text; if not, write it as one line of text"))
        }
        NodeKind::Sequence(..) | NodeKind::Mapping(..) => {
            Some(finding.help("write it as one line of text"))
        }
    }
}

fn not_a_mapping(cx: &SkillContext<'_>, entry: &Entry) -> Option<Finding> {
    match &entry.value.kind {
        NodeKind::Mapping(..) | NodeKind::Faulty => None,
        NodeKind::Scalar(Scalar::Null, _) => Some(without_value(cx, entry)),
        _ => {
            let message = format!(
                "`metadata` has to be a mapping, but this is {}",
                entry.value.describe()
            );
            let finding = Finding::at(
                &WRONG_TYPE,
                cx.skill.document,
                entry.value.span.clone(),
                message,
            );
            Some(
                finding
                    .note("loaders that expect keys and values drop the skill, or fail")
                    .help("write one indented `key: value` a line below it"),
            )
        }
    }
}

/// An optional field that is there, but empty: harmless with most loaders.
fn without_value(cx: &SkillContext<'_>, entry: &Entry) -> Finding {
    let message = format!("`{}` has no value", entry.key);
    let mut finding = Finding::at(
        &WRONG_TYPE,
        cx.skill.document,
        entry.key_span.clone(),
        message,
    )
    .note("to some loaders this is the text `None` or an error")
    .help("give it a value, indent the lines below if they belong to it, or remove the line");
    finding.level = Level::Warn;
    finding
}
