//! SK103: a name that is longer than loaders accept.

use skills_model::limits::NAME_CHARS;

use super::name::Name;
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// A `name` is longer than 64 characters.
    ///
    /// ## Why
    ///
    /// The specification allows 64, and clients that enforce it refuse the skill.
    ///
    /// ## Example
    ///
    /// ```text
    /// === fill-pdf-forms-and-also-check-that-every-required-field-has-a-value/SKILL.md
    /// ---
    /// name: fill-pdf-forms-and-also-check-that-every-required-field-has-a-value
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === fill-pdf-forms/SKILL.md
    /// ---
    /// name: fill-pdf-forms
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    NAME_TOO_LONG = "SK103", "name-too-long", Naming, Deny, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let Some(name) = Name::of(cx.skill) else {
        return;
    };
    let kept = name.text.trim_end();
    let Some((cut, _)) = kept.char_indices().nth(NAME_CHARS) else {
        return;
    };
    let count = kept.chars().count();
    let message = format!(
        "this name has {count} characters, {} more than the {NAME_CHARS} allowed",
        count - NAME_CHARS
    );
    let finding = Finding::at(
        &NAME_TOO_LONG,
        cx.skill.document,
        name.bytes(cut..kept.len()),
        message,
    )
    .label("too much")
    .note("clients that enforce the limit of the specification refuse the skill");
    out.push(
        finding.help(
            "shorten the name and call the directory the same; the description says the rest",
        ),
    );
}
