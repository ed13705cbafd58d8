//! The words that set skills apart, for hosts that find tools by whole words: "invoice" is not "invoices" to them.

use alloc::borrow::ToOwned;
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec::Vec;

/// The shortest and the longest word, in characters.
const WORD_CHARS: core::ops::RangeInclusive<usize> = 3..=24;

/// Words that say nothing of a skill.
const EMPTY: &str = " about after all and any are ask asked asking asks been before being but can did does done each for from get \
gets give given has have her him his how into its just like make makes may more most must needs not off one only other our out over \
own run same say says she should skill skills some such task tasks than that the their them then there these they this those \
through too under until use used user users uses using want wants was way were what when whenever where whether which while who why \
will with within without would you your ";

/// The words of names and descriptions that no name has as they stand, the most telling first: other forms of the words in
/// names, and then, skill by skill, words of the descriptions that few skills share.
pub(super) fn distinctive<'a>(skills: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    let skills: Vec<(Vec<String>, Vec<String>)> = skills
        .map(|(name, description)| (words(name), words(description)))
        .collect();
    let names = skills.iter().flat_map(|(name, _)| name);
    let mut known: BTreeSet<String> = names.cloned().collect();
    let mut found = Vec::new();
    let mut add = |word: &str, known: &mut BTreeSet<String>| {
        let is_new = known.insert(word.to_owned());
        if is_new {
            found.push(word.to_owned());
        }
        is_new
    };
    for word in skills.iter().flat_map(|(name, _)| name) {
        if let Some(singular) = singular(word) {
            add(&singular, &mut known);
        }
    }
    let shared = shared(&skills);
    let most = (skills.len() / 4).max(1);
    let is_telling = |word: &&String| shared.get(*word).is_some_and(|count| *count <= most);
    let mut rests: Vec<_> = skills
        .iter()
        .map(|(_, description)| description.iter().filter(is_telling))
        .collect();
    // One word of each skill in turn, so that the first skills do not take all the room.
    loop {
        let before = known.len();
        for rest in &mut rests {
            rest.any(|word| add(word, &mut known));
        }
        if known.len() == before {
            return found;
        }
    }
}

/// In how many descriptions each word occurs.
fn shared(skills: &[(Vec<String>, Vec<String>)]) -> BTreeMap<&String, usize> {
    let mut shared = BTreeMap::new();
    for (_, description) in skills {
        for word in description.iter().collect::<BTreeSet<_>>() {
            *shared.entry(word).or_default() += 1;
        }
    }
    shared
}

/// The words of a text in small letters, without those that say nothing.
fn words(text: &str) -> Vec<String> {
    let parts = text.split(|symbol: char| !symbol.is_alphanumeric());
    parts
        .map(str::to_lowercase)
        .filter(|word| WORD_CHARS.contains(&word.chars().count()))
        .filter(|word| word.chars().any(char::is_alphabetic))
        .filter(|word| !EMPTY.split(' ').any(|empty| empty == word))
        .collect()
}

/// The singular of an English plural, as far as its ending tells.
fn singular(word: &str) -> Option<String> {
    let stem = word.strip_suffix('s').filter(|stem| stem.len() > 2)?;
    if stem.ends_with(['s', 'u', 'i']) {
        return None;
    }
    if let Some(stem) = stem.strip_suffix("ie") {
        return Some([stem, "y"].concat());
    }
    let hissing = ["xe", "che", "she", "sse", "zze"];
    if hissing.iter().any(|ending| stem.ends_with(ending)) {
        return stem.strip_suffix('e').map(str::to_owned);
    }
    Some(stem.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_have_a_singular() {
        for (word, expected) in [
            ("invoices", "invoice"),
            ("taxes", "tax"),
            ("glossaries", "glossary"),
            ("branches", "branch"),
        ] {
            assert_eq!(singular(word).as_deref(), Some(expected));
        }
        for word in ["status", "analysis", "process", "pdf", "is"] {
            assert_eq!(singular(word), None);
        }
    }

    #[test]
    fn every_skill_gets_a_word_before_any_gets_two() {
        let words = distinctive([("a", "alpha beta gamma"), ("b", "delta epsilon")].into_iter());
        assert_eq!(words, ["alpha", "delta", "beta", "epsilon", "gamma"]);
    }

    #[test]
    fn words_that_most_skills_share_say_nothing() {
        let skills = [
            ("x", "company one"),
            ("y", "company two"),
            ("z", "company three"),
        ];
        assert!(!distinctive(skills.into_iter()).contains(&"company".to_owned()));
    }
}
