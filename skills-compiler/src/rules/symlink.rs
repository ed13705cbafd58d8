//! SK303: symbolic links, which MCP cannot represent.

use std::collections::BTreeMap;

use skills_model::limits::SKILL_FILE;

use super::destination::directory_of;
use super::link_to_protected::leaks;
use crate::diagnostics::{Finding, Level};
use crate::rules::rule::{BundleContext, Check, declare_rule};
use crate::source::{Link, OddityKind, SourceTree, ancestors};

declare_rule! {
    /// A symbolic link stands in a skill, or in place of one.
    ///
    /// ## Why
    ///
    /// A skill is served as files and bytes; there are no links. A link that leads out of the bundle could publish what
    /// nobody meant to publish, and one that leads nowhere has no content: these are errors. A link within the bundle is
    /// embedded as a copy, which is a warning, because on Windows a checkout may hold a text file in its place; other rules
    /// do not repeat for a skill's copy what they say of the skill. Of a link beside the skills, which leads to no skill,
    /// nothing is embedded. One of `AGENTS.md`, `CLAUDE.md` and `GEMINI.md` may be a link to another in its directory.
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
    /// === pdf/LICENSE.txt escapes:../../LICENSE.txt
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
    /// === pdf/LICENSE.txt
    /// Do as you like.
    /// ```
    SYMLINK = "SK303", "symlink", Resources, Deny, Check::Bundle(check)
}

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    let concerns = |path: &str| {
        (is_embedded(cx, path) || may_be_a_skill(path)) && !is_below_a_link(cx.tree, path)
    };
    let links = cx.tree.links().iter();
    let links = links.filter(|link| concerns(&link.path) && is_embedded(cx, &link.path));
    // What must not be there is not to be stored as a copy, either.
    let leaks = leaks(cx);
    let is_refused = |link: &&Link| leaks.iter().any(|(leak, _)| leak.path == link.path);
    let links = links.filter(|link| !is_refused(link));
    let mut kinds = BTreeMap::<_, Vec<&Link>>::new();
    for link in links.filter(|link| !is_alias(&link.path, &link.target)) {
        let key = (Copy::of(cx, &link.path), shelf(&link.path));
        kinds.entry(key).or_default().push(link);
    }
    for ((copy, shelf), links) in kinds {
        let found = links.into_iter().map(|link| internal(link, copy));
        out.extend(summed_up(cx, shelf, found.collect()));
    }
    let mut dangling = BTreeMap::<_, Vec<_>>::new();
    let mut outside = BTreeMap::<_, Vec<_>>::new();
    for oddity in cx
        .tree
        .oddities()
        .iter()
        .filter(|oddity| concerns(&oddity.path))
    {
        let found = odd(&oddity.path, &oddity.kind);
        match oddity.kind {
            OddityKind::LinkDangles(_) => {
                let shelf = dangling.entry(shelf(&oddity.path)).or_default();
                shelf.extend(found);
            }
            OddityKind::LinkInRepository(_) => {
                let skill = cx.owners.of_path(&oddity.path).unwrap_or_default();
                outside.entry(skill).or_default().extend(found);
            }
            _ => out.extend(found),
        }
    }
    for (skill, found) in outside {
        out.extend(summed_up(cx, skill, found));
    }
    for (shelf, found) in dangling {
        out.extend(summed_up(cx, shelf, found));
    }
}

/// One finding for many links of one kind in one directory, which are one habit.
fn summed_up(cx: &BundleContext<'_>, shelf: &str, mut found: Vec<Finding>) -> Vec<Finding> {
    let more = found.len().saturating_sub(1);
    if found.len() > MANY {
        found.truncate(1);
        for first in &mut found {
            let place = cx.tree.display(shelf);
            let note = format!("`{place}` has {more} more such links");
            first.notes.push(note);
        }
    }
    found
}

/// How many links of one kind in one directory are reported one by one.
const MANY: usize = 3;

/// What a link makes a copy of.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Copy {
    /// Skills that are there already.
    Skills,
    /// The `SKILL.md` of a skill that has more files.
    Document,
    /// Something else.
    Other,
}

impl Copy {
    fn of(cx: &BundleContext<'_>, path: &str) -> Self {
        let Some(directory) = directory_of_document(path) else {
            let are_skills = cx.copies.are_at(path, cx.skills);
            return if are_skills {
                Self::Skills
            } else {
                Self::Other
            };
        };
        if cx.copies.has(directory) {
            return Self::Skills;
        }
        let file = cx.tree.find(path).map(|id| cx.tree.file(id));
        let original = file.and_then(|file| file.link.as_ref());
        match original.and_then(|link| directory_of_document(&link.original)) {
            Some(original) if cx.owners.is_skill(original) => Self::Document,
            _ => Self::Other,
        }
    }
}

/// The directory of a `SKILL.md`.
fn directory_of_document(path: &str) -> Option<&str> {
    match path.rsplit_once('/') {
        Some((directory, SKILL_FILE)) => Some(directory),
        _ => None,
    }
}

/// Where skills stand side by side, of which the link at a path makes one or a part of one.
fn shelf(path: &str) -> &str {
    directory_of(directory_of_document(path).unwrap_or(path))
}

/// Whether something of what a link leads to is embedded: it lies in a skill, or holds one.
fn is_embedded(cx: &BundleContext<'_>, path: &str) -> bool {
    let owners = cx.owners;
    owners.is_inside(path) || owners.is_skill(path) || owners.is_above(path)
}

/// Whether a link gives the instructions of a project the name under which another client looks for them: the two are
/// meant to be one text.
fn is_alias(path: &str, target: &str) -> bool {
    const INSTRUCTIONS: [&str; 3] = ["AGENTS.md", "CLAUDE.md", "GEMINI.md"];
    let name = path.rsplit('/').next().unwrap_or_default();
    let target = target.strip_prefix("./").unwrap_or(target);
    INSTRUCTIONS.contains(&name) && INSTRUCTIONS.contains(&target)
}

/// Whether a link outside of all skills may have been meant as a skill: any other name with a dot is a file such as `README.md`.
fn may_be_a_skill(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    name == SKILL_FILE || !name.contains('.')
}

/// Whether a linked directory led here, so that the link is seen again in the place it really stands.
fn is_below_a_link(tree: &SourceTree, path: &str) -> bool {
    ancestors(path).any(|directory| tree.link(directory).is_some())
}

fn internal(Link { path, target }: &Link, copy: Copy) -> Finding {
    let (message, help) = match copy {
        Copy::Skills => (
            format!("this is a symbolic link to `{target}`, so that its skills are embedded twice"),
            "leave one of the two out: compile the directory that the skills really are in, and no other",
        ),
        Copy::Document => (
            format!("this is a symbolic link to `{target}`, without the other files of that skill"),
            "link to the whole directory, or leave this one out: compile the directory that the skill really is in",
        ),
        Copy::Other => (
            format!("this is a symbolic link to `{target}`, of which a copy is embedded"),
            "if the copy is meant, store it as one in the repository too",
        ),
    };
    let mut finding = Finding::at_path(&SYMLINK, path, message)
        .note("MCP has no links; Git on Windows may check out a text file in place of one")
        .help(help);
    finding.level = Level::Warn;
    finding
}

fn odd(path: &str, kind: &OddityKind) -> Option<Finding> {
    let (message, note, help) = match kind {
        OddityKind::LinkEscapes(target) => (
            format!("this symbolic link leads out of the bundle, to `{target}`"),
            "nothing outside of the bundle is embedded: a link could publish what nobody meant to publish",
            "copy into the bundle what the link leads to, or remove the link",
        ),
        OddityKind::LinkInRepository(target) => (
            format!("this symbolic link leads out of the folder of skills, to `{target}`"),
            "clients that read this checkout find it; an installed copy of the skill may have nothing in its place, and a build refuses it",
            "copy into the skill what the link leads to",
        ),
        OddityKind::LinkDangles(target) => (
            format!("this symbolic link leads to nothing: `{target}` does not exist"),
            "a link without a target has no content that could be embedded",
            "correct the target, or remove the link",
        ),
        OddityKind::LinkCycle(target) => (
            format!("this symbolic link leads to `{target}`, a directory that contains the link"),
            "a copy of the directory would have to contain itself",
            "remove the link",
        ),
        _ => return None,
    };
    let mut finding = Finding::at_path(&SYMLINK, path, message)
        .note(note)
        .help(help);
    if matches!(kind, OddityKind::LinkInRepository(_)) {
        finding.level = Level::Warn;
    }
    Some(finding)
}
