//! SK001: a directory that was meant to be a skill, but that no loader sees.

use std::collections::BTreeSet;

use skills_model::limits::SKILL_FILE;

use crate::diagnostics::{Finding, Level};
use crate::rules::rule::{BundleContext, Check, declare_rule};
use crate::source::{ancestors, is_below};

declare_rule! {
    /// A directory in the bundle has no file with exactly the name `SKILL.md`, at any depth.
    ///
    /// ## Why
    ///
    /// A directory is a skill if it holds a `SKILL.md`, spelled just so. Loaders on case-sensitive file systems do not
    /// see `skill.md` or `Skill.md`, and the skill is missing without a word. A directory without any Markdown file with
    /// frontmatter may be material of several skills, which is a warning; one whose name says so, such as `_shared`, is left
    /// alone.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/skill.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
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
    /// ```
    MISSING_SKILL_MD = "SK001", "missing-skill-md", Format, Deny, Check::Bundle(check)
}

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    let skills: BTreeSet<_> = cx.skills.iter().map(|skill| skill.directory).collect();
    let above: BTreeSet<_> = skills
        .iter()
        .flat_map(|directory| ancestors(directory))
        .collect();
    let in_a_skill = |directory: &str| {
        let mut around = std::iter::once(directory)
            .chain(ancestors(directory))
            .chain([""]);
        around.any(|directory| skills.contains(directory))
    };
    // What is looked at elsewhere is said to be left out there.
    let is_elsewhere = |directory: &str| cx.tree.reading().is_no_skill(directory);
    let useful = |directory: &str| {
        above.contains(directory) || in_a_skill(directory) || is_elsewhere(directory)
    };
    // What could not be read has findings of its own, and may hold a skill.
    let is_unread = |directory: &str| {
        let mut oddities = cx.tree.oddities().iter();
        oddities.any(|oddity| oddity.path == directory || is_below(&oddity.path, directory))
    };
    for directory in cx.tree.directories().filter(|directory| !useful(directory)) {
        // Only the top of a useless subtree is reported.
        if ancestors(directory).next().is_none_or(useful) && !is_unread(directory) {
            out.extend(finding(cx, directory));
        }
    }
    // A directory above skills may have been meant to be one itself.
    for (_, file) in cx.tree.files() {
        let (parent, name) = file.path.rsplit_once('/').unwrap_or(("", &file.path));
        let is_almost = name != SKILL_FILE && name.eq_ignore_ascii_case(SKILL_FILE);
        if is_almost && (above.contains(parent) || parent.is_empty()) && !in_a_skill(parent) {
            out.push(misnamed(cx, &file.path));
        }
    }
}

const NOTE: &str = "a directory is a skill only if it holds a file with exactly this name; most loaders pass over any other";

fn misnamed(cx: &BundleContext<'_>, path: &str) -> Finding {
    let right = match path.rsplit_once('/') {
        Some((parent, _)) => format!("{parent}/{SKILL_FILE}"),
        None => SKILL_FILE.to_owned(),
    };
    let (from, to) = (cx.tree.display(path), cx.tree.display(&right));
    let message = format!("this file has to be called `{SKILL_FILE}`");
    Finding::at_path(&MISSING_SKILL_MD, path, message)
        .note(NOTE)
        .help(format!("rename it: `git mv {} {}`", word(&from), word(&to)))
}

/// A path as one word of a command.
fn word(path: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-./+".contains(&byte);
    if path.bytes().all(is_plain) {
        return path.to_owned();
    }
    format!("'{}'", path.replace('\'', "'\\''"))
}

fn finding(cx: &BundleContext<'_>, directory: &str) -> Option<Finding> {
    let almost = cx
        .tree
        .below(directory)
        .map(|(_, file)| file.path.as_str())
        .find(|path| {
            path.rsplit('/')
                .next()
                .is_some_and(|name| name.eq_ignore_ascii_case(SKILL_FILE))
        });
    if let Some(almost) = almost {
        return Some(misnamed(cx, almost));
    }
    if cx.tree.has_directory(&format!("{directory}/{SKILL_FILE}")) {
        let path = format!("{directory}/{SKILL_FILE}");
        let message = format!("`{SKILL_FILE}` is a directory, not a file");
        return Some(Finding::at_path(&MISSING_SKILL_MD, path, message).note(NOTE));
    }
    if !cx.configuration.settings.only_skills || is_shared(directory) && !cx.skills.is_empty() {
        return None;
    }
    let message = format!("this directory has no `{SKILL_FILE}`");
    let mut finding = Finding::at_path(&MISSING_SKILL_MD, directory, message).note(NOTE);
    // Where there is no skill at all, whatever is there was meant to be one.
    if cx.skills.is_empty() || cx.tree.is_described(directory) {
        finding = finding.help("write one, or move the directory out of the folder of skills");
    } else {
        finding.level = Level::Warn;
        finding = finding.help(
            "write one, or, if it is material of several skills, let its name begin with `_`",
        );
    }
    Some(finding)
}

/// Whether the name of a directory says that it is material of several skills.
fn is_shared(directory: &str) -> bool {
    const NAMES: [&str; 12] = [
        "assets",
        "common",
        "docs",
        "examples",
        "lib",
        "references",
        "resources",
        "scripts",
        "shared",
        "template",
        "templates",
        "tests",
    ];
    let name = directory.rsplit('/').next().unwrap_or_default();
    name.starts_with(['_', '.']) || NAMES.contains(&name)
}
