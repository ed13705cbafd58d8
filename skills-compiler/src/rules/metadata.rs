//! The entries of `metadata`, for the rules about them.

use crate::syntax::{Entry, NodeKind, ParsedSkill};

/// The entries of `metadata`; none where it is missing or no mapping.
pub(super) fn entries<'skill>(skill: &'skill ParsedSkill<'_>) -> &'skill [Entry] {
    let frontmatter = skill.frontmatter.as_ref();
    match frontmatter.and_then(|frontmatter| frontmatter.get("metadata")) {
        Some(Entry { value, .. }) => match &value.kind {
            NodeKind::Mapping(entries, _) => entries,
            _ => &[],
        },
        None => &[],
    }
}
