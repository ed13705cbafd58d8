//! SK603: a description in the first or second person.

use super::described::described;
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// A sentence of the `description` begins with `I`, `We` or `You`. What stands in quotes is left alone: users speak so.
    ///
    /// ## Why
    ///
    /// The descriptions of all skills stand in one list in the prompt, in which `I` is the agent and `you` may be the user or the
    /// agent. Anthropic's guide asks for the third person.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: I can help you to fill PDF forms. Use when there is a form to fill.
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
    DESCRIPTION_PERSON = "SK603", "description-person", Style, Allow, Check::Skill(check)
}

/// How a sentence in the first or second person begins.
const BEGINNINGS: &[&str] = &[
    "I ",
    "I'm ",
    "I'll ",
    "I\u{2019}m ",
    "I\u{2019}ll ",
    "We ",
    "We'll ",
    "You can ",
    "You will ",
    "You'll ",
];

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let Some(description) = described(cx) else {
        return;
    };
    let written = cx
        .skill
        .text
        .get(description.span.clone())
        .unwrap_or_default();
    let Some((at, person)) = sentences(written).find_map(|(at, sentence)| {
        BEGINNINGS
            .iter()
            .find(|beginning| sentence.starts_with(**beginning))
            .map(|beginning| (at, beginning.trim_end()))
    }) else {
        return;
    };
    let start = description.span.start + at;
    let message = format!(
        "`description` speaks in the {} person",
        if person.starts_with('Y') {
            "second"
        } else {
            "first"
        }
    );
    out.push(
        Finding::at(&DESCRIPTION_PERSON, cx.skill.document, start..start + person.len(), message)
            .note("it stands in a list with those of all other skills, where nobody knows who speaks to whom")
            .help("say what the skill does: `Fills PDF forms`, not `I fill PDF forms`"),
    );
}

/// Where the sentences of a value begin that are not in quotes.
fn sentences(written: &str) -> impl Iterator<Item = (usize, &str)> {
    let start = written.len()
        - written
            .trim_start_matches(['"', '\'', '>', '|', '-', '+', ' ', '\r', '\n'])
            .len();
    let later = written.match_indices([' ', '\n']).filter_map(|(blank, _)| {
        let before = written.get(..blank)?.trim_end();
        before.ends_with(['.', '!', '?']).then_some(blank + 1)
    });
    let starts = std::iter::once(start).chain(later);
    // A value in double quotes has one more than those that it holds.
    let outer = usize::from(written.starts_with('"'));
    let mut quotes = (0, 0);
    starts.filter_map(move |at| {
        quotes = (
            at,
            quotes.1 + written.get(quotes.0..at)?.matches('"').count(),
        );
        let is_quoted = quotes.1.saturating_sub(outer) % 2 == 1;
        (!is_quoted).then_some((at, written.get(at..)?))
    })
}
