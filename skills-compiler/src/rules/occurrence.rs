//! What stands around a place in a text.

use std::ops::Range;

/// Whether nothing that belongs to a word stands in front of an offset.
pub(super) fn begins_word(text: &str, at: usize) -> bool {
    let before = text.get(..at).and_then(|head| head.chars().next_back());
    !before
        .is_some_and(|symbol| symbol.is_alphanumeric() || matches!(symbol, '_' | '-' | '.' | '/'))
}

/// What stands around an offset, at most `reach` bytes on each side.
pub(super) fn near(text: &str, at: usize, reach: usize) -> Range<usize> {
    let mut start = at.saturating_sub(reach);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let mut end = (at + reach).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    start..end
}

/// The line around an offset, but at most `reach` bytes of it on each side.
pub(super) fn line_around(text: &str, at: usize, reach: usize) -> Range<usize> {
    let Range { start, end } = near(text, at, reach);
    let head = text.get(start..at).unwrap_or_default();
    let tail = text.get(at..end).unwrap_or_default();
    let start = head
        .rfind('\n')
        .map_or(start, |newline| start + newline + 1);
    let end = tail.find('\n').map_or(end, |newline| at + newline);
    start..end
}

/// What a message says after the first of several findings in a file.
pub(super) fn and_more(count: usize) -> String {
    match count.saturating_sub(1) {
        0 => String::new(),
        more => format!(", and {more} more in this file"),
    }
}
