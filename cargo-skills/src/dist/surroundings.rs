//! What is around a build: the versions of the tools, and what Git says of the project.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Error;
use super::place::{is_unfinished, resolved};
use crate::machine;

/// What is around the build.
#[derive(Debug)]
pub(super) struct Surroundings {
    /// The version of rustc, such as `1.95.0 (59807616e 2026-04-14)`.
    pub(super) rustc: String,
    /// The version of cargo.
    pub(super) cargo: String,
    /// The commit that the source is at, if a repository has it.
    pub(super) commit: Option<Commit>,
}

/// A commit of Git.
#[derive(Debug)]
pub(super) struct Commit {
    /// Its digest, in hexadecimal digits.
    pub(super) digest: String,
    /// Whether something in the repository is not as the commit has it.
    pub(super) is_dirty: bool,
}

impl Surroundings {
    /// Looks around a project, and asks Git about its source, which may be somewhere else. What is written at the places of
    /// `made` does not count as a change.
    pub(super) fn of(project: &Path, source: &Path, made: &[PathBuf]) -> Result<Self, Error> {
        Ok(Self {
            rustc: version(&machine::rustc(), project)?,
            cargo: version(&machine::cargo(), project)?,
            commit: commit(source, made),
        })
    }

    /// The commit, if the project is as it says.
    pub(super) fn revision(&self) -> Option<&str> {
        let commit = self.commit.as_ref().filter(|commit| !commit.is_dirty);
        commit.map(|commit| commit.digest.as_str())
    }
}

/// What a program prints when it is asked in a directory.
pub(super) fn said<'a>(
    program: &OsStr,
    arguments: impl IntoIterator<Item = &'a str>,
    directory: &Path,
) -> Result<String, Error> {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(directory);
    let output = command.stdin(Stdio::null()).output();
    let program = program.to_string_lossy().into_owned();
    let output = match output {
        Ok(output) => output,
        Err(source) => return Err(Error::Start { program, source }),
    };
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        return Err(Error::Fails { program, said });
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// `rustc 1.95.0 (59807616e 2026-04-14)` without the first word.
fn version(program: &OsStr, project: &Path) -> Result<String, Error> {
    let said = said(program, ["--version"], project)?;
    let version = said.trim().split_once(' ').map(|(_, version)| version);
    Ok(version.unwrap_or(said.trim()).to_owned())
}

/// Nothing where there is no Git, no repository, or no commit that has the source.
fn commit(source: &Path, made: &[PathBuf]) -> Option<Commit> {
    let git = |arguments: &[&str]| {
        let all = ["--no-optional-locks"]
            .into_iter()
            .chain(arguments.iter().copied());
        said("git".as_ref(), all, source).ok()
    };
    let digest = git(&["rev-parse", "--verify", "HEAD"])?.trim().to_owned();
    // A repository around the source may be of something else, such as the settings in a home.
    git(&["rev-parse", "--verify", "--quiet", "HEAD:./"])?;
    let top = git(&["rev-parse", "--show-toplevel"])?;
    let top = resolved(Path::new(top.trim_end_matches('\n'))).ok()?;
    let changes = git(&["status", "--porcelain", "--untracked-files=all", "-z"])?;
    let is_change = |entry: &&str| {
        let path = entry.get(3..).unwrap_or_default();
        !path.is_empty() && !is_of(&top.join(path), made)
    };
    let is_dirty = changes.split('\0').any(|entry| is_change(&entry));
    Some(Commit { digest, is_dirty })
}

/// Whether a path is of what was made, or of what a run left unfinished beside it.
fn is_of(path: &Path, made: &[PathBuf]) -> bool {
    made.iter().any(|made| {
        let beside = made
            .parent()
            .and_then(|parent| path.strip_prefix(parent).ok());
        let name = beside.and_then(|beside| beside.components().next());
        path.starts_with(made) || name.is_some_and(|name| is_unfinished(name.as_os_str()))
    })
}

/// The bytes of a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    machine::read(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}
