//! SK022: a value of `metadata` that holds further values.

use super::field::Fields;
use super::metadata;
use super::value::{EDITS, quoted};
use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::{Entry, Node, NodeKind};

declare_rule! {
    /// A value of `metadata` is a list or a mapping, where the specification wants text.
    ///
    /// ## Why
    ///
    /// `metadata` maps text to text. Some clients drop what is nested, others refuse the whole skill. The mapping under
    /// `openclaw`, which that client reads, is left in peace as long as its fields are known (see `unknown-field`). What belongs
    /// into it, or to the top level, has to be moved: as text nobody would read it.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// metadata:
    ///   tags: [pdf, forms]
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
    ///   tags: "pdf, forms"
    /// ---
    /// Open the form and fill it.
    /// ```
    METADATA_NESTED = "SK022", "metadata-nested", Format, Warn, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let is_read = |entry: &Entry| {
        metadata::OPENCLAW.contains(&&*entry.key) && Fields::of(cx.settings).include("openclaw")
    };
    let is_nested = |entry: &&Entry| {
        matches!(
            entry.value.kind,
            NodeKind::Sequence(..) | NodeKind::Mapping(..)
        ) && !is_read(entry)
    };
    let nested: Vec<_> = metadata::entries(cx.skill)
        .iter()
        .filter(is_nested)
        .collect();
    let is_mapping = |entry: &&Entry| matches!(entry.value.kind, NodeKind::Mapping(..));
    let place = |entry: &Entry| entry.key_span.clone();
    let kinds = "lists or mappings, ";
    let Some(finding) = metadata::not_text(cx, &METADATA_NESTED, &nested, kinds, place) else {
        return;
    };
    let finding = finding
        .note("`metadata` maps text to text; some clients drop what is nested, others the skill");
    if let Some(help) = metadata::misplaced(cx.skill, &nested) {
        out.push(finding.help(help));
        return;
    }
    let joined: Option<Vec<_>> = nested
        .iter()
        .map(|entry| join(cx.skill.text, entry))
        .collect();
    let joined = joined.filter(|patches| patches.len() <= EDITS);
    out.push(match joined {
        Some(patches) if nested.len() == 1 => finding.patch("write the list as one text", patches),
        Some(patches) => finding.patch("write each list as one text", patches),
        None if nested.iter().any(is_mapping) => finding.help(
            "write it as one text, such as JSON in quotes, or as a key each: `author.name: Ann`",
        ),
        None => finding.help("write it as one text, such as `a, b` or JSON in quotes"),
    });
}

/// The most lines of a list that are rewritten: of a long one the edit would be all there is to see.
const LINES: usize = 12;

/// The edit that writes a list of texts, none of which has a comma, as one text.
fn join(text: &str, entry: &Entry) -> Option<Patch> {
    let NodeKind::Sequence(items, _) = &entry.value.kind else {
        return None;
    };
    let words: Option<Vec<_>> = items.iter().map(word).collect();
    let words = words.filter(|words| !words.is_empty())?;
    let lines = text.get(entry.value.span.clone())?.lines().count();
    let colon = entry.key_span.end;
    let between = text.get(colon..entry.value.span.start)?;
    // A comment between key and list would stand before the text, and one inside of the list would be lost.
    let has_comment = text.get(entry.value.span.clone())?.contains(" #");
    (between.trim() == ":" && lines <= LINES && !has_comment).then(|| {
        Patch::replace(
            colon + 1..entry.value.span.end,
            format!(" {}", quoted(&words.join(", "))),
        )
    })
}

fn word(item: &Node) -> Option<&str> {
    item.as_text().filter(|text| {
        !text.is_empty() && !text.contains([',', '\n', '\r']) && !text.contains(char::is_control)
    })
}
