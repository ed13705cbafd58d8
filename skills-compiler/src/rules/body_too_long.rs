//! SK202: a body with more lines than a model should read at once.

use super::section::{body, line_at, lines, shorten};
use super::size::grouped;
use super::token::estimate;
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// The body of a `SKILL.md` has more than 500 lines, unless the setting `body-lines` says otherwise.
    ///
    /// ## Why
    ///
    /// The whole body is in the context from the moment that the skill is chosen, whether or not the task needs all of it. The
    /// specification advises to stay under 500 lines, and to move what is not always needed into files that the body links to.
    /// Where this is reported, `body-too-many-tokens` has nothing to add.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md lines:600
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form, and fill each of its fields:
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form, and fill each of [its fields](references/fields.md).
    /// === pdf/references/fields.md lines:600
    /// # Fields
    /// ```
    BODY_TOO_LONG = "SK202", "body-too-long", Content, Warn, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let (skill, most) = (cx.skill, cx.settings.body_lines);
    let Some((body, start)) = body(skill) else {
        return;
    };
    if !is_too_long(cx, body) {
        return;
    }
    let count = lines(body);
    let end_of_most = most
        .checked_sub(1)
        .and_then(|last| body.match_indices('\n').nth(last));
    let first = start + end_of_most.map_or(0, |(at, _)| at + 1);
    let message = format!(
        "the body has {} lines, {} more than {}",
        grouped(count),
        grouped(count - most),
        grouped(most)
    );
    let finding = Finding::at(
        &BODY_TOO_LONG,
        skill.document,
        line_at(skill.text, first),
        message,
    )
    .label(format!("line {} of the body", grouped(most + 1)))
    .note(format!(
        "an agent that chooses the skill reads the whole body, about {} tokens, also what the task does not need",
        grouped(estimate(body))
    ));
    out.push(shorten(finding, skill));
}

/// Whether a body has more lines than it should.
pub(super) fn is_too_long(cx: &SkillContext<'_>, body: &str) -> bool {
    lines(body) > cx.settings.body_lines
}
