//! Which skill a path belongs to, for rules that look at everything at once.

use std::collections::HashSet;

use crate::source::ancestors;
use crate::syntax::ParsedSkill;

/// The directories of all skills.
#[derive(Debug)]
pub(crate) struct Owners<'skills> {
    directories: HashSet<&'skills str>,
    /// The directories above them, without the root.
    above: HashSet<&'skills str>,
}

impl<'skills> Owners<'skills> {
    /// Collects the directories.
    pub(super) fn of(skills: &'skills [ParsedSkill<'_>]) -> Self {
        let directories = || skills.iter().map(|skill| skill.directory);
        Self {
            directories: directories().collect(),
            above: directories().flat_map(ancestors).collect(),
        }
    }

    /// Whether the path leads to a skill: a skill is somewhere below it.
    pub(super) fn is_above(&self, path: &str) -> bool {
        self.above.contains(path)
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
