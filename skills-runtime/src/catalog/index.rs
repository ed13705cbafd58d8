//! What indexes of Agent Skills Discovery list: below a prefix, the skills that have a name of their own among those that the caller sees.

use skills_model::{Index, IndexFormat, Skill};

use super::{Catalog, find};

impl Catalog {
    /// The index that is prepared for who may see all, at exactly this path.
    pub(crate) fn index(self, path: &str) -> Option<Index> {
        find(self.bundle.indexes, path, Index::path)
    }

    /// The document of the index of a prefix, if there is such an index.
    ///
    /// The index of all skills is always there. Any other lists something, and its prefix lies in no skill.
    pub(crate) fn index_document(self, prefix: &str, format: IndexFormat) -> Option<String> {
        let skills = self.by_name();
        let is_outer = |skill: &Skill| skill.path() == prefix || is_below(prefix, skill.path());
        if skills.iter().any(is_outer) {
            return None;
        }
        let mut below = skills;
        below.retain(|skill| is_below(skill.path(), prefix));
        let alike = below.chunk_by(|one, other| one.name() == other.name());
        let listed: Vec<_> = alike.filter_map(offered).collect();
        if listed.is_empty() && !prefix.is_empty() {
            return None;
        }
        let entries = listed.iter().filter_map(|skill| skill.index_entry(format));
        Some(format.document(&entries.collect::<Vec<_>>()))
    }

    /// The skill that the index of a prefix lists under a name.
    pub(crate) fn offered(self, prefix: &str, name: &str) -> Option<Skill> {
        let alike = self.named(name);
        let alike: Vec<_> = alike
            .filter(|skill| is_below(skill.path(), prefix))
            .collect();
        offered(&alike)
    }
}

/// Which of the skills of one name an index lists.
fn offered(alike: &[Skill]) -> Option<Skill> {
    match *alike {
        [skill] => skill.index_entry(IndexFormat::Current).map(|_| skill),
        _ => None,
    }
}

/// Whether a path lies below another one; all do below the empty one.
fn is_below(path: &str, above: &str) -> bool {
    let rest = path.strip_prefix(above);
    above.is_empty() || rest.is_some_and(|rest| rest.starts_with('/'))
}
