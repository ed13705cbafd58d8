//! Words, or the bytes that they begin with, which are looked for in one pass over a text, however many they are.

use aho_corasick::{AhoCorasick, Input, MatchKind};

/// Some words, and what finds them.
#[derive(Debug)]
pub(crate) struct Words {
    words: Vec<Vec<u8>>,
    automaton: Option<AhoCorasick>,
}

impl Words {
    /// Prepares the search. That takes longer than searching a short text, so that it is done once.
    pub(crate) fn new<W: AsRef<[u8]>>(words: impl IntoIterator<Item = W>) -> Self {
        let words = words.into_iter().map(|word| word.as_ref().to_vec());
        let words: Vec<_> = words.collect();
        // Of this kind of match there is a vectorised search.
        let kind = MatchKind::LeftmostFirst;
        let automaton = AhoCorasick::builder().match_kind(kind).build(&words).ok();
        Self { words, automaton }
    }

    /// The first place at or after `from` where a word begins, and which one it is: the first of those that begin there.
    pub(crate) fn next(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        let Some(automaton) = &self.automaton else {
            return self.next_slowly(text, from);
        };
        let input = Input::new(text).span(from.min(text.len())..text.len());
        let found = automaton.find(input)?;
        Some((found.start(), found.pattern().as_usize()))
    }

    /// Such a small automaton is always made; without it, every place is looked at.
    fn next_slowly(&self, text: &str, from: usize) -> Option<(usize, usize)> {
        (from..text.len()).find_map(|at| {
            let rest = text.as_bytes().get(at..)?;
            let which = self.words.iter().position(|word| rest.starts_with(word))?;
            Some((at, which))
        })
    }

    /// All places where a word begins, ascending, and which one it is. A word may begin inside of another.
    pub(crate) fn places(&self, text: &str) -> impl Iterator<Item = (usize, usize)> {
        let mut from = 0;
        std::iter::from_fn(move || {
            let (at, which) = self.next(text, from)?;
            from = at + 1;
            Some((at, which))
        })
    }

    /// The same places, those of the first word first.
    pub(crate) fn places_by_word(&self, text: &str) -> Vec<(usize, usize)> {
        let mut places: Vec<_> = self.places(text).collect();
        places.sort_by_key(|&(_, which)| which);
        places
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(words: &[&'static str], text: &str, expected: &[(usize, usize)]) {
        let mut words = Words::new(words);
        assert_eq!(words.places(text).collect::<Vec<_>>(), expected, "{text:?}");
        words.automaton = None;
        assert_eq!(words.places(text).collect::<Vec<_>>(), expected, "{text:?}");
    }

    #[test]
    fn all_places_of_all_words_are_found() {
        check(&["iex", "xxd"], "iexxd é xxd", &[(0, 0), (2, 1), (9, 1)]);
        check(&["sk-ant", "sk-"], "sk-ant sk-b", &[(0, 0), (7, 1)]);
        check(&["a"], "", &[]);
    }
}
