//! Lines of source: the few that a finding is about, and where an offset stands.

use std::ops::Range;

use memchr::{memchr_iter, memrchr};

/// The lines of a text that hold some spans.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Window<'text> {
    /// The lines, without the last line's end.
    pub(super) text: &'text str,
    /// Where the first of them starts in the whole text.
    pub(super) start: usize,
    /// Its number, from 1.
    pub(super) line: usize,
}

impl<'text> Window<'text> {
    /// The lines that hold `span`, with `margin` more above and below.
    pub(super) fn around(text: &'text str, span: &Range<usize>, margin: usize) -> Self {
        let from = floor(text, span.start);
        let to = floor(text, span.end.max(from));
        let head = text.get(..from).unwrap_or_default();
        let start = (0..=margin).fold(head.len(), |at, step| {
            let before = if step == 0 { at } else { at.saturating_sub(1) };
            head.get(..before)
                .and_then(|head| head.rfind('\n'))
                .map_or(0, |newline| newline + 1)
        });
        let end = (0..=margin).fold(to, |at, step| {
            let after = if step == 0 {
                at
            } else {
                (at + 1).min(text.len())
            };
            text.get(after..)
                .and_then(|tail| tail.find('\n'))
                .map_or(text.len(), |newline| after + newline)
        });
        let above = text.as_bytes().get(..start).unwrap_or_default();
        let line = memchr_iter(b'\n', above).count() + 1;
        Self {
            text: text.get(start..end).unwrap_or_default(),
            start,
            line,
        }
    }
}

/// The line and the column, both from 1 and the column in characters, of an offset. What is not UTF-8 counts as it is shown.
#[must_use]
pub fn position(bytes: &[u8], at: usize) -> (usize, usize) {
    let head = bytes.get(..at).unwrap_or(bytes);
    let start = memrchr(b'\n', head).map_or(0, |newline| newline + 1);
    let line = head.get(start..).unwrap_or_default();
    (
        memchr_iter(b'\n', head).count() + 1,
        String::from_utf8_lossy(line).chars().count() + 1,
    )
}

/// The nearest character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_holds_whole_lines_and_their_number() {
        let text = "one\ntwo\nthree\nfour\n";
        let window = Window::around(text, &(9..10), 0);
        assert_eq!(
            window,
            Window {
                text: "three",
                start: 8,
                line: 3
            }
        );
        assert_eq!(
            Window::around(text, &(9..10), 1),
            Window {
                text: "two\nthree\nfour",
                start: 4,
                line: 2
            }
        );
        assert_eq!(
            Window::around(text, &(0..0), 0),
            Window {
                text: "one",
                start: 0,
                line: 1
            }
        );
        assert_eq!(
            Window::around("", &(0..0), 1),
            Window {
                text: "",
                start: 0,
                line: 1
            }
        );
    }

    #[test]
    fn positions_count_characters() {
        assert_eq!(position("a\näöx".as_bytes(), 6), (2, 3));
        assert_eq!(position(b"a\xff\n\xff\xffb", 5), (2, 3));
        assert_eq!(position(b"", 5), (1, 1));
    }
}
