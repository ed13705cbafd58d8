//! Which skill a path belongs to, for rules that look at everything at once.

use std::collections::BTreeSet;

use crate::source::ancestors;
use crate::syntax::ParsedSkill;

/// The directories of all skills.
#[derive(Debug)]
pub(super) struct Owners<'skills> {
    directories: BTreeSet<&'skills str>,
}

impl<'skills> Owners<'skills> {
    /// Collects the directories.
    pub(super) fn of(skills: &'skills [ParsedSkill<'_>]) -> Self {
        Self {
            directories: skills.iter().map(|skill| skill.directory).collect(),
        }
    }

    /// Whether the path leads to a skill: a skill is somewhere below it.
    pub(super) fn is_above(&self, path: &str) -> bool {
        let from = format!("{path}/");
        let mut below = self.directories.range(from.as_str()..);
        below
            .next()
            .is_some_and(|directory| directory.starts_with(&from))
    }

    /// Whether the path is a skill itself.
    pub(super) fn is_skill(&self, path: &str) -> bool {
        self.directories.contains(path)
    }

    /// The directory of the innermost skill that the path lies in.
    pub(super) fn of_path<'path>(&self, path: &'path str) -> Option<&'path str> {
        ancestors(path)
            .chain([""])
            .find(|directory| self.directories.contains(directory))
    }

    /// Whether the path lies in a skill, at any depth.
    pub(super) fn is_inside(&self, path: &str) -> bool {
        self.of_path(path).is_some()
    }
}
