//! SK606: a skill that does not say what others may do with it.

use super::absence::absence;
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// The frontmatter has no `license`, and there is no licence file in the skill.
    ///
    /// ## Why
    ///
    /// Without a licence nobody may copy or change the skill. Served over MCP, it travels without the repository around it, and so
    /// without the licence of that.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
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
    /// license: MIT
    /// ---
    /// Fill in the form.
    /// ```
    NO_LICENSE = "SK606", "no-license", Style, Allow, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let has_file = cx
        .skill
        .files
        .iter()
        .any(|&id| is_license(&cx.tree.file(id).path));
    let Some(absence) = absence(cx.skill, "license").filter(|_| !has_file) else {
        return;
    };
    let message = absence.message("license");
    out.push(
        Finding::at(&NO_LICENSE, cx.skill.document, absence.place, message)
            .note("the skill is served without the repository around it, and so without the licence of that")
            .help("name it, as in `license: MIT`, or add a file: `license: Complete terms in LICENSE.txt`"),
    );
}

fn is_license(path: &str) -> bool {
    let name = path
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_ascii_uppercase();
    name.starts_with("LICENSE") || name.starts_with("LICENCE") || name.starts_with("COPYING")
}
