//! Values of the frontmatter as they are written, for rules about values that do not parse.

use std::ops::Range;

use crate::syntax::ParsedSkill;

/// An unquoted value of a top-level key, found by its lines alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PlainValue {
    /// The key.
    pub(super) key: String,
    /// The value: from its first character to its last, continuation lines included.
    pub(super) span: Range<usize>,
}

impl PlainValue {
    /// The value of the top-level key around an offset of the file.
    pub(super) fn around(skill: &ParsedSkill<'_>, at: usize) -> Option<Self> {
        let range = skill.fence.as_ref()?.frontmatter.clone();
        let at = at.clamp(range.start, range.end);
        let frontmatter = skill.text.get(range.clone())?;
        let mut start = range.start;
        let mut found = None;
        for line in frontmatter.split_inclusive('\n') {
            let is_key = !line.starts_with([' ', '\t', '#', '-', '\n', '\r']) && line.contains(':');
            if is_key && (start <= at || found.is_none()) {
                found = Some(start);
            } else if is_key {
                break;
            }
            start += line.len();
            if is_key && start > at {
                break;
            }
        }
        Self::at_line(skill.text, found?, &range)
    }

    fn at_line(text: &str, start: usize, range: &Range<usize>) -> Option<Self> {
        let entry = text.get(start..range.end)?;
        let colon = entry.find(':')?;
        let mut end = 0;
        for (index, line) in entry.split_inclusive('\n').enumerate() {
            if index > 0 && !line.starts_with([' ', '\t']) {
                break;
            }
            end += line.len();
        }
        let written = entry.get(colon + 1..end)?;
        let value = written.trim();
        let offset = start + colon + 1 + (written.len() - written.trim_start().len());
        let key = entry.get(..colon)?.trim().to_owned();
        (!value.is_empty()).then(|| Self {
            key,
            span: offset..offset + value.len(),
        })
    }
}

/// A text as a double-quoted YAML scalar. Line breaks fold, as they do in a plain scalar.
pub(super) fn quoted(text: &str) -> String {
    let folded = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    format!("\"{}\"", folded.replace('\\', "\\\\").replace('"', "\\\""))
}
