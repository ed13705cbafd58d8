//! Whether a directory is what an earlier run wrote, so that nothing is lost where it is replaced.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde::Deserialize;

use super::Error;
use super::place::Place;
use super::statement::BUILD_TYPE;
use super::surroundings::read;
use crate::digest::sha256;
use crate::machine;

/// The digests of all other files, as `sha256sum --check` reads them.
pub(super) const SUMS: &str = "SHA256SUMS";

/// The file by which a directory of ours is known; it names all others but the digests.
pub(super) const STATEMENT: &str = "provenance.intoto.json";

/// What is read of an earlier statement.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Statement {
    subject: Vec<Subject>,
    predicate: Predicate,
}

#[derive(Debug, Deserialize)]
struct Subject {
    name: String,
    digest: Digest,
}

#[derive(Debug, Deserialize)]
struct Digest {
    sha256: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Predicate {
    build_definition: Definition,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Definition {
    build_type: String,
}

/// Whether a directory may be written: nothing is there, or what an earlier run wrote.
pub(super) fn is_free(place: &Place) -> Result<(), Error> {
    match fs::symlink_metadata(&place.real) {
        Ok(_) => is_ours(&place.real, &place.named),
        Err(_) => Ok(()),
    }
}

/// Whether a directory holds files as they were written here, and nothing else. An error says `shown` of it, because it may have
/// been moved out of the way.
pub(super) fn is_ours(directory: &Path, shown: &Path) -> Result<(), Error> {
    let foreign = |other: &str| Error::Foreign {
        path: shown.to_owned(),
        other: other.to_owned(),
    };
    let mut found = BTreeMap::new();
    if !collect(directory, Path::new(""), &mut found) {
        return Err(foreign("something that cannot be read"));
    }
    let Some(first) = found.keys().next() else {
        return Ok(());
    };
    let Some(known) = written(directory) else {
        return Err(foreign(first));
    };
    if let Some(other) = found.keys().find(|path| !known.contains_key(*path)) {
        return Err(foreign(other));
    }
    for (path, is_file) in &found {
        // What is no file may never end.
        let bytes = is_file.then(|| read(&directory.join(path))).transpose()?;
        if bytes.map(|bytes| sha256(&bytes)).as_ref() != known.get(path) {
            return Err(Error::Edited {
                path: shown.to_owned(),
                file: path.clone(),
            });
        }
    }
    Ok(())
}

/// The digests of the files that were written into a directory, by path; nothing where there is no statement of ours.
fn written(directory: &Path) -> Option<BTreeMap<String, String>> {
    let path = directory.join(STATEMENT);
    let is_file = fs::symlink_metadata(&path).is_ok_and(|found| found.is_file());
    let bytes = is_file.then(|| read(&path).ok()).flatten()?;
    let statement: Statement = serde_json::from_slice(&bytes).ok()?;
    if statement.predicate.build_definition.build_type != BUILD_TYPE {
        return None;
    }
    let subjects = statement.subject.into_iter();
    let mut files: BTreeMap<_, _> = subjects.map(|one| (one.name, one.digest.sha256)).collect();
    files.insert(STATEMENT.to_owned(), of_statement(directory, &bytes));
    files.insert(SUMS.to_owned(), sha256(sums(&files).as_bytes()));
    Some(files)
}

/// The digest that a statement had when it was written, as the other file of digests has it.
fn of_statement(directory: &Path, bytes: &[u8]) -> String {
    let sums = machine::text(&directory.join(SUMS));
    let mut lines = sums.lines().filter_map(|line| line.split_once("  "));
    let line = lines.find(|(_, path)| *path == STATEMENT);
    line.map_or_else(|| sha256(bytes), |(digest, _)| digest.to_owned())
}

/// The text of [`SUMS`] for files and their digests.
pub(super) fn sums(files: &BTreeMap<String, String>) -> String {
    let mut sums = String::new();
    for (path, digest) in files {
        // Writing to a String cannot fail.
        let _ = writeln!(sums, "{digest}  {path}");
    }
    sums
}

/// The files below a directory, and whether each is a plain one; `false` where not all of them can be listed.
fn collect(directory: &Path, below: &Path, found: &mut BTreeMap<String, bool>) -> bool {
    let Ok(entries) = machine::entries(&directory.join(below)) else {
        return false;
    };
    entries.into_iter().all(|(name, is_directory)| {
        let path = below.join(name);
        if is_directory {
            return collect(directory, &path, found);
        }
        let is_file =
            fs::symlink_metadata(directory.join(&path)).is_ok_and(|found| found.is_file());
        found.insert(slashed(&path), is_file);
        true
    })
}

/// A path as it is written in files that ship.
fn slashed(path: &Path) -> String {
    let path = path.display().to_string();
    if cfg!(windows) {
        path.replace('\\', "/")
    } else {
        path
    }
}
