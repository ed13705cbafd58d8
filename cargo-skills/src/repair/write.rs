//! Writing a repaired file: whole or not at all, and only over what was read.
#![expect(
    clippy::disallowed_methods,
    reason = "`--fix` compares a file with what was checked before it replaces it"
)]

use std::fs::{self, File, Metadata};
use std::io::{self, ErrorKind, Write};
use std::path::Path;

use tempfile::NamedTempFile;

use super::Repaired;
use crate::error::Error;

/// Replaces a file below `root`: a new file beside it takes its permissions and then its name.
pub(crate) fn write(root: &Path, repaired: &Repaired) -> Result<(), Error> {
    let path = root.join(&repaired.path);
    let current = fs::read(&path).map_err(|source| Error::Read {
        path: path.clone(),
        source,
    })?;
    if current != repaired.before {
        return Err(Error::Changed { path });
    }
    replace(&path, &repaired.after).map_err(|source| Error::Write { path, source })
}

fn replace(path: &Path, content: &[u8]) -> io::Result<()> {
    if fs::metadata(path)?.permissions().readonly() {
        return Err(io::Error::new(
            ErrorKind::PermissionDenied,
            "it is read-only",
        ));
    }
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    inherit(file.as_file(), &fs::metadata(path)?)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_else_wrote_meanwhile_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("SKILL.md");
        fs::write(&path, "theirs").unwrap();
        let mut repaired = Repaired {
            path: "SKILL.md".into(),
            before: b"ours".into(),
            after: b"repaired".into(),
            count: 1,
        };
        let refusal = write(folder.path(), &repaired);
        assert!(matches!(refusal, Err(Error::Changed { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        repaired.before = b"theirs".into();
        write(folder.path(), &repaired).unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"repaired");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
