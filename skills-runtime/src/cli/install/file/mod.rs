//! The files of hosts: read, replaced as a whole or not at all, and kept as they were in a copy beside them. This folder is the
//! only place here that touches the disk.
#![expect(
    clippy::disallowed_methods,
    reason = "what hosts have written is read, compared and replaced here"
)]

mod backup;
mod lock;
mod staged;

use std::ffi::OsStr;
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::place::{Place, Scope, Surroundings, System, VARIABLES};
use super::problem::{Fault, Problem};
pub(super) use backup::Backup;
use lock::Lock;
use staged::{Model, Staged};

/// More than any configuration; what is larger is something else.
const LIMIT: u64 = 64 * 1024 * 1024;

/// What some editors begin a file with.
const MARK: &str = "\u{feff}";

/// A configuration as it was found. As long as this is there, no other process of ours changes it.
#[derive(Debug)]
pub(super) struct Found {
    /// Where the file is; a symbolic link was followed.
    pub(super) path: PathBuf,
    /// Nothing if there is no file.
    pub(super) text: Option<String>,
    /// Whether it was reached by a symbolic link, which must not lead to nowhere.
    pub(super) is_linked: bool,
    /// Whether it has other names, which go on to say what it said.
    pub(super) has_other_names: bool,
    lock: Lock,
}

impl Found {
    /// Reads a file, after other processes of ours have done what they do to it.
    pub(super) fn read(place: &Place) -> Result<Self, Problem> {
        let path = resolved(&place.file)?;
        let lock = Lock::of(&path);
        let text = read(&path)?;
        Ok(Self {
            text,
            is_linked: fs::symlink_metadata(&place.file).is_ok_and(|file| file.is_symlink()),
            has_other_names: fs::metadata(&path).is_ok_and(|file| has_other_names(&file)),
            path,
            lock,
        })
    }

    /// The text to edit, without a byte order mark.
    pub(super) fn body(&self) -> &str {
        body(self.text.as_deref())
    }

    /// An edited text with what [`body`](Self::body) left out.
    pub(super) fn with_mark(&self, body: &str) -> String {
        let text = self.text.as_deref().unwrap_or_default();
        let mark = if text.starts_with(MARK) { MARK } else { "" };
        format!("{mark}{body}")
    }

    /// Refuses a file that its owner has protected.
    pub(super) fn check_writable(&self) -> Result<(), Problem> {
        let metadata = fs::metadata(&self.path);
        if metadata.is_ok_and(|metadata| metadata.permissions().readonly()) {
            return Err(Problem::ReadOnly {
                path: self.path.clone(),
            });
        }
        Ok(())
    }

    /// Replaces the file, if it still is what was read; the mode is for a new one.
    pub(super) fn write(&self, text: &str, mode: u32) -> Result<(), Problem> {
        self.check_writable()?;
        if let Some(parent) = self.path.parent() {
            fs::create_dir_all(parent).map_err(|source| unwritable(parent, source))?;
        }
        let _lock = self.lock.followed(&self.path);
        self.put(self.staged(text, mode)?)
    }

    fn staged(&self, text: &str, mode: u32) -> Result<Staged<'_>, Problem> {
        let model = Model {
            file: &self.path,
            mode,
            is_binding: true,
        };
        Staged::new(&self.path, text, model)
    }

    /// Hosts write when they like: the last look is directly before the new text gets the name, and not before it is written
    /// to the disk, which takes a thousand times as long.
    fn put(&self, staged: Staged) -> Result<(), Problem> {
        if self.text.is_none() {
            return staged.create();
        }
        self.check_unchanged()?;
        staged.replace()
    }

    /// Removes the file and the directories above it that are empty then, up to one that is nobody's to remove.
    pub(super) fn remove(&self, base: &Path) -> Result<(), Problem> {
        self.check_writable()?;
        self.check_unchanged()?;
        fs::remove_file(&self.path).map_err(|source| unwritable(&self.path, source))?;
        // As the path of the file: without symbolic links.
        let base = fs::canonicalize(base).unwrap_or_else(|_| base.to_owned());
        let above = self.path.ancestors().skip(1);
        for directory in
            above.take_while(|directory| directory.starts_with(&base) && *directory != base)
        {
            if fs::remove_dir(directory).is_err() {
                break;
            }
        }
        Ok(())
    }

    fn check_unchanged(&self) -> Result<(), Problem> {
        let now = fs::read(&self.path).ok();
        if now.as_deref() == self.text.as_deref().map(str::as_bytes) {
            return Ok(());
        }
        Err(Problem::Changed {
            path: self.path.clone(),
        })
    }
}

/// The text of a file, if there is one.
pub(super) fn read(path: &Path) -> Result<Option<String>, Problem> {
    let path = path.to_owned();
    let bytes = match fs::metadata(&path) {
        Ok(metadata) if !metadata.is_file() => return Err(Problem::NotAFile { path }),
        Ok(metadata) if metadata.len() > LIMIT => {
            return Err(Problem::TooLarge { path, limit: LIMIT });
        }
        Ok(_) => fs::read(&path),
        Err(source) => Err(source),
    };
    match bytes.map(String::from_utf8) {
        Ok(Ok(text)) => Ok(Some(text)),
        Ok(Err(error)) => {
            let valid = error.utf8_error().valid_up_to();
            let text = String::from_utf8_lossy(error.as_bytes());
            let fault = Fault::new(&text, valid, "this is no UTF-8");
            Err(Problem::Fault { path, fault })
        }
        Err(source) if source.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(Problem::Unreadable { path, source }),
    }
}

/// A text without a byte order mark.
pub(super) fn body(text: Option<&str>) -> &str {
    let text = text.unwrap_or_default();
    text.strip_prefix(MARK).unwrap_or(text)
}

/// Removes a copy of which nobody has any use. That it stays is no harm.
pub(super) fn discard(backup: &Path) {
    let _ = fs::remove_file(backup);
}

/// The file at the end of symbolic links.
fn resolved(path: &Path) -> Result<PathBuf, Problem> {
    match fs::canonicalize(path) {
        Ok(real) => Ok(real),
        Err(source) if source.kind() == ErrorKind::NotFound => {
            if fs::symlink_metadata(path).is_ok() {
                let path = path.to_owned();
                return Err(Problem::Dangling { path });
            }
            Ok(path.to_owned())
        }
        Err(source) => Err(Problem::Unreadable {
            path: path.to_owned(),
            source,
        }),
    }
}

#[cfg(unix)]
fn has_other_names(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) > 1
}

#[cfg(not(unix))]
const fn has_other_names(_: &Metadata) -> bool {
    false
}

fn unwritable(path: &Path, source: io::Error) -> Problem {
    let path = path.to_owned();
    Problem::Unwritable { path, source }
}

/// Whether two paths lead to one file.
pub(super) fn is_same(left: &str, right: &str) -> bool {
    let real = |path| fs::canonicalize(path).ok();
    left == right || real(left).is_some_and(|left| real(right) == Some(left))
}

/// Whether a program is in one of the folders of `PATH`.
pub(super) fn is_program(name: &str, path: &OsStr) -> bool {
    std::env::split_paths(path).any(|folder| folder.join(name).is_file())
}

/// What decides where configurations are, here and now. A current directory that is gone matters to projects only.
pub(super) fn surroundings(scope: Scope) -> io::Result<Surroundings> {
    let variables = VARIABLES.iter();
    let variables = variables.filter_map(|name| Some((*name, std::env::var_os(name)?)));
    let directory = match std::env::current_dir() {
        Err(_) if scope == Scope::User => PathBuf::new(),
        directory => directory?,
    };
    Ok(Surroundings {
        system: System::HERE,
        home: std::env::home_dir().filter(|home| !home.as_os_str().is_empty()),
        variables: variables.filter(|(_, value)| !value.is_empty()).collect(),
        directory,
    })
}

/// Whether something is at a path.
pub(super) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(path: &Path) -> Found {
        let place = Place {
            file: path.to_owned(),
            older: None,
            base: path.parent().unwrap().to_owned(),
        };
        Found::read(&place).unwrap()
    }

    #[test]
    fn what_a_host_writes_before_the_last_moment_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mcp.json");
        for before in [None, Some("{}")] {
            if let Some(text) = before {
                fs::write(&path, text).unwrap();
            }
            let found = found(&path);
            let staged = found.staged("ours", 0o600).unwrap();
            fs::write(&path, "the host's").unwrap();
            let problem = found.put(staged).unwrap_err();
            assert!(matches!(problem, Problem::Changed { .. }), "{problem}");
            assert_eq!(fs::read_to_string(&path).unwrap(), "the host's");
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
            fs::remove_file(&path).unwrap();
        }
    }

    #[test]
    fn a_copy_takes_the_name_of_no_other_file_and_the_newest_comes_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("mcp.json");
        let theirs = folder.path().join("mcp.json.x.bak");
        fs::write(&theirs, "theirs").unwrap();
        fs::create_dir(folder.path().join("mcp.json.x.bak.1")).unwrap();
        assert_eq!(found(&path).keep("x").unwrap(), None, "of no file");
        fs::write(&path, "ours").unwrap();
        let found = found(&path);
        let copy = folder.path().join("mcp.json.x.bak.2");
        assert_eq!(found.keep("x").unwrap(), Some(copy));
        let texts: Vec<_> = found
            .copies("x")
            .into_iter()
            .map(|copy| copy.text)
            .collect();
        assert_eq!(texts, ["ours", "theirs"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_lock_is_on_what_is_there_and_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/mcp.json");
        let lock = Lock::of(&path);
        let directory = fs::File::open(folder.path()).unwrap();
        assert!(directory.try_lock().is_err(), "it is locked");
        assert!(lock.followed(&path).is_none(), "not twice");
        fs::create_dir(path.parent().unwrap()).unwrap();
        let nearer = lock.followed(&path);
        let made = fs::File::open(path.parent().unwrap()).unwrap();
        assert!(made.try_lock().is_err(), "it is locked, too");
        drop((lock, nearer));
        assert!(directory.try_lock().is_ok() && made.try_lock().is_ok());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
