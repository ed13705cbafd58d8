//! What is to be checked: paths of the command line, turned into trees to read and the files whose findings are wanted.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use skills_compiler::source::{self, NoSkill, Reading, SourceTree};

use crate::discovery::{self, Copies, Discovery, Folder, Looked, is_repository};
use crate::error::Error;

/// The file that makes a directory a skill.
const SKILL_FILE: &str = "SKILL.md";

/// Where a new skill goes when nobody says where: the first of these that is a directory.
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
    /// What the search for skills knows of the directory.
    reading: Reading,
    /// Whether a search has found nothing to check in the directory.
    is_empty: bool,
    /// Whether the directory is there for skills: one of any other name may be a whole repository.
    pub(crate) is_for_skills: bool,
}

/// What is to be checked, and what the search for it came to.
#[derive(Debug, Default)]
pub(crate) struct Targets {
    pub(crate) all: Vec<Target>,
    pub(crate) looked: Looked,
}

/// The targets that the paths name; files of one skill are one target. Without a path, skills are searched for.
pub(crate) fn resolve(
    paths: &[PathBuf],
    buffer: Option<&Path>,
    copies: Copies,
) -> Result<Targets, Error> {
    let here = current_directory()?;
    if let Some(path) = buffer {
        return Ok(Targets::of(Target::of_buffer(path, &here)?));
    }
    let mut found = Targets::default();
    if paths.is_empty() {
        found.search(Path::new("."), &here, copies)?;
    }
    for path in paths {
        if is_repository(path) {
            found.search(path, &here, copies)?;
        } else {
            found.add(Target::of(path, &here)?);
        }
    }
    // What lies in another directory that was named is read with that one.
    let whole: Vec<_> = found
        .all
        .iter()
        .filter(|target| target.only.is_none() && target.reading == Reading::default())
        .map(|target| target.real.clone())
        .collect();
    let is_inside = |target: &Target| {
        whole
            .iter()
            .any(|outer| target.real != *outer && target.real.starts_with(outer))
    };
    found.all.retain(|target| !is_inside(target));
    let shown = |target: &Target| match target.label.as_str() {
        "" => ".".to_owned(),
        label => label.to_owned(),
    };
    found.looked.places = found
        .all
        .iter()
        .filter(|target| !target.is_empty)
        .map(shown)
        .collect();
    Ok(found)
}

/// What a search for skills around a directory finds.
pub(crate) fn search(directory: &Path) -> Discovery {
    discovery::discover(directory, Copies::Once)
}

impl Targets {
    fn of(target: Target) -> Self {
        let mut found = Self::default();
        found.add(target);
        found
    }

    fn add(&mut self, target: Target) {
        let is_same =
            |other: &&mut Target| other.real == target.real && other.reading == target.reading;
        if let Some(other) = self.all.iter_mut().find(is_same) {
            return other.add(target.only);
        }
        self.all.push(target);
    }

    /// Adds the folders of skills around a directory that a user calls `given`.
    fn search(&mut self, given: &Path, here: &Path, copies: Copies) -> Result<(), Error> {
        let place = std::path::absolute(given).map_err(|source| Error::Read {
            path: given.to_owned(),
            source,
        })?;
        let found = discovery::discover(&place, copies);
        self.looked.remarks.extend(found.looked().remarks);
        if found.folders.is_empty() {
            self.all.push(Target::without_skills(&found, given, here));
            return Ok(());
        }
        let targets = found.folders.iter();
        let targets = targets.map(|folder| Target::of_folder(&found, folder, given, here));
        self.all.extend(targets);
        Ok(())
    }
}

/// Where a new skill goes when nobody says where.
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

    /// A folder that a search has found around the directory that a user calls `given`.
    fn of_folder(found: &Discovery, folder: &Folder, given: &Path, here: &Path) -> Self {
        let shown = match (given, found.shown(&folder.path)) {
            (given, shown) if given == Path::new(".") => PathBuf::from(shown),
            (given, shown) => given.join(shown),
        };
        let mut target = Self::at(found.top.join(&folder.path), &shown, here);
        target.reading = Reading {
            repository: Some(found.top.clone()),
            ..folder.reading.clone()
        };
        target.is_for_skills = folder.is_for_skills();
        target.is_empty = folder.skills.is_empty();
        target
    }

    /// The directory itself, where a search has found nothing to check in it.
    fn without_skills(found: &Discovery, given: &Path, here: &Path) -> Self {
        let skills = given.join("skills");
        let is_there = skills.is_dir() && found.left_out.is_empty();
        let shown = if is_there { skills } else { given.to_owned() };
        let place = std::path::absolute(&shown).unwrap_or_else(|_| shown.clone());
        let mut target = Self::at(place, &shown, here);
        target.is_empty = true;
        target.reading.no_skills = found
            .left_out
            .iter()
            .filter_map(|left_out| Some((found.below_start(&left_out.path)?, NoSkill::Elsewhere)))
            .collect();
        target
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
            is_for_skills: place.file_name().is_some_and(|name| name == "skills"),
            root: place,
            only: None,
            buffer: None,
            reading: Reading::default(),
            is_empty: false,
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
        let tree = source::read_with(&self.root, &self.label, &self.reading);
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
