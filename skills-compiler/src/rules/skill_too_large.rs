//! SK302: a skill that is more than a host takes.

use skills_model::limits::{SKILL_BYTES, SKILL_FILES};

use super::file_too_large::is_denied;
use super::size::{MIB, shown};
use crate::diagnostics::{Finding, Level};
use crate::rules::rule::{BundleContext, Check, declare_rule};
use crate::source::{OddityKind, SourceFile, SourceTree};
use crate::syntax::ParsedSkill;

declare_rule! {
    /// A skill has more than 512 files, or they are larger than 16 MiB together.
    ///
    /// ## Why
    ///
    /// The Skills extension of MCP asks servers not to exceed these numbers, nested skills included. Above 30 MiB, which
    /// uploads refuse too, this is an error, below a warning.
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
    /// === pdf/forms/form- copies:600
    /// One form of many.
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
    /// === pdf/forms/forms.csv
    /// One form of many in each line.
    /// ```
    SKILL_TOO_LARGE = "SK302", "skill-too-large", Resources, Deny, Check::Bundle(check)
}

/// Above which size of all files an upload is refused.
const DENIED: u64 = 30 * MIB;

/// How many of the largest files are named.
const NAMED: usize = 3;

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    for skill in cx.skills {
        check_size(cx.tree, skill, out);
        check_count(skill, out);
    }
    // Reading stopped here.
    for oddity in cx.tree.oddities() {
        let what = match oddity.kind {
            OddityKind::TooMany(limit) => {
                format!("more than {limit} files and directories lie below the root")
            }
            OddityKind::TooMuch(limit) => format!("more than {} lie below the root", shown(limit)),
            OddityKind::TooManyCopies(limit) => {
                format!("links make more than {} of copies", shown(limit))
            }
            _ => continue,
        };
        let message = format!("{what}; what comes after this was not read");
        let finding = Finding::at_path(&SKILL_TOO_LARGE, &oddity.path, message).note(
            "so much is installed packages, build output, or the work of links that multiply it",
        );
        out.push(finding.help("move what is no skill out of the directory"));
    }
}

fn check_size(tree: &SourceTree, skill: &ParsedSkill<'_>, out: &mut Vec<Finding>) {
    // A file that `file-too-large` refuses has to go anyway.
    let mut files: Vec<_> = skill
        .files
        .iter()
        .map(|&id| tree.file(id))
        .filter(|file| !is_denied(file))
        .collect();
    let total: u64 = files.iter().map(|file| size(file)).sum();
    if total <= SKILL_BYTES {
        return;
    }
    let bound = if total > DENIED { DENIED } else { SKILL_BYTES };
    let message = format!(
        "this skill has {}, {} more than {}",
        shown(total),
        shown(total - bound),
        shown(bound)
    );
    files.sort_by_key(|file| std::cmp::Reverse(size(file)));
    let mut finding = Finding::at_path(&SKILL_TOO_LARGE, skill.directory, message)
        .note("a host may refuse to load a skill of this size")
        .note(largest(tree, &files))
        .help("leave out what the skill can do without, or let it say where large data can be downloaded");
    finding.level = if total > DENIED {
        Level::Deny
    } else {
        Level::Warn
    };
    out.push(finding);
}

fn largest(tree: &SourceTree, files: &[&SourceFile]) -> String {
    let named = files
        .iter()
        .take(NAMED)
        .map(|file| format!("`{}` ({})", tree.display(&file.path), shown(size(file))));
    format!("the largest are {}", named.collect::<Vec<_>>().join(", "))
}

fn check_count(skill: &ParsedSkill<'_>, out: &mut Vec<Finding>) {
    let count = skill.files.len();
    if count > SKILL_FILES {
        let message = format!("this skill has {count} files, more than {SKILL_FILES}");
        let mut finding = Finding::at_path(&SKILL_TOO_LARGE, skill.directory, message)
            .note("every file is an entry of its own in the listing that a host reads, nested skills included")
            .help("put small files of a kind together, or make several skills of this one");
        finding.level = Level::Warn;
        out.push(finding);
    }
}

fn size(file: &SourceFile) -> u64 {
    file.bytes.len() as u64
}
