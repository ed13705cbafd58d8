//! Values of the frontmatter as they are written, for rules about values that do not parse, and how to quote them.

use std::ops::Range;

use crate::diagnostics::Patch;
use crate::syntax::ParsedSkill;

/// The most edits of one help: more would take long to show, and nobody reads them.
pub(super) const EDITS: usize = 64;

/// The value of a key, found by its lines alone: it may not be valid YAML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct PlainValue {
    /// The key.
    pub(super) key: String,
    /// How far the key is indented; 0 for the fields of the specification.
    pub(super) indent: usize,
    /// The value: from its first character to its last, continuation lines included.
    pub(super) span: Range<usize>,
}

impl PlainValue {
    /// The value of the innermost key whose colon stands before an offset of the file.
    pub(super) fn around(skill: &ParsedSkill<'_>, at: usize) -> Option<Self> {
        let range = skill.fence.as_ref()?.frontmatter.clone();
        let at = at.clamp(range.start, range.end);
        let line_end = skill
            .text
            .get(at..range.end)?
            .find('\n')
            .map_or(range.end, |newline| at + newline);
        let mut end = line_end;
        let mut below = usize::MAX;
        for line in skill.text.get(range.start..line_end)?.rsplit('\n') {
            let start = end - line.len();
            let body = line.trim_start_matches([' ', '\t', '-']);
            let indent = line.len() - body.len();
            if !body.is_empty() && !body.starts_with('#') && indent < below {
                if let Some(colon) = key_end(body).filter(|colon| start + indent + colon < at) {
                    return Self::after(skill.text, start, indent, indent + colon, range.end);
                }
                // A line that is no entry can continue the value of a key at the margin, even from the margin.
                below = indent.max(usize::from(key_end(body).is_none()));
            }
            end = start.saturating_sub(1);
        }
        None
    }

    /// The value after the colon of the entry whose line begins at `start`.
    fn after(text: &str, start: usize, indent: usize, colon: usize, limit: usize) -> Option<Self> {
        let entry = text.get(start..limit)?;
        let mut end = 0;
        for (index, line) in entry.split_inclusive('\n').enumerate() {
            let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
            if index > 0 && blanks <= indent && !line.trim().is_empty() {
                break;
            }
            end += line.len();
        }
        let written = entry.get(colon + 1..end)?;
        let value = written.trim();
        let offset = start + colon + 1 + (written.len() - written.trim_start().len());
        let key = entry
            .get(indent..colon)?
            .trim()
            .trim_matches(['"', '\''])
            .to_owned();
        (!value.is_empty()).then(|| Self {
            key,
            indent,
            span: offset..offset + value.len(),
        })
    }

    /// The value as it is written.
    pub(super) fn text<'text>(&self, skill: &ParsedSkill<'text>) -> &'text str {
        skill.text.get(self.span.clone()).unwrap_or_default()
    }

    /// Whether the key is one whose value is prose, so that quoting is what its author wants.
    pub(super) fn is_prose(&self) -> bool {
        const PROSE: &[&str] = &[
            "name",
            "description",
            "license",
            "compatibility",
            "when_to_use",
            "argument-hint",
        ];
        self.indent > 0 || PROSE.contains(&self.key.as_str())
    }
}

/// The colon that ends the key of a line: the first with a blank or nothing after it.
pub(super) fn key_end(line: &str) -> Option<usize> {
    let line = line.trim_end();
    let colon = line.find(": ").into_iter().chain(line.find(":\t")).min();
    colon.or_else(|| {
        line.strip_suffix(':')
            .filter(|key| !key.is_empty())
            .map(str::len)
    })
}

/// A text as a double-quoted YAML scalar. Line breaks fold, as they do in a plain scalar.
pub(super) fn quoted(text: &str) -> String {
    let folded = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
    format!("\"{}\"", folded.replace('\\', "\\\\").replace('"', "\\\""))
}

/// The edits that quote the value at `span`: only the quotes where nothing inside has to change.
pub(super) fn quote(span: &Range<usize>, text: &str) -> Vec<Patch> {
    let edge = match text {
        text if text.contains('\n') => return vec![Patch::replace(span.clone(), quoted(text))],
        text if !text.contains(['"', '\\']) => "\"",
        text if !text.contains('\'') => "'",
        text => return vec![Patch::replace(span.clone(), quoted(text))],
    };
    vec![
        Patch::insert(span.start, edge),
        Patch::insert(span.end, edge),
    ]
}
