//! SK604: a description of several lines.

use super::described::{Description, described};
use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::ScalarStyle;

declare_rule! {
    /// The `description` has line breaks in it, as a block after `|` keeps them. Lines that YAML folds into one, as after `>-`, are
    /// not meant.
    ///
    /// ## Why
    ///
    /// Clients show the descriptions of all skills as a list with one line for each, and put them into the prompt in the same way.
    /// With line breaks the rest of a description looks like something else.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: |
    ///   Fills PDF forms.
    ///   Use when the user has a form to fill.
    /// ---
    /// Fill in the form.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: >-
    ///   Fills PDF forms.
    ///   Use when the user has a form to fill.
    /// ---
    /// Fill in the form.
    /// ```
    DESCRIPTION_MULTILINE = "SK604", "description-multiline", Style, Allow, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let Some(description) = described(cx).filter(|description| description.text.contains('\n'))
    else {
        return;
    };
    let lines = description
        .text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .count();
    let start = description.span.start;
    let written = cx
        .skill
        .text
        .get(description.span.clone())
        .unwrap_or_default();
    let header = start..start + written.find(['\n', '\r', ' ']).unwrap_or(written.len());
    let is_block = matches!(
        description.style,
        ScalarStyle::Literal | ScalarStyle::Folded
    );
    let place = if is_block {
        header.clone()
    } else {
        description.line.clone()
    };
    let finding = Finding::at(
        &DESCRIPTION_MULTILINE,
        cx.skill.document,
        place,
        format!("`description` has {lines} lines"),
    )
    .note("clients list the descriptions of all skills, one line for each");
    out.push(if is_paragraph(&description) {
        finding.patch("fold the lines into one", [Patch::replace(header, ">-")])
    } else {
        finding.help("write it as one paragraph, and move lists and examples into the text below")
    });
}

/// Whether the lines of a block are a paragraph, so that folding them changes nothing but the line breaks.
fn is_paragraph(description: &Description<'_>) -> bool {
    let is_list = |line: &str| {
        line.is_empty()
            || line.starts_with([' ', '\t', '-', '*', '#', '<', '|', '\u{2022}'])
            || line.ends_with(':')
            || line.starts_with(|symbol: char| symbol.is_ascii_digit())
    };
    description.style == ScalarStyle::Literal && !description.text.lines().any(is_list)
}
