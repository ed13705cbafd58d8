//! SK217: a text that was read in the wrong encoding and stored so.

use std::ops::Range;
use std::sync::LazyLock;

use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::words::Words;

declare_rule! {
    /// A Markdown file has text that is UTF-8 read as Windows-1252, Windows-1251, GBK or Shift-JIS.
    ///
    /// ## Why
    ///
    /// The file is valid UTF-8, and its words are none: a tool took the bytes for another encoding and stored the result. A
    /// model guesses at best what was meant, and quotes, dashes and every letter that is not ASCII are wrong.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md escaped
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Fill the user\u{e2}\u{20ac}\u{2122}s form \u{e2}\u{20ac}\u{201d} all of it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === pdf/SKILL.md escaped
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Fill the user\u{2019}s form \u{2014} all of it.
    /// ```
    MISDECODED_TEXT = "SK217", "misdecoded-text", Content, Warn, Check::Skill(check)
}

/// What the commonest characters become, and the encoding that they were taken for. In texts that are right, these rarely stand.
const SIGNS: [(&str, &str); 19] = [
    ("\u{e2}\u{20ac}\u{2122}", "Windows-1252"),
    ("\u{e2}\u{20ac}\u{153}", "Windows-1252"),
    ("\u{e2}\u{20ac}\u{201c}", "Windows-1252"),
    ("\u{e2}\u{20ac}\u{201d}", "Windows-1252"),
    ("\u{e2}\u{20ac}\u{a6}", "Windows-1252"),
    ("\u{e2}\u{2020}\u{2019}", "Windows-1252"),
    ("\u{e2}\u{153}\u{2026}", "Windows-1252"),
    ("\u{c3}\u{a9}", "Windows-1252"),
    ("\u{c3}\u{bc}", "Windows-1252"),
    ("\u{c3}\u{b6}", "Windows-1252"),
    ("\u{c3}\u{a4}", "Windows-1252"),
    ("\u{432}\u{402}", "Windows-1251"),
    ("\u{420}\u{45f}\u{421}", "Windows-1251"),
    ("\u{9225}", "GBK"),
    ("\u{951b}", "GBK"),
    ("\u{9286}", "GBK"),
    ("\u{7e3a}", "Shift-JIS"),
    ("\u{7e67}", "Shift-JIS"),
    ("\u{7e5d}", "Shift-JIS"),
];

/// The Cyrillic letters that the first bytes of Cyrillic letters become.
const LEADS: [char; 2] = ['\u{420}', '\u{421}'];

/// How many signs of one encoding are no accident.
const LEAST: usize = 2;

static WORDS: LazyLock<Words> = LazyLock::new(|| Words::new(SIGNS.map(|(sign, _)| sign)));

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for (&file, outline) in &cx.skill.outlines {
        let text = cx.text(file);
        if text.is_ascii() {
            continue;
        }
        let places = WORDS.places(text).filter(|(at, _)| !outline.is_code(*at));
        let places = places.filter_map(|(at, which)| {
            let (sign, encoding) = SIGNS.get(which)?;
            Some((at..at + sign.len(), *encoding))
        });
        let found = most(&places.collect::<Vec<_>>()).or_else(|| cyrillic(text));
        let Some((place, encoding)) = found else {
            continue;
        };
        let message = format!("this text is UTF-8 that was read as {encoding}");
        out.push(
            Finding::at(&MISDECODED_TEXT, file, place, message)
                .note("its letters are not those that its author wrote")
                .help("restore the file from before it was converted, or convert it back and save it as UTF-8"),
        );
    }
}

/// The first place of the encoding that most signs are of.
fn most(places: &[(Range<usize>, &'static str)]) -> Option<(Range<usize>, &'static str)> {
    let count = |wanted: &str| {
        places
            .iter()
            .filter(|(_, encoding)| *encoding == wanted)
            .count()
    };
    let best = places.iter().max_by_key(|(_, encoding)| count(encoding))?.1;
    let first = places.iter().find(|(_, encoding)| *encoding == best)?;
    (count(best) >= LEAST).then(|| first.clone())
}

/// A run of Cyrillic letters of which every other one is a first byte.
fn cyrillic(text: &str) -> Option<(Range<usize>, &'static str)> {
    const LETTERS: usize = 8;
    if !text.contains(LEADS) {
        return None;
    }
    let symbols: Vec<_> = text.char_indices().collect();
    let is_lead = |window: &[(usize, char)]| {
        window
            .iter()
            .step_by(2)
            .all(|(_, symbol)| LEADS.contains(symbol))
            && window
                .iter()
                .skip(1)
                .step_by(2)
                .all(|(_, symbol)| !symbol.is_ascii() && !LEADS.contains(symbol))
    };
    let window = symbols.windows(LETTERS).find(|window| is_lead(window))?;
    let (first, last) = (window.first()?, window.last()?);
    Some((first.0..last.0 + last.1.len_utf8(), "Windows-1251"))
}
