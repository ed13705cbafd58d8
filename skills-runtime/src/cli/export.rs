//! `export`: skills as the folders they were compiled from, byte for byte. This file is the only one that writes files:
//! nothing outside the directory, nothing through a symbolic link, and nothing over other work unless told to.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Component, Path, PathBuf};

use skills_model::{Resource, Skill};

use crate::catalog::Catalog;
use crate::error::Error;
use crate::text::{count, escape_line};

/// What is to be written where.
#[derive(Debug)]
pub(crate) struct Order {
    pub(super) directory: PathBuf,
    /// The names of the skills; all skills if empty.
    pub(super) skills: Vec<String>,
    /// Whether files that differ are replaced.
    pub(super) force: bool,
}

/// A file and what stands at its place.
struct Target {
    file: Resource,
    path: PathBuf,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Absent,
    Same,
    Differs,
}

/// Writes the skills and says what it wrote. Everything is checked before anything is written.
pub(super) fn export(catalog: Catalog, order: &Order) -> Result<String, Error> {
    let skills = chosen(catalog, &order.skills)?;
    let targets = targets(&skills, &order.directory)?;
    if !order.force {
        refuse_to_replace(&targets)?;
    }
    for target in targets.iter().filter(|target| target.state != State::Same) {
        write(target)?;
    }
    Ok(report(&skills, &targets, &order.directory))
}

fn chosen(catalog: Catalog, names: &[String]) -> Result<Vec<Skill>, Error> {
    if names.is_empty() {
        return Ok(catalog.skills().collect());
    }
    names.iter().map(|name| catalog.skill(name)).collect()
}

/// Every file of the skills, once; a nested skill shares its files with the skill around it.
fn targets(skills: &[Skill], directory: &Path) -> Result<Vec<Target>, Error> {
    let files = skills.iter().flat_map(|skill| skill.resources().iter());
    let files: BTreeMap<_, _> = files.map(|file| (file.path(), file)).collect();
    files
        .into_values()
        .map(|file| {
            let path = destination(directory, file.path())?;
            let state = state(&path, file)?;
            Ok(Target { file, path, state })
        })
        .collect()
}

fn refuse_to_replace(targets: &[Target]) -> Result<(), Error> {
    let differing = targets
        .iter()
        .filter(|target| target.state == State::Differs);
    let paths: Vec<PathBuf> = differing.map(|target| target.path.clone()).collect();
    if paths.is_empty() {
        return Ok(());
    }
    Err(Error::Exists { paths })
}

/// Where a file goes: below the directory, through directories only.
fn destination(directory: &Path, path: &str) -> Result<PathBuf, Error> {
    let mut destination = directory.to_owned();
    let mut segments = path.split('/').peekable();
    while let Some(segment) = segments.next() {
        destination.push(segment);
        if !is_plain(segment) {
            return Err(refused(
                &destination,
                "is not a path that can be written here",
            ));
        }
        if segments.peek().is_some() {
            check_directory(&destination)?;
        }
    }
    Ok(destination)
}

/// Whether a segment names an entry of the directory it stands in, on this system.
fn is_plain(segment: &str) -> bool {
    let mut components = Path::new(segment).components();
    let first = components.next();
    matches!(first, Some(Component::Normal(name)) if name == segment) && components.next().is_none()
}

fn check_directory(path: &Path) -> Result<(), Error> {
    match metadata(path)? {
        Some(metadata) if metadata.is_symlink() => Err(refused(
            path,
            "is a symbolic link, which could lead elsewhere",
        )),
        Some(metadata) if !metadata.is_dir() => Err(refused(path, "is not a directory")),
        _ => Ok(()),
    }
}

fn state(path: &Path, file: Resource) -> Result<State, Error> {
    let Some(metadata) = metadata(path)? else {
        return Ok(State::Absent);
    };
    if !metadata.is_file() {
        return Err(refused(path, "is not a regular file"));
    }
    let is_same = metadata.len() == file.size()
        && is_executable(&metadata) == (file.is_executable() && cfg!(unix))
        && read(path)? == file.content().as_bytes();
    Ok(if is_same { State::Same } else { State::Differs })
}

fn refused(path: &Path, reason: &'static str) -> Error {
    let path = path.to_owned();
    Error::Destination { path, reason }
}

/// What was written, by skill.
fn report(skills: &[Skill], targets: &[Target], directory: &Path) -> String {
    let written = targets
        .iter()
        .filter(|target| target.state != State::Same)
        .count();
    let mut report = format!(
        "Wrote {} of {} into {}",
        count(written, "file"),
        count(skills.len(), "skill"),
        directory.display()
    );
    if written < targets.len() {
        // Writing to a string cannot fail.
        let _ = write!(
            report,
            "; {} there already",
            count(targets.len() - written, "file")
        );
    }
    report = escape_line(&report, usize::MAX) + "\n";
    for skill in skills {
        let files = count(skill.resources().len(), "file");
        let _ = writeln!(
            report,
            "  {} ({files})",
            escape_line(skill.path(), usize::MAX)
        );
    }
    report
}

/// What stands at a path, without following a link there.
fn metadata(path: &Path) -> Result<Option<Metadata>, Error> {
    match fs::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata)),
        Err(source) if source.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(failed("look at", path, source)),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "what would be replaced is compared first"
)]
fn read(path: &Path) -> Result<Vec<u8>, Error> {
    fs::read(path).map_err(|source| failed("read", path, source))
}

/// Writes a file that is not there any more: one that is made anew cannot be a link that appeared meanwhile.
fn write(target: &Target) -> Result<(), Error> {
    let Target { file, path, state } = target;
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(|source| failed("make", parent, source))?;
    }
    if *state == State::Differs {
        fs::remove_file(path).map_err(|source| failed("replace", path, source))?;
    }
    create(path, *file).map_err(|source| failed("write", path, source))
}

fn create(path: &Path, file: Resource) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        // The system takes away from this what the user's umask says.
        options.mode(if file.is_executable() { 0o777 } else { 0o666 });
    }
    options.open(path)?.write_all(file.content().as_bytes())
}

#[cfg(unix)]
fn is_executable(metadata: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Metadata) -> bool {
    false
}

fn failed(action: &'static str, path: &Path, source: io::Error) -> Error {
    let path = path.to_owned();
    Error::File {
        action,
        path,
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Permit;
    use crate::testing::{BUNDLE, scratch};

    fn run(directory: &Path, skills: &[&str], force: bool) -> Result<String, Error> {
        let order = Order {
            directory: directory.to_owned(),
            skills: skills.iter().map(|&skill| skill.to_owned()).collect(),
            force,
        };
        export(Catalog::new(&BUNDLE, Permit::owner()), &order)
    }

    #[test]
    fn folders_are_written_byte_for_byte_and_again_without_change() {
        let scratch = scratch();
        let directory = scratch.path();
        let report = run(directory, &[], false).unwrap();
        assert!(
            report.starts_with("Wrote 7 files of 4 skills into "),
            "{report}"
        );
        for file in BUNDLE.resources {
            let path = directory.join(file.path());
            assert_eq!(read(&path).unwrap(), file.content().as_bytes());
            let metadata = metadata(&path).unwrap().unwrap();
            assert_eq!(is_executable(&metadata), file.is_executable() && cfg!(unix));
        }
        let report = run(directory, &["commit-message"], false).unwrap();
        assert!(report.contains("Wrote 0 files of 1 skill"), "{report}");
    }

    #[test]
    fn other_work_is_replaced_only_when_told_to() {
        let scratch = scratch();
        let directory = scratch.path();
        run(directory, &["acme/refunds"], false).unwrap();
        let path = directory.join("acme/refunds/SKILL.md");
        fs::remove_file(&path).unwrap();
        OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(&path)
            .unwrap();
        let refusal = run(directory, &[], false).unwrap_err();
        assert!(matches!(refusal, Error::Exists { paths } if paths == [path.clone()]));
        assert!(
            !directory.join("commit-message").exists(),
            "nothing was written"
        );
        run(directory, &[], true).unwrap();
        assert_eq!(
            read(&path).unwrap(),
            BUNDLE.resources.get(0).unwrap().content().as_bytes()
        );
    }

    #[cfg(unix)]
    #[test]
    fn nothing_is_written_through_a_link() {
        let (scratch, elsewhere) = (scratch(), scratch());
        let directory = scratch.path();
        std::os::unix::fs::symlink(elsewhere.path(), directory.join("acme")).unwrap();
        for force in [false, true] {
            let refusal = run(directory, &["acme/refunds"], force);
            assert!(matches!(refusal, Err(Error::Destination { .. })));
        }
        assert!(
            fs::remove_dir(elsewhere.path()).is_ok(),
            "it is still empty"
        );
    }

    #[test]
    fn no_path_leads_out_of_the_directory() {
        for path in ["../x", "a/../../x", "/etc/passwd", "a//b", ".", "a/./b", ""] {
            assert!(destination(Path::new("out"), path).is_err(), "{path}");
        }
        assert_eq!(
            destination(Path::new("out"), "a/b.md").unwrap(),
            Path::new("out/a/b.md")
        );
    }
}
