//! SK102: a skill that is called one thing and stored as another.

use skills_model::limits::SKILL_FILE;

use super::brief::brief;
use super::name::{Name, is_well_formed};
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::SourceTree;

declare_rule! {
    /// A `name` is not exactly the name of the skill's directory.
    ///
    /// ## Why
    ///
    /// The specification wants the two equal, and over MCP the last segment of a skill's URI has to be its name, byte for
    /// byte: a host that finds another name in the frontmatter refuses the skill.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf-forms
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === pdf-forms/SKILL.md
    /// ---
    /// name: pdf-forms
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    NAME_DIR_MISMATCH = "SK102", "name-dir-mismatch", Naming, Deny, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let Some(name) = Name::of(cx.skill) else {
        return;
    };
    let directory_name = cx.skill.directory_name();
    // A name that only has to be spelt like its directory is a matter of `name-format` and its one patch.
    let is_misspelt = !is_well_formed(name.text) && name.respelt(directory_name).is_some();
    if name.text != directory_name && !directory_name.is_empty() && !is_misspelt {
        out.push(finding(cx, &name));
    }
}

fn finding(cx: &SkillContext<'_>, name: &Name<'_>) -> Finding {
    let directory_name = cx.skill.directory_name();
    let message = format!(
        "the name `{}` differs from the name of its directory, `{directory_name}`",
        brief(name.text)
    );
    let mut finding = Finding::at(&NAME_DIR_MISMATCH, cx.skill.document, name.span.clone(), message)
        .label(format!("the directory is called `{directory_name}`"))
        .note("the last segment of a skill's URI has to be its name; hosts refuse a skill where the two differ");
    let mut repair = "name the skill after its directory";
    if is_well_formed(name.text) {
        // Either of the two may be wrong, so that there is a second way and neither is certain.
        repair = "or name the skill after its directory";
        finding = finding.help(renaming(cx.tree, cx.skill.directory, name.text));
    }
    if is_well_formed(directory_name) {
        let patches = [name.rewritten(directory_name)];
        finding = if is_taken(cx, directory_name) {
            finding.offer(repair, patches)
        } else {
            finding.patch(repair, patches)
        };
    }
    finding
}

/// Whether another directory of that name holds a skill: two skills would then have one name.
fn is_taken(cx: &SkillContext<'_>, name: &str) -> bool {
    let end = format!("{name}/{SKILL_FILE}");
    cx.tree.files().any(|(id, file)| {
        let above = file.path.strip_suffix(&*end);
        id != cx.skill.document
            && above.is_some_and(|above| above.is_empty() || above.ends_with('/'))
    })
}

/// How to give the directory of a skill another name.
fn renaming(tree: &SourceTree, directory: &str, name: &str) -> String {
    if directory.is_empty() {
        return format!("rename the directory to `{name}`");
    }
    let renamed = directory
        .rsplit_once('/')
        .map_or_else(|| name.to_owned(), |(parent, _)| format!("{parent}/{name}"));
    format!(
        "rename the directory: `git mv {} {}`",
        tree.display(directory),
        tree.display(&renamed)
    )
}
