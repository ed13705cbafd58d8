//! SK005: the most expensive mistake in the field, and the one that loaders explain worst.

use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::rules::value::{PlainValue, quoted};
use crate::syntax::{ErrorKind, FaultKind};

declare_rule! {
    /// A plain value in the frontmatter contains `: `, which YAML reads as the start of a mapping.
    ///
    /// ## Why
    ///
    /// YAML takes a colon with a blank after it for the end of a key. A description such as `Use when: the user asks` is
    /// therefore not text but a broken mapping. Claude Code, Codex, Copilot and the `skills` CLI drop a skill whose
    /// frontmatter does not parse, and none of them says so.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Use when: the user asks about PDFs, forms
    /// ---
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: "Use when: the user asks about PDFs, forms"
    /// ---
    /// ```
    UNQUOTED_COLON = "SK005", "unquoted-colon", Format, Deny, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for fault in &cx.skill.faults {
        if let Some(colon) = unquoted_colon(cx, &fault.kind, fault.span.start) {
            out.push(finding(cx, colon));
        }
    }
}

/// The colon that a parser's error is about, if that is what the error is about.
pub(super) fn unquoted_colon(cx: &SkillContext<'_>, kind: &FaultKind, at: usize) -> Option<usize> {
    let ErrorKind::MappingValueNotAllowed = yaml_error(kind)? else {
        return None;
    };
    let value = PlainValue::around(cx.skill, at)?;
    let text = cx.skill.text.get(value.span.clone())?;
    let colon = text
        .find(": ")
        .or_else(|| text.ends_with(':').then(|| text.len() - 1))?;
    Some(value.span.start + colon)
}

fn yaml_error(kind: &FaultKind) -> Option<&ErrorKind> {
    match kind {
        FaultKind::Yaml(kind) => Some(kind),
        _ => None,
    }
}

fn finding(cx: &SkillContext<'_>, colon: usize) -> Finding {
    let document = cx.skill.document;
    let finding = Finding::at(&UNQUOTED_COLON, document, colon..colon + 1, "this `:` makes the value a mapping")
        .label("a nested mapping starts here")
        .note("Claude Code, Codex, Copilot and the `skills` CLI silently drop a skill whose frontmatter does not parse");
    let Some(value) = PlainValue::around(cx.skill, colon) else {
        return finding;
    };
    let text = cx.skill.text.get(value.span.clone()).unwrap_or_default();
    finding
        .related(document, value.span.clone(), "in this unquoted value")
        .patch("quote the value", edits(&value, text))
}

/// The edits that quote a value: only the quotes where nothing inside has to change.
fn edits(value: &PlainValue, text: &str) -> Vec<Patch> {
    if text.contains(['"', '\\', '\n']) {
        return vec![Patch::replace(value.span.clone(), quoted(text))];
    }
    vec![
        Patch::insert(value.span.start, "\""),
        Patch::insert(value.span.end, "\""),
    ]
}
