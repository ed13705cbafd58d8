//! SK710: symbolic links to what fewer may see than the link.

use std::collections::{BTreeMap, BTreeSet};

use super::destination::directory_of;
use crate::diagnostics::Finding;
use crate::rules::rule::{BundleContext, Check, declare_rule};
use crate::source::{Link, SourceTree, ancestors, resolved};

declare_rule! {
    /// A symbolic link leads to a file that fewer may see than the link.
    ///
    /// ## Why
    ///
    /// A copy of the file is embedded in place of the link, and everybody who sees the skill with the link reads it:
    /// `[access]` in `skills.toml` protects the file at one path, and the link opens another. So whoever may see a link has to
    /// be allowed to see all that it leads to, and every link on the way there.
    ///
    /// A link to a file that lies in no skill, and at no path that `[access]` names, may stand in any skill. Copies and hard
    /// links are files of their own: whoever sees the skill that they lie in sees them.
    ///
    /// ## Example
    ///
    /// ```text
    /// === ../skills.toml
    /// [access]
    /// "internal/**" = "skills:internal"
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it with the [rates](rates.md).
    /// === pdf/rates.md link:../internal/payroll/rates.md
    /// The rates.
    /// === internal/payroll/SKILL.md
    /// ---
    /// name: payroll
    /// description: Pays people. Use when the month ends.
    /// ---
    /// Pay everybody at the [rates](rates.md).
    /// === internal/payroll/rates.md
    /// The rates.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === ../skills.toml
    /// [access]
    /// "internal/**" = "skills:internal"
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// === internal/payroll/SKILL.md
    /// ---
    /// name: payroll
    /// description: Pays people. Use when the month ends.
    /// ---
    /// Pay everybody at the [rates](rates.md).
    /// === internal/payroll/rates.md
    /// The rates.
    /// ```
    LINK_TO_PROTECTED = "SK710", "link-to-protected", Configuration, Deny, Check::Bundle(check)
}

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    for (link, leaks) in leaks(cx) {
        let Some(Leak { place, scopes }) = leaks.first() else {
            continue;
        };
        let scopes: Vec<_> = scopes.iter().map(|scope| format!("`{scope}`")).collect();
        let message = format!(
            "this is a symbolic link to `{}`, which fewer may see than the link",
            link.target
        );
        let mut finding = Finding::at_path(&LINK_TO_PROTECTED, &link.path, message)
            .note(format!(
                "`{place}` requires {} of whoever sees it, and the link does not",
                scopes.join(", ")
            ))
            .help(
                "protect the skill with the link as well, or give each skill a file of its own that all who see it may read",
            );
        if let more @ 1.. = leaks.len() - 1 {
            finding = finding.note(format!("the link leads to {more} more such files"));
        }
        out.push(finding);
    }
}

/// A file that more callers see behind a link than may.
pub(super) struct Leak<'a> {
    /// Where it is, or a link on the way there.
    place: String,
    /// What is required there, and not of those who see the link.
    scopes: Vec<&'a str>,
}

/// The links that lead to what fewer may see, ascending by path.
pub(super) fn leaks<'a>(cx: &BundleContext<'a>) -> Vec<(&'a Link, Vec<Leak<'a>>)> {
    if cx.configuration.access.requirements.is_empty() {
        return Vec::new();
    }
    let mut found = BTreeMap::<_, (&Link, Vec<_>)>::new();
    for (_, file) in cx.tree.files() {
        let Some(linked) = &file.link else { continue };
        let embedded = cx.owners.is_inside(&file.path);
        let Some(link) = innermost_link(cx.tree, &file.path).filter(|_| embedded) else {
            continue;
        };
        let seen = required(cx, &file.path);
        let mut places = way(cx.tree, &file.path);
        places.push(linked.original.clone());
        let leak = places.into_iter().find_map(|place| {
            let scopes: Vec<_> = required(cx, &place).difference(&seen).copied().collect();
            (!scopes.is_empty()).then_some(Leak { place, scopes })
        });
        let (_, leaks) = found.entry(&link.path).or_insert((link, Vec::new()));
        leaks.extend(leak);
    }
    let found = found.into_values();
    found.filter(|(_, leaks)| !leaks.is_empty()).collect()
}

/// The scopes that are required of who sees a path: those of the innermost skill around it, which requires all that the skills around it
/// do. A path in no skill is protected as a skill there would be.
fn required<'a>(cx: &BundleContext<'a>, path: &str) -> BTreeSet<&'a str> {
    let directory = if cx.owners.is_skill(path) {
        Some(path)
    } else {
        cx.owners.of_path(path)
    };
    let skill = directory.and_then(|directory| {
        let mut skills = cx.skills.iter();
        skills.find(|skill| skill.directory == directory)
    });
    let access = &cx.configuration.access;
    access.required(skill.map_or(path, |skill| skill.path))
}

/// The paths that links lead to one after the other, from a path that stands for a file elsewhere. Absolute targets are not followed.
fn way(tree: &SourceTree, path: &str) -> Vec<String> {
    let mut places = Vec::new();
    let mut at = path.to_owned();
    while let Some(link) = outermost_link(tree, &at)
        && places.len() < MOST_LINKS
    {
        let target = resolved(directory_of(&link.path), &link.target);
        let Some(target) = target.filter(|_| !link.target.starts_with('/')) else {
            break;
        };
        at = [&target, at.get(link.path.len()..).unwrap_or_default()].concat();
        places.push(at.clone());
    }
    places
}

/// How many links are followed; Linux follows as many.
const MOST_LINKS: usize = 40;

/// The link at a path, or the nearest one above it.
fn innermost_link<'a>(tree: &'a SourceTree, path: &str) -> Option<&'a Link> {
    let mut paths = std::iter::once(path).chain(ancestors(path));
    paths.find_map(|path| tree.link(path))
}

/// The link that the system meets first on its way to a path.
fn outermost_link<'a>(tree: &'a SourceTree, path: &str) -> Option<&'a Link> {
    let paths = std::iter::once(path).chain(ancestors(path));
    paths.filter_map(|path| tree.link(path)).last()
}
