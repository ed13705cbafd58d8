//! SK707: settings for skills that are not there.

use crate::diagnostics::Finding;
use crate::rules::rule::{BundleContext, Check, declare_rule};

declare_rule! {
    /// `skills.toml` has settings for skills of a path that no skill has.
    ///
    /// ## Why
    ///
    /// The skill was renamed or removed, or the path is misspelt; the settings have no effect.
    ///
    /// ## Example
    ///
    /// ```text
    /// === ../skills.toml
    /// [skills."vendor/**".lints]
    /// broken-link = "warn"
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === ../skills.toml
    /// [skills."vendor/**".lints]
    /// broken-link = "warn"
    /// === vendor/pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    UNMATCHED_PATTERN = "SK707", "unmatched-pattern", Configuration, Warn, Check::Bundle(check)
}

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    for (file, span, pattern) in &cx.configuration.patterns {
        if cx.skills.iter().any(|skill| pattern.matches(skill.path)) {
            continue;
        }
        out.push(
            Finding::at(&UNMATCHED_PATTERN, *file, span.clone(), "no skill has a path like this")
                .note("the settings have no effect")
                .help("write the path below the skills directory; `*` stands for one segment, `**` for any number"),
        );
    }
}
