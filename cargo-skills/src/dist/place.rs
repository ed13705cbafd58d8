//! Where what ships will be, and what can be said against that before anything is built.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use super::{Error, earlier};
use crate::machine;

/// What what ships has places for, whatever the executable is called.
const TAKEN: [&str; 6] = [
    "SHA256SUMS",
    "cards",
    "oci",
    "provenance.intoto.json",
    "sbom.cdx.json",
    "server.json",
];

/// A directory to write, which may not be there yet.
#[derive(Debug)]
pub(super) struct Place {
    /// As it was named.
    pub(super) named: PathBuf,
    /// Without links and dots, as Git tells of it.
    pub(super) real: PathBuf,
}

/// Whether a directory can be written with what ships, as far as that is known: nothing is there, or what an earlier run wrote.
/// `executable` is what the file of the executable will be called, and `placed` where it goes beside that.
pub(crate) fn refuse_at_once(
    into: &Path,
    executable: Option<&str>,
    placed: Option<&Path>,
) -> Result<(), crate::error::Error> {
    let place = Place::of(into)?;
    earlier::is_free(&place)?;
    if let Some(placed) = placed {
        place.is_apart_from(placed)?;
    }
    Ok(executable.map_or(Ok(()), is_no_name_of_ours)?)
}

/// Whether the executable leaves the other files their names; not everywhere are `Cards` and `cards` two.
pub(super) fn is_no_name_of_ours(executable: &str) -> Result<(), Error> {
    let is_taken = TAKEN
        .iter()
        .any(|name| name.eq_ignore_ascii_case(executable));
    if !is_taken {
        return Ok(());
    }
    let name = executable.to_owned();
    Err(Error::Taken { name })
}

impl Place {
    /// The place that a path names, unless nothing there could be replaced.
    pub(super) fn of(into: &Path) -> Result<Self, Error> {
        // With a slash at its end, a path leads through a link.
        let named: PathBuf = into.components().collect();
        let refused = |what, instead| Error::Irreplaceable {
            path: into.to_owned(),
            what,
            instead,
        };
        match fs::symlink_metadata(&named) {
            Ok(found) if found.is_symlink() => {
                return Err(refused("a link", "name the folder that it leads to"));
            }
            Ok(found) if !found.is_dir() => {
                return Err(refused("no folder", "name another one"));
            }
            _ => {}
        }
        let real = resolved(&named).map_err(Error::writing(into))?;
        let here = resolved(Path::new(".")).map_err(Error::writing(into))?;
        if here.starts_with(&real) {
            let what = "the current directory, or one around it";
            return Err(refused(what, "name a folder in it, such as `dist`"));
        }
        if is_mounted(&real) {
            let what = "where a file system is mounted";
            return Err(refused(what, "name a folder in it"));
        }
        Ok(Self {
            named: into.to_owned(),
            real,
        })
    }

    /// The directory that it is in.
    pub(super) fn parent(&self) -> &Path {
        self.real.parent().unwrap_or(&self.real)
    }

    /// Whether a file can be there as well.
    fn is_apart_from(&self, file: &Path) -> Result<(), Error> {
        let real = resolved(file).map_err(Error::writing(file))?;
        if !real.starts_with(&self.real) && !self.real.starts_with(&real) {
            return Ok(());
        }
        Err(Error::Within {
            path: self.named.clone(),
            file: file.to_owned(),
        })
    }
}

/// An absolute path without links and dots, whether it is there or not.
pub(super) fn resolved(path: &Path) -> io::Result<PathBuf> {
    let path = std::path::absolute(path)?;
    match fs::canonicalize(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        found => return found,
    }
    let Some(parent) = path.parent() else {
        return Ok(path);
    };
    let above = resolved(parent)?;
    Ok(match path.components().next_back() {
        Some(Component::ParentDir) => above.parent().unwrap_or(&above).to_owned(),
        Some(last) => above.join(last),
        None => above,
    })
}

/// Whether a name is one that files and folders have while they are written, beside where they will be.
pub(super) fn is_unfinished(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let random = name.strip_prefix(machine::UNFINISHED);
    random.is_some_and(|random| {
        let random = random.strip_suffix(".old").unwrap_or(random);
        random.len() == 6 && random.chars().all(|one| one.is_ascii_alphanumeric())
    })
}

/// Whether another file system begins at a directory.
#[cfg(unix)]
fn is_mounted(directory: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let device = |path: Option<&Path>| fs::metadata(path?).ok().map(|found| found.dev());
    let (here, above) = (device(Some(directory)), device(directory.parent()));
    here.is_some() && above.is_some() && here != above
}

/// The system says so when it is written.
#[cfg(not(unix))]
fn is_mounted(_: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_that_ship_are_taken_however_they_are_written() {
        for name in ["cards", "OCI", "sha256sums", "Server.json"] {
            assert!(is_no_name_of_ours(name).is_err(), "{name}");
        }
        for name in ["cards.exe", "server", "oci-server"] {
            assert!(is_no_name_of_ours(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn what_is_unfinished_has_a_name_that_nobody_gives() {
        for name in [".skills-a1B2c3", ".skills-a1B2c3.old"] {
            assert!(is_unfinished(name.as_ref()), "{name}");
        }
        for name in [
            ".skills",
            ".skills-cached7",
            ".skills-a.b.cd",
            "skills-a1B2c3",
        ] {
            assert!(!is_unfinished(name.as_ref()), "{name}");
        }
    }

    #[test]
    fn what_is_not_there_is_resolved_as_if_it_were() {
        let here = resolved(Path::new(".")).unwrap();
        let path = Path::new("nowhere/at/../all");
        assert_eq!(resolved(path).unwrap(), here.join("nowhere/all"));
    }
}
