//! The edge to the machine: the environment, files that are no skills, and the tools of Rust.
#![expect(
    clippy::disallowed_methods,
    reason = "this file is where projects and what is built of them meet files and the environment"
)]

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::{env, time};

/// What the names of files and folders begin with until they are whole and get their own; six letters or digits follow. Where
/// a run was killed, they stay.
pub(crate) const UNFINISHED: &str = ".skills-";

/// The cargo to call: the one that called us, if it did.
pub(crate) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// The rustc that cargo calls.
pub(crate) fn rustc() -> OsString {
    env::var_os("RUSTC").unwrap_or_else(|| "rustc".into())
}

/// Where cargo keeps what it downloads.
pub(crate) fn cargo_home() -> Option<PathBuf> {
    let home = env::var_os("CARGO_HOME").map(PathBuf::from);
    home.or_else(|| Some(env::home_dir()?.join(".cargo")))
}

/// Where a user's programs keep what they can make again.
pub(crate) fn cache_home() -> Option<PathBuf> {
    let said = |name| variable(name).map(PathBuf::from);
    let usual = if cfg!(target_os = "macos") {
        "Library/Caches"
    } else {
        ".cache"
    };
    let home = || Some(env::home_dir()?.join(usual));
    // One that is not absolute is to be ignored (XDG Base Directory Specification).
    said("XDG_CACHE_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| said("LOCALAPPDATA"))
        .or_else(home)
}

/// A variable of the environment that is not empty.
pub(crate) fn variable(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// Whether a variable is set, if only to nothing.
pub(crate) fn is_set(name: &str) -> bool {
    env::var_os(name).is_some()
}

/// The same as text.
pub(crate) fn text_variable(name: &str) -> Option<String> {
    variable(name)?.into_string().ok()
}

/// Whether a program is where programs are looked for.
pub(crate) fn has_program(name: &str) -> bool {
    let path = variable("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

/// The bytes of a file.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    fs::read(path)
}

/// The bytes of a regular file of at most so many bytes. Others are not opened: a pipe would be waited for, and a device has no
/// end.
pub(crate) fn read_regular(path: &Path, most: u64) -> io::Result<Vec<u8>> {
    let refused = |reason: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, reason));
    let found = fs::metadata(path)?;
    if !found.is_file() {
        return refused("it is no regular file");
    }
    // A file may grow between the question and the reading.
    let mut bytes = Vec::new();
    if found.len() <= most {
        let file = File::open(path)?;
        file.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    }
    if found.len().max(bytes.len() as u64) > most {
        return refused(&format!("it is larger than {most} bytes"));
    }
    Ok(bytes)
}

/// The text of a file; empty if it is none.
pub(crate) fn text(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

/// Writes a file.
pub(crate) fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    fs::write(path, bytes)
}

/// A file that others wait for; who has to wait for it is told first.
pub(crate) fn lock(path: &Path, waiting: impl FnOnce()) -> io::Result<File> {
    let file = File::create(path)?;
    if file.try_lock().is_err() {
        waiting();
        file.lock()?;
    }
    Ok(file)
}

/// What is in a directory: names, and whether each is a directory.
pub(crate) fn entries(directory: &Path) -> io::Result<Vec<(OsString, bool)>> {
    let entries = fs::read_dir(directory)?.map(|entry| {
        let entry = entry?;
        Ok((entry.file_name(), entry.file_type()?.is_dir()))
    });
    entries.collect()
}

/// Lets everybody who can read a file run it.
#[cfg(unix)]
pub(crate) fn set_executable(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    let mode = fs::metadata(path)?.permissions().mode();
    let runnable = mode | ((mode & 0o444) >> 2);
    fs::set_permissions(path, fs::Permissions::from_mode(runnable))
}

/// There is nothing to set.
#[cfg(not(unix))]
pub(crate) fn set_executable(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Asks a process to end in good order, where systems have a way to.
#[cfg(unix)]
pub(crate) fn ask_to_end(process: u32) {
    use rustix::process::{Pid, Signal, kill_process};
    let pid = i32::try_from(process).ok().and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // It may have ended by itself.
        let _ = kill_process(pid, Signal::TERM);
    }
}

#[cfg(not(unix))]
pub(crate) fn ask_to_end(_: u32) {}

/// Now, for how long something takes.
pub(crate) fn now() -> time::Instant {
    time::Instant::now()
}
