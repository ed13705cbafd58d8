//! SK107: a name that says nothing.

use super::name::Name;
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// A `name` is made of nothing but words that fit every skill, such as `helper` or `my-tools`.
    ///
    /// ## Why
    ///
    /// The name stands beside the description wherever skills are listed, and is what users type. One that says what is done is
    /// found again, and does not collide with that of somebody else. Off by default.
    ///
    /// ## Example
    ///
    /// ```text
    /// === helper-utils/SKILL.md
    /// ---
    /// name: helper-utils
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === filling-pdf-forms/SKILL.md
    /// ---
    /// name: filling-pdf-forms
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    VAGUE_NAME = "SK107", "vague-name", Naming, Allow, Check::Skill(check)
}

/// Words that say nothing of what a skill does, not even together.
const VAGUE: &[&str] = &[
    "agent",
    "assistant",
    "basic",
    "common",
    "custom",
    "data",
    "default",
    "documents",
    "example",
    "extra",
    "file",
    "files",
    "general",
    "generic",
    "helper",
    "helpers",
    "main",
    "misc",
    "miscellaneous",
    "my",
    "new",
    "other",
    "sample",
    "shared",
    "skill",
    "skills",
    "stuff",
    "task",
    "tasks",
    "temp",
    "test",
    "thing",
    "things",
    "tool",
    "tools",
    "untitled",
    "util",
    "utilities",
    "utility",
    "utils",
    "various",
];

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let Some(name) = Name::of(cx.skill) else {
        return;
    };
    let is_vague =
        |word: &str| VAGUE.contains(&word) || word.bytes().all(|byte| byte.is_ascii_digit());
    let lower = name.text.trim().to_ascii_lowercase();
    if lower.split(['-', '_', ' ']).all(is_vague) {
        let message = "the name does not say what the skill does";
        out.push(
            Finding::at(
                &VAGUE_NAME,
                cx.skill.document,
                name.bytes(0..name.text.len()),
                message,
            )
            .note("models and users choose by it, and other skills of that name exist")
            .help("name what it does and to what, such as `filling-pdf-forms`"),
        );
    }
}
