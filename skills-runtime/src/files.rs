//! The files that say who may ask, and secrets: read at start, before the process seals itself, and at SIGHUP.

use std::fs::{File, Metadata};
use std::io::{self, Read};
use std::path::Path;

#[cfg(feature = "http")]
use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

#[cfg(feature = "http")]
use crate::error::Error;
#[cfg(unix)]
use crate::logging::SERVER;

/// The largest file that is read, in bytes.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// What is in a file, and so what other users of the machine must not do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    /// Secrets: others must neither read nor change them.
    Secrets,
    /// Settings that decide who may ask: others must not change them.
    #[cfg(feature = "http")]
    Settings,
}

/// A file as it is; a pipe is read until it ends.
#[expect(
    clippy::disallowed_methods,
    reason = "secrets and policy are what comes from files"
)]
pub(crate) fn bytes(path: &Path, content: Content) -> io::Result<Zeroizing<Vec<u8>>> {
    let file = File::open(path)?;
    let metadata = file.metadata()?;
    check_access(path, &metadata, content)?;
    // In one piece: a vector that grows leaves copies behind.
    let size = metadata.len().min(MOST_BYTES) + 1;
    let mut bytes = Zeroizing::new(Vec::with_capacity(size as usize));
    if file.take(MOST_BYTES + 1).read_to_end(&mut bytes)? as u64 > MOST_BYTES {
        return Err(io::Error::other("it is larger than 4 MiB"));
    }
    Ok(bytes)
}

/// Refuses a file that every user of the machine can change, and warns of one that others can read or change who had better
/// not. Groups that can read it are the operator's choice: that is how Kubernetes and Debian hand secrets to a service.
#[cfg(unix)]
fn check_access(path: &Path, metadata: &Metadata, content: Content) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;

    const EVERYONE_WRITES: u32 = 0o002;
    const EVERYONE_READS: u32 = 0o004;
    const GROUP_WRITES: u32 = 0o020;
    if !metadata.is_file() {
        return Ok(());
    }
    let mode = metadata.permissions().mode() & 0o777;
    let advice = format!(
        "(mode {mode:04o}); leave it to its owner: chmod 600 {}",
        path.display()
    );
    if mode & EVERYONE_WRITES != 0 {
        let problem = format!("every user of this machine can change it {advice}");
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, problem));
    }
    if mode & EVERYONE_READS != 0 && content == Content::Secrets {
        tracing::warn!(target: SERVER, "Every user of this machine can read the secrets in {} {advice}", path.display());
    } else if mode & GROUP_WRITES != 0 {
        tracing::warn!(target: SERVER, "The group of {} can change it {advice}", path.display());
    }
    Ok(())
}

#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere it can be refused")]
fn check_access(_: &Path, _: &Metadata, _: Content) -> io::Result<()> {
    Ok(())
}

/// A file as text.
#[cfg(feature = "http")]
pub(crate) fn text(path: &Path, content: Content) -> Result<Zeroizing<String>, Error> {
    read(path, content).map_err(|source| Error::File {
        action: "read",
        path: path.to_owned(),
        source,
    })
}

/// The same, for those who say by themselves which file it is.
#[cfg(feature = "http")]
pub(crate) fn read(path: &Path, content: Content) -> io::Result<Zeroizing<String>> {
    // Opening a pipe would wait for who writes to it.
    if !std::fs::metadata(path)?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut bytes = bytes(path, content)?;
    let text = String::from_utf8(std::mem::take(&mut *bytes));
    text.map(Zeroizing::new).map_err(|error| {
        let _wiped = Zeroizing::new(error.into_bytes());
        io::Error::other("it is not UTF-8")
    })
}

/// A file of TOML as what it should hold.
#[cfg(feature = "http")]
pub(crate) fn toml<T: DeserializeOwned>(path: &Path, content: Content) -> Result<T, Error> {
    let text = text(path, content)?;
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
