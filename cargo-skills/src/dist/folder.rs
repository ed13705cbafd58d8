//! A directory that comes to be all at once: written beside where it will be, and then put in its place.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::Error;
use super::statement::BUILD_TYPE;
use super::surroundings::read;
use crate::digest::sha256;
use crate::machine::{self, set_executable};

/// The digests of all other files, as `sha256sum --check` reads them.
const SUMS: &str = "SHA256SUMS";

/// The file by which a directory of ours is known.
const STATEMENT: &str = "provenance.intoto.json";

/// A directory in the making; dropped before its time, it leaves nothing behind.
#[derive(Debug)]
pub(super) struct Folder {
    place: TempDir,
    /// The digest of each file, by path.
    files: BTreeMap<String, String>,
}

impl Folder {
    /// Whether `into` may be written: nothing is there, or what was written here.
    pub(super) fn is_free(into: &Path) -> Result<(), Error> {
        match fs::symlink_metadata(into) {
            Ok(_) => ours(into),
            Err(_) => Ok(()),
        }
    }

    /// An empty one in the directory that `into` will be in.
    pub(super) fn beside(into: &Path) -> Result<Self, Error> {
        let parent = match into.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        fs::create_dir_all(parent).map_err(Error::writing(parent))?;
        Self::is_free(into)?;
        let place = tempfile::Builder::new().prefix(".dist-").tempdir_in(parent);
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
    pub(super) fn finish(self, into: &Path) -> Result<Vec<String>, Error> {
        let mut sums = String::new();
        for (path, digest) in &self.files {
            // Writing to a String cannot fail.
            let _ = writeln!(sums, "{digest}  {path}");
        }
        self.put(SUMS, sums.as_bytes())?;
        let Self { place, files } = self;
        readable(place.path()).map_err(Error::writing(place.path()))?;
        // The one that is replaced goes where a failure can bring it back from.
        let old = place.path().with_extension("old");
        let is_there = fs::symlink_metadata(into).is_ok();
        if is_there {
            fs::rename(into, &old).map_err(Error::writing(into))?;
        }
        if let Err(source) = fs::rename(place.path(), into) {
            if is_there {
                // The first failure is the one to tell of.
                let _ = fs::rename(&old, into);
            }
            return Err(Error::writing(into)(source));
        }
        // What it stood for is somewhere else now.
        let _ = place.keep();
        if is_there {
            fs::remove_dir_all(&old).map_err(Error::writing(&old))?;
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

/// Whether a directory holds what was written here, and nothing else.
fn ours(directory: &Path) -> Result<(), Error> {
    let foreign = |other: &str| Error::Foreign {
        path: directory.to_owned(),
        other: other.to_owned(),
    };
    let mut found = BTreeSet::new();
    if !collect(directory, Path::new(""), &mut found) {
        return Err(foreign("something that cannot be read"));
    }
    if found.is_empty() {
        return Ok(());
    }
    let first = found.first().cloned().unwrap_or_default();
    let statement = read(&directory.join(STATEMENT)).unwrap_or_default();
    if !String::from_utf8_lossy(&statement).contains(BUILD_TYPE) {
        return Err(foreign(&first));
    }
    let sums = read(&directory.join(SUMS)).unwrap_or_default();
    let sums = String::from_utf8_lossy(&sums).into_owned();
    let lines = sums.lines().filter_map(|line| line.split_once("  "));
    let mut known: BTreeSet<_> = lines.map(|(_, path)| path).collect();
    known.insert(SUMS);
    match found.iter().find(|path| !known.contains(path.as_str())) {
        Some(other) => Err(foreign(other)),
        None => Ok(()),
    }
}

/// The files below a directory; `false` where not all of them can be listed.
fn collect(directory: &Path, below: &Path, found: &mut BTreeSet<String>) -> bool {
    let Ok(entries) = machine::entries(&directory.join(below)) else {
        return false;
    };
    entries.into_iter().all(|(name, is_directory)| {
        let path = below.join(name);
        if is_directory {
            return collect(directory, &path, found);
        }
        found.insert(slashed(&path));
        true
    })
}

fn slashed(path: &Path) -> String {
    path.display().to_string().replace('\\', "/")
}

/// Lets others read a directory that was made for its maker only, as far as this process lets them read what it makes.
fn readable(directory: &Path) -> std::io::Result<()> {
    let model: PathBuf = directory.join(".model");
    fs::create_dir(&model)?;
    let permissions = fs::metadata(&model)?.permissions();
    fs::remove_dir(&model)?;
    fs::set_permissions(directory, permissions)
}
