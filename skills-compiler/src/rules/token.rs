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
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: usize) {
        let tokens: usize = pieces(text).map(|(_, tokens)| tokens).sum();
        assert_eq!(tokens, expected, "{text:?}");
        assert_eq!(pieces(text).last().map_or(0, |(end, _)| end), text.len());
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
