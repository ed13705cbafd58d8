//! SK201: a skill that says nothing beyond its description.

use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// Nothing follows the frontmatter of a `SKILL.md`, or nothing but comments.
    ///
    /// ## Why
    ///
    /// The body is what the agent reads when it has chosen the skill. The specification allows an empty one, but then choosing
    /// the skill tells the agent nothing that it did not know from the description.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// <!-- to be written -->
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
    /// Open the form, list its fields, and fill them one by one.
    /// ```
    EMPTY_BODY = "SK201", "empty-body", Content, Warn, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let skill = cx.skill;
    // Where the frontmatter is broken, it is too early to speak of the body.
    let Some(fence) = skill.fence.as_ref().filter(|_| skill.faults.is_empty()) else {
        return;
    };
    let body = skill.text.get(fence.body.clone()).unwrap_or_default();
    if !is_empty(body) {
        return;
    }
    let closing = skill.text.get(fence.frontmatter.end..fence.body.start);
    let closing = closing.unwrap_or_default().trim_end().len();
    let span = fence.frontmatter.end..fence.frontmatter.end + closing;
    let label = if body.trim().is_empty() {
        "nothing follows"
    } else {
        "nothing but comments follows"
    };
    let finding = Finding::at(
        &EMPTY_BODY,
        skill.document,
        span,
        "this skill has no instructions",
    );
    out.push(
        finding
            .label(label)
            .note("the text below the frontmatter is what an agent reads when it has chosen the skill")
            .help("say how the task is done, step by step"),
    );
}

/// Whether a text is blank when its comments are taken out.
fn is_empty(body: &str) -> bool {
    let mut rest = body.trim_start();
    while let Some(comment) = rest.strip_prefix("<!--") {
        rest = comment
            .split_once("-->")
            .map_or("", |(_, rest)| rest)
            .trim_start();
    }
    rest.is_empty()
}
