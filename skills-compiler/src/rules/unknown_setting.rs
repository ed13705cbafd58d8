//! SK702: a key of the configuration that means nothing.

use crate::config::FaultKind;
use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{BundleContext, Check, declare_rule};

declare_rule! {
    /// `skills.toml` has a key that means nothing.
    ///
    /// ## Why
    ///
    /// It is most likely misspelt, and then the setting has no effect.
    ///
    /// ## Example
    ///
    /// ```text
    /// === ../skills.toml
    /// [limits]
    /// body_lines = 800
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === ../skills.toml
    /// [limits]
    /// body-lines = 800
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    UNKNOWN_SETTING = "SK702", "unknown-setting", Configuration, Deny, Check::Bundle(check)
}

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    for fault in &cx.configuration.faults {
        let FaultKind::UnknownKey(nearest) = &fault.kind else {
            continue;
        };
        let finding = Finding::at(
            &UNKNOWN_SETTING,
            fault.file,
            fault.span.clone(),
            "this setting is not known",
        )
        .note("it has no effect");
        out.push(match nearest {
            Some(nearest) => finding.patch(
                "a setting of this name exists",
                [Patch::replace(fault.span.clone(), *nearest)],
            ),
            None => finding.help("remove it; docs/configuration.md lists all settings"),
        });
    }
}
