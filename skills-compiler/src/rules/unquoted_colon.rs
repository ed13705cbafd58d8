//! SK005: the most expensive mistake in the field, and the one that loaders explain worst.

use crate::diagnostics::Finding;
use crate::rules::claim::{Claim, claim};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::rules::value::{PlainValue, quote};

declare_rule! {
    /// A plain value in the frontmatter contains `: `, which YAML reads as the start of a mapping.
    ///
    /// ## Why
    ///
    /// YAML takes a colon with a blank after it for the end of a key. A description such as `Use when: the user asks` is
    /// therefore not text but a broken mapping. Claude Code, Codex, Copilot and the `skills` CLI drop a skill whose
    /// frontmatter does not parse, and none of them says so.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Use when: the user asks about PDFs, forms
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: "Use when: the user asks about PDFs, forms"
    /// ---
    /// Open the form and fill it.
    /// ```
    UNQUOTED_COLON = "SK005", "unquoted-colon", Format, Deny, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for fault in &cx.skill.faults {
        if let Some(Claim::Colon(value, colon)) = claim(cx.skill, fault) {
            out.push(finding(cx, &value, colon));
        }
    }
}

fn finding(cx: &SkillContext<'_>, value: &PlainValue, colon: usize) -> Finding {
    let document = cx.skill.document;
    Finding::at(&UNQUOTED_COLON, document, colon..colon + 1, "this `:` makes the value a mapping")
        .label("a nested mapping starts here")
        .note("Claude Code, Codex, Copilot and the `skills` CLI silently drop a skill whose frontmatter does not parse")
        .related(document, value.span.clone(), "in this unquoted value")
        .patch("quote the value", quote(&value.span, value.text(cx.skill)))
}
