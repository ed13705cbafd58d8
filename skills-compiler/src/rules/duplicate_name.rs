//! SK104: two skills that cannot be told apart.

use std::collections::BTreeMap;
use std::ops::Range;

use skills_model::limits::SKILL_FILE;

use super::copies::has_files_of;
use super::folding::folded;
use super::name::Name;
use super::size::grouped;
use crate::diagnostics::{Finding, Level};
use crate::rules::rule::{BundleContext, Check, declare_rule};
use crate::source::SourceTree;
use crate::syntax::ParsedSkill;

declare_rule! {
    /// Two skills have the same name, or paths that differ in nothing but case.
    ///
    /// ## Why
    ///
    /// A client shows names, so of two skills with one name the user cannot say which is meant, and many clients keep only
    /// the first. Paths that differ in nothing but case are one directory on macOS and Windows, and a host that stores
    /// skills there has to refuse them: that is an error, the same name under several prefixes is a warning. Of a skill and
    /// the copy that a symbolic link makes of it `symlink` speaks alone.
    ///
    /// ## Example
    ///
    /// ```text
    /// === billing/report/SKILL.md
    /// ---
    /// name: report
    /// description: Writes the billing report. Use when the user asks for revenue figures.
    /// ---
    /// Collect the figures and write the report.
    /// === support/report/SKILL.md
    /// ---
    /// name: report
    /// description: Writes the support report. Use when the user asks for ticket figures.
    /// ---
    /// Collect the figures and write the report.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === billing/billing-report/SKILL.md
    /// ---
    /// name: billing-report
    /// description: Writes the billing report. Use when the user asks for revenue figures.
    /// ---
    /// Collect the figures and write the report.
    /// === support/support-report/SKILL.md
    /// ---
    /// name: support-report
    /// description: Writes the support report. Use when the user asks for ticket figures.
    /// ---
    /// Collect the figures and write the report.
    /// ```
    DUPLICATE_NAME = "SK104", "duplicate-name", Naming, Deny, Check::Bundle(check)
}

/// How many further skills of one name are pointed at.
const MARKED: usize = 8;

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    let mut paths = BTreeMap::new();
    let mut names = BTreeMap::<_, Vec<&ParsedSkill<'_>>>::new();
    for skill in cx.skills {
        if let Some(first) = paths.get(&folded(skill.path)).copied() {
            out.push(same_path(skill, first));
            continue;
        }
        paths.insert(folded(skill.path), skill);
        // Of a copy that a link has made, `symlink` speaks.
        if cx.copies.has(skill.directory) || is_linked(cx.tree, skill) {
            continue;
        }
        // Where name and directory differ, `name-dir-mismatch` speaks, and the name is likely to change.
        let name = Name::of(skill).filter(|name| name.text == skill.directory_name());
        if name.is_some() {
            // Users install one plugin or another, and clients put its name before those of its skills.
            let plugin = cx.tree.reading().plugin(skill.directory);
            let key = (skill.directory_name(), plugin);
            names.entry(key).or_default().push(skill);
        }
    }
    out.extend(
        names
            .into_iter()
            .filter_map(|((name, _), skills)| same_name(cx.tree, name, &skills)),
    );
}

/// Whether the `SKILL.md` is a link to that of another skill.
fn is_linked(tree: &SourceTree, skill: &ParsedSkill<'_>) -> bool {
    let link = tree.file(skill.document).link.as_ref();
    link.is_some_and(|link| link.original.ends_with(SKILL_FILE))
}

fn same_path(skill: &ParsedSkill<'_>, first: &ParsedSkill<'_>) -> Finding {
    let message = format!(
        "the paths `{}` and `{}` differ in nothing but case",
        first.path, skill.path
    );
    labelled(skill, first, message)
        .note("they are one directory on macOS and Windows, where hosts have to refuse the pair")
        .help("rename the directory of one of them, or remove it")
}

/// One finding for a name, if several skills have it.
fn same_name(tree: &SourceTree, name: &str, skills: &[&ParsedSkill<'_>]) -> Option<Finding> {
    let [first, second, others @ ..] = skills else {
        return None;
    };
    let is_twin = |skill: &&ParsedSkill<'_>| has_files_of(tree, skill, first);
    let are_twins = skills.iter().all(is_twin);
    let count = match skills.len() {
        2 => "two".to_owned(),
        many => grouped(many),
    };
    let help = match (are_twins, skills.len()) {
        (true, _) => "it is one skill: keep it in one place, and compile no other",
        (false, 2) => {
            "give one of them a more precise name, and its directory too; of two versions of one skill, keep one"
        }
        (false, _) => {
            "give each of them a more precise name, and its directory too; of versions of one skill, keep one"
        }
    };
    let and_files = if are_twins { " and the same files" } else { "" };
    let message = format!("{count} skills have the name `{name}`{and_files}");
    let finding = others
        .iter()
        .take(MARKED)
        .fold(labelled(second, first, message), |finding, skill| {
            finding.related(skill.document, place(skill), "and here")
        });
    let mut finding = finding
        .note("clients show names: users cannot say which of them they mean, and many clients keep only the first")
        .help(help);
    finding.level = Level::Warn;
    Some(finding)
}

fn labelled(skill: &ParsedSkill<'_>, first: &ParsedSkill<'_>, message: String) -> Finding {
    Finding::at(&DUPLICATE_NAME, skill.document, place(skill), message)
        .label("and again here")
        .related(first.document, place(first), "first here")
}

/// Where a skill says its name; the start of its file if it says none.
fn place(skill: &ParsedSkill<'_>) -> Range<usize> {
    Name::of(skill).map_or(0..0, |name| name.span)
}
