//! Skills by what they are about: the words of a query, in any case, in a name, path or description.

use std::cmp::Reverse;

use skills_model::Skill;

use super::Catalog;

/// What a query finds.
#[derive(Debug)]
pub(crate) struct Found {
    /// The skills; those that have all words ascending by URI, otherwise those with more of the words first.
    pub(crate) skills: Vec<Skill>,
    /// Whether they have all words of the query.
    pub(crate) is_complete: bool,
}

impl Catalog {
    /// The skills that models may choose and in which all words of `query` occur; all for no words. Where none has all of the
    /// words, those that have some.
    pub(crate) fn matching(self, query: &str) -> Found {
        let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
        let skills = self.skills().filter(|skill| skill.is_for_models());
        let mut scored: Vec<_> = skills
            .map(|skill| (score(skill, &words), skill))
            .filter(|(score, _)| *score > 0 || words.is_empty())
            .collect();
        let is_complete = scored.iter().any(|(score, _)| *score == words.len());
        if is_complete {
            scored.retain(|(score, _)| *score == words.len());
        } else {
            // Those that have much fewer of the words than the best are a coincidence.
            let best = scored.iter().map(|(score, _)| *score).max().unwrap_or(0);
            scored.retain(|(score, _)| score * 2 > best);
            // A stable sort: of equals, the first by URI stays the first.
            scored.sort_by_key(|(score, _)| Reverse(*score));
        }
        Found {
            skills: scored.into_iter().map(|(_, skill)| skill).collect(),
            is_complete,
        }
    }
}

/// How many of the words occur.
fn score(skill: Skill, words: &[String]) -> usize {
    if words.is_empty() {
        return 0;
    }
    // The path ends in the name, so it stands for both.
    let text = format!("{}\n{}", skill.path(), skill.description()).to_lowercase();
    words.iter().filter(|word| text.contains(&***word)).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Permit;
    use crate::testing::BUNDLE;

    fn paths(query: &str) -> (Vec<&'static str>, bool) {
        let found = Catalog::new(&BUNDLE, Permit::owner()).matching(query);
        let paths = found.skills.iter().map(|skill| skill.path());
        (paths.collect(), found.is_complete)
    }

    #[test]
    fn words_are_found_in_any_case_and_order() {
        assert_eq!(paths("REFUND acme"), (vec!["acme/refunds"], true));
        assert_eq!(paths("git"), (vec!["commit-message"], true));
        assert_eq!(paths("git zzz"), (vec!["commit-message"], false));
        assert_eq!(paths("zzz"), (vec![], false));
        assert_eq!(paths("  ").0.len(), BUNDLE.skills.len());
    }

    #[test]
    fn without_a_skill_that_has_all_words_those_with_most_come_first() {
        let (paths, is_complete) = paths("please refund the customer of Globex");
        assert!(!is_complete);
        assert_eq!(paths.first(), Some(&"globex/refunds"));
        assert!(paths.contains(&"acme/refunds"));
    }
}
