//! SK602: a description of a few words.

use super::described::described;
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// The `description` has fewer than 40 characters.
    ///
    /// ## Why
    ///
    /// The description is all that the agent sees before it chooses. What a skill does and when to use it cannot be said in a few
    /// words, and a skill that is not understood is not chosen.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Use when filling forms.
    /// ---
    /// Fill in the form.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Fill in the form.
    /// ```
    DESCRIPTION_TOO_SHORT = "SK602", "description-too-short", Style, Allow, Check::Skill(check)
}

/// The fewest characters that can say what and when.
const LEAST: usize = 40;

/// The same for scripts that write a word in one or two characters.
const LEAST_WIDE: usize = 16;

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let Some(description) = described(cx) else {
        return;
    };
    let length = description.text.chars().count();
    let wide = description
        .text
        .chars()
        .filter(|&symbol| symbol >= '\u{2e80}')
        .count();
    let least = if wide * 2 > length { LEAST_WIDE } else { LEAST };
    if length >= least {
        return;
    }
    out.push(
        Finding::at(
            &DESCRIPTION_TOO_SHORT,
            cx.skill.document,
            description.line,
            format!("`description` has only {length} characters"),
        )
        .note("it is all that the agent sees before it chooses a skill")
        .help("say what the skill does, and when to use it"),
    );
}
