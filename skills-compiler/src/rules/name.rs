//! The `name` of a skill as it is written, for the rules about names.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;
use unicode_normalization::{UnicodeNormalization, is_nfc};
use unicode_security::GeneralSecurityProfile as _;
use unicode_security::confusable_detection::skeleton;

use crate::diagnostics::Patch;
use crate::syntax::ParsedSkill;

/// A `name` that is text and not blank; everything else is the matter of other rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name<'skill> {
    /// What the name is.
    pub(super) text: &'skill str,
    /// Where the value is written, quotes included.
    pub(super) span: Range<usize>,
    /// Where `text` stands in the file, unless it is written with escapes or over several lines.
    verbatim: Option<usize>,
}

impl<'skill> Name<'skill> {
    /// The name of a skill.
    pub(super) fn of(skill: &'skill ParsedSkill<'_>) -> Option<Self> {
        let value = &skill.frontmatter.as_ref()?.get("name")?.value;
        let text = value.as_text().filter(|text| !text.trim().is_empty())?;
        let written = skill.text.get(value.span.clone()).unwrap_or_default();
        let inner = written
            .strip_prefix(['"', '\''])
            .and_then(|inner| inner.strip_suffix(['"', '\'']));
        let verbatim = match inner {
            _ if written == text => Some(value.span.start),
            Some(inner) if inner == text => Some(value.span.start + 1),
            _ => None,
        };
        Some(Self {
            text,
            span: value.span.clone(),
            verbatim,
        })
    }

    /// Where some bytes of the name stand in the file; the whole value where that cannot be told.
    pub(super) fn bytes(&self, range: Range<usize>) -> Range<usize> {
        self.verbatim.map_or(self.span.clone(), |start| {
            start + range.start..start + range.end
        })
    }

    /// The edit that writes another name in its place.
    pub(super) fn rewritten(&self, name: &str) -> Patch {
        Patch::replace(self.span.clone(), name)
    }

    /// The directory's name, if that is what the name becomes when only its spelling is corrected.
    pub(super) fn respelt<'name>(&self, directory_name: &'name str) -> Option<&'name str> {
        let meant = [spelling(self.text, false), spelling(self.text, true)];
        (is_well_formed(directory_name) && meant.iter().any(|name| name == directory_name))
            .then_some(directory_name)
    }
}

/// Whether a name is `[a-z0-9]+(-[a-z0-9]+)*`.
pub(super) fn is_well_formed(name: &str) -> bool {
    name.split('-').all(|word| {
        !word.is_empty()
            && word
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9'))
    })
}

/// Whether a name is that, with lower-case letters and digits of any script, in the composed form.
pub(super) fn is_well_formed_anywhere(name: &str) -> bool {
    let is_word = |word: &str| !word.is_empty() && word.chars().all(is_letter_or_digit);
    name.split('-').all(is_word) && is_nfc(name)
}

/// Whether a character may stand in a name that may be of any script. Letters without case are fine, and so are the marks
/// that some scripts write vowels with; capitals, and signs such as `²` that only look like digits or letters, are not.
pub(super) fn is_letter_or_digit(symbol: char) -> bool {
    if symbol.is_ascii() {
        return matches!(symbol, 'a'..='z' | '0'..='9');
    }
    let is_part = symbol.is_alphanumeric() || is_combining_mark(symbol);
    is_part && symbol.identifier_allowed() && symbol.to_lowercase().eq([symbol])
}

/// The valid name nearest to a name, if anything of it is left.
pub(super) fn nearest(name: &str) -> Option<String> {
    let name = spelling(name, true);
    is_well_formed(&name).then_some(name)
}

/// A name in lower case, without accents, with hyphens for all that is neither letter nor digit, and also where a capital
/// follows a small letter if `split` is set.
fn spelling(name: &str, split: bool) -> String {
    let mut spelt = String::with_capacity(name.len());
    let mut after_small = false;
    for symbol in name
        .nfd()
        .filter(|&symbol| !is_combining_mark(symbol) && !is_invisible(symbol))
    {
        let ascii = lookalike(symbol).unwrap_or_else(|| symbol.to_string());
        for symbol in ascii.chars() {
            if !symbol.is_ascii_alphanumeric()
                || (split && after_small && symbol.is_ascii_uppercase())
            {
                spelt.push('-');
            }
            if symbol.is_ascii_alphanumeric() {
                spelt.push(symbol.to_ascii_lowercase());
            }
            after_small = symbol.is_ascii_lowercase() || symbol.is_ascii_digit();
        }
    }
    spelt
        .split('-')
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join("-")
}

/// Whether nothing is drawn for a character.
pub(super) fn is_invisible(symbol: char) -> bool {
    !symbol.is_ascii() && skeleton(symbol.encode_utf8(&mut [0; 4])).next().is_none()
}

/// The letters, digits or hyphen of ASCII that another character is drawn like.
pub(super) fn lookalike(symbol: char) -> Option<String> {
    if symbol.is_ascii() || is_invisible(symbol) {
        return None;
    }
    let drawn: String = skeleton(symbol.encode_utf8(&mut [0; 4])).collect();
    drawn
        .chars()
        .all(|symbol| symbol.is_ascii_alphanumeric() || symbol == '-')
        .then_some(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, expected: &str) {
        assert_eq!(
            nearest(name).as_deref().unwrap_or_default(),
            expected,
            "{name:?}"
        );
    }

    #[test]
    fn the_nearest_valid_name_keeps_the_words() {
        check("PDF Tools", "pdf-tools");
        check("pdfTools", "pdf-tools");
        check("pdf__tools-", "pdf-tools");
        check("p\u{430}y", "pay");
        check("cafe\u{301}", "cafe");
        check("pdf\u{2013}forms", "pdf-forms");
        check("pdf\u{200b}", "pdf");
        check("\u{6280}\u{80fd}", "");
    }

    #[test]
    fn names_of_any_script_are_lower_case_letters_and_digits_in_nfc() {
        for name in ["pdf-2", "café", "技能", "отчёты-2", "हिन्दी", "ไทย"]
        {
            assert!(is_well_formed_anywhere(name), "{name:?}");
        }
        for name in [
            "",
            "-a",
            "a--b",
            "Café",
            "Été",
            "cafe\u{301}",
            "x²",
            "\u{fb01}t",
            "\u{ff41}",
            "a b",
            "a_b",
            "\u{1f600}",
            "a\u{200d}b",
        ] {
            assert!(!is_well_formed_anywhere(name), "{name:?}");
        }
    }
}
