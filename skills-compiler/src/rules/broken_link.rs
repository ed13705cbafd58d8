//! SK205: a link to a file that the skill does not have.

use std::collections::BTreeMap;

use super::brief::brief;
use super::destination::{Destination, directory_of, is_template, resolved};
use super::link_repair::{left_out, repaired};
use super::similar::Paths;
use crate::diagnostics::{Finding, Level};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::{FileId, ancestors, is_below};
use crate::syntax::{Link, LinkKind};

declare_rule! {
    /// A relative link or image in a Markdown file of the skill leads to no file and no directory.
    ///
    /// Links are relative to the file that they stand in; a path that is right from the directory of the skill is accepted
    /// too. Code, placeholders such as `{name}.md`, files that are templates, and links that leave the skill are left alone.
    ///
    /// ## Why
    ///
    /// A skill tells the agent what to read next by links. The agent that follows a broken one goes without the knowledge,
    /// or searches the disk for it. In files about the project, such as `CHANGELOG.md`, it is only a warning.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Read [how to fill forms](forms.md) first.
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
    BROKEN_LINK = "SK205", "broken-link", Content, Deny, Check::Skill(check)
}

/// A link that leads to nothing.
struct Broken<'skill> {
    file: FileId,
    link: &'skill Link,
    /// Where it would lead, below the root of the tree.
    target: String,
    /// How many more links of the file lead there.
    more: usize,
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let broken: Vec<_> = cx
        .skill
        .outlines
        .keys()
        .flat_map(|&file| broken_links(cx, file))
        .collect();
    if broken.is_empty() {
        return;
    }
    let mut paths = Paths::of(cx.tree, cx.skill);
    out.extend(broken.iter().map(|broken| finding(cx, broken, &mut paths)));
}

/// The broken links of one file, one for each target.
fn broken_links<'skill>(cx: &SkillContext<'skill>, file: FileId) -> Vec<Broken<'skill>> {
    let path = &cx.tree.file(file).path;
    let inner = path.get(cx.skill.directory.len()..).unwrap_or_default();
    let links = cx
        .skill
        .outlines
        .get(&file)
        .map_or(&[][..], |outline| &outline.links);
    if is_template(inner) {
        return Vec::new();
    }
    let mut found = BTreeMap::<String, Broken<'skill>>::new();
    for link in links.iter().filter(|link| link.kind != LinkKind::Autolink) {
        let Some(target) = missing_target(cx, directory_of(path), link) else {
            continue;
        };
        let entry = found.entry(target.clone());
        entry
            .and_modify(|broken| broken.more += 1)
            .or_insert(Broken {
                file,
                link,
                target,
                more: 0,
            });
    }
    found.into_values().collect()
}

/// Where a link would lead, if that is in the skill and there is nothing.
fn missing_target(cx: &SkillContext<'_>, directory: &str, link: &Link) -> Option<String> {
    let Destination::Relative(path) = Destination::of(link) else {
        return None;
    };
    let target = resolved(directory, &path)?;
    let is_inside = target == cx.skill.directory || is_below(&target, cx.skill.directory);
    // A file may really have `?` or `#` in its name.
    let literal = resolved(directory, &link.destination);
    let from_root = resolved(cx.skill.directory, &path);
    let is_there = [Some(&target), from_root.as_ref(), literal.as_ref()]
        .into_iter()
        .flatten()
        .any(|path| exists(cx, path));
    (is_inside && !is_there).then_some(target)
}

/// Whether something stands at a path, even if it is odd: other rules speak of oddities.
fn exists(cx: &SkillContext<'_>, path: &str) -> bool {
    let is_odd = |path: &str| {
        cx.tree
            .oddities()
            .binary_search_by(|oddity| oddity.path.as_str().cmp(path))
            .is_ok()
    };
    cx.tree.find(path).is_some()
        || cx.tree.has_directory(path)
        || is_odd(path)
        || ancestors(path).any(is_odd)
}

fn finding(cx: &SkillContext<'_>, broken: &Broken<'_>, paths: &mut Paths<'_>) -> Finding {
    let Broken {
        file,
        link,
        target,
        more,
    } = broken;
    let left_out = left_out(cx, target);
    let message = message(link.kind, &cx.tree.display(target), left_out.is_some());
    let mut finding = Finding::at(&BROKEN_LINK, *file, link.span.clone(), message)
        .label("no such file in the bundle")
        .note("links are relative to the file that they stand in; an agent that follows this one finds nothing");
    if is_chronicle(&cx.tree.file(*file).path) {
        finding.level = Level::Warn;
    }
    finding = match more {
        0 => finding,
        1 => finding.note("another link in this file leads there too"),
        more => finding.note(format!("{more} more links in this file lead there too")),
    };
    match left_out {
        Some(left_out) => finding
            .note(left_out)
            .help("move the file to where it is embedded, or remove the link"),
        None => repaired(cx, finding, (*file, link), target, paths),
    }
}

fn message(kind: LinkKind, target: &str, is_left_out: bool) -> String {
    let subject = if kind == LinkKind::Image {
        "image"
    } else {
        "link"
    };
    let fate = if is_left_out {
        "is not embedded"
    } else {
        "does not exist"
    };
    format!("this {subject} leads to `{}`, which {fate}", brief(target))
}

/// Whether a file tells of the project that the skill comes from and not of the skill, so that no agent needs its links.
fn is_chronicle(path: &str) -> bool {
    let name = path
        .rsplit('/')
        .next()
        .unwrap_or_default()
        .to_ascii_uppercase();
    let stem = name.split('.').next().unwrap_or_default();
    matches!(
        stem,
        "CHANGELOG"
            | "CHANGES"
            | "HISTORY"
            | "CONTRIBUTING"
            | "CODE_OF_CONDUCT"
            | "SECURITY"
            | "LICENSE"
            | "NOTICE"
    )
}
