//! SK704: a level that a rule cannot have.

use std::ops::Range;

use super::brief::brief;
use super::find;
use super::run::may_be_allowed;
use crate::config::FaultKind;
use crate::diagnostics::Finding;
use crate::rules::rule::{BundleContext, Check, declare_rule};
use crate::source::FileId;

declare_rule! {
    /// A rule is to be switched off that cannot be, or not from where that is said.
    ///
    /// ## Why
    ///
    /// Some rules find what makes a skill impossible to serve. Others protect whoever uses a skill from whoever wrote
    /// it: a comment in the skill itself cannot switch those off, nor a `skills.toml` or `Cargo.toml` beside its `SKILL.md`, or
    /// they would protect nobody.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// <!-- skills: allow(hardcoded-secret) reason="it is only a sample" -->
    /// Fill in the form.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === ../skills.toml
    /// [skills.pdf.lints]
    /// hardcoded-secret = "allow"
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Fill in the form.
    /// ```
    FORBIDDEN_LEVEL = "SK704", "forbidden-level", Configuration, Deny, Check::Bundle(check)
}

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    for fault in &cx.configuration.faults {
        if let FaultKind::Forbidden(rule, level) = &fault.kind {
            let message = format!("the level of `{rule}` cannot be `{level}`");
            out.push(
                Finding::at(&FORBIDDEN_LEVEL, fault.file, fault.span.clone(), message)
                    .note("a skill with such a finding cannot be served")
                    .help("remove the line and repair the skill, or take the skill out of the directory"),
            );
        }
    }
    for fault in &cx.configuration.faults {
        if let FaultKind::Inside(name) = &fault.kind {
            out.push(inside(fault.file, fault.span.clone(), &brief(name)));
        }
    }
    for (file, allowance) in cx.skills.iter().flat_map(|skill| &skill.allowances) {
        for (name, span) in &allowance.rules {
            let Some(rule) = find(name).filter(|rule| !may_be_allowed(rule)) else {
                continue;
            };
            out.push(inside(*file, span.clone(), rule.name));
        }
    }
}

fn inside(file: FileId, span: Range<usize>, name: &str) -> Finding {
    let message = format!("`{name}` cannot be allowed from inside a skill");
    Finding::at(&FORBIDDEN_LEVEL, file, span, message)
        .note("the rule protects whoever uses the skill from whoever wrote it, or serving relies on it")
        .help("mend what the rule found; whoever builds the server can set its level in a `skills.toml` beside the skills")
}
