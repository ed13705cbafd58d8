//! Carrying on after an error: which entry is to blame, and how it is blanked out without moving an offset.

use std::ops::Range;

use granit_parser::ErrorKind;

use super::{Entry, NodeKind};

/// Blanks out the value of the top-level entry around `at`, or all of it if it has no proper key. Returns the entry's
/// bytes, or nothing when it was blank already.
pub(super) fn blank_entry(source: &mut String, at: usize) -> Option<Range<usize>> {
    let start = line_starts(source)
        .take_while(|&start| start <= at)
        .filter(|&start| is_entry_start(source.get(start..).unwrap_or_default()))
        .last()
        .or_else(|| line_starts(source).take_while(|&start| start <= at).last())?;
    let end = line_starts(source)
        .find(|&line| line > start && is_entry_start(source.get(line..).unwrap_or_default()))
        .unwrap_or(source.len());
    let entry = source.get(start..end)?;
    let (kept, opening) = key_end(entry).map_or((0, "#"), |colon| (colon + 1, ""));
    let rest = entry.get(kept..)?;
    let blank: String = rest
        .bytes()
        .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
        .collect();
    let blank = format!(
        "{opening}{}",
        blank.get(opening.len()..).unwrap_or_default()
    );
    if blank == rest || blank.len() != rest.len() {
        return None;
    }
    source.replace_range(start + kept..end, &blank);
    Some(start..end)
}

/// The line above the one whose key ends at the colon at `at`, if that is what made the parser reject the colon: a line
/// that is not `key: value` and that YAML therefore reads as the beginning of this key.
pub(super) fn misread_line(source: &str, at: usize) -> Option<Range<usize>> {
    let head = source.get(..at)?;
    let (above, key) = head.rsplit_once('\n')?;
    if key.is_empty() || key.starts_with([' ', '\t']) || !key.chars().all(is_key_character) {
        return None;
    }
    let above = above.trim_end();
    let start = above.rfind('\n').map_or(0, |newline| newline + 1);
    (start < above.len()).then_some(start..above.len())
}

/// Whether the parser found the error while it read a quoted value.
pub(super) const fn is_quote_error(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnclosedQuotedScalar
            | ErrorKind::InvalidQuotedScalarIndent
            | ErrorKind::DocumentIndicatorInQuotedScalar
            | ErrorKind::InvalidTrailingSingleQuotedScalar
            | ErrorKind::InvalidTrailingDoubleQuotedScalar
    )
}

pub(super) fn line_starts(source: &str) -> impl Iterator<Item = usize> + '_ {
    let after_newlines = source.match_indices('\n').map(|(newline, _)| newline + 1);
    std::iter::once(0)
        .chain(after_newlines)
        .filter(|&start| start < source.len())
}

/// Whether a line begins a top-level entry: a key without indentation and its colon, even if no blank follows. Anything
/// else is a part of the entry above, and is blanked with it.
fn is_entry_start(text: &str) -> bool {
    let line = text.lines().next().unwrap_or_default();
    !line.starts_with([' ', '\t', '#', ':', '-'])
        && line.find(':').is_some_and(|colon| {
            let key = line.get(..colon).unwrap_or_default();
            key.trim_matches(['"', '\'']).chars().all(is_key_character)
        })
}

/// The colon after the key of an entry, if the key is one.
fn key_end(entry: &str) -> Option<usize> {
    let colon = entry.find(':')?;
    let key = entry.get(..colon)?;
    let ends = entry
        .get(colon + 1..)
        .is_none_or(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\n', '\r']));
    (ends && !key.is_empty() && key.chars().all(is_key_character)).then_some(colon)
}

fn is_key_character(symbol: char) -> bool {
    symbol.is_alphanumeric() || matches!(symbol, '-' | '_' | '.' | ' ')
}

pub(super) fn mark_faulty(mut entries: Vec<Entry>, blanked: &[Range<usize>]) -> Vec<Entry> {
    for entry in &mut entries {
        if blanked
            .iter()
            .any(|range| range.contains(&entry.key_span.start))
        {
            entry.value.kind = NodeKind::Faulty;
        }
    }
    entries
}
