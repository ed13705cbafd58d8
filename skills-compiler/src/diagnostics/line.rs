//! Cutting source for display: the few lines that a finding is about, and of a long line only what is near an edit.

use std::ops::Range;

use super::Patch;

/// How much of a long line is kept on each side of an edit, in bytes.
const CONTEXT: usize = 48;

/// The longest line that is shown whole, in bytes.
const SHOWN: usize = 120;

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
        let line = text.get(..start).unwrap_or_default().matches('\n').count() + 1;
        Self {
            text: text.get(start..end).unwrap_or_default(),
            start,
            line,
        }
    }

    /// A span of the whole text as a span of the window.
    pub(super) fn local(&self, span: &Range<usize>) -> Range<usize> {
        let clamp = |at: usize| {
            floor(
                self.text,
                at.saturating_sub(self.start).min(self.text.len()),
            )
        };
        clamp(span.start)..clamp(span.end).max(clamp(span.start))
    }
}

/// The line and the column, both from 1 and the column in characters, of an offset.
pub(crate) fn position(text: &str, at: usize) -> (usize, usize) {
    let head = text.get(..floor(text, at)).unwrap_or_default();
    let start = head.rfind('\n').map_or(0, |newline| newline + 1);
    (
        head.matches('\n').count() + 1,
        head.get(start..).unwrap_or_default().chars().count() + 1,
    )
}

/// Cuts a text that is edited down to what is near the edits, with `…` where something was left out, so that a help stays
/// readable when a description has a thousand characters. The edits move along.
pub(super) fn cut(text: &str, patches: &[Patch]) -> (String, Vec<Patch>) {
    if text.len() <= SHOWN {
        return (text.to_owned(), patches.to_vec());
    }
    let mut shown = String::new();
    let mut moved = Vec::new();
    let mut done = 0;
    for (index, patch) in patches.iter().enumerate() {
        let from = floor(text, patch.span.start.saturating_sub(CONTEXT))
            .max(line_start(text, patch.span.start));
        if from > done {
            keep(
                &mut shown,
                text,
                done..done + if index == 0 { 0 } else { CONTEXT },
            );
            shown.push('…');
            done = from;
        }
        keep(&mut shown, text, done..patch.span.start);
        let start = shown.len();
        keep(&mut shown, text, patch.span.clone());
        moved.push(Patch::replace(
            start..shown.len(),
            patch.replacement.clone(),
        ));
        done = patch.span.end;
    }
    let end = ceil(text, done + CONTEXT).min(line_end(text, done));
    keep(&mut shown, text, done..end);
    if end < text.trim_end().len() {
        shown.push('…');
    }
    (shown, moved)
}

fn keep(shown: &mut String, text: &str, span: Range<usize>) {
    shown.push_str(
        text.get(span.start..ceil(text, span.end))
            .unwrap_or_default(),
    );
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at)
        .and_then(|head| head.rfind('\n'))
        .map_or(0, |newline| newline + 1)
}

fn line_end(text: &str, at: usize) -> usize {
    text.get(at..)
        .and_then(|tail| tail.find('\n'))
        .map_or(text.len(), |newline| at + newline)
}

/// The nearest character boundary at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    (0..=at.min(text.len()))
        .rev()
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(0)
}

/// The nearest character boundary at or after `at`.
fn ceil(text: &str, at: usize) -> usize {
    (at.min(text.len())..=text.len())
        .find(|&at| text.is_char_boundary(at))
        .unwrap_or(text.len())
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
        assert_eq!(window.local(&(9..10)), 1..2);
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
        assert_eq!(position("a\näöx", 6), (2, 3));
        assert_eq!(position("", 5), (1, 1));
    }

    #[test]
    fn a_long_line_is_cut_around_its_edits() {
        let text = format!("key: {}", "ä".repeat(300));
        let (shown, patches) = cut(
            &text,
            &[Patch::insert(5, "\""), Patch::insert(text.len(), "\"")],
        );
        assert!(
            shown.starts_with("key: ää") && shown.contains("ä…ä") && shown.ends_with('ä'),
            "{shown}"
        );
        assert_eq!(
            (patches[0].span.start, patches[1].span.start),
            (5, shown.len())
        );
        assert!(shown.chars().count() < 120);
    }
}
