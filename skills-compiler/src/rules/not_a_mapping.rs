//! SK009: frontmatter that is not `key: value`.

use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::rules::template;
use crate::syntax::FaultKind;

declare_rule! {
    /// The frontmatter is empty, a list or plain text, where it has to be a mapping.
    ///
    /// ## Why
    ///
    /// Name and description are looked up by their keys. Frontmatter without keys has neither, and the skill is not loaded.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// - pdf
    /// - Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
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
    /// Open the form and fill it.
    /// ```
    NOT_A_MAPPING = "SK009", "not-a-mapping", Format, Deny, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for fault in &cx.skill.faults {
        if let (FaultKind::NotAMapping(what), Some(fence)) = (&fault.kind, &cx.skill.fence) {
            let note = "loaders look up `name` and `description` by their keys; a skill without them is not loaded";
            if *what == "nothing" {
                let body = cx.skill.text.get(fence.body.clone()).unwrap_or_default();
                let (name, description) = (template::name(cx.skill), template::description(body));
                let frontmatter = format!("name: {name}\ndescription: {description}\n");
                let opening = fence.frontmatter.start.saturating_sub(1);
                let start = cx
                    .skill
                    .text
                    .get(..opening)
                    .and_then(|head| head.rfind('\n'))
                    .map_or(0, |newline| newline + 1);
                let finding = Finding::at(
                    &NOT_A_MAPPING,
                    cx.skill.document,
                    start..opening,
                    "the frontmatter is empty",
                )
                .note(note);
                out.push(finding.draft(
                    "fill it in",
                    [Patch::insert(fence.frontmatter.start, frontmatter)],
                ));
                continue;
            }
            let message = format!("the frontmatter is {what}, not a mapping of keys to values");
            let finding = Finding::at(
                &NOT_A_MAPPING,
                cx.skill.document,
                fault.span.clone(),
                message,
            )
            .note(note);
            out.push(separated(cx, finding, fault.span.start, fault.span.end));
        }
    }
}

/// Adds the help; where every line only lacks the blank after its colon, as a patch.
fn separated(cx: &SkillContext<'_>, finding: Finding, start: usize, end: usize) -> Finding {
    let mut at = start;
    let mut patches = Vec::new();
    for line in cx
        .skill
        .text
        .get(start..end)
        .unwrap_or_default()
        .split_inclusive('\n')
    {
        let colon = line
            .find(':')
            .filter(|&colon| colon > 0 && line.get(..colon).is_some_and(|key| !key.contains(' ')));
        let Some(colon) = colon else {
            return finding
                .help("write one `key: value` a line, first `name: ...`, then `description: ...`");
        };
        patches.push(Patch::insert(at + colon + 1, " "));
        at += line.len();
    }
    finding.patch("put a blank after each colon", patches)
}
