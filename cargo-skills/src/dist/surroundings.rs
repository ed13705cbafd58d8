//! What is around a build: the versions of the tools, and what Git says of the project.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use super::Error;
use crate::machine;

/// What is around the build.
#[derive(Debug)]
pub(super) struct Surroundings {
    /// The version of rustc, such as `1.95.0 (59807616e 2026-04-14)`.
    pub(super) rustc: String,
    /// The version of cargo.
    pub(super) cargo: String,
    /// The commit that the project is at, if it is in a repository with one.
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
    /// Looks around a project. What is written into `into` does not count as a change.
    pub(super) fn of(project: &Path, into: &Path) -> Result<Self, Error> {
        Ok(Self {
            rustc: version(&machine::rustc(), project)?,
            cargo: version(&machine::cargo(), project)?,
            commit: commit(project, into),
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

/// Nothing where there is no Git, no repository, or no commit in it yet.
fn commit(project: &Path, into: &Path) -> Option<Commit> {
    let git = |arguments: &[&str]| {
        let all = ["--no-optional-locks"]
            .into_iter()
            .chain(arguments.iter().copied());
        said("git".as_ref(), all, project).ok()
    };
    let digest = git(&["rev-parse", "--verify", "HEAD"])?.trim().to_owned();
    let top = git(&["rev-parse", "--show-toplevel"])?;
    let changes = git(&["status", "--porcelain", "--untracked-files=all", "-z"])?;
    let into = std::path::absolute(into).ok()?;
    let is_other = |entry: &&str| {
        let path = entry.get(3..).unwrap_or_default();
        !path.is_empty()
            && !Path::new(top.trim_end_matches('\n'))
                .join(path)
                .starts_with(&into)
    };
    let is_dirty = changes.split('\0').any(|entry| is_other(&entry));
    Some(Commit { digest, is_dirty })
}

/// The bytes of a file.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Error> {
    machine::read(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}
