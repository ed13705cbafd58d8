//! Pieces of a text replaced, all others kept byte for byte; and what the text shows of its author's habits.

use std::ops::Range;

/// A piece of a text and what stands in its place.
#[derive(Debug)]
pub(super) struct Splice {
    range: Range<usize>,
    text: String,
}

impl Splice {
    pub(super) fn insert(offset: usize, text: impl Into<String>) -> Self {
        Self::replace(offset..offset, text)
    }

    pub(super) fn replace(range: Range<usize>, text: impl Into<String>) -> Self {
        let text = text.into();
        Self { range, text }
    }

    pub(super) fn cut(range: Range<usize>) -> Self {
        Self::replace(range, "")
    }
}

/// The text with all pieces replaced; of two that overlap, the first counts.
pub(super) fn apply(text: &str, mut splices: Vec<Splice>) -> String {
    splices.sort_by_key(|splice| splice.range.start);
    let mut changed = String::with_capacity(text.len() + 256);
    let mut position = 0;
    for Splice { range, text: new } in splices {
        if range.start >= position {
            changed.push_str(text.get(position..range.start).unwrap_or_default());
        }
        changed.push_str(&new);
        position = position.max(range.end);
    }
    changed.push_str(text.get(position..).unwrap_or_default());
    changed
}

/// The line break that the text has first.
pub(super) fn newline(text: &str) -> &'static str {
    match text.find('\n') {
        Some(position)
            if text
                .get(..position)
                .is_some_and(|line| line.ends_with('\r')) =>
        {
            "\r\n"
        }
        _ => "\n",
    }
}

/// Where the line of an offset begins.
pub(super) fn line_start(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or_default();
    before.rfind('\n').map_or(0, |newline| newline + 1)
}

/// Where the line of an offset ends, its line break included.
pub(super) fn line_end(text: &str, offset: usize) -> usize {
    let rest = text.get(offset..).unwrap_or_default();
    rest.find('\n')
        .map_or(text.len(), |newline| offset + newline + 1)
}

/// The whitespace that the line of an offset begins with.
pub(super) fn indentation(text: &str, offset: usize) -> &str {
    let line = text
        .get(line_start(text, offset)..offset)
        .unwrap_or_default();
    let indented = line.trim_start_matches([' ', '\t']);
    line.get(..line.len() - indented.len()).unwrap_or_default()
}

/// Where the spaces and tabs before an offset begin.
pub(super) fn blank_start(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or_default();
    before.trim_end_matches([' ', '\t']).len()
}

/// Where the spaces and tabs after an offset end.
pub(super) fn blank_end(text: &str, offset: usize) -> usize {
    let rest = text.get(offset..).unwrap_or_default();
    text.len() - rest.trim_start_matches([' ', '\t']).len()
}

/// Where the line break before an offset begins, if there is one right there.
pub(super) fn break_before(text: &str, offset: usize) -> Option<usize> {
    let before = text.get(..offset)?.strip_suffix('\n')?;
    Some(before.strip_suffix('\r').unwrap_or(before).len())
}

/// Whether a line ends at an offset.
pub(super) fn ends_line(text: &str, offset: usize) -> bool {
    let rest = text.get(offset..).unwrap_or_default();
    rest.is_empty() || rest.starts_with('\n') || rest.starts_with("\r\n")
}
