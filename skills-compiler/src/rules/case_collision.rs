//! SK304: two paths that are one on macOS and Windows.

use std::collections::HashMap;

use unicode_normalization::UnicodeNormalization;

use super::folding::folded;
use crate::diagnostics::Finding;
use crate::rules::rule::{BundleContext, Check, declare_rule};
use crate::source::SourceTree;

declare_rule! {
    /// Two files or directories of a skill have names that differ in nothing but case or Unicode form.
    ///
    /// ## Why
    ///
    /// On macOS and Windows they are one file, and the second overwrites the first. Hosts therefore have to refuse a skill
    /// with such a pair.
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
    /// === pdf/references/Forms.md
    /// # Forms of the tax office
    /// === pdf/references/forms.md
    /// # Forms
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
    /// Open the form and fill it.
    /// === pdf/references/tax-forms.md
    /// # Forms of the tax office
    /// === pdf/references/forms.md
    /// # Forms
    /// ```
    CASE_COLLISION = "SK304", "case-collision", Resources, Deny, Check::Bundle(check)
}

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    let owners = cx.owners;
    // Only siblings are compared: what lies below two colliding directories would only repeat the finding.
    let mut seen = HashMap::new();
    for path in paths(cx.tree)
        .into_iter()
        .filter(|path| owners.is_inside(path))
    {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        let Some(first) = seen.insert((parent, folded(name)), path) else {
            continue;
        };
        // Two skills are a matter of `duplicate-name`.
        if !(owners.is_skill(first) && owners.is_skill(path)) {
            out.push(finding(cx.tree, path, first));
        }
    }
}

/// Everything with a name, ascending.
fn paths(tree: &SourceTree) -> Vec<&str> {
    let files = tree.files().map(|(_, file)| file.path.as_str());
    let mut paths: Vec<_> = files.chain(tree.directories()).collect();
    paths.sort_unstable();
    paths
}

fn finding(tree: &SourceTree, path: &str, first: &str) -> Finding {
    let [name, other] = [path, first].map(|path| path.rsplit('/').next().unwrap_or_default());
    let message = format!("`{other}` and `{name}` are the same name on macOS and Windows");
    let what = if name.nfc().eq(other.nfc()) {
        "Unicode form: one has its accents apart"
    } else {
        "case"
    };
    Finding::at_path(&CASE_COLLISION, path, message)
        .note(format!(
            "the other one is {}; they differ in {what}",
            tree.display(first)
        ))
        .note("one would overwrite the other, so a host has to refuse a skill with such a pair")
        .help("rename one of them so that they differ in a letter")
}
