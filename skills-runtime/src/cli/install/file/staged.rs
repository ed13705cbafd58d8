//! A file that takes the place of another one, or none: it is whole and on the disk before it gets the name.
#![expect(
    clippy::disallowed_methods,
    reason = "a directory is opened to have a new name in it survive a loss of power"
)]

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use tempfile::{Builder, NamedTempFile};

use super::super::problem::Problem;
use super::unwritable;

/// A new text without its name yet.
#[derive(Debug)]
pub(super) struct Staged<'a> {
    file: NamedTempFile,
    path: &'a Path,
}

/// What a new file is to be like.
#[derive(Clone, Copy, Debug)]
pub(super) struct Model<'a> {
    /// The one whose owner and permissions it takes.
    pub(super) file: &'a Path,
    /// The mode where that is not there.
    pub(super) mode: u32,
    /// Whether it must not have another owner. Otherwise it is for the user alone where it cannot have the same.
    pub(super) is_binding: bool,
}

impl<'a> Staged<'a> {
    /// Writes a text beside the file that it is to be.
    pub(super) fn new(path: &'a Path, text: &str, model: Model) -> Result<Self, Problem> {
        let mut builder = Builder::new();
        builder.prefix(".").suffix(".tmp");
        set_mode(&mut builder, model.mode);
        let written = || {
            let mut file = builder.tempfile_in(parent(path))?;
            file.write_all(text.as_bytes())?;
            Ok(file)
        };
        let file: NamedTempFile = written().map_err(|source| unwritable(path, source))?;
        let inherited = fs::metadata(model.file).map(|like| inherit(file.as_file(), &like));
        match inherited {
            Ok(Err(source)) if model.is_binding => {
                return Err(match source.kind() {
                    ErrorKind::PermissionDenied => Problem::Owner { path: path.into() },
                    _ => unwritable(path, source),
                });
            }
            _ => {}
        }
        let synced = file.as_file().sync_all();
        synced.map_err(|source| unwritable(path, source))?;
        Ok(Self { file, path })
    }

    /// Gives it the name, which another file may have had.
    pub(super) fn replace(self) -> Result<(), Problem> {
        let named = self.file.persist(self.path);
        named.map_err(|error| unwritable(self.path, error.error))?;
        sync(parent(self.path));
        Ok(())
    }

    /// Gives it the name, unless another file has it.
    pub(super) fn create(self) -> Result<(), Problem> {
        let named = self.file.persist_noclobber(self.path);
        named.map_err(|error| match error.error.kind() {
            ErrorKind::AlreadyExists => Problem::Changed {
                path: self.path.into(),
            },
            _ => unwritable(self.path, error.error),
        })?;
        sync(parent(self.path));
        Ok(())
    }
}

fn parent(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new("."))
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
