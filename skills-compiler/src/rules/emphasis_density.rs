//! SK609: a text that shouts.

use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// More than one word in 60 of a `SKILL.md` is `MUST`, `NEVER`, `ALWAYS`, `CRITICAL` or the like in capitals, and at least ten
    /// are.
    ///
    /// ## Why
    ///
    /// Where everything is important, nothing is. A model follows a rule more reliably when it knows the reason than when it is
    /// shouted at, and capitals are then left for the few rules that need them.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// ALWAYS read the form first. NEVER guess. You MUST ask. IMPORTANT: ALWAYS save. NEVER print.
    /// CRITICAL: you MUST check. ALWAYS count. NEVER skip.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Read the form first. Ask instead of guessing, because a wrong entry can invalidate the form.
    /// Save before you check, so that nothing is lost. NEVER sign a form.
    /// ```
    EMPHASIS_DENSITY = "SK609", "emphasis-density", Style, Allow, Check::Skill(check)
}

/// What is shouted.
const SHOUTS: &[&str] = &[
    "MUST",
    "NEVER",
    "ALWAYS",
    "CRITICAL",
    "IMPORTANT",
    "MANDATORY",
    "REQUIRED",
    "FORBIDDEN",
    "CRITICALLY",
    "ABSOLUTELY",
    "IMMEDIATELY",
    "STRICTLY",
    "PROHIBITED",
];

/// The fewest shouts that are too many.
const LEAST: usize = 10;

/// How many words each shout may claim.
const WORDS_PER_SHOUT: usize = 60;

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let Some(outline) = cx.skill.outlines.get(&cx.skill.document) else {
        return;
    };
    let body = cx
        .skill
        .fence
        .as_ref()
        .map_or(0..0, |fence| fence.body.clone());
    let text = cx.skill.text.get(body.clone()).unwrap_or_default();
    let (mut words, mut shouts, mut first) = (0, 0, None);
    let mut offset = body.start;
    for part in text.split_inclusive(|symbol: char| !symbol.is_alphanumeric()) {
        let word = part.trim_end_matches(|symbol: char| !symbol.is_alphanumeric());
        let at = offset;
        offset += part.len();
        if word.is_empty() {
            continue;
        }
        words += 1;
        if SHOUTS.contains(&word) && !outline.is_code(at) {
            shouts += 1;
            first.get_or_insert(at..at + word.len());
        }
    }
    let Some(first) = first.filter(|_| shouts >= LEAST && words < shouts * WORDS_PER_SHOUT) else {
        return;
    };
    let message = format!("{shouts} of {words} words shout");
    out.push(
        Finding::at(&EMPHASIS_DENSITY, cx.skill.document, first, message)
            .label("the first of them")
            .note("where everything is important, nothing is")
            .help("give the reason for a rule in place of capitals, and keep these for the few rules that need them"),
    );
}
