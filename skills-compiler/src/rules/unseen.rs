//! Characters that nobody sees, found in a text, and which of them are at home where they stand.

use std::ops::Range;
use std::sync::LazyLock;

use super::occurrence::line_around;
use crate::rules::rule::SkillContext;
use crate::source::FileId;
use crate::words::Words;

/// The most places that one repair edits. The others follow on the next run.
pub(super) const MAX_EDITS: usize = 16;

/// The characters that change the direction of the text after them.
pub(super) fn is_bidi_control(symbol: char) -> bool {
    matches!(symbol, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The characters that can hold a hidden text, a letter or a byte each.
pub(super) fn is_carrier(symbol: char) -> bool {
    matches!(symbol, '\u{e0000}'..='\u{e007f}' | '\u{e0100}'..='\u{e01ef}')
}

/// The characters without a width of their own, or that show only at the end of a line.
pub(super) fn is_zero_width(symbol: char) -> bool {
    matches!(symbol,
        '\u{ad}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fe00}'..='\u{fe0f}')
}

/// How all of these characters begin: what else is not ASCII is passed over in the search.
static BEGINNINGS: LazyLock<Words> = LazyLock::new(|| {
    let beginnings: [&[u8]; 16] = [
        b"\xc2\xad",
        b"\xe1\xa0\x8e",
        b"\xe2\x80\x8b",
        b"\xe2\x80\x8c",
        b"\xe2\x80\x8d",
        b"\xe2\x80\x8e",
        b"\xe2\x80\x8f",
        b"\xe2\x80\xaa",
        b"\xe2\x80\xab",
        b"\xe2\x80\xac",
        b"\xe2\x80\xad",
        b"\xe2\x80\xae",
        b"\xe2\x81",
        b"\xef\xb8",
        b"\xef\xbb\xbf",
        b"\xf3\xa0",
    ];
    Words::new(beginnings)
});

/// The characters of a text that nobody sees, with where they stand.
pub(super) struct Unseen(Vec<(usize, char)>);

impl Unseen {
    pub(super) fn of(text: &str) -> Self {
        // Most texts are ASCII, and whether one is takes no time to find out.
        let searched = if text.is_ascii() { "" } else { text };
        let places = BEGINNINGS.places(searched);
        let symbols = places.filter_map(|(at, _)| Some((at, searched.get(at..)?.chars().next()?)));
        let is_unseen =
            |symbol| is_bidi_control(symbol) || is_carrier(symbol) || is_zero_width(symbol);
        Self(symbols.filter(|(_, symbol)| is_unseen(*symbol)).collect())
    }

    /// All runs of those for which `wanted` holds, in order.
    pub(super) fn runs(&self, wanted: fn(char) -> bool) -> Vec<Range<usize>> {
        let mut runs = Vec::<Range<usize>>::new();
        for (at, symbol) in self.0.iter().filter(|(_, symbol)| wanted(*symbol)) {
            let end = at + symbol.len_utf8();
            match runs.last_mut().filter(|last| last.end == *at) {
                Some(last) => last.end = end,
                None => runs.push(*at..end),
            }
        }
        runs
    }

    /// Whether the text is about a character: it is the only one that nobody sees on its line, and the line names it. In
    /// scripts and in the frontmatter nothing is.
    pub(super) fn is_subject(
        &self,
        cx: &SkillContext<'_>,
        file: FileId,
        run: &Range<usize>,
    ) -> bool {
        let text = cx.text(file);
        let line = line_around(text, run.start, REACH);
        let first = self.0.partition_point(|(at, _)| *at < line.start);
        let from = self.0.get(first..).unwrap_or_default().iter();
        let mut on_line = from.take_while(|(at, _)| *at < line.end);
        let (Some((_, symbol)), None) = (on_line.next(), on_line.next()) else {
            return false;
        };
        let body = cx.skill.fence.as_ref().map_or(0, |fence| fence.body.start);
        let is_prose = cx.skill.outlines.contains_key(&file)
            && (file != cx.skill.document || run.start >= body);
        is_prose && names(text.get(line).unwrap_or_default(), *symbol)
    }
}

/// How much of a long line may name a character that stands in it, in bytes on each side.
const REACH: usize = 400;

/// Whether a line has the code point of a character, or a name of it.
fn names(line: &str, symbol: char) -> bool {
    let line = line.to_lowercase().replace(['-', '_'], " ");
    let known: &[&str] = match symbol {
        '\u{ad}' => &["soft hyphen"],
        '\u{200b}'..='\u{200d}' => &["zero width"],
        '\u{2060}' => &["word joiner"],
        '\u{feff}' => &["byte order mark"],
        '\u{202a}' | '\u{202b}' => &["left embedding", "right embedding"],
        '\u{202d}' | '\u{202e}' => &["left override", "right override"],
        _ => &[],
    };
    line.contains(&format!("u+{:04x}", u32::from(symbol)))
        || known.iter().any(|name| line.contains(name))
}

/// Whether a character is part of how an emoji, an ideograph or a word of some script is spelled, so that taking it away
/// would change what is read.
pub(super) fn is_at_home(text: &str, at: usize, symbol: char) -> bool {
    let before = text.get(..at).and_then(|head| head.chars().next_back());
    let after = text
        .get(at + symbol.len_utf8()..)
        .and_then(|tail| tail.chars().next());
    let any = |wanted: fn(char) -> bool| before.is_some_and(wanted) || after.is_some_and(wanted);
    match symbol {
        '\u{feff}' => at == 0,
        '\u{fe00}'..='\u{fe0f}' | '\u{200e}' | '\u{200f}' => true,
        '\u{e0100}'..='\u{e01ef}' => before.is_some_and(is_ideograph),
        '\u{200d}' => any(is_pictograph) || any(is_joining),
        '\u{200c}' => any(is_joining),
        '\u{200b}' | '\u{2060}' => any(is_unspaced),
        '\u{180e}' => any(|symbol| matches!(symbol, '\u{1800}'..='\u{18af}')),
        _ => false,
    }
}

/// The bytes of the flag of England, Scotland or Wales that a run of carriers belongs to: a black flag and tags.
pub(super) fn is_flag(text: &str, run: &Range<usize>) -> bool {
    let flag = text
        .get(..run.start)
        .is_some_and(|head| head.ends_with('\u{1f3f4}'));
    let tags = decoded(text.get(run.clone()).unwrap_or_default());
    flag && matches!(tags.as_str(), "gbeng\u{7f}" | "gbsct\u{7f}" | "gbwls\u{7f}")
}

/// What a run of carriers says: tags mirror ASCII, variation selectors count the bytes from 16.
pub(super) fn decoded(run: &str) -> String {
    let bytes: Vec<_> = run
        .chars()
        .filter_map(|symbol| match symbol as u32 {
            code @ 0xe0001..=0xe007f => u8::try_from(code - 0xe0000).ok(),
            code @ 0xe0100..=0xe01ef => u8::try_from(code - 0xe0100 + 16).ok(),
            _ => None,
        })
        .collect();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn is_ideograph(symbol: char) -> bool {
    matches!(symbol, '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// Emoji and the signs that stand in sequences of them.
fn is_pictograph(symbol: char) -> bool {
    matches!(symbol, '\u{2190}'..='\u{2bff}' | '\u{fe0f}' | '\u{1f000}'..='\u{1faff}')
}

/// Letters of scripts in which joiners decide the form: Arabic and its kin, the Indic scripts, Mongolian.
fn is_joining(symbol: char) -> bool {
    matches!(symbol, '\u{600}'..='\u{109f}' | '\u{1780}'..='\u{18af}' | '\u{1900}'..='\u{1cff}' | '\u{a800}'..='\u{abff}'
        | '\u{fb50}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}' | '\u{10a00}'..='\u{11fff}' | '\u{1e900}'..='\u{1e95f}')
}

/// Letters of scripts without spaces between words, in which a zero-width space says where a line may break.
fn is_unspaced(symbol: char) -> bool {
    matches!(symbol, '\u{e00}'..='\u{eff}' | '\u{f00}'..='\u{fff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}'
        | '\u{1950}'..='\u{19df}' | '\u{1a20}'..='\u{1aaf}' | '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_is_found_by_how_it_begins() {
        let is_unseen = |symbol: &char| {
            is_bidi_control(*symbol) || is_carrier(*symbol) || is_zero_width(*symbol)
        };
        let all: Vec<_> = ('\0'..=char::MAX).filter(is_unseen).collect();
        let text: String = all.iter().collect();
        let found = Unseen::of(&text).0;
        assert!(found.into_iter().map(|(_, symbol)| symbol).eq(all));
    }

    #[test]
    fn runs_are_of_one_kind() {
        let unseen = Unseen::of("a\u{200b}\u{200c}\u{202e}\u{200b}\u{2014}b\u{200b}");
        assert_eq!(unseen.runs(is_zero_width), [1..7, 10..13, 17..20]);
        assert_eq!(unseen.runs(is_bidi_control).first(), Some(&(7..10)));
    }
}
