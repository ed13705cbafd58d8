//! Which file was meant by a path that leads to nothing.

use std::collections::BTreeMap;

use skills_model::limits::SKILL_FILE;
use strsim::normalized_damerau_levenshtein;

use super::folding::folded;
use crate::source::SourceTree;
use crate::syntax::ParsedSkill;

/// How alike two file names have to be, from 0 to 1.
const SIMILAR: f64 = 0.75;

/// How many comparisons are made for one skill, so that a broken index of thousands of links costs no minutes.
const COMPARISONS: usize = 10_000;

/// The longest path that is compared, in bytes.
const COMPARED: usize = 120;

/// The paths of a skill, to be found by what is left of them.
pub(super) struct Paths<'tree> {
    /// By the whole path in lower case.
    whole: BTreeMap<String, &'tree str>,
    /// By the file name in lower case; nothing where several files have it.
    names: BTreeMap<String, Option<&'tree str>>,
    /// Comparisons that are left.
    budget: usize,
}

impl<'tree> Paths<'tree> {
    /// Collects the paths of a skill, nested skills included.
    pub(super) fn of(tree: &'tree SourceTree, skill: &ParsedSkill<'_>) -> Self {
        let mut paths = Self {
            whole: BTreeMap::new(),
            names: BTreeMap::new(),
            budget: COMPARISONS,
        };
        for &id in &skill.files {
            let path = tree.file(id).path.as_str();
            paths.whole.insert(folded(path), path);
            paths
                .names
                .entry(folded(name_of(path)))
                .and_modify(|only| *only = None)
                .or_insert(Some(path));
        }
        paths
    }

    /// The one file that was meant for sure: it differs in case or extension only, or is the only one of that name and
    /// just somewhere else. `document` holds the link and is not what it means.
    pub(super) fn meant(&self, target: &str, document: &str) -> Option<&'tree str> {
        let target = folded(target);
        let whole = || {
            self.whole
                .get(&target)
                .or_else(|| self.whole.get(&format!("{target}.md")))
                .copied()
        };
        let moved = || *self.names.get(name_of(&target))?;
        let moved = || moved().filter(|path| !is_usual(path));
        whole().or_else(moved).filter(|path| *path != document)
    }

    /// The file with the most similar path, if one is similar enough.
    pub(super) fn similar(&mut self, target: &str) -> Option<&'tree str> {
        if target.len() > COMPARED || self.budget < self.whole.len() {
            return None;
        }
        self.budget -= self.whole.len();
        let target = folded(target);
        let comparable = self.whole.iter();
        let comparable =
            comparable.filter(|(path, original)| path.len() <= COMPARED && !is_usual(original));
        let rated = comparable.map(|(path, original)| (rating(path, &target), *original));
        let alike = rated.filter(|((names, _), _)| *names >= SIMILAR);
        let best = alike.max_by(|(left, _), (right, _)| {
            left.0.total_cmp(&right.0).then(left.1.total_cmp(&right.1))
        });
        best.map(|(_, path)| path)
    }
}

/// The name that is spelled most like another one, if one is similar enough.
pub(super) fn most_similar<'name>(
    name: &str,
    names: impl Iterator<Item = &'name str>,
) -> Option<&'name str> {
    let comparable = names.filter(|other| name.len().max(other.len()) <= COMPARED);
    let rated = comparable.map(|other| (likeness(name, other), other));
    let best = rated.max_by(|(left, _), (right, _)| left.total_cmp(right));
    best.filter(|(rating, _)| *rating >= SIMILAR)
        .map(|(_, other)| other)
}

/// How alike two names are, from 0 to 1. What cannot be similar is not compared letter by letter: it is 0.
fn likeness(left: &str, right: &str) -> f64 {
    let longest = left.chars().count().max(right.chars().count());
    // `SIMILAR` allows one difference for every four letters.
    if least_differences(left, right) * 4 > longest {
        return 0.0;
    }
    normalized_damerau_levenshtein(left, right)
}

/// How many letters have to be put in, taken out or replaced at least, whatever their order: each of these changes the number of
/// at most two letters by one, and a letter more or less is a change of its own.
fn least_differences(left: &str, right: &str) -> usize {
    // Letters that share a place make it less, never more.
    let mut numbers = [0_i32; 64];
    let mut count = |text: &str, by: i32| {
        for symbol in text.chars() {
            if let Some(number) = numbers.get_mut(symbol as usize % 64) {
                *number += by;
            }
        }
    };
    count(left, 1);
    count(right, -1);
    let changed: usize = numbers
        .iter()
        .map(|number| number.unsigned_abs() as usize)
        .sum();
    let balance: i32 = numbers.iter().sum();
    changed.div_ceil(2).max(balance.unsigned_abs() as usize)
}

/// How alike two paths are, first by their names, because two long paths in one directory are alike anyway.
fn rating(left: &str, right: &str) -> (f64, f64) {
    let names = likeness(name_of(left), name_of(right));
    let whole = if names < SIMILAR {
        0.0
    } else {
        normalized_damerau_levenshtein(left, right)
    };
    (names, whole)
}

/// Whether so many directories have a file of this name that the name says nothing.
fn is_usual(path: &str) -> bool {
    matches!(name_of(path), SKILL_FILE | "README.md" | "index.md")
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use strsim::damerau_levenshtein;

    use super::*;

    proptest! {
        #[test]
        fn nothing_is_more_different_than_it_is(left in "[a-e\u{e1}-]{0,12}", right in "[a-e\u{e1}-]{0,12}") {
            prop_assert!(least_differences(&left, &right) <= damerau_levenshtein(&left, &right));
        }
    }

    #[test]
    fn what_is_meant_is_found() {
        let names = ["install", "instal-guide", "setup"];
        let check = |name, expected| {
            assert_eq!(most_similar(name, names.into_iter()), expected, "{name}");
        };
        check("instlal", Some("install"));
        check("instal-giude", Some("instal-guide"));
        check("stepu", None);
    }
}
