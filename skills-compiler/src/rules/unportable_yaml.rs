//! SK012: legal YAML that loaders do not agree on.

use std::ops::Range;

use crate::diagnostics::{Finding, Patch};
use crate::rules::claim::{Claim, claim};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::{Construct, FaultKind};

declare_rule! {
    /// The frontmatter uses anchors, aliases, tags, merge keys, directives, a second document, complex keys or surrogate escapes.
    ///
    /// ## Why
    ///
    /// Loaders use different YAML libraries, and these are the parts of YAML in which they differ: some refuse them, some read
    /// another value. No known skill needs any of them.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: &text Fills PDF forms. Use when the user has a form to fill.
    /// metadata:
    ///   summary: *text
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
    ///   summary: Fills PDF forms.
    /// ---
    /// Open the form and fill it.
    /// ```
    UNPORTABLE_YAML = "SK012", "unportable-yaml", Format, Deny, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let mut merged = None;
    for fault in &cx.skill.faults {
        if fault.kind == FaultKind::Unportable(Construct::MergeKey) {
            merged = Some(fault.span.end);
        }
        if let Some(Claim::Unportable(construct)) = claim(cx.skill, fault) {
            let of_merge = merged.is_some_and(|end| is_one_line(cx, end..fault.span.start));
            if construct != Construct::Alias || !of_merge {
                out.push(finding(cx, construct, &fault.span));
            }
        }
    }
}

fn is_one_line(cx: &SkillContext<'_>, between: Range<usize>) -> bool {
    cx.skill
        .text
        .get(between)
        .is_some_and(|text| !text.contains('\n'))
}

fn finding(cx: &SkillContext<'_>, construct: Construct, span: &Range<usize>) -> Finding {
    if construct == Construct::ComplexKey && is_without_value(cx, span) {
        return Finding::at(
            &UNPORTABLE_YAML,
            cx.skill.document,
            span.clone(),
            "this entry of a mapping has no key",
        )
        .note("loaders take it for a key without a value, and some refuse it")
        .help("write a key and a colon in front of it, or put it into the list above");
    }
    let (what, help) = described(construct);
    let finding = Finding::at(
        &UNPORTABLE_YAML,
        cx.skill.document,
        span.clone(),
        format!("not every loader understands {what}"),
    )
    .note("loaders use different YAML libraries; some refuse this, others read another value");
    match surrogate_pair(cx, construct, span.start) {
        Some((span, symbol)) => finding.patch(help, [Patch::replace(span, symbol)]),
        None => finding.help(help),
    }
}

/// Whether no colon makes a key of what stands at a place.
fn is_without_value(cx: &SkillContext<'_>, span: &Range<usize>) -> bool {
    let (before, after) = (
        cx.skill.text.get(..span.start),
        cx.skill.text.get(span.end..),
    );
    let is_explicit = before.is_some_and(|before| before.trim_end().ends_with('?'));
    !is_explicit && after.is_some_and(|after| !after.trim_start().starts_with(':'))
}

const fn described(construct: Construct) -> (&'static str, &'static str) {
    match construct {
        Construct::Anchor => (
            "an anchor",
            "remove it and write the value out wherever it is needed",
        ),
        Construct::Alias => ("a reference to an anchor", "write the value out"),
        Construct::Tag => ("a tag", "remove it; to force text, quote the value"),
        Construct::MergeKey => ("a merge key", "write the merged entries out"),
        Construct::Directive => ("a YAML directive", "remove the line"),
        Construct::SecondDocument => ("a second document", "put all entries into one document"),
        Construct::ComplexKey => ("a complex key", "write the key as plain text, `key: value`"),
        Construct::SurrogateEscape => ("a surrogate escape", "write the character itself"),
    }
}

/// The two escapes of a character beyond U+FFFF, and that character.
fn surrogate_pair(
    cx: &SkillContext<'_>,
    construct: Construct,
    start: usize,
) -> Option<(Range<usize>, String)> {
    if construct != Construct::SurrogateEscape {
        return None;
    }
    let unit = |at: usize| {
        u16::from_str_radix(cx.skill.text.get(at..at + 6)?.strip_prefix("\\u")?, 16).ok()
    };
    let units = [unit(start)?, unit(start + 6)?];
    let symbol = char::decode_utf16(units)
        .next()?
        .ok()
        .filter(|symbol| symbol.len_utf16() == 2)?;
    Some((start..start + 12, symbol.to_string()))
}
