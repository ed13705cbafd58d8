//! SK206: a link out of the skill.

use std::mem::discriminant;

use skills_model::limits::SKILL_FILE;

use super::brief::brief;
use super::destination::{decoded, directory_of, path_of};
use super::named_path::ways_out;
use super::similar::most_similar;
use super::target::{Target, exists, is_chronicle, links, pages};
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::{FileId, ancestors, is_below, resolved};
use crate::syntax::{Link, Outline};

declare_rule! {
    /// A link or image in a Markdown file of the skill, or a path in its code, leads out of the skill with `../`.
    ///
    /// A path in code counts if there is something where it leads.
    /// Links of files about the project, such as `README.md`, and of templates are left alone. Of a link to the `SKILL.md` of
    /// a skill that is not there, the help names the one that is spelled most like it.
    ///
    /// ## Why
    ///
    /// A skill is installed, served and approved by itself. What is outside of it may be somewhere else or missing, and hosts
    /// that read files below the directory of the skill refuse the path.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Check the result as [the review skill](../review/checklist.md) says.
    /// === review/SKILL.md
    /// ---
    /// name: review
    /// description: Reviews documents. Use when the user asks for a review.
    /// ---
    /// Go through the [checklist](checklist.md).
    /// === review/checklist.md
    /// # Checklist
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
    /// Check the result with the skill `review`.
    /// === review/SKILL.md
    /// ---
    /// name: review
    /// description: Reviews documents. Use when the user asks for a review.
    /// ---
    /// Go through the [checklist](checklist.md).
    /// === review/checklist.md
    /// # Checklist
    /// ```
    LINK_ESCAPES_SKILL = "SK206", "link-escapes-skill", Content, Warn, Check::Skill(check)
}

/// The links of one file that lead to one kind of place outside.
struct Escape<'skill> {
    first: &'skill Link,
    to: Outside,
    more: usize,
}

/// What is outside where a link leads.
enum Outside {
    /// Another skill, by its directory.
    Skill(String),
    /// A path that no skill has.
    Stray(String),
    /// A file of the repository that lies beside the folder of skills, by its path from the top.
    Repository(String),
    /// The `SKILL.md` of a skill that is not in the bundle, by its name.
    NoSkill(String),
    /// A path that does not exist, as it is written.
    Nothing(String),
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let mut budget = COMPARISONS;
    for (file, path, outline) in pages(cx) {
        if !is_chronicle(cx.inner(file)) {
            let escapes = escapes(cx, path, outline);
            let has_links = !escapes.is_empty();
            for escape in escapes {
                out.push(finding(cx, file, &escape, &mut budget));
            }
            if !has_links {
                out.extend(in_code(cx, file, path, outline));
            }
        }
    }
}

/// What there is to say of the paths in code that lead to something out of the skill.
fn in_code(cx: &SkillContext<'_>, file: FileId, path: &str, outline: &Outline) -> Option<Finding> {
    let from = [cx.skill.directory, directory_of(path)];
    let is_outside = |target: &String| {
        // A directory around the skill is where it lies, and nothing that it needs.
        let is_around = is_below(cx.skill.directory, target) || target == cx.skill.directory;
        !is_around && !is_below(target, cx.skill.directory) && exists(cx, target)
    };
    let leads_out = |written: &str, is_rooted: bool| {
        let from = from.iter().take(if is_rooted { 1 } else { 2 });
        let mut from = from.copied();
        from.find_map(|from| resolved(from, written).filter(is_outside))
    };
    let ways = ways_out(cx.text(file), outline).into_iter();
    let mut found =
        ways.filter_map(|(written, span, is_rooted)| Some((leads_out(written, is_rooted)?, span)));
    let (target, span) = found.next()?;
    let message = format!(
        "this path leads out of the skill, to `{}`",
        brief(&cx.tree.display(&target))
    );
    let finding = Finding::at(&LINK_ESCAPES_SKILL, file, span, message)
        .note("a skill that is installed alone has nothing there")
        .help("copy what it leads to into the skill");
    Some(match found.count() {
        0 => finding,
        1 => finding.note("another path in this file does so too"),
        more => finding.note(format!("{more} more paths in this file do so too")),
    })
}

/// One entry for each kind of place: a file with many links to other skills has one habit and not many faults.
fn escapes<'skill>(
    cx: &SkillContext<'_>,
    path: &str,
    outline: &'skill Outline,
) -> Vec<Escape<'skill>> {
    let mut escapes = Vec::<Escape<'_>>::new();
    for first in links(outline) {
        let Some(Target::Outside(target)) = Target::of(cx, path, first) else {
            continue;
        };
        let to = outside(cx, path, target, first);
        let mut known = escapes.iter_mut();
        match known.find(|escape| discriminant(&escape.to) == discriminant(&to)) {
            Some(escape) => escape.more += 1,
            None => escapes.push(Escape { first, to, more: 0 }),
        }
    }
    escapes
}

fn outside(cx: &SkillContext<'_>, from: &str, target: Option<String>, link: &Link) -> Outside {
    if target.is_none() {
        let written = decoded(path_of(&link.destination));
        let reading = cx.tree.reading();
        if let Some(path) = reading.outside(directory_of(from), &written) {
            return Outside::Repository(path);
        }
    }
    let document = target
        .as_deref()
        .and_then(|target| target.strip_suffix(SKILL_FILE)?.strip_suffix('/'));
    let missing = document.map(|directory| name_of(directory).to_owned());
    let Some(target) = target.filter(|target| exists(cx, target)) else {
        return missing.map_or_else(
            || Outside::Nothing(link.destination.clone()),
            Outside::NoSkill,
        );
    };
    let is_skill = |directory: &&str| cx.tree.find(&format!("{directory}/{SKILL_FILE}")).is_some();
    let skill = std::iter::once(target.as_str())
        .chain(ancestors(&target))
        .find(is_skill);
    match skill {
        Some(directory) => Outside::Skill(directory.to_owned()),
        None if cx.tree.find(SKILL_FILE).is_some() => {
            Outside::Skill(cx.tree.root_name().to_owned())
        }
        None => Outside::Stray(target),
    }
}

fn finding(
    cx: &SkillContext<'_>,
    file: FileId,
    escape: &Escape<'_>,
    budget: &mut usize,
) -> Finding {
    let near = match &escape.to {
        Outside::NoSkill(name) => alike(cx, name, budget),
        _ => None,
    };
    let (message, note, help) = match &escape.to {
        Outside::Skill(directory) => {
            let name = name_of(directory);
            (
                format!("this link leads into another skill, `{}`", brief(name)),
                "a skill is installed and approved by itself: the other one may not be there, or be somewhere else",
                format!(
                    "name the skill instead, as in: use the skill `{}`; or copy the file into this one",
                    brief(name)
                ),
            )
        }
        Outside::Stray(target) => (
            format!(
                "this link leads to `{}`, which belongs to no skill",
                brief(&cx.tree.display(target))
            ),
            "what is outside of the directory of a skill is not embedded and not served",
            "copy what it leads to into the skill, or write the whole `https://` address"
                .to_owned(),
        ),
        Outside::Repository(path) => (
            format!(
                "this link leads out of the skill, to `{}` of the repository",
                brief(path)
            ),
            "a skill that is installed alone has nothing there",
            "copy what it leads to into the skill, or write the whole `https://` address"
                .to_owned(),
        ),
        Outside::NoSkill(name) => (
            match near {
                Some(other) if other == name => format!(
                    "this link leads to nothing: the skill `{}` lies elsewhere in the bundle",
                    brief(name)
                ),
                _ => format!(
                    "this link leads into the skill `{}`, which is not in the bundle",
                    brief(name)
                ),
            },
            "a skill is installed and approved by itself, and an agent that follows the link finds nothing",
            match near {
                Some(other) if other == name => {
                    "name that skill instead of linking to it".to_owned()
                }
                Some(other) => format!(
                    "if `{}` is meant, name that skill instead of linking to it, or remove the link",
                    brief(other)
                ),
                None => "name a skill that there is, or remove the link".to_owned(),
            },
        ),
        Outside::Nothing(destination) => (
            format!(
                "`{}` leads out of the skill, to nothing that is known here",
                brief(destination)
            ),
            "what is outside of the directory of a skill is not embedded and not served",
            "add what it leads to to the skill, write the whole `https://` address, or remove the link"
                .to_owned(),
        ),
    };
    let finding = Finding::at(
        &LINK_ESCAPES_SKILL,
        file,
        escape.first.span.clone(),
        message,
    );
    let finding = finding.note(note).help(help);
    match escape.more {
        0 => finding,
        1 => finding.note("another link in this file does so too"),
        more => finding.note(format!("{more} more links in this file do so too")),
    }
}

/// How many comparisons are made for one skill, so that thousands of such links cost no minutes.
const COMPARISONS: usize = 10_000;

/// The name of the skill that is spelled most like one that is missing.
fn alike<'tree>(cx: &SkillContext<'tree>, name: &str, budget: &mut usize) -> Option<&'tree str> {
    let documents = cx.tree.named(SKILL_FILE).take(*budget);
    let documents = documents.inspect(|_| *budget = budget.saturating_sub(1));
    let names = documents.map(|(_, file)| name_of(directory_of(&file.path)));
    most_similar(name, names)
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}
