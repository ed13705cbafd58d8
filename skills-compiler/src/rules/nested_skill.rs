//! SK309: a skill inside of another that says nothing of it.

use std::collections::BTreeMap;

use skills_model::limits::SKILL_FILE;

use super::mention::is_mentioned;
use super::name::Name;
use crate::diagnostics::Finding;
use crate::rules::rule::{BundleContext, Check, declare_rule};
use crate::source::SourceTree;
use crate::syntax::ParsedSkill;

declare_rule! {
    /// A skill lies in the directory of another skill, whose texts do not mention it.
    ///
    /// ## Why
    ///
    /// Every directory with a `SKILL.md` is served as a skill of its own, even if it was meant as a template, an example or
    /// data of a test. A nested skill is listed twice over MCP, on its own and with the files of the outer one, users have
    /// to approve it for itself, and clients that read directories mostly do not look for skills inside of skills.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Reads and writes PDF files. Use when the user has a PDF file.
    /// ---
    /// Open the file and see what it holds.
    /// === pdf/tax-return/SKILL.md
    /// ---
    /// name: tax-return
    /// description: Fills in tax forms. Use when the user has to file a tax return.
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
    /// description: Reads and writes PDF files. Use when the user has a PDF file.
    /// ---
    /// Open the file and see what it holds.
    /// === tax-return/SKILL.md
    /// ---
    /// name: tax-return
    /// description: Fills in tax forms. Use when the user has to file a tax return.
    /// ---
    /// Open the form and fill it.
    /// ```
    NESTED_SKILL = "SK309", "nested-skill", Resources, Warn, Check::Bundle(check)
}

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    let owners = cx.owners;
    let by_directory: BTreeMap<_, _> = cx
        .skills
        .iter()
        .map(|skill| (skill.directory, skill))
        .collect();
    let mut nested = BTreeMap::<&str, (&ParsedSkill<'_>, Vec<_>)>::new();
    for skill in cx.skills.iter().filter(|skill| !skill.directory.is_empty()) {
        let outer = owners.of_path(skill.directory);
        if let Some(outer) = outer.and_then(|outer| by_directory.get(outer)) {
            nested
                .entry(outer.directory)
                .or_insert_with(|| (outer, Vec::new()))
                .1
                .push(skill);
        }
    }
    for (outer, mut inner) in nested.into_values() {
        inner.retain(|skill| {
            let name = Name::of(skill).map_or("", |name| name.text);
            let mut names = [skill.directory_name(), name].into_iter();
            !names.any(|name| is_mentioned(outer, name))
        });
        out.extend(finding(cx.tree, outer, &inner));
    }
}

fn finding(
    tree: &SourceTree,
    outer: &ParsedSkill<'_>,
    inner: &[&ParsedSkill<'_>],
) -> Option<Finding> {
    let (first, others) = inner.split_first()?;
    let path = tree.file(first.document).path.as_str();
    let message = format!(
        "this is a skill inside of the skill `{}`, which does not mention it",
        outer.directory_name()
    );
    let finding = Finding::at_path(&NESTED_SKILL, path, message)
        .note("it is served as a skill of its own too, which users have to approve for itself; most clients find only the outer one");
    let finding = match others.len() {
        0 => finding,
        1 => finding.note("another skill lies there too"),
        more => finding.note(format!("{more} more skills lie there too")),
    };
    Some(finding.help(format!(
        "move it beside the other one, link to it from there, or, if it is an example, do not call it `{SKILL_FILE}`"
    )))
}
