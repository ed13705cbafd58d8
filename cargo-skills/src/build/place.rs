//! Where an executable goes.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use crate::error::Error;
use crate::machine;

/// Whether a file can be put at a path: nothing is there, or a file. Anything else would be lost, and it may be `/dev/null`.
pub(super) fn check(path: &Path) -> Result<(), Error> {
    let failed = |kind: ErrorKind| Error::Write {
        path: path.to_owned(),
        source: kind.into(),
    };
    let is_folder = path.as_os_str().to_string_lossy().ends_with(['/', '\\']);
    match fs::metadata(path) {
        Ok(it) if it.is_file() && !is_folder => Ok(()),
        Ok(it) if it.is_dir() => Err(failed(ErrorKind::IsADirectory)),
        Ok(_) => Err(Error::Write {
            path: path.to_owned(),
            source: io::Error::other("it is a device, a pipe or a socket, and no file"),
        }),
        Err(error) if error.kind() == ErrorKind::NotFound && is_folder => {
            Err(failed(ErrorKind::IsADirectory))
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed(error.kind())),
    }
}

/// Puts a copy of the executable where it is wanted, at once: what runs there goes on to run. Where a link stands, what it leads to
/// is replaced.
pub(crate) fn place(executable: &Path, into: &Path) -> Result<(), Error> {
    check(into)?;
    let failed = |source| Error::Write {
        path: into.to_owned(),
        source,
    };
    let real = fs::canonicalize(into).unwrap_or_else(|_| into.to_owned());
    let folder = real
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.map_or_else(|| PathBuf::from("."), Path::to_owned);
    fs::create_dir_all(&folder).map_err(failed)?;
    let copy = tempfile::Builder::new()
        .prefix(machine::UNFINISHED)
        .tempfile_in(&folder)
        .map_err(failed)?;
    fs::copy(executable, copy.path()).map_err(failed)?;
    copy.persist(&real).map_err(|error| failed(error.error))?;
    Ok(())
}
