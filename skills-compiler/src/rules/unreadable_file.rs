//! SK315: something that may not be read here.

use crate::diagnostics::Finding;
use crate::rules::rule::{BundleContext, Check, declare_rule};
use crate::source::OddityKind;

declare_rule! {
    /// A file or directory cannot be read.
    ///
    /// ## Why
    ///
    /// What cannot be read cannot be checked and not be served: a skill would be incomplete, and one whose `SKILL.md` cannot be
    /// read would be missing. Outside of skills, too, a directory that cannot be read may hold one.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// === pdf/fields.md unreadable
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
    /// Open the form and fill in its [fields](fields.md).
    /// === pdf/fields.md
    /// # Fields
    /// ```
    UNREADABLE_FILE = "SK315", "unreadable-file", Resources, Deny, Check::Bundle(check)
}

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    for oddity in cx.tree.oddities() {
        if let OddityKind::Unreadable(error) = &oddity.kind {
            let message = format!("this cannot be read: {error}");
            let finding = Finding::at_path(&UNREADABLE_FILE, &oddity.path, message)
                .note("what cannot be read cannot be embedded, and the skill would be incomplete");
            out.push(finding.help("make it readable, or move it out of the skill"));
        }
    }
}
