//! SK016: no `description`.

use crate::diagnostics::{Finding, Patch};
use crate::rules::absence::absence;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::rules::template;

declare_rule! {
    /// The frontmatter has no `description`, or an empty one.
    ///
    /// ## Why
    ///
    /// The description is all that a model knows of a skill when it decides whether to use it. Clients do not load a skill
    /// without one.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// ---
    ///
    /// Fills PDF forms.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    ///
    /// Fills PDF forms.
    /// ```
    MISSING_DESCRIPTION = "SK016", "missing-description", Format, Deny, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let Some(absence) = absence(cx.skill, "description") else {
        return;
    };
    let body = cx
        .skill
        .fence
        .as_ref()
        .and_then(|fence| cx.skill.text.get(fence.body.clone()))
        .unwrap_or_default();
    // A field of another format that says the same is a better beginning than what the body begins with.
    let frontmatter = cx.skill.frontmatter.as_ref();
    let summary = frontmatter.and_then(|frontmatter| frontmatter.text("summary"));
    let description = template::description(summary.unwrap_or(body));
    let finding = Finding::at(&MISSING_DESCRIPTION, cx.skill.document, absence.place.clone(), absence.message("description"))
        .note("it is all that a model knows of the skill when it decides whether to use it; clients do not load a skill without it");
    let fill = absence.fill("description", &description);
    out.push(match &absence.comment {
        Some(comment) => finding
            .related(
                cx.skill.document,
                comment.clone(),
                "this is a comment, not a value",
            )
            .help("write a value; if it begins with `#`, quote it"),
        None => finding.draft(
            "say what it does and when to use it, such as",
            [Patch::replace(absence.gap.clone(), fill)],
        ),
    });
}
