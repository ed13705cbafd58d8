//! The edge to the machine: files, the versions of the tools, and what Git says of the project.
#![expect(
    clippy::disallowed_methods,
    reason = "this file is where `dist` meets files, the environment and programs"
)]

use std::ffi::{OsStr, OsString};
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs, io};

use super::Error;

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
            rustc: version(&rustc(), project)?,
            cargo: version(&cargo(), project)?,
            commit: commit(project, into),
        })
    }

    /// The commit, if the project is as it says.
    pub(super) fn revision(&self) -> Option<&str> {
        let commit = self.commit.as_ref().filter(|commit| !commit.is_dirty);
        commit.map(|commit| commit.digest.as_str())
    }
}

/// The cargo to call: the one that called us, if it did.
pub(super) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The rustc that cargo calls.
pub(super) fn rustc() -> OsString {
    env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

/// Where cargo keeps what it downloads.
pub(super) fn cargo_home() -> Option<std::path::PathBuf> {
    let home = env::var_os("CARGO_HOME").map(std::path::PathBuf::from);
    home.or_else(|| Some(env::home_dir()?.join(".cargo")))
}

/// A variable of the environment.
pub(super) fn variable(name: &str) -> Option<String> {
    env::var(name).ok()
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
    fs::read(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}

/// Writes a file.
pub(super) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::write(path, bytes)
}

/// What is in a directory: names, and whether each is a directory.
pub(super) fn entries(directory: &Path) -> io::Result<Vec<(OsString, bool)>> {
    let entries = fs::read_dir(directory)?.map(|entry| {
        let entry = entry?;
        Ok((entry.file_name(), entry.file_type()?.is_dir()))
    });
    entries.collect()
}

/// Lets everybody who can read a file run it.
#[cfg(unix)]
pub(super) fn set_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let mode = fs::metadata(path)?.permissions().mode();
    let runnable = mode | ((mode & 0o444) >> 2);
    fs::set_permissions(path, fs::Permissions::from_mode(runnable))
}

/// There is nothing to set.
#[cfg(not(unix))]
pub(super) fn set_executable(_: &Path) -> io::Result<()> {
    Ok(())
}
