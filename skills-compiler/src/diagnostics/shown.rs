//! Source text as it may be shown: nothing invisible, no secret, and of a long line only what is near a place of interest.
//!
//! Every character becomes one character, so that columns stay; only what is cut away does not count.

use std::ops::Range;

use super::hidden::is_hidden;
use super::line::Window;

/// How much of a long line is kept on each side of a place of interest, in bytes.
const CONTEXT: usize = 48;

/// The longest line that is shown whole, in bytes.
const SHOWN: usize = 120;

/// The lines of a window, made fit to be shown.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) text: String,
    /// Where in `text` an offset of the file went, for the first offset after each change of length.
    moves: Vec<(usize, usize)>,
}

/// What is kept and what is covered; offsets of the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy<'a> {
    /// Everything before this is kept, however long the line.
    pub(super) keep_until: usize,
    /// The places of interest, ascending.
    pub(super) points: &'a [usize],
    /// What is covered, ascending.
    pub(super) secrets: &'a [Range<usize>],
}

impl Shown {
    pub(super) fn new(window: &Window<'_>, policy: Policy<'_>) -> Self {
        let mut shown = Self {
            text: String::with_capacity(window.text.len()),
            moves: vec![(window.start, 0)],
        };
        let mut start = window.start;
        for line in window.text.split_inclusive('\n') {
            shown.line(line, start, policy);
            start += line.len();
        }
        shown.moves.push((start, shown.text.len()));
        shown
    }

    /// Where an offset of the file went.
    pub(super) fn at(&self, offset: usize) -> usize {
        let next = self.moves.partition_point(|&(from, _)| from <= offset);
        let limit = self.moves.get(next).map_or(self.text.len(), |&(_, to)| to);
        let (from, to) = next
            .checked_sub(1)
            .and_then(|index| self.moves.get(index))
            .copied()
            .unwrap_or_default();
        let at = (to + offset.saturating_sub(from)).min(limit);
        (0..=at)
            .rev()
            .find(|&at| self.text.is_char_boundary(at))
            .unwrap_or(0)
    }

    /// Where bytes of the file went.
    pub(super) fn span(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.at(span.start);
        start..self.at(span.end).max(start)
    }

    fn line(&mut self, line: &str, start: usize, policy: Policy<'_>) {
        let mut cut = false;
        for (index, symbol) in line.char_indices() {
            let at = start + index;
            let keep = line.len() <= SHOWN
                || symbol == '\n'
                || at < policy.keep_until
                || is_near(policy.points, at);
            if !keep && cut {
                continue;
            }
            let shown = if keep {
                cover(symbol, at, policy.secrets)
            } else {
                '…'
            };
            if cut {
                self.moves.push((at, self.text.len()));
            }
            self.text.push(shown);
            if shown.len_utf8() != symbol.len_utf8() {
                self.moves.push((at + symbol.len_utf8(), self.text.len()));
            }
            cut = !keep;
        }
    }
}

/// Whether an offset is close to a place of interest.
fn is_near(points: &[usize], at: usize) -> bool {
    let next = points.partition_point(|&point| point < at);
    let close = |index: Option<usize>| {
        index
            .and_then(|index| points.get(index))
            .is_some_and(|&point| point.abs_diff(at) <= CONTEXT)
    };
    close(Some(next)) || close(next.checked_sub(1))
}

/// What stands for a character. The renderer has its own signs for the controls that ASCII knows.
fn cover(symbol: char, at: usize, secrets: &[Range<usize>]) -> char {
    let next = secrets.partition_point(|secret| secret.end <= at);
    if secrets.get(next).is_some_and(|secret| secret.contains(&at)) && !symbol.is_whitespace() {
        return '*';
    }
    if is_hidden(symbol) && !symbol.is_ascii() && symbol != '\u{200d}' {
        '\u{fffd}'
    } else {
        symbol
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, points: &[usize], secrets: &[Range<usize>]) -> Shown {
        Shown::new(
            &Window::around(text, &(0..text.len()), 0),
            Policy {
                keep_until: 0,
                points,
                secrets,
            },
        )
    }

    #[test]
    fn a_long_line_is_cut_around_its_points() {
        let text = format!("key: {}\nnext", "ä".repeat(300));
        let shown = shown(&text, &[5, 605], &[]);
        assert!(
            shown.text.starts_with("key: ää")
                && shown.text.contains("ä…ä")
                && shown.text.ends_with("ä\nnext")
        );
        assert_eq!((shown.at(5), shown.at(605)), (5, shown.text.len() - 5));
        assert!(shown.text.chars().count() < 120);
        assert_eq!(
            shown.span(&(606..610)),
            shown.text.len() - 4..shown.text.len()
        );
    }

    #[test]
    fn what_is_invisible_or_secret_is_covered_and_offsets_follow() {
        let shown = shown(
            "a\u{e0041}b\u{9b}c secret d",
            &[],
            std::slice::from_ref(&(10..16)),
        );
        assert_eq!(shown.text, "a\u{fffd}b\u{fffd}c ****** d");
        assert_eq!(shown.span(&(1..5)), 1..4);
        assert_eq!(shown.span(&(6..8)), 5..8);
        assert_eq!(shown.span(&(10..16)), 10..16);
        assert_eq!(shown.span(&(17..18)), 17..18);
    }
}
