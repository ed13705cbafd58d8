//! SK008: the same key twice.

use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::FaultKind;

declare_rule! {
    /// A mapping in the frontmatter has the same key twice.
    ///
    /// ## Why
    ///
    /// YAML forbids it, and loaders differ: some drop the skill, some take the first value, most take the last without a word.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// license: MIT
    /// license: Apache-2.0
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// license: Apache-2.0
    /// ---
    /// Open the form and fill it.
    /// ```
    DUPLICATE_KEY = "SK008", "duplicate-key", Format, Deny, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let document = cx.skill.document;
    for fault in &cx.skill.faults {
        if let FaultKind::DuplicateKey(first, key) = &fault.kind {
            let finding = Finding::at(
                &DUPLICATE_KEY,
                document,
                fault.span.clone(),
                format!("the key `{key}` stands here twice"),
            )
            .label("again here")
            .related(document, first.clone(), "first here")
            .note("some loaders take the first value, some the last, and some drop the skill")
            .help("keep one of the two");
            out.push(finding);
        }
    }
}
