//! How long a body is, and what in it could be moved elsewhere.

use std::ops::Range;

use super::size::grouped;
use crate::diagnostics::Finding;
use crate::syntax::{Heading, ParsedSkill};

/// The body without blank lines at its ends: its text, and where it starts in the file.
pub(super) fn body<'tree>(skill: &ParsedSkill<'tree>) -> Option<(&'tree str, usize)> {
    let range = skill.fence.as_ref()?.body.clone();
    let body = skill.text.get(range.clone())?.trim_end();
    let inner = body.trim_start_matches(['\n', '\r']);
    Some((inner, range.start + body.len() - inner.len()))
}

/// How many lines a text has.
pub(super) fn lines(text: &str) -> usize {
    let ends = memchr::memchr_iter(b'\n', text.as_bytes()).count();
    let has_open_line = !text.is_empty() && !text.ends_with('\n');
    ends + usize::from(has_open_line)
}

/// The line that begins at an offset.
pub(super) fn line_at(text: &str, start: usize) -> Range<usize> {
    let line = text.get(start..).and_then(|rest| rest.lines().next());
    start..start + line.unwrap_or_default().len()
}

/// Says of a finding about a long body what to do, and which section is the first to do it with.
pub(super) fn shorten(finding: Finding, skill: &ParsedSkill<'_>) -> Finding {
    const HELP: &str =
        "move what is not always needed into files under `references/`, and link to them";
    let Some((heading, span)) = largest(skill) else {
        return finding.help(HELP);
    };
    let count = lines(skill.text.get(span).unwrap_or_default());
    let title = line_at(skill.text, heading.span.start);
    let text = format!("the largest section: {} lines", grouped(count));
    finding.related(skill.document, title, text).help(HELP)
}

/// The largest of the main sections of the body, if there are several.
fn largest<'skill>(skill: &'skill ParsedSkill<'_>) -> Option<(&'skill Heading, Range<usize>)> {
    let headings = &skill.outlines.get(&skill.document)?.headings;
    let level = (1..=6).find(|level| at(headings, *level).count() > 1)?;
    let ends = at(headings, level)
        .skip(1)
        .map(|heading| heading.span.start);
    let ends = ends.chain([skill.text.trim_end().len()]);
    let sections = at(headings, level).zip(ends);
    let sections = sections.map(|(heading, end)| (heading, heading.span.start..end));
    sections.max_by_key(|(_, span)| span.len())
}

fn at(headings: &[Heading], level: u8) -> impl Iterator<Item = &Heading> {
    headings
        .iter()
        .filter(move |heading| heading.level == level)
}
