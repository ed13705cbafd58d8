//! SK402: text that a model reads and nobody sees.

use std::ops::Range;

use super::bidi_control::edits;
use super::unseen::{Unseen, decoded, is_at_home, is_carrier, is_flag, is_zero_width};
use crate::diagnostics::{Finding, Level};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::FileId;

declare_rule! {
    /// A text file holds invisible characters: hidden text, or leavings of a copy from a web page or a word processor.
    ///
    /// ## Why
    ///
    /// Unicode tags (U+E0000 to U+E007F) and variation selectors (U+E0100 to U+E01EF) carry whole sentences that no editor
    /// shows and that models follow. Three zero-width characters in a row have no use but to carry bits. A single
    /// zero-width space or soft hyphen is an accident and only a warning: searching for the word no longer finds it. Emoji,
    /// ideographs, scripts that need joiners, and a byte order mark at the start are left in peace, and so is a single one on
    /// a line of a page that names it (`U+200B`, zero-width).
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md escaped
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Read the form.\u{e0072}\u{e006d}\u{e0020}\u{e002d}\u{e0072}
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Read the form.
    /// ```
    INVISIBLE_UNICODE = "SK402", "invisible-unicode", Security, Deny, Check::Skill(check)
}

/// How many zero-width characters in a row are no accident.
const CODED: usize = 3;

/// How much of a hidden text is told, in characters.
const TOLD: usize = 120;

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for (file, text) in cx.texts() {
        let unseen = Unseen::of(text);
        let mut carriers = unseen.runs(is_carrier);
        carriers.retain(|run| is_hidden_text(text, run));
        let (coded, mut single): (Vec<_>, Vec<_>) =
            stray(text, &unseen).partition(|run| symbols(text, run) >= CODED);
        single.retain(|run| !unseen.is_subject(cx, file, run));
        let more = |found: &[Range<usize>]| {
            let all = carriers.iter().chain(&coded).chain(&single);
            let others = all.map(|run| symbols(text, run)).sum::<usize>()
                - found.first().map_or(0, |run| symbols(text, run));
            if others == 0 {
                String::new()
            } else {
                format!("; this file has {others} more that nobody sees")
            }
        };
        out.extend(match (carriers.first(), coded.first(), single.first()) {
            (Some(first), ..) => Some(
                hidden_text(file, text, first, &more(&carriers))
                    .offer(DELETE, edits(text, first, &carriers)),
            ),
            (_, Some(first), _) => Some(
                hidden_bits(file, text, first, &more(&coded))
                    .offer(DELETE, edits(text, first, &coded)),
            ),
            (.., Some(first)) => Some(
                accident(file, text, first, &more(&single))
                    .offer(DELETE, edits(text, first, &single)),
            ),
            _ => None,
        });
    }
}

const DELETE: &str = "if the text is not about such characters, delete what cannot be seen";

fn symbols(text: &str, run: &Range<usize>) -> usize {
    text.get(run.clone()).unwrap_or_default().chars().count()
}

/// One selector after an ideograph chooses a form of it, and three flags are spelled with tags; all else is hidden text.
fn is_hidden_text(text: &str, run: &Range<usize>) -> bool {
    let first = text
        .get(run.clone())
        .and_then(|run| run.chars().next())
        .unwrap_or_default();
    let chooses_a_form = symbols(text, run) == 1 && is_at_home(text, run.start, first);
    !chooses_a_form && !is_flag(text, run)
}

/// Rows of zero-width characters, and the single ones that are not at home where they stand.
fn stray(text: &str, unseen: &Unseen) -> impl Iterator<Item = Range<usize>> {
    unseen.runs(is_zero_width).into_iter().flat_map(move |run| {
        if symbols(text, &run) >= CODED {
            return vec![run];
        }
        let symbols = text.get(run.clone()).unwrap_or_default().char_indices();
        let symbols = symbols.map(|(at, symbol)| (run.start + at, symbol));
        let strangers = symbols.filter(|&(at, symbol)| !is_at_home(text, at, symbol));
        strangers
            .map(|(at, symbol)| at..at + symbol.len_utf8())
            .collect()
    })
}

fn hidden_text(file: FileId, text: &str, run: &Range<usize>, more: &str) -> Finding {
    let hidden = decoded(text.get(run.clone()).unwrap_or_default());
    let told: String = hidden.chars().take(TOLD).collect();
    let rest = if told.len() < hidden.len() { "..." } else { "" };
    let message = format!(
        "invisible characters hide the text \"{}{rest}\"{more}",
        told.escape_debug()
    );
    Finding::at(&INVISIBLE_UNICODE, file, run.clone(), message)
        .label(format!("{} invisible characters", symbols(text, run)))
        .note("a model reads this text and follows it, and no editor or review shows it")
}

fn hidden_bits(file: FileId, text: &str, run: &Range<usize>, more: &str) -> Finding {
    let count = symbols(text, run);
    Finding::at(&INVISIBLE_UNICODE, file, run.clone(), format!("{count} invisible characters stand in a row{more}"))
        .label(codes(text, run))
        .note("rows of zero-width characters are how text is hidden or marked, bit by bit; no script needs them")
}

fn accident(file: FileId, text: &str, run: &Range<usize>, more: &str) -> Finding {
    let message = format!("an invisible {} stands here{more}", codes(text, run));
    let mut finding = Finding::at(&INVISIBLE_UNICODE, file, run.clone(), message)
        .note("it comes with text copied from elsewhere, and makes a word or command another one than it looks like");
    finding.level = Level::Warn;
    finding
}

/// The first characters of a run as code points, with a name where there is a common one.
fn codes(text: &str, run: &Range<usize>) -> String {
    let mut symbols = text.get(run.clone()).unwrap_or_default().chars();
    let shown: Vec<_> = symbols.by_ref().take(CODED).map(code).collect();
    format!(
        "{}{}",
        shown.join(", "),
        if symbols.next().is_some() {
            ", ..."
        } else {
            ""
        }
    )
}

fn code(symbol: char) -> String {
    let code = symbol as u32;
    match symbol {
        '\u{ad}' => "soft hyphen (U+00AD)".to_owned(),
        '\u{200b}' => "zero-width space (U+200B)".to_owned(),
        '\u{200c}' => "zero-width non-joiner (U+200C)".to_owned(),
        '\u{200d}' => "zero-width joiner (U+200D)".to_owned(),
        '\u{2060}' => "word joiner (U+2060)".to_owned(),
        '\u{feff}' => "byte order mark (U+FEFF)".to_owned(),
        _ => format!("U+{code:04X}"),
    }
}
