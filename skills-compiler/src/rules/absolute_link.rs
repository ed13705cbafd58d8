//! SK207: a link to a place that only one machine has.

use super::brief::brief_path;
use super::destination::{Destination, directory_of, path_of, relative};
use super::target::pages;
use crate::diagnostics::{Finding, Level, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::{FileId, SourceTree, resolved};
use crate::syntax::Link;

declare_rule! {
    /// A link or image in a Markdown file of the skill is an absolute path or a `file:` address.
    ///
    /// ## Why
    ///
    /// A skill is served to other machines, where `/opt/forms.md` or `~/forms.md` is something else or nothing. Over MCP
    /// hosts have to refuse `file:` addresses, because a skill could read the user's files with them. A path such as
    /// `/docs/forms` may be right on the web site that the text was copied from, and is a warning.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Read [how to fill forms](/references/forms.md) first.
    /// === pdf/references/forms.md
    /// # How to fill forms
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
    /// Read [how to fill forms](references/forms.md) first.
    /// === pdf/references/forms.md
    /// # How to fill forms
    /// ```
    ABSOLUTE_LINK = "SK207", "absolute-link", Content, Deny, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for (file, _, outline) in pages(cx) {
        let mut of_site = Vec::new();
        for link in &outline.links {
            if let Destination::Absolute(kind) = Destination::of(link) {
                let mut finding = finding(cx, file, link, kind);
                if is_of_site(link) && !finding.has_repair() {
                    if !is_of_machine(link) {
                        finding.level = Level::Warn;
                    }
                    of_site.push(finding);
                } else {
                    out.push(finding);
                }
            }
        }
        out.extend(summed_up(of_site));
    }
}

/// How many links from the root of a site are reported one by one in a file.
const MANY: usize = 4;

/// One finding for a page that was copied from a site: its links are one habit.
fn summed_up(mut found: Vec<Finding>) -> Vec<Finding> {
    let more = found.len().saturating_sub(1);
    if found.len() > MANY {
        found.truncate(1);
        for first in &mut found {
            let note = format!("{more} more links in this file begin so, too");
            first.notes.push(note);
        }
    }
    found
}

/// Whether a link may have been right where the text comes from.
fn is_of_site(link: &Link) -> bool {
    link.destination.starts_with('/')
}

/// Whether a path is certainly one of a machine.
fn is_of_machine(link: &Link) -> bool {
    const ROOTS: [&str; 12] = [
        "/Users/",
        "/bin/",
        "/dev/",
        "/etc/",
        "/home/",
        "/mnt/",
        "/opt/",
        "/root/",
        "/tmp/",
        "/usr/",
        "/var/",
        "/Volumes/",
    ];
    ROOTS.iter().any(|root| link.destination.starts_with(root))
}

fn finding(cx: &SkillContext<'_>, file: FileId, link: &Link, kind: &str) -> Finding {
    let shown = brief_path(&link.destination);
    let (message, note) = if is_of_site(link) {
        (
            format!(
                "`{shown}` begins at the root of a machine or a web site, and a skill has neither"
            ),
            "an agent looks for it on its own machine; links are relative to the file that they stand in",
        )
    } else {
        (
            format!("`{shown}` is {kind}, which other machines do not have"),
            "a skill is served to other machines; links are relative to the file that they stand in",
        )
    };
    let finding = Finding::at(&ABSOLUTE_LINK, file, link.span.clone(), message).note(note);
    let path = path_of(&link.destination);
    let span = link.span.start..link.span.start + path.len();
    let is_verbatim = cx.tree.file(file).bytes.get(span.clone()) == Some(path.as_bytes());
    match inside(cx.tree, cx.skill.directory, file, path) {
        Some(meant) if is_verbatim => {
            finding.patch("the skill has such a file", [Patch::replace(span, meant)])
        }
        Some(meant) => finding.help(format!("the skill has such a file: `{meant}`")),
        None => finding.help(
            "add the file to the skill and link to it there, or write the whole `https://` address",
        ),
    }
}

/// The link to the file of the skill that is meant by `/` as the skill's directory.
fn inside(tree: &SourceTree, directory: &str, file: FileId, path: &str) -> Option<String> {
    let target = resolved(directory, path.strip_prefix('/')?)?;
    let document = &tree.file(file).path;
    tree.find(&target)
        .map(|_| relative(directory_of(document), &target))
}
