//! SK102: a skill that is called one thing and stored as another.

use std::collections::BTreeMap;

use super::brief::brief;
use super::name::{Name, is_well_formed, nearest};
use crate::diagnostics::{Finding, Level};
use crate::rules::rule::{BundleContext, Check, declare_rule};
use crate::source::SourceTree;
use crate::syntax::ParsedSkill;

declare_rule! {
    /// A `name` is not exactly the name of the skill's directory.
    ///
    /// ## Why
    ///
    /// The specification wants the two equal, and over MCP the last segment of a skill's URI has to be its name, byte for
    /// byte: a host that finds another name in the frontmatter refuses the skill. Of a skill at the top of a clone it is a
    /// warning, because whoever clones the repository names the directory.
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
    NAME_DIR_MISMATCH = "SK102", "name-dir-mismatch", Naming, Deny, Check::Bundle(check)
}

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    let mut names = BTreeMap::<&str, usize>::new();
    for skill in cx.skills {
        let own = Name::of(skill).map(|name| name.text);
        let directory = Some(skill.directory_name()).filter(|directory| own != Some(*directory));
        for name in own.into_iter().chain(directory) {
            *names.entry(name).or_default() += 1;
        }
    }
    let is_taken = |name: &str| names.get(name).is_some_and(|skills| *skills > 1);
    let mut places = BTreeMap::<String, Vec<&ParsedSkill<'_>>>::new();
    for skill in cx.skills {
        let wanted = Name::of(skill).map(|name| renamed(skill.directory, name.text));
        let own = Some(skill.directory.to_owned()).filter(|own| wanted.as_ref() != Some(own));
        for place in wanted.into_iter().chain(own) {
            places.entry(place).or_default().push(skill);
        }
    }
    let rival = |skill: &ParsedSkill<'_>, name: &str| {
        let mut there = places
            .get(&renamed(skill.directory, name))
            .into_iter()
            .flatten();
        there
            .find(|other| other.document != skill.document)
            .copied()
    };
    for skill in cx.skills {
        let directory_name = skill.directory_name();
        let Some(name) = Name::of(skill).filter(|name| name.text != directory_name) else {
            continue;
        };
        // A name that only has to be spelt like its directory is a matter of `name-format` and its one patch.
        let is_misspelt = !is_well_formed(name.text) && name.respelt(directory_name).is_some();
        if !directory_name.is_empty() && !is_misspelt {
            let rival = rival(skill, name.text);
            out.push(finding(
                cx.tree,
                skill,
                &name,
                rival,
                is_taken(directory_name),
            ));
        }
    }
}

/// `rival` is another skill that lies where this one would have to lie, or would have to, too. `is_taken` says that another
/// skill has the name of the directory: after a repair two would have one name.
fn finding(
    tree: &SourceTree,
    skill: &ParsedSkill<'_>,
    name: &Name<'_>,
    rival: Option<&ParsedSkill<'_>>,
    is_taken: bool,
) -> Finding {
    let directory_name = skill.directory_name();
    let message = format!(
        "the name `{}` differs from the name of its directory, `{directory_name}`",
        brief(name.text)
    );
    if skill.directory.is_empty() && tree.is_clone() {
        return of_clone(skill, name);
    }
    let mut finding = Finding::at(&NAME_DIR_MISMATCH, skill.document, name.span.clone(), message)
        .label(format!("the directory is called `{directory_name}`"))
        .note("the last segment of a skill's URI has to be its name; hosts refuse a skill where the two differ");
    let mut repair = "if the directory has the right name, name the skill after it";
    if let Some(rival) = rival {
        let place = Name::of(rival).map_or(0..0, |name| name.span);
        finding = finding.related(
            rival.document,
            place,
            "of the two skills only one can have the name and its directory",
        );
    } else if is_well_formed(name.text) {
        // Either of the two may be wrong, so that there is a second way and neither is certain.
        repair = "or name the skill after its directory";
        finding = finding.help(renaming(tree, skill.directory, name.text));
    }
    if is_well_formed(directory_name) {
        let patches = [name.rewritten(directory_name)];
        // Of two skills with one name, one may be the copy that has to go.
        finding = if is_taken || rival.is_some() || !is_near(name.text, directory_name) {
            finding.offer(repair, patches)
        } else {
            finding.patch(repair, patches)
        };
    }
    finding
}

/// Whether two names differ in no more than slips, so that they mean the same.
fn is_near(name: &str, directory_name: &str) -> bool {
    let name = nearest(name).unwrap_or_default();
    name.len().min(directory_name.len()) >= LONG_ENOUGH
        && strsim::osa_distance(&name, directory_name) <= SLIPS
}

/// In shorter names a slip makes another word.
const LONG_ENOUGH: usize = 6;

const SLIPS: usize = 2;

/// The skill is a whole repository, and whoever clones it names the directory.
fn of_clone(skill: &ParsedSkill<'_>, name: &Name<'_>) -> Finding {
    let directory_name = skill.directory_name();
    let message = format!(
        "the name `{}` differs from the name of this clone, `{}`",
        brief(name.text),
        brief(directory_name)
    );
    let mut finding = Finding::at(&NAME_DIR_MISMATCH, skill.document, name.span.clone(), message)
        .note("installers that take the name of the repository for that of the skill call it so, and hosts that compare the two refuse it")
        .help(format!(
            "install it into a directory called `{0}`, or move the skill to `skills/{0}`",
            brief(name.text)
        ));
    finding.level = Level::Warn;
    finding
}

/// The directory beside another one that has this name.
fn renamed(directory: &str, name: &str) -> String {
    match directory.rsplit_once('/') {
        Some((parent, _)) => format!("{parent}/{name}"),
        None => name.to_owned(),
    }
}

/// How to give the directory of a skill another name.
fn renaming(tree: &SourceTree, directory: &str, name: &str) -> String {
    if directory.is_empty() {
        return format!("rename the directory to `{name}`");
    }
    let renamed = renamed(directory, name);
    if tree.has_directory(&renamed) || tree.find(&renamed).is_some() {
        return format!(
            "rename the directory to `{name}`, once what is called so is out of the way"
        );
    }
    format!(
        "rename the directory: `git mv {} {}`",
        tree.display(directory),
        tree.display(&renamed)
    )
}
