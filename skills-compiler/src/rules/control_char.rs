//! SK011: control characters in a `SKILL.md`.

use std::ops::Range;

use super::brief::brief;
use super::claim::is_control;
use super::misread;
use super::occurrence::and_more;
use super::unseen::MAX_EDITS;
use crate::diagnostics::{Finding, Level, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::FileId;

declare_rule! {
    /// A `SKILL.md` holds a control character other than a tab or a line break.
    ///
    /// ## Why
    ///
    /// Such characters are mostly left behind by copying from a terminal. In the frontmatter they stop YAML from parsing. An escape
    /// character lets a text recolour or overwrite what a terminal shows, so that people review something else than the model reads.
    /// Where they come from UTF-8 that was read as Latin-1, the repair writes what was meant.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md escaped
    /// ---
    /// name: pdf
    /// description: Fills PDF\x07 forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    CONTROL_CHAR = "SK011", "control-char", Format, Deny, Check::Skill(check)
}

/// How many bytes are looked at together.
const BLOCK: usize = 64;

/// Something that is found.
struct Found {
    span: Range<usize>,
    /// What belongs in its place.
    replacement: String,
    level: Level,
    note: &'static str,
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let (file, text) = (cx.skill.document, cx.skill.text);
    let body = cx.skill.fence.as_ref().map_or(0, |fence| fence.body.start);
    let (mut misread, mut certain, mut others) = (Vec::<Found>::new(), Vec::new(), Vec::new());
    // One run may hold many of them, and is looked at once.
    let (mut end, mut is_misread) = (0, false);
    for (at, symbol) in controls(text) {
        let (level, note) = weight(at < body, symbol);
        if !symbol.is_ascii() && at >= end {
            let run = misread::run(text, at);
            let meant = text.get(run.clone()).and_then(misread::meant);
            (end, is_misread) = (run.end, meant.is_some());
            misread.extend(meant.map(|replacement| Found {
                span: run,
                replacement,
                level,
                note,
            }));
        }
        if at < end && is_misread {
            if let Some(run) = misread.last_mut().filter(|run| run.level < level) {
                (run.level, run.note) = (level, note);
            }
            continue;
        }
        let found = if symbol.is_ascii() {
            &mut certain
        } else {
            &mut others
        };
        found.push(Found {
            span: at..at + symbol.len_utf8(),
            replacement: String::new(),
            level,
            note,
        });
    }
    out.extend(misread_finding(file, &misread));
    out.extend(
        finding(file, &certain, |found| named(text, found))
            .map(|finding| finding.patch(format!("remove {}", them(&certain)), edits(&certain))),
    );
    // In another encoding it may have meant something, which can be restored as long as it is there.
    out.extend(
        finding(file, &others, |found| named(text, found)).map(|finding| {
            finding.offer(
                "if it is not what is left of a wrong encoding, remove it",
                edits(&others),
            )
        }),
    );
}

/// How bad a control character is, and why.
const fn weight(is_in_frontmatter: bool, symbol: char) -> (Level, &'static str) {
    match symbol {
        _ if is_in_frontmatter => (
            Level::Deny,
            "YAML does not allow it, and loaders drop a skill whose frontmatter does not parse",
        ),
        '\u{1b}' | '\u{9b}' => (
            Level::Deny,
            "it can make a terminal show something else than what the model reads",
        ),
        _ => (
            Level::Warn,
            "models and terminals make of it what they like",
        ),
    }
}

/// One finding for all that is of one kind; it stands at the first of those that matter most.
fn finding(file: FileId, all: &[Found], message: impl Fn(&Found) -> String) -> Option<Finding> {
    let worst = all.iter().rev().max_by_key(|found| found.level)?;
    let message = format!("{}{}", message(worst), and_more(all.len()));
    let mut finding = Finding::at(&CONTROL_CHAR, file, worst.span.clone(), message)
        .label("here")
        .note(worst.note);
    finding.level = worst.level;
    Some(finding)
}

fn misread_finding(file: FileId, all: &[Found]) -> Option<Finding> {
    let message = |found: &Found| {
        let meant = brief(&found.replacement);
        format!("this is `{meant}` in a wrong encoding, with control characters in it")
    };
    let finding = finding(file, all, message)?;
    Some(
        finding
            .note("it was UTF-8, was read as Latin-1, and was saved like that")
            .patch("write what was meant", edits(all)),
    )
}

fn named(text: &str, found: &Found) -> String {
    let symbol = text
        .get(found.span.clone())
        .and_then(|text| text.chars().next());
    let symbol = symbol.unwrap_or_default();
    let code = u32::from(symbol);
    format!(
        "this file holds the control character U+{code:04X}{}",
        known(symbol)
    )
}

fn edits(all: &[Found]) -> impl Iterator<Item = Patch> {
    let first = all.iter().take(MAX_EDITS);
    first.map(|found| Patch::replace(found.span.clone(), &*found.replacement))
}

const fn them(all: &[Found]) -> &'static str {
    if all.len() == 1 { "it" } else { "them" }
}

/// The control characters of a text, with where they stand.
fn controls(text: &str) -> impl Iterator<Item = (usize, char)> {
    // Most blocks have no byte that can begin one, which a processor sees of many bytes at once.
    let begins =
        |byte: &u8| byte.is_ascii_control() && *byte != b'\n' || matches!(byte, 0xc2 | 0xef);
    let has_beginning =
        move |block: &[u8]| block.iter().fold(false, |has, byte| has | begins(byte));
    let blocks = text.as_bytes().chunks(BLOCK).zip((0..).step_by(BLOCK));
    let places = blocks
        .filter(move |(block, _)| has_beginning(block))
        .flat_map(|(block, start)| (start..).zip(block))
        .filter(move |(_, byte)| begins(byte));
    let symbols = places.filter_map(|(at, _)| Some((at, text.get(at..)?.chars().next()?)));
    symbols.filter(|(_, symbol)| is_control(*symbol))
}

const fn known(symbol: char) -> &'static str {
    match symbol {
        '\u{7}' => " (bell)",
        '\u{8}' => " (backspace)",
        '\u{b}' => " (vertical tab)",
        '\u{c}' => " (form feed)",
        '\u{1b}' => " (escape)",
        '\u{7f}' => " (delete)",
        _ => "",
    }
}
