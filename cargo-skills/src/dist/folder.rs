//! A directory that comes to be all at once: written beside where it will be, and then put in its place.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::Error;
use super::earlier::{SUMS, is_free, is_ours, sums};
use super::place::Place;
use crate::digest::sha256;
use crate::machine::{self, set_executable};

/// A directory in the making; dropped before its time, it leaves nothing behind.
#[derive(Debug)]
pub(super) struct Folder {
    place: TempDir,
    /// The digest of each file, by path.
    files: BTreeMap<String, String>,
}

impl Folder {
    /// An empty one in the directory that it will be in.
    pub(super) fn beside(into: &Place) -> Result<Self, Error> {
        let parent = into.parent();
        fs::create_dir_all(parent).map_err(Error::writing(parent))?;
        is_free(into)?;
        let place = tempfile::Builder::new()
            .prefix(machine::UNFINISHED)
            .tempdir_in(parent);
        Ok(Self {
            place: place.map_err(Error::writing(parent))?,
            files: BTreeMap::new(),
        })
    }

    /// Adds a file. Its digest in hexadecimal digits.
    pub(super) fn file(&mut self, path: &str, bytes: &[u8]) -> Result<String, Error> {
        let digest = sha256(bytes);
        if self.files.insert(path.to_owned(), digest.clone()).is_some() {
            let path = path.to_owned();
            return Err(Error::Twice { path });
        }
        self.put(path, bytes)?;
        Ok(digest)
    }

    /// Adds a file that can be run.
    pub(super) fn program(&mut self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        self.file(path, bytes)?;
        let place = self.place.path().join(path);
        set_executable(&place).map_err(Error::writing(&place))
    }

    /// The files so far with their digests, ascending by path.
    pub(super) fn files(&self) -> &BTreeMap<String, String> {
        &self.files
    }

    /// Adds the digests and puts the directory where it belongs. The paths of all files.
    pub(super) fn finish(self, into: &Place) -> Result<Vec<String>, Error> {
        self.put(SUMS, sums(&self.files).as_bytes())?;
        let Self { place, files } = self;
        readable(place.path()).map_err(Error::writing(place.path()))?;
        if fs::symlink_metadata(&into.real).is_ok() {
            replace(place, into)?;
        } else {
            fs::rename(place.path(), &into.real).map_err(Error::writing(&into.named))?;
            // What it stood for is somewhere else now.
            let _ = place.keep();
        }
        let mut files: Vec<_> = files.into_keys().collect();
        files.push(SUMS.to_owned());
        files.sort();
        Ok(files)
    }

    fn put(&self, path: &str, bytes: &[u8]) -> Result<(), Error> {
        let place = self.place.path().join(path);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent).map_err(Error::writing(&place))?;
        }
        machine::write(&place, bytes).map_err(Error::writing(&place))
    }
}

/// Puts a directory in the place of another one, which goes if it is ours even now that nobody finds it any more; if somebody has
/// put something into it since it was looked at, it comes back.
fn replace(new: TempDir, into: &Place) -> Result<(), Error> {
    let Place { real, named } = into;
    if exchange(new.path(), real).is_err() {
        return replace_by_steps(new, into);
    }
    if let Err(error) = is_ours(new.path(), named) {
        if exchange(new.path(), real).is_err() {
            // It must not go with the directory that it has the place of.
            return Err(Error::Astray { path: new.keep() });
        }
        return Err(error);
    }
    let path = new.path().to_owned();
    new.close().map_err(Error::writing(&path))
}

/// The same where a system, or a file system, cannot exchange two directories.
fn replace_by_steps(new: TempDir, into: &Place) -> Result<(), Error> {
    let Place { real, named } = into;
    let old = new.path().with_extension("old");
    fs::rename(real, &old).map_err(Error::writing(named))?;
    let put = is_ours(&old, named)
        .and_then(|()| fs::rename(new.path(), real).map_err(Error::writing(named)));
    if let Err(error) = put {
        return match fs::rename(&old, real) {
            Ok(()) => Err(error),
            Err(_) => Err(Error::Astray { path: old }),
        };
    }
    // What it stood for is somewhere else now.
    let _ = new.keep();
    fs::remove_dir_all(&old).map_err(Error::writing(&old))
}

/// Exchanges two directories, at once.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};

    Ok(renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE)?)
}

/// There is no such thing.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn exchange(_: &Path, _: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Lets others read a directory that was made for its maker only, as far as this process lets them read what it makes.
fn readable(directory: &Path) -> io::Result<()> {
    let model: PathBuf = directory.join(".model");
    fs::create_dir(&model)?;
    let permissions = fs::metadata(&model)?.permissions();
    fs::remove_dir(&model)?;
    fs::set_permissions(directory, permissions)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What replaces an empty directory, and then leaves one with something of somebody else as it is.
    fn replaces_what_nobody_misses(replace: fn(TempDir, &Place) -> Result<(), Error>) {
        let root = tempfile::tempdir().unwrap();
        let into = Place::of(&root.path().join("out")).unwrap();
        fs::create_dir(&into.real).unwrap();
        let new = |text: &str| {
            let mut new = tempfile::Builder::new();
            let new = new.prefix(machine::UNFINISHED).tempdir_in(root.path());
            let new = new.unwrap();
            machine::write(&new.path().join("file"), text.as_bytes()).unwrap();
            new
        };
        replace(new("first"), &into).unwrap();
        assert_eq!(machine::text(&into.real.join("file")), "first");
        let again = replace(new("second"), &into);
        assert!(matches!(again, Err(Error::Foreign { .. })), "{again:?}");
        assert_eq!(machine::text(&into.real.join("file")), "first");
        assert_eq!(machine::entries(root.path()).unwrap().len(), 1);
    }

    #[test]
    fn what_is_replaced_is_looked_at_once_more() {
        replaces_what_nobody_misses(replace);
    }

    #[test]
    fn what_is_replaced_by_steps_is_looked_at_once_more() {
        replaces_what_nobody_misses(replace_by_steps);
    }
}
