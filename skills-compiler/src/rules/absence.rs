//! A required field that is not there, or that is there without a value.

use std::ops::Range;

use crate::rules::misspelled_field::meant;
use crate::syntax::{FaultKind, NodeKind, ParsedSkill, Scalar};

/// How a field is missing.
#[derive(Clone, Debug)]
pub(super) struct Absence {
    /// What to point at: the key without a value, or the fence above the place where the field belongs.
    pub(super) place: Range<usize>,
    /// Where to put what is missing.
    pub(super) gap: Range<usize>,
    /// A comment that stands where the value should.
    pub(super) comment: Option<Range<usize>>,
    has_key: bool,
}

/// Whether and how a field is missing. Nothing is, as long as it may stand in what could not be parsed.
pub(super) fn absence(skill: &ParsedSkill<'_>, field: &str) -> Option<Absence> {
    let frontmatter = skill.frontmatter.as_ref()?;
    let range = skill.fence.as_ref()?.frontmatter.clone();
    if let Some(entry) = frontmatter.get(field) {
        let empty = match &entry.value.kind {
            NodeKind::Scalar(Scalar::Null, _) => true,
            NodeKind::Scalar(Scalar::Text(text), _) => text.trim().is_empty(),
            _ => false,
        };
        let written = skill.text.get(entry.value.span.clone()).unwrap_or_default();
        let colon = entry.key_span.end + skill.text.get(entry.key_span.end..)?.find(':')? + 1;
        let line_end = colon + skill.text.get(colon..)?.find('\n')?;
        let comment = frontmatter
            .comments
            .iter()
            .find(|comment| (colon..line_end).contains(&comment.span.start));
        let comment = comment
            .filter(|_| written.is_empty())
            .map(|comment| comment.span.clone());
        let gap = if written.is_empty() {
            colon..colon
        } else {
            entry.value.span.start..entry.value.span.start + written.trim_end().len()
        };
        return empty.then(|| Absence {
            place: entry.key_span.clone(),
            gap,
            comment,
            has_key: true,
        });
    }
    if frontmatter
        .entries
        .iter()
        .any(|entry| meant(frontmatter, entry) == Some(field))
        || may_be_faulty(skill, field)
    {
        return None;
    }
    let opening = skill.text.get(..range.start)?.find("---")?;
    // Below `name` if that is there, so that the fields stand in their usual order.
    let name = frontmatter
        .get("name")
        .filter(|_| field != "name")
        .map_or(range.start, |entry| entry.value.span.end);
    let at = if name == range.start {
        name
    } else {
        name + skill.text.get(name..)?.find('\n')? + 1
    };
    Some(Absence {
        place: opening..opening + 3,
        gap: at.min(range.end)..at.min(range.end),
        comment: None,
        has_key: false,
    })
}

impl Absence {
    /// What is wrong.
    pub(super) fn message(&self, field: &str) -> String {
        if self.has_key {
            format!("`{field}` has no value")
        } else {
            format!("the frontmatter has no `{field}`")
        }
    }

    /// What to put into the gap.
    pub(super) fn fill(&self, field: &str, value: &str) -> String {
        match (self.has_key, self.gap.is_empty()) {
            (false, _) => format!("{field}: {value}\n"),
            (true, true) => format!(" {value}"),
            (true, false) => value.to_owned(),
        }
    }
}

/// Whether a line that could not be parsed may have been meant for the field.
fn may_be_faulty(skill: &ParsedSkill<'_>, field: &str) -> bool {
    let is_faulty = skill
        .faults
        .iter()
        .any(|fault| matches!(fault.kind, FaultKind::Yaml(_) | FaultKind::Unportable(_)));
    let frontmatter = skill
        .fence
        .as_ref()
        .and_then(|fence| skill.text.get(fence.frontmatter.clone()))
        .unwrap_or_default();
    let begins = |line: &str| {
        let line = line.trim_start_matches(|symbol: char| !symbol.is_alphanumeric());
        line.get(..field.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(field))
    };
    is_faulty && frontmatter.lines().any(begins)
}
