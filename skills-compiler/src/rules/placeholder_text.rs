//! SK030: text of a template that nobody has replaced.

use std::ops::Range;

use crate::diagnostics::{Finding, Level};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::Outline;

declare_rule! {
    /// A `description` or the text below it is still what a template said, such as `[TODO: ...]`.
    ///
    /// ## Why
    ///
    /// A model chooses skills by their descriptions, and never chooses one that describes nothing. In the text below, a
    /// placeholder is an instruction that was never given; this is only a warning, and so is a line that is no more than a note to the
    /// author, `- TODO: ...`. Code is left in peace.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: "[TODO: Explain what the skill does and when to use it]"
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    PLACEHOLDER_TEXT = "SK030", "placeholder-text", Format, Deny, Check::Skill(check)
}

/// How descriptions begin in the templates of skills; in lower case.
const TEMPLATES: &[&str] = &[
    "a brief description of what this skill does",
    "a clear description of what this skill does",
    "a description of what this skill does",
    "brief description of what this skill does",
    "describe what this skill does",
    "description of what the skill does",
    "description of what this skill does",
    "replace with description",
    "todo:",
    // What the help of other rules writes.
    "what it does. use when the user asks for it",
    "what this skill does and when to use it",
    "your skill description",
];

/// What stands in a description that is not finished; in lower case.
const UNFINISHED: &[&str] = &["[todo", "[insert ", "lorem ipsum dolor"];

/// What opens a placeholder in the text of a skill.
const OPENING: &str = "[TODO:";

/// The text of the template of Anthropic.
const INSERT: &str = "Insert instructions below";

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let outline = cx.skill.outlines.get(&cx.skill.document);
    let in_body = outline.and_then(|outline| in_body(cx, outline));
    out.extend(match (in_description(cx), in_body) {
        // Nobody has touched the template, which is one thing to say.
        (Some(finding), Some((place, _))) => {
            Some(finding.related(cx.skill.document, place, "and so is this"))
        }
        (finding, body) => finding.or_else(|| body.map(|body| body_finding(cx, body))),
    });
}

fn in_description(cx: &SkillContext<'_>) -> Option<Finding> {
    let entry = cx.skill.frontmatter.as_ref()?.get("description")?;
    let text = entry.value.as_text()?.trim().to_lowercase();
    let begins = TEMPLATES.iter().any(|template| text.starts_with(template));
    let unfinished = UNFINISHED.iter().find(|part| text.contains(*part));
    if !begins && unfinished.is_none() && text != "todo" && text != "tbd" {
        return None;
    }
    let written = cx.skill.text.get(entry.value.span.clone())?;
    let lower = written.to_ascii_lowercase();
    let found = unfinished
        .and_then(|part| lower.find(*part))
        .filter(|_| !begins);
    let place = match found {
        Some(at) => {
            let start = entry.value.span.start + at;
            start..start + placeholder(written.get(at..)?)
        }
        None => first_line(written, entry.value.span.start),
    };
    Some(
        Finding::at(
            &PLACEHOLDER_TEXT,
            cx.skill.document,
            place,
            "`description` is still the text of a template",
        )
        .note("a model chooses skills by their descriptions")
        .help("say what the skill does and when to use it"),
    )
}

/// The first placeholder in the body, and how many more there are.
fn in_body(cx: &SkillContext<'_>, outline: &Outline) -> Option<(Range<usize>, usize)> {
    let start = cx.skill.fence.as_ref()?.body.start;
    let body = cx.skill.text.get(start..)?;
    let inserts = outline
        .headings
        .iter()
        .find(|heading| heading.text == INSERT);
    let mut marks = body
        .match_indices(OPENING)
        .map(|(at, _)| start + at)
        .filter(|&at| !is_code(outline, at));
    if let Some(step) = step(cx, outline, start) {
        let first = marks.next();
        return Some((step, marks.count() + usize::from(first.is_some())));
    }
    match (marks.next(), inserts) {
        (Some(at), _) => {
            let length = placeholder(cx.skill.text.get(at..)?);
            Some((at..at + length, marks.count()))
        }
        (None, Some(heading)) => {
            let written = cx.skill.text.get(heading.span.clone())?;
            Some((first_line(written, heading.span.start), 0))
        }
        (None, None) => None,
    }
}

/// The first line of the body that is no more than a note of what its author has yet to write: `- TODO: ..`. A skill about such notes
/// has them as its subject.
fn step(cx: &SkillContext<'_>, outline: &Outline, start: usize) -> Option<Range<usize>> {
    if cx.skill.directory_name().contains("todo") {
        return None;
    }
    let mut at = start;
    for line in cx.skill.text.get(start..)?.split_inclusive('\n') {
        let text = line.trim_start_matches(|symbol: char| {
            symbol.is_whitespace() || symbol.is_ascii_digit() || "-*.)".contains(symbol)
        });
        let text = text.strip_prefix("[ ] ").unwrap_or(text);
        let place = at + line.len() - text.len();
        at += line.len();
        let note = text
            .strip_prefix("TODO")
            .or_else(|| text.strip_prefix("FIXME"));
        let is_note = note.is_some_and(|rest| {
            rest.starts_with(':')
                || rest.starts_with("**:")
                || rest.trim_matches(['*', '\r', '\n', ' ']).is_empty()
        });
        if is_note && !is_code(outline, place) {
            return Some(place..place + text.trim_end().len());
        }
    }
    None
}

fn body_finding(cx: &SkillContext<'_>, (place, more): (Range<usize>, usize)) -> Finding {
    let more = match more {
        0 => String::new(),
        1 => ", and there is one more".to_owned(),
        more => format!(", and there are {more} more"),
    };
    let message = format!("this is still the text of a template{more}");
    let mut finding = Finding::at(&PLACEHOLDER_TEXT, cx.skill.document, place, message)
        .note("a model that follows the skill reads this as an instruction")
        .help("write what is missing, or remove it");
    finding.level = Level::Warn;
    finding
}

/// Whether an offset lies in code. Both lists ascend.
fn is_code(outline: &Outline, at: usize) -> bool {
    let spans = outline.code_spans.partition_point(|span| span.end <= at);
    let blocks = outline
        .code_blocks
        .partition_point(|block| block.span.end <= at);
    let begins_before = |span: Option<&Range<usize>>| span.is_some_and(|span| span.start <= at);
    begins_before(outline.code_spans.get(spans))
        || begins_before(outline.code_blocks.get(blocks).map(|block| &block.span))
}

/// The length of the placeholder that a text begins with: to its bracket, or to the end of the line.
fn placeholder(text: &str) -> usize {
    let line = text.lines().next().unwrap_or_default();
    line.find(']').map_or(line.len(), |end| end + 1)
}

/// The first line of a text that says something, as bytes of the file.
fn first_line(text: &str, start: usize) -> Range<usize> {
    let line = text.lines().next().unwrap_or_default();
    start..start + line.trim_end().len()
}
