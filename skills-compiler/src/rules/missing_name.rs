//! SK015: no `name`.

use crate::diagnostics::{Finding, Patch};
use crate::rules::absence::absence;
use crate::rules::name::is_well_formed;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::rules::template;

declare_rule! {
    /// The frontmatter has no `name`, or an empty one.
    ///
    /// ## Why
    ///
    /// The specification requires it, and it is what clients, users and other skills call the skill by.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// description: Fills PDF forms. Use when the user has a form to fill.
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
    MISSING_NAME = "SK015", "missing-name", Format, Deny, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let Some(absence) = absence(cx.skill, "name") else {
        return;
    };
    let name = template::name(cx.skill);
    let finding = Finding::at(
        &MISSING_NAME,
        cx.skill.document,
        absence.place.clone(),
        absence.message("name"),
    )
    .note("clients call a skill by its name, which has to be that of its directory");
    let edits = [Patch::replace(
        absence.gap.clone(),
        absence.fill("name", &name),
    )];
    out.push(if is_well_formed(cx.skill.directory_name()) {
        finding.patch("name it after its directory", edits)
    } else {
        finding.offer(
            "give it a valid name, and its directory the same, such as",
            edits,
        )
    });
}
