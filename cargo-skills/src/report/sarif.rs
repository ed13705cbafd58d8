//! `sarif`: SARIF 2.1.0, the format of code scanning.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::Range;

use serde_json::{Value, json};
use skills_compiler::diagnostics::{Finding, Help, Label, Level};
use skills_compiler::rules::{RULES, Rule};
use skills_compiler::source::{FileId, SourceTree};

use super::json::{covered, edits, harmless};
use super::place::{Region, path_of, region, region_of};
use super::short::level;
use crate::checked::Checked;
use crate::digest::sha256;
use crate::error::Error;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// How much of a digest tells findings apart.
const FINGERPRINT_DIGITS: usize = 32;

const PAGE: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/rules.md");

pub(super) fn report(checked: &[Checked]) -> Result<String, Error> {
    let mut seen = BTreeMap::new();
    let results = super::all(checked).map(|(tree, finding)| result(tree, finding, &mut seen));
    let results: Vec<_> = results.collect();
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "cargo-skills",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": RULES.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
            }},
            "columnKind": "unicodeCodePoints",
            "results": results,
        }],
    });
    Ok(harmless(&serde_json::to_string_pretty(&log)?) + "\n")
}

fn descriptor(rule: &Rule) -> Value {
    let level = match rule.default_level {
        Level::Deny => "error",
        Level::Warn => "warning",
        Level::Allow => "none",
    };
    let anchor = format!("{}-{}", rule.code, rule.name).to_lowercase();
    json!({
        "id": rule.code,
        "name": rule.name,
        "shortDescription": { "text": rule.summary() },
        "fullDescription": { "text": rule.summary() },
        "help": { "text": rule.documentation(), "markdown": rule.documentation() },
        "helpUri": format!("{PAGE}#{anchor}"),
        "defaultConfiguration": { "level": level },
    })
}

fn result(tree: &SourceTree, finding: &Finding, seen: &mut BTreeMap<String, usize>) -> Value {
    let index = RULES.iter().position(|rule| rule.code == finding.rule.code);
    let related = finding.related.iter().map(|label| related(tree, label));
    let fixes = finding.helps.iter().filter_map(|help| fix(tree, help));
    json!({
        "ruleId": finding.rule.code,
        "ruleIndex": index,
        "level": level(finding),
        "message": { "text": message(finding) },
        "locations": [{ "physicalLocation": location(&path_of(tree, finding), region_of(tree, finding)) }],
        "relatedLocations": related.collect::<Vec<_>>(),
        "fixes": fixes.collect::<Vec<_>>(),
        "partialFingerprints": { "skillsFinding/v1": fingerprint(tree, finding, seen) },
    })
}

/// What, why and what to do.
fn message(finding: &Finding) -> String {
    let helps = finding.helps.iter().map(|help| &help.text);
    let lines = finding.notes.iter().chain(helps);
    lines.fold(covered(&finding.message), |text, line| {
        format!("{text}\n{}", covered(line))
    })
}

fn location(path: &str, region: Option<Region>) -> Value {
    match region {
        Some(region) => json!({ "artifactLocation": artifact(path), "region": numbers(region) }),
        None => json!({ "artifactLocation": artifact(path) }),
    }
}

fn related(tree: &SourceTree, label: &Label) -> Value {
    let path = tree.display(&tree.file(label.file).path);
    let region = region(tree, label.file, &label.span);
    json!({
        "physicalLocation": location(&path, Some(region)),
        "message": { "text": covered(&label.text) },
    })
}

/// A repair, certain or not: a person decides.
fn fix(tree: &SourceTree, help: &Help) -> Option<Value> {
    let replacements: Vec<_> = edits(help)
        .map(|(file, patch)| replacement(tree, file, &patch.span, &patch.replacement))
        .collect();
    let path = tree.display(&tree.file(help.file?).path);
    (!replacements.is_empty()).then(|| {
        json!({
            "description": { "text": covered(&help.text) },
            "artifactChanges": [{ "artifactLocation": artifact(&path), "replacements": replacements }],
        })
    })
}

fn replacement(tree: &SourceTree, file: FileId, span: &Range<usize>, text: &str) -> Value {
    json!({
        "deletedRegion": numbers(region(tree, file, span)),
        "insertedContent": { "text": text },
    })
}

fn numbers(Region { start, end }: Region) -> Value {
    json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
        "byteOffset": start.byte,
        "byteLength": end.byte - start.byte,
    })
}

/// A path as a URI: relative to the place where the program was started, which code scanning takes for the repository.
fn artifact(path: &str) -> Value {
    let uri = path.bytes().fold(String::new(), |mut uri, byte| {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~') {
            uri.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
        uri
    });
    if path.starts_with('/') {
        json!({ "uri": format!("file://{uri}") })
    } else {
        json!({ "uri": uri, "uriBaseId": "%SRCROOT%" })
    }
}

/// What a finding is recognised by when lines above it come and go: rule, path, message, and which of those alike it is.
fn fingerprint(tree: &SourceTree, finding: &Finding, seen: &mut BTreeMap<String, usize>) -> String {
    let key = format!(
        "{}\n{}\n{}",
        finding.rule.code,
        path_of(tree, finding),
        finding.message
    );
    let number = seen.entry(key.clone()).or_default();
    *number += 1;
    let mut digest = sha256(format!("{key}\n{number}"));
    digest.truncate(FINGERPRINT_DIGITS);
    digest
}
