//! `rustc-json`: what `cargo check --message-format json` prints, so that editors that know cargo show findings in `SKILL.md`.

use std::path::Path;

use serde::Serialize;
use serde_json::{Value, json};
use skills_compiler::diagnostics::{
    Certainty, Finding, Help, Level, Patch, Place, Style, render, visible, without_secrets,
};
use skills_compiler::source::{FileId, SourceTree};

use super::json::{edits, harmless};
use super::place::{Region, region};
use super::short::level;
use crate::checked::Checked;
use crate::error::Error;

/// A place, in the fields of rustc.
#[derive(Debug, Serialize)]
struct Span {
    file_name: String,
    byte_start: usize,
    byte_end: usize,
    line_start: usize,
    line_end: usize,
    column_start: usize,
    column_end: usize,
    is_primary: bool,
    text: Vec<Line>,
    label: Option<String>,
    suggested_replacement: Option<String>,
    suggestion_applicability: Option<&'static str>,
    /// Where a macro was expanded; skills have none.
    expansion: Option<()>,
}

/// A line of a span, with the columns that belong to it.
#[derive(Debug, Serialize)]
struct Line {
    text: String,
    highlight_start: usize,
    highlight_end: usize,
}

pub(super) fn report(checked: &[Checked]) -> Result<String, Error> {
    let mut text = String::new();
    for one in checked {
        for finding in &one.findings {
            text += &line(&message(&one.tree, finding, &one.target.root))?;
        }
    }
    let success = checked.iter().all(|one| one.count(Level::Deny) == 0);
    text += &line(&json!({ "reason": "build-finished", "success": success }))?;
    Ok(text)
}

fn line(value: &Value) -> Result<String, Error> {
    Ok(harmless(&serde_json::to_string(value)?) + "\n")
}

/// A finding as a message of cargo. There is no package and no target, but whoever reads cargo's messages expects them.
fn message(tree: &SourceTree, finding: &Finding, root: &Path) -> Value {
    let source = root.to_string_lossy();
    json!({
        "reason": "compiler-message",
        "package_id": "skills",
        "manifest_path": source,
        "target": {
            "kind": ["lib"],
            "crate_types": ["lib"],
            "name": "skills",
            "src_path": source,
            "edition": "2024",
            "doc": false,
            "doctest": false,
            "test": false,
        },
        "message": diagnostic(tree, finding),
    })
}

fn diagnostic(tree: &SourceTree, finding: &Finding) -> Value {
    let notes = finding.notes.iter().map(|note| child("note", note, &[]));
    let helps = finding.helps.iter().map(|help| repair(tree, finding, help));
    json!({
        "$message_type": "diagnostic",
        "message": visible(&finding.message),
        "code": { "code": finding.rule.code, "explanation": finding.rule.documentation() },
        "level": level(finding),
        "spans": spans(tree, finding),
        "children": notes.chain(helps).collect::<Vec<_>>(),
        "rendered": render(tree, finding, Style::Plain) + "\n",
    })
}

fn child(level: &str, message: &str, spans: &[Span]) -> Value {
    json!({
        "message": visible(message),
        "code": null,
        "level": level,
        "spans": spans,
        "children": [],
        "rendered": null,
    })
}

fn repair(tree: &SourceTree, finding: &Finding, help: &Help) -> Value {
    let applicability = match finding.certainty(help) {
        Certainty::Certain => "MachineApplicable",
        Certainty::Draft => "HasPlaceholders",
        Certainty::Possible => "MaybeIncorrect",
    };
    let span = |(file, patch): (FileId, &Patch)| Span {
        suggested_replacement: Some(patch.replacement.clone()),
        suggestion_applicability: Some(applicability),
        ..span(tree, file, region(tree, file, &patch.span), "")
    };
    let spans: Vec<_> = edits(help).map(span).collect();
    child("help", &help.text, &spans)
}

fn spans(tree: &SourceTree, finding: &Finding) -> Vec<Span> {
    let (file, place) = match &finding.place {
        Place::Bytes(file, place) => (*file, place.clone()),
        // An editor needs a file; what is said of a directory is said at the first file in it.
        Place::Path(path) => match file_at(tree, path) {
            Some(file) => (file, 0..0),
            None => return Vec::new(),
        },
    };
    let primary = span(tree, file, region(tree, file, &place), &finding.label);
    let related = finding.related.iter().map(|label| Span {
        is_primary: false,
        ..span(
            tree,
            label.file,
            region(tree, label.file, &label.span),
            &label.text,
        )
    });
    std::iter::once(primary).chain(related).collect()
}

fn file_at(tree: &SourceTree, path: &str) -> Option<FileId> {
    let first = || tree.below(path).next().map(|(file, _)| file);
    tree.find(path).or_else(first)
}

fn span(tree: &SourceTree, file: FileId, region: Region, label: &str) -> Span {
    let Region { start, end } = region;
    Span {
        file_name: tree.display(&tree.file(file).path),
        byte_start: start.byte,
        byte_end: end.byte,
        line_start: start.line,
        line_end: end.line,
        column_start: start.column,
        column_end: end.column,
        is_primary: true,
        text: lines(tree, file, region),
        label: (!label.is_empty()).then(|| visible(label)),
        suggested_replacement: None,
        suggestion_applicability: None,
        expansion: None,
    }
}

/// The lines of a span, without secrets.
fn lines(tree: &SourceTree, file: FileId, Region { start, end }: Region) -> Vec<Line> {
    let text = String::from_utf8_lossy(&tree.file(file).bytes);
    let text = without_secrets(&text);
    let numbered = (1..).zip(text.split('\n'));
    let inside = numbered.filter(|(number, _)| (start.line..=end.line).contains(number));
    let line = |(number, line): (usize, &str)| {
        let line = line.strip_suffix('\r').unwrap_or(line);
        let (is_first, is_last) = (number == start.line, number == end.line);
        Line {
            text: line.to_owned(),
            highlight_start: if is_first { start.column } else { 1 },
            highlight_end: if is_last {
                end.column
            } else {
                line.chars().count() + 1
            },
        }
    };
    inside.map(line).collect()
}
