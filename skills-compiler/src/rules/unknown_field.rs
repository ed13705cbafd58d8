//! SK013: a field that nobody reads.

use std::ops::Range;

use skills_model::limits::SKILL_FILE;

use super::brief::brief;
use super::field::Fields;
use super::listed::listed;
use super::metadata;
use super::misspelled_field::meant;
use super::value::EDITS;
use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::{Entry, Frontmatter, NodeKind, Scalar};

declare_rule! {
    /// A top-level key of the frontmatter is neither a field of the specification nor one that a known client reads.
    ///
    /// ## Why
    ///
    /// The specification has six fields, and `metadata` for everything else. Clients ignore what they do not know, but the
    /// reference validator and uploads to Claude refuse the whole skill.
    ///
    /// The fields of Claude Code, VS Code, Cursor, Codex, Gemini, `openclaw`, `OpenHands` and the registry `ClawHub`, which reads
    /// `version`, are known. `known-fields` in `skills.toml` adds fields of your own. Where it names clients (`claude-code`,
    /// `vscode`, `cursor`, `codex`, `gemini`, `openclaw`, `openhands`, `clawhub`), only theirs are known; in the profiles `portable`
    /// and `claude-upload` none are unless they are named.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// author: acme
    /// edition: 2
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
    /// metadata:
    ///   author: acme
    ///   edition: "2"
    /// ---
    /// Open the form and fill it.
    /// ```
    UNKNOWN_FIELD = "SK013", "unknown-field", Format, Warn, Check::Skill(check)
}

/// How many fields of one skill are pointed at.
const MARKED: usize = 8;

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let Some(frontmatter) = &cx.skill.frontmatter else {
        return;
    };
    let fields = Fields::of(cx.settings);
    let is_unknown = |entry: &&Entry| {
        matches!(entry.key_value, Scalar::Text(_))
            && !fields.contain(&entry.key)
            // A line of prose that is a key only because a quote or an indentation is wrong, which other rules speak of.
            && (cx.skill.faults.is_empty() || !entry.key.contains(' '))
            && meant(frontmatter, entry).is_none()
    };
    let unknown: Vec<_> = frontmatter.entries.iter().filter(is_unknown).collect();
    let Some((first, others)) = unknown.split_first() else {
        return;
    };
    let many = if others.is_empty() { "" } else { "s" };
    let names = listed(unknown.iter().map(|entry| &*entry.key));
    let message = if fields.are_of_every_client() {
        format!("no known client reads the field{many} {names}")
    } else {
        format!("the specification has no field{many} {names}")
    };
    let finding = Finding::at(
        &UNKNOWN_FIELD,
        cx.skill.document,
        first.key_span.clone(),
        message,
    );
    let finding = others.iter().take(MARKED).fold(finding, |finding, entry| {
        finding.related(cx.skill.document, entry.key_span.clone(), "")
    });
    let finding = finding.note(
        "the reference validator and uploads to Claude refuse a skill with fields of its own",
    );
    let moved = if others.is_empty() { "it" } else { "them" };
    let form = form(&unknown).unwrap_or_default();
    let known = format!("name {moved} in `known-fields` of skills.toml");
    if let Some(original) = cx.original(cx.skill.document) {
        let help = format!("give the skill a `{SKILL_FILE}` of its own, or {known}");
        let original = cx.tree.display(original);
        let note = format!(
            "this is a symbolic link to `{original}`, where another program may read {moved}"
        );
        out.push(finding.note(note).help(help));
        return;
    }
    out.push(match move_all(cx, frontmatter, &unknown) {
        // Whoever wrote a field wanted something to read it.
        Some(patches) => finding.offer(
            format!("if no program of yours reads {moved} here, move {moved} under `metadata`, or else {known}"),
            patches,
        ),
        None => finding.help(format!(
            "if no program of yours reads {moved} here, move {moved} under `metadata`{form}, or else {known}"
        )),
    });
}

/// How the first value that is no text becomes one: `metadata` maps text to text.
fn form(unknown: &[&Entry]) -> Option<String> {
    unknown.iter().find_map(|entry| {
        let key = brief(&entry.key);
        match &entry.value.kind {
            NodeKind::Scalar(..) | NodeKind::Faulty => None,
            NodeKind::Sequence(..) => Some(format!(", a list as one text, `{key}: \"a, b\"`")),
            NodeKind::Mapping(entries, _) => {
                let inner = entries.first().map_or("key", |first| &first.key);
                let inner = brief(inner);
                Some(format!(", a mapping as a key each, `{key}.{inner}: ..`"))
            }
        }
    })
}

/// The edits that move the fields under `metadata`; nothing unless each is one line, whose value is then text.
fn move_all(
    cx: &SkillContext<'_>,
    frontmatter: &Frontmatter,
    unknown: &[&Entry],
) -> Option<Vec<Patch>> {
    let text = cx.skill.text;
    let has_key = |key: &str| {
        metadata::entries(cx.skill)
            .iter()
            .any(|entry| entry.key == key)
    };
    if unknown.len() > EDITS
        || text.contains('\r')
        || unknown.iter().any(|entry| has_key(&entry.key))
    {
        return None;
    }
    let lines: Option<Vec<_>> = unknown.iter().map(|entry| line(text, entry)).collect();
    let lines = lines?;
    match frontmatter.get("metadata") {
        None => {
            let start = lines.first()?.start;
            let mut patches = vec![Patch::insert(start, "metadata:\n")];
            patches.extend(put(text, "  ", start, &lines, unknown)?);
            Some(patches)
        }
        Some(existing) => {
            let (indent, end) = block_end(text, existing)?;
            put(text, indent, end, &lines, unknown)
        }
    }
}

/// How far the entries of a `metadata` in block form are indented, and where the line after the last of them begins.
fn block_end<'text>(text: &'text str, metadata: &Entry) -> Option<(&'text str, usize)> {
    if let NodeKind::Scalar(Scalar::Null, _) = &metadata.value.kind {
        // The lines below were to belong to it, and are not indented.
        let is_bare = metadata.value.span.is_empty()
            || text.get(metadata.value.span.clone())?.trim().is_empty();
        return is_bare.then(|| ("  ", line_end(text, metadata.key_span.end)));
    }
    let NodeKind::Mapping(entries, false) = &metadata.value.kind else {
        return None;
    };
    let (first, last) = (&entries.first()?.key_span, entries.last()?);
    let indent = text.get(line_start(text, first.start)..first.start)?;
    let end = line_end(text, last.value.span.end.max(last.key_span.end));
    (!indent.is_empty() && indent.bytes().all(|byte| byte == b' ')).then_some((indent, end))
}

/// The edits that make the fields entries of `metadata` at an offset: those that stand there already are indented, the
/// others moved.
fn put(
    text: &str,
    indent: &str,
    at: usize,
    lines: &[Range<usize>],
    unknown: &[&Entry],
) -> Option<Vec<Patch>> {
    let mut patches = Vec::new();
    let mut later = String::new();
    let mut end = at;
    for (line, entry) in lines.iter().zip(unknown) {
        if line.start == end {
            let (value, quote) = (&entry.value.span, quote(entry));
            patches.push(Patch::insert(line.start, indent));
            if !quote.is_empty() {
                patches.extend([
                    Patch::insert(value.start, quote),
                    Patch::insert(value.end, quote),
                ]);
            }
            end = line.end;
        } else {
            later.push_str(indent);
            later.push_str(&as_text(text, line, entry)?);
            patches.push(Patch::replace(line.clone(), ""));
        }
    }
    if !later.is_empty() {
        patches.push(Patch::insert(end, later));
    }
    patches.sort_by_key(|patch| (patch.span.start, patch.span.end));
    Some(patches)
}

/// The line of a field, its end included, if the field is just that line.
fn line(text: &str, entry: &Entry) -> Option<Range<usize>> {
    let start = entry.key_span.start;
    let written = text.get(entry.value.span.clone())?;
    let is_value = !written.trim().is_empty() && !written.contains('\n');
    let is_scalar = matches!(entry.value.kind, NodeKind::Scalar(..));
    let end = line_end(text, entry.value.span.end);
    let between = text.get(entry.key_span.end..entry.value.span.start)?;
    // An anchor or a tag would have to go along, and an alias would have to stay below its anchor.
    let is_plain = between.trim() == ":" && !between.contains('\n') && !written.starts_with('*');
    (is_scalar && is_value && is_plain && line_start(text, start) == start && end > start)
        .then_some(start..end)
}

/// The line of a field, with quotes around a value that is not text.
fn as_text(text: &str, line: &Range<usize>, entry: &Entry) -> Option<String> {
    let (value, quote) = (&entry.value.span, quote(entry));
    let (before, after) = (
        text.get(line.start..value.start)?,
        text.get(value.end..line.end)?,
    );
    Some(format!(
        "{before}{quote}{}{quote}{after}",
        text.get(value.clone())?
    ))
}

fn quote(entry: &Entry) -> &'static str {
    if entry.value.as_text().is_some() {
        ""
    } else {
        "\""
    }
}

fn line_start(text: &str, at: usize) -> usize {
    let head = text.get(..at).unwrap_or_default();
    head.rfind('\n').map_or(0, |newline| newline + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    let tail = text.get(at..).unwrap_or_default();
    at + tail.find('\n').map_or(tail.len(), |newline| newline + 1)
}
