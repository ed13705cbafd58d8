//! SK703: a rule that does not exist.

use std::ops::Range;

use super::{RULES, find};
use crate::config::{FaultKind, nearest};
use crate::diagnostics::{Finding, Level, Patch};
use crate::rules::rule::{BundleContext, Check, declare_rule};
use crate::source::FileId;

declare_rule! {
    /// `skills.toml`, or a comment that allows a rule, names a rule that does not exist.
    ///
    /// ## Why
    ///
    /// It is most likely misspelt, and then nothing is allowed or denied. In a comment this is a warning: the skill may
    /// be meant for a newer version.
    ///
    /// ## Example
    ///
    /// ```text
    /// === ../skills.toml
    /// [lints]
    /// broken-links = "warn"
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === ../skills.toml
    /// [lints]
    /// broken-link = "warn"
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    UNKNOWN_RULE = "SK703", "unknown-rule", Configuration, Deny, Check::Bundle(check)
}

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    for fault in &cx.configuration.faults {
        if let FaultKind::UnknownRule(nearest) = &fault.kind {
            out.push(finding(fault.file, &fault.span, *nearest));
        }
    }
    for (file, allowance) in cx.skills.iter().flat_map(|skill| &skill.allowances) {
        for (name, span) in allowance
            .rules
            .iter()
            .filter(|(name, _)| find(name).is_none())
        {
            let nearest = nearest(name, RULES.iter().map(|rule| rule.name));
            let mut finding = finding(*file, span, nearest);
            finding.level = Level::Warn;
            out.push(finding);
        }
    }
}

fn finding(file: FileId, span: &Range<usize>, nearest: Option<&'static str>) -> Finding {
    let finding = Finding::at(&UNKNOWN_RULE, file, span.clone(), "no rule is called so")
        .note("what this is meant to allow or deny stays as it is");
    match nearest {
        Some(nearest) => finding.patch(
            "a rule of this name exists",
            [Patch::replace(span.clone(), nearest)],
        ),
        None => finding.help("look the name up in docs/rules.md"),
    }
}
