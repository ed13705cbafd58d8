//! SK401: text that does not stand in the order in which it is read.

use std::ops::Range;

use super::unseen::{MAX_EDITS, Unseen, is_bidi_control};
use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::FileId;

declare_rule! {
    /// A text file holds a control character that changes the direction of the text after it.
    ///
    /// ## Why
    ///
    /// The controls U+202A to U+202E and U+2066 to U+2069 make a person read the characters of a line in another order
    /// than a model or an interpreter does. A review then approves something that is not what runs ("Trojan Source",
    /// CVE-2021-42574). Text in right-to-left scripts does not need them.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md escaped
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Never run \u{202e}mr elif-tpircs\u{202c} without asking.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Never run scripts without asking.
    /// ```
    BIDI_CONTROL = "SK401", "bidi-control", Security, Deny, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for (file, text) in cx.texts() {
        let all = Unseen::of(text).runs(is_bidi_control);
        if let Some(first) = all.first() {
            out.push(finding(file, text, first.clone(), &all));
        }
    }
}

fn finding(file: FileId, text: &str, first: Range<usize>, all: &[Range<usize>]) -> Finding {
    let symbol = text
        .get(first.clone())
        .and_then(|run| run.chars().next())
        .unwrap_or_default();
    let count = |range: &Range<usize>| text.get(range.clone()).unwrap_or_default().chars().count();
    let more = match all.iter().map(count).sum::<usize>() - 1 {
        0 => String::new(),
        more => format!(", and {more} more in this file"),
    };
    let code = symbol as u32;
    let message =
        format!("an invisible U+{code:04X} changes the direction of the text after it{more}");
    Finding::at(&BIDI_CONTROL, file, first.clone(), message)
        .label(name(symbol))
        .note("people read the line in another order than the model and the interpreter do, so a review cannot be trusted")
        .offer("if the text is not about such characters, delete what cannot be seen", edits(text, &first, all))
}

/// The edits that delete everything that was found on the line of the first.
pub(super) fn edits(text: &str, first: &Range<usize>, all: &[Range<usize>]) -> Vec<Patch> {
    let rest = text.get(first.start..).unwrap_or_default();
    let end = first.start + rest.find('\n').unwrap_or(rest.len());
    let on_line = all
        .iter()
        .filter(|run| run.start >= first.start)
        .take_while(|run| run.start < end);
    on_line
        .take(MAX_EDITS)
        .map(|run| Patch::replace(run.clone(), ""))
        .collect()
}

fn name(symbol: char) -> &'static str {
    match symbol {
        '\u{202a}' => "left-to-right embedding",
        '\u{202b}' => "right-to-left embedding",
        '\u{202c}' => "end of an embedding or override",
        '\u{202d}' => "left-to-right override",
        '\u{202e}' => "right-to-left override",
        '\u{2066}' => "left-to-right isolate",
        '\u{2067}' => "right-to-left isolate",
        '\u{2068}' => "isolate that takes its direction from its first letter",
        _ => "end of an isolate",
    }
}
