//! Did you mean: the candidate that a misspelt text is closest to, if one is close.

/// Longer texts are not misspelt names; comparing them would only cost time, which a caller could make us spend.
const LONGEST: usize = 200;

/// The closest of `candidates` within a third of its length in edits; the first of equals.
pub(crate) fn nearest<'a>(
    asked: &str,
    candidates: impl Iterator<Item = &'a str>,
) -> Option<&'a str> {
    if asked.is_empty() || asked.len() > LONGEST {
        return None;
    }
    candidates
        .filter(|candidate| candidate.len().abs_diff(asked.len()) <= tolerance(candidate))
        .map(|candidate| (strsim::osa_distance(asked, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= tolerance(candidate))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

fn tolerance(candidate: &str) -> usize {
    (candidate.len() / 3).clamp(1, 8)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_closest_is_suggested_and_a_stranger_is_not() {
        let names = || ["pdf-forms", "pdf-merge", "refunds"].into_iter();
        assert_eq!(nearest("pdf-form", names()), Some("pdf-forms"));
        assert_eq!(nearest("refnuds", names()), Some("refunds"));
        assert_eq!(nearest("kubernetes", names()), None);
    }

    #[test]
    fn nothing_is_suggested_for_no_text_or_a_huge_one() {
        let huge = "x".repeat(1_000_000);
        assert_eq!(nearest("", ["a"].into_iter()), None);
        assert_eq!(nearest(&huge, ["x"].into_iter()), None);
    }
}
