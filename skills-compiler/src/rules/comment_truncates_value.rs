//! SK020: a `#` that makes the rest of a value a comment.

use std::ops::Range;

use crate::diagnostics::{Finding, Level};
use crate::rules::claim::{Claim, claim};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::rules::value::quote;
use crate::syntax::{Entry, NodeKind, ScalarStyle};

declare_rule! {
    /// An unquoted text of the frontmatter contains a ` #`, which begins a comment.
    ///
    /// ## Why
    ///
    /// In `Reviews C # and F # code` YAML sees the text `Reviews C` and a comment. Loaders show the model the first half of the
    /// sentence, and nobody is told.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: csharp
    /// description: Reviews C # and F # code. Use when the user asks for a review.
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: csharp
    /// description: "Reviews C # and F # code. Use when the user asks for a review."
    /// ---
    /// Open the form and fill it.
    /// ```
    COMMENT_TRUNCATES_VALUE = "SK020", "comment-truncates-value", Format, Deny, Check::Skill(check)
}

/// The fields whose values are sentences, in which a comment is rarely meant.
const SENTENCES: &[&str] = &[
    "description",
    "compatibility",
    "license",
    "when_to_use",
    "argument-hint",
];

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for fault in &cx.skill.faults {
        if let Some(Claim::Comment(value)) = claim(cx.skill, fault) {
            let at = fault.span.start;
            let before = cx
                .skill
                .text
                .get(value.span.start..at)
                .unwrap_or_default()
                .trim_end();
            let seen = value.span.start..value.span.start + before.len();
            out.push(finding(cx, &value.key, at, seen, value.span.clone()));
        }
    }
    let Some(frontmatter) = &cx.skill.frontmatter else {
        return;
    };
    for entry in frontmatter
        .entries
        .iter()
        .filter(|entry| SENTENCES.contains(&entry.key.as_str()))
    {
        let after = |at: usize| {
            cx.skill
                .text
                .get(entry.value.span.end..at)
                .is_some_and(|gap| gap.chars().all(|symbol| symbol == ' '))
        };
        let next = frontmatter
            .comments
            .partition_point(|comment| comment.span.start < entry.value.span.end);
        let comment = frontmatter
            .comments
            .get(next)
            .filter(|comment| is_plain_text(entry) && after(comment.span.start));
        if let Some(comment) = comment {
            let text = cx
                .skill
                .text
                .get(comment.span.clone())
                .unwrap_or_default()
                .trim_end();
            let whole = entry.value.span.start..comment.span.start + text.len();
            let mut finding = finding(
                cx,
                &entry.key,
                comment.span.start,
                entry.value.span.clone(),
                whole,
            );
            if let Some(level) = level(entry, text) {
                finding.level = level;
                out.push(finding);
            }
        }
    }
}

fn is_plain_text(entry: &Entry) -> bool {
    matches!(entry.value.kind, NodeKind::Scalar(_, ScalarStyle::Plain))
        && entry.value.as_text().is_some()
}

/// A comment behind a whole sentence may be meant as one, and so may one behind a licence's name.
fn level(entry: &Entry, comment: &str) -> Option<Level> {
    let spaced = comment.starts_with("# ") || comment == "#";
    let is_whole = entry
        .value
        .as_text()
        .is_some_and(|text| text.ends_with(['.', '!', '?']));
    match entry.key.as_str() {
        "description" | "compatibility" if !(spaced && is_whole) => Some(Level::Deny),
        "license" if spaced => None,
        _ => Some(Level::Warn),
    }
}

fn finding(
    cx: &SkillContext<'_>,
    key: &str,
    at: usize,
    seen: Range<usize>,
    whole: Range<usize>,
) -> Finding {
    let text = cx.skill.text.get(whole.clone()).unwrap_or_default();
    Finding::at(
        &COMMENT_TRUNCATES_VALUE,
        cx.skill.document,
        at..at + 1,
        format!("this `#` cuts `{key}` short"),
    )
    .label("a comment begins here")
    .related(cx.skill.document, seen, "loaders see only this")
    .note("after a blank, `#` begins a comment; what follows it is not a part of the value")
    // Loaders have read a value, and quoting makes it another one: the author has to say that it is meant.
    .offer(
        "if what follows belongs to the value, quote it",
        quote(&whole, text),
    )
}
