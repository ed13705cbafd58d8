//! SK701: a file of configuration that cannot be read as what it should be.

use crate::config::{Fault, FaultKind};
use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{BundleContext, Check, declare_rule};

declare_rule! {
    /// `skills.toml` is not TOML, or a value in it is none that is possible there.
    ///
    /// ## Why
    ///
    /// A setting that cannot be read would have no effect, and what it was meant to hold back would pass.
    ///
    /// ## Example
    ///
    /// ```text
    /// === ../skills.toml
    /// profile = "portabel"
    /// [lints]
    /// broken-link = "off"
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === ../skills.toml
    /// profile = "portable"
    /// [lints]
    /// broken-link = "allow"
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    INVALID_CONFIGURATION = "SK701", "invalid-configuration", Configuration, Deny, Check::Bundle(check)
}

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    out.extend(cx.configuration.faults.iter().filter_map(finding));
}

fn finding(fault: &Fault) -> Option<Finding> {
    let at = |message: String, label: &str| {
        Finding::at(
            &INVALID_CONFIGURATION,
            fault.file,
            fault.span.clone(),
            message,
        )
        .label(label)
        .note("without it, nothing that the file says can be relied on")
    };
    Some(match &fault.kind {
        FaultKind::Syntax(problem) => at(format!("the file is not valid TOML: {problem}"), "here")
            .help("write it as https://toml.io describes"),
        FaultKind::Type(expected) => {
            at(format!("this is not {expected}"), "").help(format!("write {expected}"))
        }
        FaultKind::UnknownValue(_, Some(nearest)) => {
            let quoted = format!("\"{nearest}\"");
            at("this value is not known".to_owned(), "")
                .patch("this one is", [Patch::replace(fault.span.clone(), quoted)])
        }
        FaultKind::UnknownValue(known, None) => {
            let known = known.join("`, `");
            at("this value is not known".to_owned(), "").help(format!("write one of `{known}`"))
        }
        _ => return None,
    })
}
