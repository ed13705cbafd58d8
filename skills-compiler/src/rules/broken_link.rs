//! SK205: a link to a file that the skill does not have.

use std::collections::BTreeMap;

use super::brief::brief_path;
use super::destination::{directory_of, path_of};
use super::link_repair::{is_domain, left_out, repaired};
use super::similar::Paths;
use super::target::{Target, is_chronicle, is_history, links, pages};
use crate::diagnostics::{Finding, Level};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::FileId;
use crate::syntax::{Link, LinkKind, Outline};

declare_rule! {
    /// A relative link or image in a Markdown file of the skill leads to no file and no directory.
    ///
    /// Links are relative to the file that they stand in; of paths that are right from the directory of the skill
    /// `root-relative-link` speaks. Code, placeholders such as `{name}.md`, files that are templates, change logs, and links that
    /// leave the skill are left alone.
    ///
    /// ## Why
    ///
    /// A skill tells the agent what to read next by links. The agent that follows a broken one goes without the knowledge,
    /// or searches the disk for it. It is only a warning in files about the project, such as `README.md`, in examples, below
    /// `assets/`, which may be templates, of images, and where no file may be meant: the name has no extension, or is a host.
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
    /// The other links of the file that lead there.
    more: Vec<&'skill Link>,
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let pages = pages(cx).filter(|(file, _, _)| !is_history(cx.inner(*file)));
    let broken: Vec<_> = pages.flat_map(|page| broken_links(cx, page)).collect();
    if broken.is_empty() {
        return;
    }
    let mut paths = Paths::of(cx.tree, cx.skill);
    out.extend(broken.iter().map(|broken| finding(cx, broken, &mut paths)));
}

/// The broken links of one file, one for each target.
fn broken_links<'skill>(
    cx: &SkillContext<'_>,
    (file, path, outline): (FileId, &str, &'skill Outline),
) -> Vec<Broken<'skill>> {
    let mut found = BTreeMap::<String, Broken<'skill>>::new();
    for link in links(outline) {
        let Some(Target::Missing(target)) = Target::of(cx, path, link) else {
            continue;
        };
        let entry = found.entry(target.clone());
        entry
            .and_modify(|broken| broken.more.push(link))
            .or_insert(Broken {
                file,
                link,
                target,
                more: Vec::new(),
            });
    }
    found.into_values().collect()
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
    let is_address = is_domain(path_of(&link.destination));
    if link.kind == LinkKind::Image || is_address || is_minor(cx.inner(*file), cx.below(target)) {
        finding.level = Level::Warn;
    }
    finding = match more.len() {
        0 => finding,
        1 => finding.note("another link in this file leads there too"),
        more => finding.note(format!("{more} more links in this file lead there too")),
    };
    match left_out {
        Some(left_out) => finding
            .note(left_out)
            .help("move the file to where it is embedded, or remove the link"),
        None => repaired(cx, finding, (*file, link, more), target, paths),
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
    format!(
        "this {subject} leads to `{}`, which {fate}",
        brief_path(target)
    )
}

/// Whether an agent loses nothing by the link, or it may be no link to a file: it is an example, or a page of a wiki.
/// Both paths are below the skill.
fn is_minor(document: &str, target: &str) -> bool {
    const EXAMPLES: [&str; 4] = ["example", "expected", "sample", "fixture"];
    // `assets/` is where the specification has templates, whose links are right where they are filled in.
    let is_example = |directory: &str| {
        let mut segments = directory.split('/');
        segments.any(|segment| EXAMPLES.iter().any(|word| segment.starts_with(word)))
            || directory.split('/').next() == Some("assets")
    };
    let name = target.rsplit('/').next().unwrap_or_default();
    is_chronicle(document)
        || is_chronicle(target)
        || is_example(directory_of(document))
        || !name.contains('.')
}
