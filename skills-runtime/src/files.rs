//! The files that say who may ask, and secrets: read at start, before the process seals itself, and at SIGHUP.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

#[cfg(feature = "http")]
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

#[cfg(feature = "http")]
use crate::error::Error;

/// The largest file that is read, in bytes.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// A file as it is; a pipe is read until it ends.
#[expect(
    clippy::disallowed_methods,
    reason = "secrets and policy are what comes from files"
)]
pub(crate) fn bytes(path: &Path) -> io::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    let file = File::open(path)?;
    if file.take(MOST_BYTES + 1).read_to_end(&mut bytes)? as u64 > MOST_BYTES {
        return Err(io::Error::other("it is larger than 4 MiB"));
    }
    Ok(bytes)
}

/// A file as text.
#[cfg(feature = "http")]
pub(crate) fn text(path: &Path) -> Result<Zeroizing<String>, Error> {
    read(path).map_err(|source| Error::File {
        action: "read",
        path: path.to_owned(),
        source,
    })
}

/// The same, for those who say by themselves which file it is.
#[cfg(feature = "http")]
pub(crate) fn read(path: &Path) -> io::Result<Zeroizing<String>> {
    // Opening a pipe would wait for who writes to it.
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut bytes = bytes(path)?;
    let text = String::from_utf8(std::mem::take(&mut *bytes));
    text.map(Zeroizing::new).map_err(|error| {
        let _wiped = Zeroizing::new(error.into_bytes());
        io::Error::other("it is not UTF-8")
    })
}

/// A file of TOML as what it should hold.
#[cfg(feature = "http")]
pub(crate) fn toml<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let text = text(path)?;
    toml::from_str(&text).map_err(|error| {
        // Only where, and not what stands there: it may be a secret in the wrong file.
        let before = error.span().and_then(|span| text.get(..span.start));
        let line = before.unwrap_or_default().matches('\n').count() + 1;
        Error::Policy {
            path: path.to_owned(),
            problem: format!("{} (line {line})", error.message()),
        }
    })
}

/// Keeps others from changing a file, until what is given back is dropped; they wait.
#[cfg(feature = "http")]
pub(crate) fn lock(path: &Path) -> io::Result<File> {
    let mut lock = path.to_owned();
    lock.as_mut_os_string().push(".lock");
    let lock = create_private(&lock)?;
    #[cfg(unix)]
    rustix::fs::flock(&lock, rustix::fs::FlockOperation::LockExclusive)?;
    Ok(lock)
}

/// Creates a file that only its owner can read.
#[cfg(feature = "http")]
#[cfg_attr(
    not(unix),
    expect(clippy::disallowed_methods, reason = "keys are written here")
)]
pub(crate) fn create_private(path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        let mut options = File::options();
        options.write(true).create(true).truncate(true).mode(0o600);
        options.open(path)
    }
    #[cfg(not(unix))]
    File::create(path)
}
