//! SK708: nothing to serve.

use crate::diagnostics::Finding;
use crate::rules::rule::{Check, declare_rule};
use crate::source::SourceTree;

declare_rule! {
    /// The directory holds no skill at all.
    ///
    /// ## Why
    ///
    /// The path is misspelt, or leads to another directory than was meant; a server without skills would find that out
    /// in production. It is only said where nothing else is.
    ///
    /// ## Example
    ///
    /// ```text
    /// === README.md
    /// # Skills
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === README.md
    /// # Skills
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    NO_SKILLS = "SK708", "no-skills", Configuration, Deny, Check::Nothing(finding)
}

fn finding(tree: &SourceTree) -> Finding {
    let message = format!("there is no skill in `{}`", tree.display(""));
    Finding::at_path(&NO_SKILLS, "", message)
        .note("a skill is a directory with a `SKILL.md`; a server without one answers nothing")
        .help("correct the path of the directory, or add a skill as `NAME/SKILL.md`")
}
