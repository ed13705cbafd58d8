//! Whether a skill speaks of something by its name.

use crate::syntax::ParsedSkill;

/// Whether one of the skill's own texts contains the name as a word of its own.
pub(super) fn is_mentioned(skill: &ParsedSkill<'_>, name: &str) -> bool {
    skill.texts.values().any(|text| contains_word(text, name))
}

fn contains_word(text: &str, name: &str) -> bool {
    let is_part = |symbol: char| symbol.is_alphanumeric() || matches!(symbol, '-' | '_');
    !name.is_empty()
        && text.match_indices(name).any(|(at, _)| {
            let before = text.get(..at).and_then(|before| before.chars().next_back());
            let after = text
                .get(at + name.len()..)
                .and_then(|after| after.chars().next());
            !before.is_some_and(is_part) && !after.is_some_and(is_part)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_a_word_is_no_mention() {
        assert!(contains_word("see `forms/SKILL.md`", "forms"));
        assert!(!contains_word("see web-forms and forms-2", "forms"));
        assert!(contains_word("cp .eslintrc .", ".eslintrc"));
    }
}
