//! One of our own processes at a time: what one has read is not changed by another one before the first has written it.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

/// The right to change the files of one directory, until this is dropped.
///
/// What is locked is the directory (`flock`). A lock on the file would stay with the one that is replaced, and let the next
/// process in too early; a lock file would have to stay behind for ever. Hosts do not know of it, and some file systems
/// cannot do it: for them there is the look at the file directly before it is replaced.
#[derive(Debug)]
pub(super) struct Lock {
    place: PathBuf,
    /// Nothing where it cannot be locked.
    _held: Option<File>,
}

impl Lock {
    /// Waits until nobody else of us changes a file.
    pub(super) fn of(file: &Path) -> Self {
        let mut lock = Self::at(place(file));
        // Whoever it waited for may have made or removed directories.
        while let Some(nearer) = lock.followed(file) {
            lock = nearer;
        }
        lock
    }

    /// Another lock, to be held as well, where the directory of the file was made since. Who comes now locks that one.
    pub(super) fn followed(&self, file: &Path) -> Option<Self> {
        let place = place(file);
        (place != self.place).then(|| Self::at(place))
    }

    fn at(place: PathBuf) -> Self {
        let held = opened(&place).and_then(|file| {
            file.lock()?;
            Ok(file)
        });
        Self {
            place,
            _held: held.ok(),
        }
    }
}

/// The nearest directory above a file that is there.
#[cfg(unix)]
fn place(file: &Path) -> PathBuf {
    let mut above = file.ancestors().skip(1);
    let nearest = above.find(|directory| directory.is_dir());
    nearest.unwrap_or(Path::new("/")).to_owned()
}

#[cfg(unix)]
fn opened(place: &Path) -> io::Result<File> {
    File::options().read(true).open(place)
}

/// Elsewhere a directory cannot be locked: an empty file where programs of this user leave what is of no account.
#[cfg(not(unix))]
fn place(_: &Path) -> PathBuf {
    std::env::temp_dir().join("skills-install.lock")
}

#[cfg(not(unix))]
fn opened(place: &Path) -> io::Result<File> {
    File::options().create(true).append(true).open(place)
}
