//! SK306: what tools leave behind, and settings that are nobody else's business.

use std::collections::BTreeMap;

use crate::diagnostics::{Finding, Level};
use crate::rules::rule::{BundleContext, Check, declare_rule};
use crate::source::{Junk, Skipped};

declare_rule! {
    /// Leavings of a tool lie in a skill, such as `.DS_Store`, `__pycache__`, `node_modules` or `target`, or a `.env` file.
    ///
    /// What an installer notes about a skill, such as `.clawhub`, counts too. Nothing of it is embedded. The data of version
    /// control, such as `.git`, is left out without a word.
    ///
    /// ## Why
    ///
    /// What a tool has made belongs to one machine, and is left out; what is really part of the skill should not be called
    /// the same. A `.env` file tends to hold secrets and is an error: it is not embedded, but everybody who copies or
    /// publishes the directory by other means takes it along.
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
    /// === pdf/.env junk
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
    /// Ask the user to set `PDF_API_KEY`, then open the form and fill it.
    /// ```
    JUNK_FILE = "SK306", "junk-file", Resources, Deny, Check::Bundle(check)
}

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    let owners = cx.owners;
    // One finding for each kind of junk in a skill: a script that was run once leaves many caches.
    let mut found = BTreeMap::<_, Vec<&Skipped>>::new();
    for skipped in cx.tree.skipped() {
        let Some(skill) = owners.of_path(&skipped.path) else {
            continue;
        };
        if skipped.junk != Junk::VersionControl {
            let kind = skipped.junk.to_string();
            found.entry((skill, kind)).or_default().push(skipped);
        }
    }
    out.extend(found.values().filter_map(|all| finding(all)));
}

fn finding(all: &[&Skipped]) -> Option<Finding> {
    let (Skipped { path, junk }, others) = all.split_first()?;
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_secret = *junk == Junk::Environment;
    let (message, note) = if is_secret {
        (
            format!("`{name}` holds {junk}, which have no place in a skill"),
            "such a file tends to hold secrets; it is not embedded, but is copied and published with the directory",
        )
    } else {
        (
            format!("`{name}` ({junk}) is not embedded"),
            "it belongs to the machine that it was made on; whatever has such a name is left out of the skill",
        )
    };
    let finding = Finding::at_path(&JUNK_FILE, path.as_str(), message).note(note);
    let mut finding = match others.len() {
        0 => finding,
        1 => finding.note("this skill holds another one like it"),
        more => finding.note(format!("this skill holds {more} more like it")),
    };
    finding.level = if is_secret { Level::Deny } else { Level::Warn };
    Some(finding.help(match junk {
        Junk::Environment => {
            "move it out of the skill, and let the skill say which variables have to be set"
        }
        Junk::InstalledPackages => "delete it, and let the skill say how packages are installed",
        _ => "delete it and let `.gitignore` keep it out, or rename it if it is part of the skill",
    }))
}
