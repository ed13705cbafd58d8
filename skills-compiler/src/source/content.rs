//! Reading the files of a tree, each once, and no more of them than a program can hold.
#![expect(
    clippy::disallowed_methods,
    reason = "with `disk`, this file is the compiler's edge to the file system"
)]

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::{Linked, Oddity, OddityKind, SourceFile};

/// The largest file that is read into memory: four times what a whole skill may hold.
const MAX_FILE_BYTES: u64 = 4 * skills_model::limits::SKILL_BYTES;

/// The most bytes that are read, because links inside a tree can multiply it without end: a program holds no more.
const MAX_TOTAL_BYTES: u64 = 4 * 1024 * 1024 * 1024;

/// The most bytes that are read once more because a link leads to them. Nobody ships so many copies; whoever makes links that
/// multiply a tree wants more.
const MAX_COPIED_BYTES: u64 = 256 * 1024 * 1024;

/// A file that was found and not yet read.
pub(super) struct Found {
    pub(super) at: PathBuf,
    pub(super) path: String,
    pub(super) link: Option<Linked>,
}

impl Found {
    /// The file; or what is odd about it; or nothing, if files before it have passed a limit.
    pub(super) fn read(self, total: &Total) -> Option<Result<SourceFile, Oddity>> {
        let Self { at, path, link } = self;
        Some(match content(&at, link.is_some(), total) {
            Ok((bytes, executable)) => Ok(SourceFile {
                path,
                bytes,
                executable,
                link,
            }),
            Err(Unread::Because(kind)) => Err(Oddity { path, kind }),
            Err(Unread::Full) => return None,
        })
    }
}

/// Why a file has no content.
enum Unread {
    Because(OddityKind),
    /// A limit was passed before.
    Full,
}

/// How many bytes were read.
#[derive(Default)]
pub(super) struct Total {
    all: AtomicU64,
    copied: AtomicU64,
}

impl Total {
    /// Counts a file, unless that passes a limit: the first one that does is told of.
    fn add(&self, size: u64, is_copy: bool) -> Result<(), Unread> {
        let limit = |counter: &AtomicU64, most: u64, kind: fn(u64) -> OddityKind| {
            let before = counter.fetch_add(size, Ordering::Relaxed);
            match before {
                _ if before > most => Err(Unread::Full),
                _ if before + size > most => Err(Unread::Because(kind(most))),
                _ => Ok(()),
            }
        };
        if is_copy {
            limit(&self.copied, MAX_COPIED_BYTES, OddityKind::TooManyCopies)?;
        }
        limit(&self.all, MAX_TOTAL_BYTES, OddityKind::TooMuch)
    }
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self::Because(OddityKind::Unreadable(error.to_string()))
    }
}

/// The content of a file, and whether it is executable.
fn content(at: &Path, is_copy: bool, total: &Total) -> Result<(Vec<u8>, bool), Unread> {
    let mut file = File::open(at)?;
    let metadata = file.metadata()?;
    let size = metadata.len();
    if size > MAX_FILE_BYTES {
        return Err(Unread::Because(OddityKind::TooLarge(size)));
    }
    total.add(size, is_copy)?;
    // The size is known, so that nothing is moved, and nothing is filled with zeros first.
    let mut bytes = Vec::with_capacity(size as usize);
    file.by_ref().take(size).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < size || size == 0 {
        // It has become shorter, or the file system does not tell sizes.
        file.take(MAX_FILE_BYTES).read_to_end(&mut bytes)?;
    }
    Ok((bytes, is_executable(&metadata)))
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
