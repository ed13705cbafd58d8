//! An estimate of how many tokens a model makes of a text, without any model's tokenizer.
//!
//! Words, numbers and signs are counted by rules of thumb. They were not fitted to any tokenizer: how far off they are
//! differs between models and kinds of text, and is not known.

/// Splits a text into pieces and says how many tokens each may be: `(end of the piece, tokens)`.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut start = 0;
    std::iter::from_fn(move || {
        let rest = text.get(start..)?;
        let first = *rest.as_bytes().first()?;
        let kind = match Kind::of_byte(first) {
            Kind::Ideograph => Kind::of(rest.chars().next()?),
            kind => kind,
        };
        let end = match kind {
            Kind::Word => end_of_word(rest),
            // Of what is ASCII, every byte tells where it ends.
            Kind::Number | Kind::Blank | Kind::Sign => {
                rest.bytes().position(|byte| Kind::of_byte(byte) != kind)
            }
            Kind::Letter | Kind::Ideograph => rest.find(|symbol| Kind::of(symbol) != kind),
        };
        let piece = rest.get(..end.unwrap_or(rest.len()))?;
        start += piece.len();
        Some((start, kind.tokens(piece)))
    })
}

/// No fewer tokens than the pieces of a text have together, and seldom many more. It takes a fraction of the time, and most texts
/// are short enough even so.
pub(super) fn at_most(text: &str) -> usize {
    let bytes = text.as_bytes();
    let pairs = bytes
        .chunks(PAIRS)
        .zip(bytes.get(1..).unwrap_or_default().chunks(PAIRS));
    let bounds = pairs.map(|(before, bytes)| {
        // Counted in bytes, because these are added up many in one step.
        let [mut tokens, mut letters] = [0_u8; 2];
        for (&before, &byte) in before.iter().zip(bytes) {
            tokens += u8::from(may_begin(before, byte));
            letters += u8::from(byte.is_ascii_alphabetic());
        }
        usize::from(tokens) + usize::from(letters).div_ceil(6)
    });
    // The first byte has nothing before it.
    usize::from(!text.is_empty()) + bounds.sum::<usize>()
}

/// How many pairs of bytes are counted in a byte.
const PAIRS: usize = 240;

/// Whether a token may begin with a byte that comes after another one; those inside of long words are left out.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "a branch would keep the compiler from looking at many bytes in one step"
)]
fn may_begin(before: u8, byte: u8) -> bool {
    let (is_letter, is_blank) = (byte.is_ascii_alphabetic(), byte <= b' ');
    let begins_word =
        !before.is_ascii_alphabetic() | (byte.is_ascii_uppercase() & before.is_ascii_lowercase());
    // One blank has a token where it ends a line, and several have one together.
    let may_count = (byte == b'\n') | (before <= b' ');
    // Of anything else no byte has more than one, and what continues a character has none.
    let is_other = !is_letter & !is_blank & !(0x80..0xc0).contains(&byte);
    is_letter & begins_word | is_blank & may_count | is_other
}

/// How many tokens a whole text may have.
pub(super) fn estimate(text: &str) -> usize {
    rounded(pieces(text).map(|(_, tokens)| tokens).sum())
}

/// An estimate claims no more digits than it has.
pub(super) fn rounded(count: usize) -> usize {
    count.div_ceil(100) * 100
}

/// Where the word ends that a text begins with. A capital starts another one: `parseHtml` is two.
fn end_of_word(text: &str) -> Option<usize> {
    let mut is_last_small = false;
    text.bytes().position(|byte| {
        let ends = !byte.is_ascii_alphabetic() || byte.is_ascii_uppercase() && is_last_small;
        is_last_small = byte.is_ascii_lowercase();
        ends
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Word,
    Number,
    Blank,
    Sign,
    /// A letter of another script than English, with an alphabet.
    Letter,
    /// A symbol that is a word or a picture.
    Ideograph,
}

/// What each byte begins, so that one look tells it. What is not ASCII is left to [`Kind::of`].
#[expect(
    clippy::indexing_slicing,
    reason = "it is computed while compiling, where a panic is an error"
)]
static KINDS: [Kind; 256] = {
    let mut kinds = [Kind::Ideograph; 256];
    let mut byte = 0;
    while byte < 0x80 {
        kinds[byte] = match byte as u8 {
            b'a'..=b'z' | b'A'..=b'Z' => Kind::Word,
            b'0'..=b'9' => Kind::Number,
            0..=b' ' => Kind::Blank,
            b'!'..=b'~' => Kind::Sign,
            _ => Kind::Ideograph,
        };
        byte += 1;
    }
    kinds
};

impl Kind {
    fn of_byte(byte: u8) -> Self {
        KINDS
            .get(usize::from(byte))
            .copied()
            .unwrap_or(Self::Ideograph)
    }

    fn of(symbol: char) -> Self {
        match symbol {
            'a'..='z' | 'A'..='Z' => Self::Word,
            '0'..='9' => Self::Number,
            '\0'..=' ' => Self::Blank,
            '!'..='~' => Self::Sign,
            '\u{7f}'..'\u{2e80}' if symbol.is_alphabetic() => Self::Letter,
            _ => Self::Ideograph,
        }
    }

    fn tokens(self, piece: &str) -> usize {
        match self {
            Self::Word => 1 + piece.len().saturating_sub(3) / 6,
            // The blank in front of a word belongs to the word.
            Self::Blank => usize::from(piece.len() > 1 || piece == "\n"),
            Self::Sign if is_rule(piece) => piece.len().div_ceil(16),
            Self::Number | Self::Sign => piece.len().div_ceil(3),
            Self::Letter => piece.chars().count().div_ceil(2),
            Self::Ideograph => piece.chars().count(),
        }
    }
}

/// Whether all signs of a piece are the same, as in a line that is drawn.
fn is_rule(piece: &str) -> bool {
    let mut bytes = piece.bytes();
    let first = bytes.next();
    bytes.all(|byte| Some(byte) == first)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[track_caller]
    fn check(text: &str, expected: usize) {
        let tokens: usize = pieces(text).map(|(_, tokens)| tokens).sum();
        assert_eq!(tokens, expected, "{text:?}");
        assert!(tokens <= at_most(text), "{text:?}: {}", at_most(text));
        assert_eq!(pieces(text).last().map_or(0, |(end, _)| end), text.len());
    }

    proptest! {
        #[test]
        fn no_text_has_more_tokens_than_it_can_have(text in "[ \\na-cA-C0-9#|é日-]{0,60}") {
            let tokens: usize = pieces(&text).map(|(_, tokens)| tokens).sum();
            prop_assert!(tokens <= at_most(&text));
        }
    }

    #[test]
    fn tokens_are_estimated() {
        check("", 0);
        check("Fill the form.", 4);
        check("documentation", 2);
        check("parseHtml(2026)", 6);
        check("---------------\n", 2);
        check("| a | b |\n", 6);
        check("日本語", 3);
        check("привет", 3);
    }
}
