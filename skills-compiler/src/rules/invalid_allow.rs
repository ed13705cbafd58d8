//! SK705: a comment that allows nothing, because of how it is written.

use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// A comment that should allow a rule is not written as one, or does not say why.
    ///
    /// ## Why
    ///
    /// It has no effect. The reason is for whoever reads the skill next and wonders whether it still holds.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// <!-- skills: allow(broken-link) -->
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
    /// <!-- skills: allow(broken-link) reason="the file is made by the script" -->
    /// Fill in the form [here](forms/new.pdf).
    /// ```
    INVALID_ALLOW = "SK705", "invalid-allow", Configuration, Warn, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for (file, allowance) in &cx.skill.allowances {
        let span = allowance.span.clone();
        if !allowance.is_well_formed {
            out.push(
                Finding::at(&INVALID_ALLOW, *file, span, "this comment allows nothing")
                    .label("not written as an allowance")
                    .note("it is passed over")
                    .help("write `<!-- skills: allow(rule-name) reason=\"why\" -->`"),
            );
        } else if allowance.reason.is_none() {
            out.push(
                Finding::at(&INVALID_ALLOW, *file, span, "this comment does not say why")
                    .label("has no effect without a reason")
                    .note("the reason is for whoever reads the skill next")
                    .help("write `reason=\"why\"` behind the rules"),
            );
        }
    }
}
