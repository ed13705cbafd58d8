//! SK106: a name that is not what it seems to be.

use unicode_normalization::is_nfc;
use unicode_security::{
    GeneralSecurityProfile as _, MixedScript as _, RestrictionLevel, RestrictionLevelDetection as _,
};

use super::brief::brief;
use super::name::{Name, is_invisible, lookalike};
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// A `name` contains characters that cannot be seen, or that look like other characters.
    ///
    /// ## Why
    ///
    /// People and models approve a skill by reading its name. A Cyrillic `а` in an otherwise Latin name, a zero-width space
    /// or an accent written as a second character makes two names that look the same and are not: one skill can pose as
    /// another, and the name that is typed does not find the skill that is meant.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pay/SKILL.md escaped
    /// ---
    /// name: p\u{430}y
    /// description: Pays invoices. Use when the user has an invoice to pay.
    /// ---
    /// Read the invoice and pay it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === pay/SKILL.md
    /// ---
    /// name: pay
    /// description: Pays invoices. Use when the user has an invoice to pay.
    /// ---
    /// Read the invoice and pay it.
    /// ```
    CONFUSABLE_NAME = "SK106", "confusable-name", Naming, Deny, Check::Skill(check)
}

/// How a name deceives, and the offset of the character that does it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Confusion {
    /// Nothing is drawn for this character.
    Invisible(usize, char),
    /// This character is drawn like these ASCII ones.
    Lookalike(usize, char, String),
    /// This character is of another script than the ASCII letters beside it.
    MixedScript(usize, char),
    /// The name has a shorter form that is the same text to Unicode.
    NotComposed,
}

/// What is deceptive about a name, if anything is. `name-format` leaves such names to this rule.
pub(super) fn confusion(name: &str) -> Option<Confusion> {
    let foreign = || name.char_indices().filter(|(_, symbol)| !symbol.is_ascii());
    foreign().next()?;
    if let Some((at, symbol)) = foreign().find(|&(_, symbol)| is_invisible(symbol)) {
        return Some(Confusion::Invisible(at, symbol));
    }
    if !is_nfc(name) {
        return Some(Confusion::NotComposed);
    }
    let mixed = is_mixed(name);
    if !mixed && foreign().any(|(_, symbol)| lookalike(symbol).is_none()) {
        return None;
    }
    let looks = foreign()
        .find_map(|(at, symbol)| Some(Confusion::Lookalike(at, symbol, lookalike(symbol)?)));
    looks.or_else(|| {
        foreign()
            .next()
            .map(|(at, symbol)| Confusion::MixedScript(at, symbol))
    })
}

/// Whether a name mixes scripts that nobody mixes: Latin with Chinese, Japanese or Korean is usual.
fn is_mixed(name: &str) -> bool {
    let letters: String = name
        .chars()
        .filter(|symbol| symbol.identifier_allowed())
        .collect();
    !letters.is_single_script()
        && !letters.check_restriction_level(RestrictionLevel::HighlyRestrictive)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let Some(name) = Name::of(cx.skill) else {
        return;
    };
    if let Some(confusion) = confusion(name.text) {
        out.push(finding(cx, &name, &confusion));
    }
}

fn finding(cx: &SkillContext<'_>, name: &Name<'_>, confusion: &Confusion) -> Finding {
    let text = brief(name.text);
    let symbol_at = |at: usize, symbol: char| name.bytes(at..at + symbol.len_utf8());
    let (span, message, label) = match confusion {
        Confusion::Invisible(at, symbol) => {
            let message = format!("the name `{text}` contains an invisible character");
            (symbol_at(*at, *symbol), message, code_point(*symbol))
        }
        Confusion::Lookalike(at, symbol, ascii) => {
            let message =
                format!("the name `{text}` contains a character that only looks like `{ascii}`");
            (symbol_at(*at, *symbol), message, code_point(*symbol))
        }
        Confusion::MixedScript(at, symbol) => {
            let message = format!("the name `{text}` mixes letters of several scripts");
            (symbol_at(*at, *symbol), message, code_point(*symbol))
        }
        Confusion::NotComposed => {
            let message = format!("the name `{text}` is not in Unicode's composed form, NFC");
            (name.bytes(0..name.text.len()), message, String::new())
        }
    };
    let finding = Finding::at(&CONFUSABLE_NAME, cx.skill.document, span, message)
        .label(label)
        .note("two names that look the same are two skills, of which one can pose as the other");
    match name.respelt(cx.skill.directory_name()) {
        Some(meant) => finding.patch("spell it as its directory is spelt", [name.rewritten(meant)]),
        None if name.text == cx.skill.directory_name() => {
            finding.help("type the name anew, and that of the directory, with the letters `a-z`, digits and hyphens")
        }
        None => finding.help("type the name anew, with the letters `a-z`, digits and hyphens"),
    }
}

fn code_point(symbol: char) -> String {
    format!("U+{:04X}", u32::from(symbol))
}
