//! SK011: control characters in a `SKILL.md`.

use crate::diagnostics::{Finding, Level, Patch};
use crate::rules::claim::is_control;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// A `SKILL.md` holds a control character other than a tab or a line break.
    ///
    /// ## Why
    ///
    /// Such characters are mostly left behind by copying from a terminal. In the frontmatter they stop YAML from parsing. An escape
    /// character lets a text recolour or overwrite what a terminal shows, so that people review something else than the model reads.
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

/// How many of them are shown of one file.
const SHOWN: usize = 8;

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let body = cx.skill.fence.as_ref().map_or(0, |fence| fence.body.start);
    for (at, symbol) in controls(cx.skill.text).take(SHOWN) {
        let code = u32::from(symbol);
        let span = at..at + symbol.len_utf8();
        let message = format!(
            "this file holds the control character U+{code:04X}{}",
            known(symbol)
        );
        let mut finding =
            Finding::at(&CONTROL_CHAR, cx.skill.document, span.clone(), message).label("here");
        finding = if at < body {
            finding.note(
                "YAML does not allow it, and loaders drop a skill whose frontmatter does not parse",
            )
        } else if matches!(symbol, '\u{1b}' | '\u{9b}') {
            finding.note("it can make a terminal show something else than what the model reads")
        } else {
            finding.level = Level::Warn;
            finding.note("models and terminals make of it what they like")
        };
        // A text in another encoding that was read as Latin-1 is full of these, and can be restored as long as they are there.
        let removal = [Patch::replace(span, "")];
        out.push(if symbol >= '\u{80}' {
            let help = "if it is not what is left of a wrong encoding, remove it";
            finding.offer(help, removal)
        } else {
            finding.patch("remove it", removal)
        });
    }
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
