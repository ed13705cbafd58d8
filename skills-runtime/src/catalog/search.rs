//! Skills by what they are about: every word of a query must occur, in any case, in a name, path or description.

use skills_model::Skill;

use super::Catalog;

impl Catalog {
    /// The skills in which all words of `query` occur, ascending by URI; all skills for no words.
    pub(crate) fn matching(self, query: &str) -> Vec<Skill> {
        let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
        self.skills()
            .filter(|skill| matches(*skill, &words))
            .collect()
    }
}

fn matches(skill: Skill, words: &[String]) -> bool {
    if words.is_empty() {
        return true;
    }
    // The path ends in the name, so it stands for both.
    let text = format!("{}\n{}", skill.path(), skill.description()).to_lowercase();
    words.iter().all(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Permit;
    use crate::testing::BUNDLE;

    fn paths(query: &str) -> Vec<&'static str> {
        let found = Catalog::new(&BUNDLE, Permit::owner()).matching(query);
        found.iter().map(|skill| skill.path()).collect()
    }

    #[test]
    fn words_are_found_in_any_case_and_order() {
        assert_eq!(paths("REFUND acme"), ["acme/refunds"]);
        assert_eq!(paths("git"), ["commit-message"]);
        assert_eq!(paths("no such words"), Vec::<&str>::new());
        assert_eq!(paths("  ").len(), BUNDLE.skills.len());
    }
}
