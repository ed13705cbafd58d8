//! SK203: a body with more tokens than a model should read at once.

use super::body_too_long::{BODY_TOO_LONG, is_too_long};
use super::section::{body, line_at, shorten};
use super::size::grouped;
use super::token::{at_most, pieces, rounded};
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// The body of a `SKILL.md` has more than 5,000 tokens by an offline estimate, unless the setting `body-tokens` says
    /// otherwise.
    ///
    /// The number comes from rules of thumb on the words and signs of the text, without the tokenizer of any model; near the
    /// limit it can be wrong in both directions. A body that has too many lines as well is reported once, by `body-too-long`.
    ///
    /// ## Why
    ///
    /// All tokens of the body are paid for, and take the place of something else in the context, from the moment that the skill
    /// is chosen. The specification advises to stay under 5,000, and to move what is not always needed into files that the body
    /// links to.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md padded:35000
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
    /// === pdf/references/fields.md padded:35000
    /// # Fields
    /// ```
    BODY_TOO_MANY_TOKENS = "SK203", "body-too-many-tokens", Content, Warn, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let (skill, most) = (cx.skill, cx.settings.body_tokens);
    let Some((body, start)) = body(skill) else {
        return;
    };
    if at_most(body) <= most || is_too_long(cx, body) && cx.reports(&BODY_TOO_LONG) {
        return;
    }
    let (mut count, mut first) = (0, None);
    for (end, tokens) in pieces(body) {
        count += tokens;
        // No piece has more tokens than bytes, so that what is left may be too little to matter.
        if count + body.len() - end <= most {
            return;
        }
        if count > most && first.is_none() {
            first = Some(end);
        }
    }
    let Some(first) = first else { return };
    let head = body.get(..first).unwrap_or_default();
    let line = start + head.trim_end().rfind('\n').map_or(0, |at| at + 1);
    let message = format!(
        "the body has about {} tokens, {} more than {}",
        grouped(rounded(count)),
        grouped(rounded(count - most)),
        grouped(most)
    );
    let finding = Finding::at(
        &BODY_TOO_MANY_TOKENS,
        skill.document,
        line_at(skill.text, line),
        message,
    )
    .label(format!("about {} tokens end here", grouped(most)))
    .note("an agent that chooses the skill reads the whole body, also what the task does not need")
    .note("this is an estimate: every model counts in its own way");
    out.push(shorten(finding, skill));
}
