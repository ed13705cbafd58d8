//! The files of hosts: read, replaced as a whole or not at all, and kept as they were in a copy beside them. This file is the
//! only one here that touches the disk.
#![expect(
    clippy::disallowed_methods,
    reason = "what hosts have written is read, compared and replaced here"
)]

use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use tempfile::Builder;

use super::place::{Place, Surroundings, System, VARIABLES};
use super::problem::{Fault, Problem};

/// More than any configuration; what is larger is something else.
const LIMIT: u64 = 64 * 1024 * 1024;

/// What some editors begin a file with.
const MARK: &str = "\u{feff}";

/// A configuration as it was found.
#[derive(Debug)]
pub(super) struct Found {
    /// Where the file is; a symbolic link was followed.
    pub(super) path: PathBuf,
    /// Nothing if there is no file.
    pub(super) text: Option<String>,
}

impl Found {
    /// Reads a file.
    pub(super) fn read(place: &Place) -> Result<Self, Problem> {
        let path = resolved(&place.file)?;
        let text = read(&path)?;
        Ok(Self { path, text })
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

    /// Where the file is kept as it was before the entry of this name.
    pub(super) fn backup(&self, name: &str) -> PathBuf {
        let mut file = self.path.clone().into_os_string();
        file.push(format!(".{name}.bak"));
        file.into()
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

    /// Keeps the file as it is, beside itself.
    pub(super) fn keep(&self, name: &str) -> Result<Option<PathBuf>, Problem> {
        let Some(text) = &self.text else {
            return Ok(None);
        };
        let backup = self.backup(name);
        self.replace(&backup, text, 0o600)?;
        Ok(Some(backup))
    }

    /// Replaces the file, if it still is what was read; the mode is for a new one.
    pub(super) fn write(&self, text: &str, mode: u32) -> Result<(), Problem> {
        self.check_writable()?;
        if let Some(parent) = self.path.parent() {
            fs::create_dir_all(parent).map_err(|source| unwritable(parent, source))?;
        }
        self.check_unchanged()?;
        self.replace(&self.path, text, mode)
    }

    /// Removes the file and the directories above it that are empty then, up to one that is nobody's to remove.
    pub(super) fn remove(&self, base: &Path) -> Result<(), Problem> {
        self.check_writable()?;
        self.check_unchanged()?;
        fs::remove_file(&self.path).map_err(|source| unwritable(&self.path, source))?;
        let above = self.path.ancestors().skip(1);
        for directory in
            above.take_while(|directory| directory.starts_with(base) && *directory != base)
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

    /// A new file takes the permissions and the owner of the one that was read, and then the name.
    fn replace(&self, path: &Path, text: &str, mode: u32) -> Result<(), Problem> {
        let replaced = || {
            let parent = path.parent().unwrap_or(Path::new("."));
            let mut builder = Builder::new();
            builder.prefix(".").suffix(".tmp");
            set_mode(&mut builder, mode);
            let mut file = builder.tempfile_in(parent)?;
            file.write_all(text.as_bytes())?;
            if let Ok(metadata) = fs::metadata(&self.path) {
                inherit(file.as_file(), &metadata)?;
            }
            file.as_file().sync_all()?;
            file.persist(path)?;
            sync(parent);
            Ok(())
        };
        replaced().map_err(|source| unwritable(path, source))
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

/// Removes a copy that has done its work. That it stays is no harm.
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

fn unwritable(path: &Path, source: io::Error) -> Problem {
    let path = path.to_owned();
    Problem::Unwritable { path, source }
}

#[cfg(unix)]
fn set_mode(builder: &mut Builder<'_, '_>, mode: u32) {
    use std::os::unix::fs::PermissionsExt;

    builder.permissions(fs::Permissions::from_mode(mode));
}

#[cfg(not(unix))]
const fn set_mode(_: &mut Builder<'_, '_>, _: u32) {}

/// Gives a file the owner and the permissions of another one.
#[cfg(unix)]
fn inherit(file: &File, metadata: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, fchown};

    let own = file.metadata()?;
    if (own.uid(), own.gid()) != (metadata.uid(), metadata.gid()) {
        fchown(file, Some(metadata.uid()), Some(metadata.gid()))?;
    }
    file.set_permissions(metadata.permissions())
}

#[cfg(not(unix))]
fn inherit(file: &File, metadata: &Metadata) -> io::Result<()> {
    file.set_permissions(metadata.permissions())
}

/// Has the new name of a file survive a loss of power, on systems that can say so.
fn sync(directory: &Path) {
    if cfg!(unix) {
        let _ = File::open(directory).and_then(|directory| directory.sync_all());
    }
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

/// What decides where configurations are, here and now.
pub(super) fn surroundings() -> io::Result<Surroundings> {
    let variables = VARIABLES.iter();
    let variables = variables.filter_map(|name| Some((*name, std::env::var_os(name)?)));
    Ok(Surroundings {
        system: System::HERE,
        home: std::env::home_dir().filter(|home| !home.as_os_str().is_empty()),
        variables: variables.filter(|(_, value)| !value.is_empty()).collect(),
        directory: std::env::current_dir()?,
    })
}

/// Whether something is at a path.
pub(super) fn exists(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}
