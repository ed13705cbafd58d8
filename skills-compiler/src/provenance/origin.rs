//! What a skill says of where it comes from.

use crate::rules::CheckedSkill;
use crate::syntax::{Entry, Node, NodeKind, Scalar};

/// What the frontmatter of a skill says of who made it, as which version and on what terms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Origin {
    /// Its version: `version` in `metadata`, or else at the top, where some clients have it.
    pub version: Option<String>,
    /// Its licence, in whatever words: `license`.
    pub license: Option<String>,
    /// Who made it: `author` in `metadata`, or else at the top.
    pub author: Option<String>,
}

impl Origin {
    /// What a skill says.
    pub(crate) fn of(skill: &CheckedSkill<'_>) -> Self {
        let top = skill.frontmatter().entries.as_slice();
        let metadata = match find(top, "metadata").map(|node| &node.kind) {
            Some(NodeKind::Mapping(entries, _)) => entries.as_slice(),
            _ => &[],
        };
        let text = |entries, key| find(entries, key).and_then(|node| written(node, skill));
        Self {
            version: text(metadata, "version").or_else(|| text(top, "version")),
            license: text(top, "license"),
            author: text(metadata, "author").or_else(|| text(top, "author")),
        }
    }
}

fn find<'a>(entries: &'a [Entry], key: &str) -> Option<&'a Node> {
    let entry = entries.iter().find(|entry| entry.key == key)?;
    Some(&entry.value)
}

/// A value as it is written: of `1.10`, the number would be another version.
fn written(node: &Node, skill: &CheckedSkill<'_>) -> Option<String> {
    let text = match &node.kind {
        NodeKind::Scalar(Scalar::Text(text), _) => text,
        NodeKind::Scalar(Scalar::Int(_) | Scalar::Float(_), _) => {
            skill.text().get(node.span.clone())?
        }
        _ => return None,
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}
