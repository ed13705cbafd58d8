//! `json`: our own structure, one object a line; `docs/cli.md` has its fields.

use std::fmt::Write;

use serde::Serialize;
use skills_compiler::diagnostics::{Certainty, Finding, Help, Patch, without_secrets};
use skills_compiler::source::{FileId, SourceTree};

use super::place::{Region, path_of, region, region_of};
use super::short::level;

/// A finding.
#[derive(Debug, Serialize)]
struct Object<'a> {
    code: &'static str,
    rule: &'static str,
    level: &'static str,
    /// What gave it its level.
    source: String,
    message: String,
    path: String,
    #[serde(flatten)]
    region: Option<Region>,
    label: String,
    related: Vec<Related>,
    notes: Vec<String>,
    helps: Vec<Repair<'a>>,
}

/// Another place that explains a finding.
#[derive(Debug, Serialize)]
struct Related {
    path: String,
    #[serde(flatten)]
    region: Region,
    text: String,
}

/// What to do.
#[derive(Debug, Serialize)]
struct Repair<'a> {
    text: String,
    /// Whether `--fix` does it.
    certain: bool,
    edits: Vec<Change<'a>>,
}

/// A part of the file and what to put there.
#[derive(Debug, Serialize)]
struct Change<'a> {
    #[serde(flatten)]
    region: Region,
    replacement: &'a str,
}

pub(super) fn line(tree: &SourceTree, finding: &Finding) -> serde_json::Result<String> {
    let related = finding.related.iter().map(|label| Related {
        path: tree.display(&tree.file(label.file).path),
        region: region(tree, label.file, &label.span),
        text: covered(&label.text),
    });
    let object = Object {
        code: finding.rule.code,
        rule: finding.rule.name,
        level: level(finding),
        source: covered(&finding.source.to_string()),
        message: covered(&finding.message),
        path: path_of(tree, finding),
        region: region_of(tree, finding),
        label: covered(&finding.label),
        related: related.collect(),
        notes: finding.notes.iter().map(|note| covered(note)).collect(),
        helps: finding
            .helps
            .iter()
            .map(|help| repair(tree, finding, help))
            .collect(),
    };
    Ok(harmless(&serde_json::to_string(&object)?))
}

fn repair<'a>(tree: &SourceTree, finding: &Finding, help: &'a Help) -> Repair<'a> {
    let edits: Vec<_> = edits(help)
        .map(|(file, patch)| Change {
            region: region(tree, file, &patch.span),
            replacement: &patch.replacement,
        })
        .collect();
    Repair {
        text: covered(&help.text),
        certain: !edits.is_empty() && finding.certainty(help) == Certainty::Certain,
        edits,
    }
}

/// The edits of a help. One that would show a secret is none: it could not be shown and still be right.
pub(super) fn edits(help: &Help) -> impl Iterator<Item = (FileId, &Patch)> {
    let is_open = |text: &str| without_secrets(text) == text;
    let is_shown = help.patches.iter().all(|patch| is_open(&patch.replacement));
    let file = help.file.filter(|_| is_shown);
    file.into_iter()
        .flat_map(|file| help.patches.iter().map(move |patch| (file, patch)))
}

/// Text for JSON, which escapes everything but secrets.
pub(super) fn covered(text: &str) -> String {
    without_secrets(text).into_owned()
}

/// JSON that means the same, with everything escaped that a terminal or a CI system would obey. Outside of strings JSON has
/// none of it.
pub(crate) fn harmless(json: &str) -> String {
    // Most of it is plain, and whether it is takes no time to find out.
    let is_ascii = json.bytes().all(|byte| matches!(byte, b'\n' | b' '..=b'~'));
    if is_ascii && !json.contains("##[") {
        return json.to_owned();
    }
    let is_plain =
        |symbol: char| symbol == '\n' || matches!(symbol, ' '..='~') || symbol.is_alphanumeric();
    let json = json.replace("##[", r"##\u005b");
    let mut escaped = String::with_capacity(json.len());
    for symbol in json.chars() {
        if is_plain(symbol) {
            escaped.push(symbol);
            continue;
        }
        for unit in symbol.encode_utf16(&mut [0; 2]) {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "\\u{unit:04x}");
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn harmless_json_means_the_same() {
        let text = "\u{9b}\u{202e}\u{e0041}é 日本 ##[error]\u{7f}";
        let json = harmless(&serde_json::to_string(text).unwrap());
        assert!(json.contains("é 日本") && !json.contains("##["));
        assert!(json.chars().all(|symbol| !symbol.is_control()));
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }
}
