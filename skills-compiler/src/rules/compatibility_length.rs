//! SK019: a `compatibility` of the wrong length.

use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// The `compatibility` is empty or has more than 500 characters.
    ///
    /// ## Why
    ///
    /// The specification allows 1 to 500 characters, if the field is there at all. Most skills need none.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// compatibility: ""
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
    /// ---
    /// Open the form and fill it.
    /// ```
    COMPATIBILITY_LENGTH = "SK019", "compatibility-length", Format, Deny, Check::Skill(check)
}

/// The most characters that the specification allows.
const MOST: usize = 500;

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let Some(entry) = cx
        .skill
        .frontmatter
        .as_ref()
        .and_then(|frontmatter| frontmatter.get("compatibility"))
    else {
        return;
    };
    let Some(text) = entry.value.as_text() else {
        return;
    };
    let length = text.chars().count();
    let span = entry.value.span.clone();
    let note = "validators accept 1 to 500 characters";
    if text.trim().is_empty() {
        let finding = Finding::at(
            &COMPATIBILITY_LENGTH,
            cx.skill.document,
            span,
            "`compatibility` is empty",
        )
        .note(note);
        let end = cx
            .skill
            .text
            .get(entry.value.span.end..)
            .and_then(|rest| rest.find('\n'))
            .map_or(0, |newline| newline + 1);
        let line = entry.key_span.start..entry.value.span.end + end;
        out.push(finding.patch(
            "remove it; without it a skill is taken to run anywhere",
            [Patch::replace(line, "")],
        ));
    } else if length > MOST {
        let message = format!(
            "`compatibility` has {length} characters, {} more than the 500 allowed",
            length - MOST
        );
        let finding =
            Finding::at(&COMPATIBILITY_LENGTH, cx.skill.document, span, message).note(note);
        out.push(
            finding.help("name only what the skill needs, and move the rest into the text below"),
        );
    }
}
