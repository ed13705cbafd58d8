//! SK212: a file that the agent finds only by way of another file.

use std::collections::BTreeSet;

use skills_model::limits::SKILL_FILE;

use super::brief::brief;
use super::destination::{directory_of, relative};
use super::target::{Target, is_chronicle, links, pages};
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::FileId;

declare_rule! {
    /// A Markdown file is linked from a file that `SKILL.md` links to, and not mentioned by `SKILL.md` itself.
    ///
    /// ## Why
    ///
    /// Agents often read only the beginning of a file that another file sends them to, or do not go there at all. The
    /// specification advises to keep references one level deep.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Read [how to fill forms](references/forms.md) first.
    /// === pdf/references/forms.md
    /// Read [which fields there are](fields.md) too.
    /// === pdf/references/fields.md
    /// # Fields
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
    /// Read [how to fill forms](references/forms.md) first, and [which fields there are](references/fields.md).
    /// === pdf/references/forms.md
    /// Read [which fields there are](fields.md) too.
    /// === pdf/references/fields.md
    /// # Fields
    /// ```
    DEEP_REFERENCE = "SK212", "deep-reference", Content, Allow, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let near: BTreeSet<_> = edges(cx, cx.skill.document)
        .map(|(_, target)| target)
        .collect();
    let mut seen = BTreeSet::new();
    for &file in &near {
        for (span, target) in edges(cx, file) {
            let path = cx.tree.file(target).path.as_str();
            let is_known =
                target == cx.skill.document || near.contains(&target) || is_mentioned(cx, path);
            if is_known || is_chronicle(cx.below(path)) || !seen.insert(target) {
                continue;
            }
            let direct = relative(cx.skill.directory, path);
            let message = format!("`{}` is two links away from `{SKILL_FILE}`", brief(&direct));
            out.push(
                Finding::at(&DEEP_REFERENCE, file, span, message)
                    .note("agents often read a file in part, or not at all, when another file sends them there")
                    .help(format!("link to it in `{SKILL_FILE}` too: `{direct}`")),
            );
        }
    }
}

/// The Markdown files of the skill that a file links to, with where.
fn edges<'a>(
    cx: &SkillContext<'a>,
    from: FileId,
) -> impl Iterator<Item = (std::ops::Range<usize>, FileId)> + use<'a> {
    let cx = *cx;
    pages(&cx)
        .filter(move |(file, _, _)| *file == from)
        .flat_map(move |(_, path, outline)| {
            links(outline).filter_map(move |link| {
                let (Target::Found(target) | Target::FoundFromRoot(target)) =
                    Target::of(&cx, path, link)?
                else {
                    return None;
                };
                let target = cx.tree.find(&target)?;
                cx.skill
                    .outlines
                    .contains_key(&target)
                    .then(|| (link.span.clone(), target))
            })
        })
}

/// Whether the body names a file or its directory, in code or in prose.
fn is_mentioned(cx: &SkillContext<'_>, path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let directory = directory_of(path).rsplit('/').next().unwrap_or_default();
    cx.skill.text.contains(name)
        || !directory.is_empty()
            && directory_of(path) != cx.skill.directory
            && cx.skill.text.contains(&format!("{directory}/*"))
}
