//! SK208: a link to a heading that the text does not have.

use std::collections::BTreeMap;
use std::ops::Range;

use super::brief::brief;
use super::destination::decoded;
use super::similar::most_similar;
use super::target::{Target, links, pages};
use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::FileId;
use crate::syntax::{Anchors, Link};

declare_rule! {
    /// The `#anchor` of a link is neither a heading nor an id of the Markdown file that the link leads to.
    ///
    /// Headings have the anchors that GitHub gives them: lower case, hyphens for spaces, no punctuation, `-1` after the second
    /// of the same name. Anchors that differ from one in nothing but punctuation are accepted, because renderers differ there.
    ///
    /// ## Why
    ///
    /// The agent that follows the link looks for the section, does not find it, and reads the whole file or gives up. Most often
    /// the heading was renamed and the link was not.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Fill the form as in [the second step](#fill-the-form).
    ///
    /// # Filling the fields
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
    /// Fill the form as in [the second step](#filling-the-fields).
    ///
    /// # Filling the fields
    /// ```
    BROKEN_ANCHOR = "SK208", "broken-anchor", Content, Warn, Check::Skill(check)
}

/// How many broken anchors of one file are told one by one.
const MANY: usize = 4;

/// How many comparisons are made for one skill, so that thousands of broken anchors cost no minutes.
const COMPARISONS: usize = 10_000;

/// The anchors of the files that were asked for.
type Known = BTreeMap<FileId, Anchors>;

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let mut known = Known::new();
    let mut budget = COMPARISONS;
    for (file, path, outline) in pages(cx) {
        let mut broken = Vec::new();
        for link in links(outline) {
            let Some(anchor) = anchor(&link.destination) else {
                continue;
            };
            let Some(target) = document(cx, (file, path), link) else {
                continue;
            };
            let anchors = known.entry(target).or_insert_with(|| anchors(cx, target));
            if !anchors.has(&anchor) && anchors.alike(&anchor).is_none() {
                let nearest = Some(anchors)
                    .filter(|_| broken.len() < MANY)
                    .and_then(|anchors| nearest(&anchor, anchors, &mut budget));
                broken.push(finding(cx, (file, link), target, &anchor, nearest));
            }
        }
        out.extend(summed_up(broken));
    }
}

/// A table of contents whose anchors were made in another way is one fault and not fifty.
fn summed_up(mut broken: Vec<Finding>) -> Vec<Finding> {
    let more = broken.len().saturating_sub(1);
    if broken.len() > MANY {
        broken.truncate(1);
        for first in &mut broken {
            first
                .notes
                .push(format!("{more} more anchors in this file lead nowhere too"));
        }
    }
    broken
}

/// The anchor of a destination, decoded; nothing where it is no heading: lines of code, pages, addresses of an app.
fn anchor(destination: &str) -> Option<String> {
    let (_, anchor) = destination.split_once('#')?;
    let is_line = |anchor: &str| {
        let digits = anchor.strip_prefix(['L', 'l']);
        digits.is_some_and(|digits| digits.starts_with(|digit: char| digit.is_ascii_digit()))
    };
    let is_heading = !is_line(anchor)
        && !anchor.contains(['/', '=', ':', '{', '}', '<', '>', '$', '*', '?', '#']);
    (is_heading && !anchor.contains("...")).then(|| decoded(anchor))
}

/// The Markdown file of the skill that a link leads into.
fn document(cx: &SkillContext<'_>, (file, path): (FileId, &str), link: &Link) -> Option<FileId> {
    if link.destination.starts_with('#') {
        return Some(file);
    }
    let (Target::Found(target) | Target::FoundFromRoot(target)) = Target::of(cx, path, link)?
    else {
        return None;
    };
    let target = cx.tree.find(&target)?;
    cx.skill.outlines.contains_key(&target).then_some(target)
}

fn anchors(cx: &SkillContext<'_>, file: FileId) -> Anchors {
    let outline = cx.skill.outlines.get(&file);
    outline.map_or_else(Anchors::default, |outline| {
        Anchors::of(cx.text(file), outline)
    })
}

fn finding(
    cx: &SkillContext<'_>,
    (file, link): (FileId, &Link),
    target: FileId,
    anchor: &str,
    nearest: Option<&str>,
) -> Finding {
    let place = if target == file {
        "this file".to_owned()
    } else {
        format!("`{}`", cx.tree.display(&cx.tree.file(target).path))
    };
    let span = written(cx, file, link);
    let message = format!("{place} has no heading for `#{}`", brief(anchor));
    let finding = Finding::at(&BROKEN_ANCHOR, file, span.clone(), message)
        .note("an agent that follows the link does not find the section that is meant");
    let is_verbatim = cx
        .text(file)
        .get(span.clone())
        .is_some_and(|written| written.starts_with('#') && link.destination.ends_with(written));
    match nearest {
        Some(near) if is_verbatim => finding.offer(
            "if the heading with a similar name is meant, write its anchor",
            [Patch::replace(span, format!("#{near}"))],
        ),
        Some(near) => finding.help(format!("there is a heading with a similar name: `#{near}`")),
        None => finding.help("correct the anchor, or leave it away"),
    }
}

/// The anchor that was meant most likely.
fn nearest<'anchors>(
    anchor: &str,
    anchors: &'anchors Anchors,
    budget: &mut usize,
) -> Option<&'anchors str> {
    *budget = budget.checked_sub(anchors.count())?;
    most_similar(anchor, anchors.all()).or_else(|| longer(anchor, anchors))
}

/// The only anchor that begins with the words of another one: a heading with a year or a remark behind it.
fn longer<'anchors>(anchor: &str, anchors: &'anchors Anchors) -> Option<&'anchors str> {
    let goes_on = |other: &&str| {
        let rest = other.strip_prefix(anchor);
        rest.is_some_and(|rest| !anchor.is_empty() && rest.starts_with('-'))
    };
    let mut found = anchors.all().filter(goes_on);
    found.next().filter(|_| found.next().is_none())
}

/// Where `#anchor` is written; the whole destination if it is written with escapes.
fn written(cx: &SkillContext<'_>, file: FileId, link: &Link) -> Range<usize> {
    let text = cx.text(file).get(link.span.clone()).unwrap_or_default();
    match text.find('#') {
        Some(at) if text == link.destination => link.span.start + at..link.span.end,
        _ => link.span.clone(),
    }
}
