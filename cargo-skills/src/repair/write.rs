//! Writing a repaired file: whole or not at all, and only over what was read.
#![expect(
    clippy::disallowed_methods,
    reason = "`--fix` compares a file with what was checked before it replaces it"
)]

use std::fs;
use std::io::{self, Write};
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
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder)?;
    file.write_all(content)?;
    file.as_file()
        .set_permissions(fs::metadata(path)?.permissions())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
