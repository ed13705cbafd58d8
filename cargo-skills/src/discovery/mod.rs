//! Where skills are when nobody says where: the union of all folders in which hosts and installers look, from a directory down, and
//! from it upwards to the top of its repository.
//!
//! `walk` lists what is there, `sorting` decides about the list without a disk, `words` says what came of it.

mod listing;
mod place;
mod plugin;
mod sorting;
mod walk;
mod words;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use skills_compiler::source::{self, NoSkill, Reading, is_below};

pub(crate) use words::Looked;

use listing::{below, is_at_or_below, name};
use place::is_host_folder;
use walk::Walk;

/// The file that makes a directory a skill.
const SKILL_FILE: &str = "SKILL.md";

/// The skills of a repository. Paths count from its top.
#[derive(Clone, Debug, Default)]
pub(crate) struct Discovery {
    /// The top of the repository, or the directory that was looked at where there is none.
    pub(crate) top: PathBuf,
    /// Where the user is, below that.
    pub(crate) start: String,
    /// The folders to check, by path.
    pub(crate) folders: Vec<Folder>,
    /// The places that have a skill which is checked somewhere else.
    pub(crate) copies: Vec<Copy>,
    /// The directories with a `SKILL.md` that are not checked.
    pub(crate) left_out: Vec<LeftOut>,
    /// The folders for skills in which there is none.
    pub(crate) empty: Vec<String>,
    /// The directories that were not looked into.
    pub(crate) unsearched: Vec<String>,
    /// Whether there was too much to look at all of it.
    pub(crate) is_cut: bool,
}

/// A folder of skills that is read and checked as one tree.
#[derive(Clone, Debug)]
pub(crate) struct Folder {
    pub(crate) path: String,
    pub(crate) why: Why,
    /// The directories of its skills.
    pub(crate) skills: Vec<String>,
    pub(crate) reading: Reading,
}

/// Why something in a folder is a skill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Why {
    /// It is the whole repository, or the whole directory.
    Top,
    /// A host looks there.
    Host,
    /// It is called as folders of skills are, or a manifest says so.
    Folder,
    /// Nothing but that there is a `SKILL.md`.
    Found,
}

/// A place that has a skill which is checked somewhere else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Copy {
    pub(crate) place: String,
    pub(crate) original: String,
    pub(crate) is_link: bool,
}

/// A directory with a `SKILL.md` that is not checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LeftOut {
    pub(crate) path: String,
    /// The directory that is the reason.
    pub(crate) place: String,
    pub(crate) reason: String,
}

/// Whether skills that are there several times are checked once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Copies {
    /// They are.
    Once,
    /// Each is, because each is to be repaired.
    Each,
}

/// Finds the skills around a directory.
pub(crate) fn discover(here: &Path, copies: Copies) -> Discovery {
    let here = std::fs::canonicalize(here).unwrap_or_else(|_| here.to_owned());
    let top = source::repository(&here).unwrap_or_else(|| here.clone());
    let start = here.strip_prefix(&top).unwrap_or(Path::new(""));
    let start = start.to_string_lossy().replace('\\', "/");
    let mut walk = Walk::new(top.clone());
    walk.everything(&start);
    let mut found = sorting::sort_out(&walk.listing(), &start);
    if !start.is_empty() {
        found = if found.skills() == 0 {
            // Whoever is in a directory without skills means those of the repository.
            walk.everything("");
            sorting::sort_out(&walk.listing(), "")
        } else {
            for above in walk::above(&start) {
                walk.folders(above);
            }
            sorting::sort_out(&walk.listing(), &start)
        };
    }
    if copies == Copies::Once {
        found.check_copies_once(&|one, other| walk::is_same(&top, one, other));
    }
    found.start = start;
    found.top = top;
    found
}

/// Whether a directory is a whole repository or plugin rather than a folder of skills.
pub(crate) fn is_repository(directory: &Path) -> bool {
    const SIGNS: [&str; 5] = [
        ".git",
        ".claude-plugin",
        ".claude/skills",
        ".agents/skills",
        ".github/skills",
    ];
    !directory.join(SKILL_FILE).is_file() && SIGNS.iter().any(|sign| directory.join(sign).exists())
}

impl Discovery {
    /// How many skills there are to check.
    pub(crate) fn skills(&self) -> usize {
        self.folders.iter().map(|folder| folder.skills.len()).sum()
    }

    /// Leaves out all but one of the skills that are there several times with the same files, for several clients.
    fn check_copies_once(&mut self, is_same: &dyn Fn(&str, &str) -> bool) {
        let mut by_name = BTreeMap::<&str, Vec<(usize, &str)>>::new();
        for (index, folder) in self.folders.iter().enumerate() {
            for skill in &folder.skills {
                by_name.entry(name(skill)).or_default().push((index, skill));
            }
        }
        let mut copies = Vec::new();
        for places in by_name.values_mut().filter(|places| places.len() > 1) {
            places.sort_by_key(|(index, path)| {
                let folder = self.folders.get(*index).map_or("", |folder| &folder.path);
                (is_host_folder(folder), !folder.contains(".agents/"), *path)
            });
            let mut originals = Vec::<(usize, &str)>::new();
            for &(index, path) in &*places {
                let mut others = originals.iter();
                let original =
                    others.find(|(other, original)| *other != index && is_same(original, path));
                match original {
                    Some((_, original)) => {
                        copies.push((index, path.to_owned(), (*original).to_owned()));
                    }
                    None => originals.push((index, path)),
                }
            }
        }
        for (index, place, original) in copies {
            if let Some(folder) = self.folders.get_mut(index) {
                folder.leave_to_others(&place);
            }
            self.copies.push(Copy {
                place,
                original,
                is_link: false,
            });
        }
        self.folders
            .retain(|folder| !folder.skills.is_empty() || !folder.had_copies());
    }
}

impl Folder {
    fn leave_to_others(&mut self, place: &str) {
        self.skills.retain(|skill| !is_at_or_below(skill, place));
        let place = below(place, &self.path).to_owned();
        self.reading.no_skills.insert(place, NoSkill::Elsewhere);
    }

    /// Whether all that a folder without skills holds are skills that are checked elsewhere.
    fn had_copies(&self) -> bool {
        !self.reading.no_skills.is_empty()
    }

    /// Whether every directory of it should be a skill.
    pub(crate) fn is_for_skills(&self) -> bool {
        self.why != Why::Top && name(&self.path) == "skills"
    }
}

/// Whether a skill lies in a folder of its own rather than in another skill.
fn is_nested(skills: &[String], path: &str) -> bool {
    skills
        .iter()
        .any(|other| is_below(path, other) && path != other)
}
