//! What is to be checked: paths of the command line, turned into trees to read and the files whose findings are wanted.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use skills_compiler::source::{self, SourceTree};

use crate::error::Error;

/// The file that makes a directory a skill.
const SKILL_FILE: &str = "SKILL.md";

/// Where skills are when nobody says where: the first of these that is a directory, or else the current directory.
const USUAL: [&str; 3] = ["skills", ".claude/skills", ".agents/skills"];

/// One tree to check.
#[derive(Debug)]
pub(crate) struct Target {
    /// The directory that is read.
    pub(crate) root: PathBuf,
    /// The same without links, which may not be there yet.
    real: PathBuf,
    /// How messages call it; empty for the current directory.
    pub(crate) label: String,
    /// The files whose findings are wanted, below the root; all findings when not set.
    pub(crate) only: Option<BTreeSet<String>>,
    /// What an editor holds in place of one file.
    buffer: Option<(String, Vec<u8>)>,
}

/// The targets that the paths name; files of one skill are one target.
pub(crate) fn resolve(paths: &[PathBuf], buffer: Option<&Path>) -> Result<Vec<Target>, Error> {
    let here = current_directory()?;
    if let Some(path) = buffer {
        return Ok(vec![Target::of_buffer(path, &here)?]);
    }
    let usual = [usual().unwrap_or(".".into())];
    let paths = if paths.is_empty() { &usual } else { paths };
    let mut targets: Vec<Target> = Vec::new();
    for path in paths {
        let target = Target::of(path, &here)?;
        match targets.iter_mut().find(|other| other.real == target.real) {
            Some(other) => other.add(target.only),
            None => targets.push(target),
        }
    }
    // What lies in another directory that was named is read with that one.
    let whole: Vec<_> = targets
        .iter()
        .filter(|target| target.only.is_none())
        .map(|target| target.real.clone())
        .collect();
    let is_inside = |target: &Target| {
        whole
            .iter()
            .any(|outer| target.real != *outer && target.real.starts_with(outer))
    };
    targets.retain(|target| !is_inside(target));
    Ok(targets)
}

/// Where skills are when nobody says where.
pub(crate) fn usual() -> Option<PathBuf> {
    let found = USUAL.into_iter().find(|path| Path::new(path).is_dir());
    found.map(PathBuf::from)
}

impl Target {
    fn of(path: &Path, here: &Path) -> Result<Self, Error> {
        let failed = |source| Error::Read {
            path: path.to_owned(),
            source,
        };
        let metadata = std::fs::metadata(path).map_err(failed)?;
        let place = std::path::absolute(path).map_err(failed)?;
        if metadata.is_dir() {
            return Ok(Self::at(place, path, here));
        }
        let skill = skill_of(&place).ok_or_else(|| Error::NoSkill {
            path: path.to_owned(),
        })?;
        Ok(Self::of_file(skill, &place, path, here))
    }

    fn of_buffer(path: &Path, here: &Path) -> Result<Self, Error> {
        let place = std::path::absolute(path).map_err(|source| Error::Read {
            path: path.to_owned(),
            source,
        })?;
        let skill = skill_of(&place).ok_or_else(|| Error::NoSkill {
            path: path.to_owned(),
        })?;
        let mut bytes = Vec::new();
        io::stdin()
            .lock()
            .read_to_end(&mut bytes)
            .map_err(Error::Input)?;
        let mut target = Self::of_file(skill, &place, path, here);
        let file = target.only.iter().flatten().next().cloned();
        target.buffer = file.map(|file| (file, bytes));
        Ok(target)
    }

    /// One file of the skill in the directory `skill`.
    fn of_file(skill: &Path, place: &Path, path: &Path, here: &Path) -> Self {
        let file = slashed(place.strip_prefix(skill).unwrap_or(place));
        let depth = file.matches('/').count() + 1;
        let given = path.ancestors().nth(depth).unwrap_or(skill);
        let mut target = Self::at(skill.to_owned(), given, here);
        target.only = Some(BTreeSet::from([file]));
        target
    }

    /// The directory at `place`, which was given as `path`.
    fn at(place: PathBuf, path: &Path, here: &Path) -> Self {
        let shown = place.strip_prefix(here).unwrap_or(path);
        Self {
            label: slashed(shown),
            real: std::fs::canonicalize(&place).unwrap_or_else(|_| place.clone()),
            root: place,
            only: None,
            buffer: None,
        }
    }

    fn add(&mut self, only: Option<BTreeSet<String>>) {
        match (&mut self.only, only) {
            (Some(mine), Some(more)) => mine.extend(more),
            (only, _) => *only = None,
        }
    }

    /// Reads the tree, with the buffer in its place. The directory of a buffer need not be there yet.
    pub(crate) fn read(&self) -> Result<SourceTree, Error> {
        let tree = source::read(&self.root, &self.label);
        let tree = match (tree, &self.buffer) {
            (Err(error), Some(_)) if error.kind() == io::ErrorKind::NotFound => {
                let name = self.root.file_name().unwrap_or_default();
                SourceTree::new(&self.label, &name.to_string_lossy())
            }
            (tree, _) => tree.map_err(|source| Error::Read {
                path: self.root.clone(),
                source,
            })?,
        };
        Ok(match &self.buffer {
            Some(buffer) => tree.with_contents(&BTreeMap::from([buffer.clone()])),
            None => tree,
        })
    }

    /// Whether the directory is there for skills: one of any other name may be a whole repository.
    pub(crate) fn is_for_skills(&self) -> bool {
        self.root.file_name().is_some_and(|name| name == "skills")
    }

    /// What to call it where nothing follows.
    pub(crate) fn name(&self) -> &str {
        if self.label.is_empty() {
            "the current directory"
        } else {
            &self.label
        }
    }

    /// Whether the findings of a file are wanted.
    pub(crate) fn wants(&self, path: &str) -> bool {
        // What is wrong with the configuration is wrong for every file.
        path.starts_with("../") || self.only.as_ref().is_none_or(|only| only.contains(path))
    }
}

/// The directory of the skill that a file belongs to. A `SKILL.md` is its own proof, also before it is saved.
fn skill_of(file: &Path) -> Option<&Path> {
    let parent = file.parent()?;
    if file.file_name().is_some_and(|name| name == SKILL_FILE) {
        return Some(parent);
    }
    let mut above = parent.ancestors();
    above.find(|directory| directory.join(SKILL_FILE).is_file())
}

/// A path with `/` between its segments and none at its end.
fn slashed(path: &Path) -> String {
    let segments: PathBuf = path.components().collect();
    segments.display().to_string().replace('\\', "/")
}

#[expect(
    clippy::disallowed_methods,
    reason = "paths are shown relative to where the user is"
)]
fn current_directory() -> Result<PathBuf, Error> {
    std::env::current_dir().map_err(|source| Error::Read {
        path: ".".into(),
        source,
    })
}
