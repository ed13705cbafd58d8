//! What is known of a tree before it is read: where in a repository it lies, and which of its directories are no skills although
//! they have a `SKILL.md`.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::{ancestors, resolved};

/// How to read a tree that lies in a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reading {
    /// Symbolic links may lead to anything in this directory; unless it is set, to anything below the root and to skills of the
    /// same repository.
    pub repository: Option<PathBuf>,
    /// All files of the repository, as far as it was searched.
    pub files: Arc<RepositoryFiles>,
    /// Where the root lies below the top of the repository.
    pub place: String,
    /// Directories below the root that are no skills of this tree; `""` is the root.
    pub no_skills: BTreeMap<String, NoSkill>,
    /// Whether the skills are for Claude Code alone: it is where they are installed.
    pub is_for_claude_code: bool,
    /// The plugins that skills are installed with, by the directory of the skill; a skill without one is in none of these.
    pub plugins: BTreeMap<String, String>,
}

/// The files of a repository, by their names: whether there is one, and no more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RepositoryFiles(BTreeMap<String, Vec<String>>);

impl RepositoryFiles {
    /// Adds a file of a directory, which is named from the top of the repository.
    pub fn add(&mut self, directory: &str, name: &str) {
        let directories = self.0.entry(name.to_owned()).or_default();
        directories.push(directory.to_owned());
    }

    /// Whether some file has a path that ends so.
    #[must_use]
    pub fn has_end(&self, path: &str) -> bool {
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut directories = self.0.get(name).into_iter().flatten();
        directories.any(|known| {
            let before = known.strip_suffix(directory);
            before.is_some_and(|before| {
                directory.is_empty() || before.is_empty() || before.ends_with('/')
            })
        })
    }

    /// Whether there is a file at exactly this path.
    fn has(&self, path: &str) -> bool {
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
        let mut directories = self.0.get(name).into_iter().flatten();
        directories.any(|known| known == directory)
    }
}

/// Why a directory with a `SKILL.md` is no skill of the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSkill {
    /// It is looked at elsewhere, or nowhere: what is below it is known and not read.
    Elsewhere,
    /// It is material of the skill that it lies in, such as a template.
    Material,
}

impl Reading {
    /// Whether a directory is no skill although it has a `SKILL.md`.
    #[must_use]
    pub fn is_no_skill(&self, directory: &str) -> bool {
        self.no_skills.contains_key(directory) || self.is_elsewhere(directory)
    }

    /// Whether a path, or a directory above it, is looked at elsewhere.
    #[must_use]
    pub fn is_elsewhere(&self, path: &str) -> bool {
        if self.no_skills.is_empty() {
            return false;
        }
        let mut around = std::iter::once(path).chain(ancestors(path));
        around.any(|path| self.no_skills.get(path) == Some(&NoSkill::Elsewhere))
    }

    /// The path from the top of the repository of a file outside of the tree that a path leads to from a directory in it.
    #[must_use]
    pub fn outside(&self, directory: &str, path: &str) -> Option<String> {
        let from = match (self.place.as_str(), directory) {
            ("", directory) => directory.to_owned(),
            (place, "") => place.to_owned(),
            (place, directory) => format!("{place}/{directory}"),
        };
        resolved(&from, path).filter(|path| self.files.has(path))
    }

    /// The plugin that the skill in a directory is installed with; empty for none that is known.
    #[must_use]
    pub fn plugin(&self, directory: &str) -> &str {
        if self.plugins.is_empty() {
            return "";
        }
        let mut around = std::iter::once(directory).chain(ancestors(directory));
        let found = around.find_map(|path| self.plugins.get(path));
        found.map_or("", String::as_str)
    }
}
