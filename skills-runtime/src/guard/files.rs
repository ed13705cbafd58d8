//! The files that say who may ask: read at start, before the process seals itself, and at SIGHUP.

use std::fs::File;
use std::io;
use std::path::Path;

use serde::de::DeserializeOwned;
use zeroize::Zeroizing;

use crate::error::Error;

/// The largest file that is read, in bytes.
const MOST_BYTES: u64 = 4 * 1024 * 1024;

/// A file as text.
#[expect(
    clippy::disallowed_methods,
    reason = "secrets and policy are what comes from files"
)]
pub(crate) fn text(path: &Path) -> Result<Zeroizing<String>, Error> {
    let failed = |source| Error::File {
        action: "read",
        path: path.to_owned(),
        source,
    };
    let size = std::fs::metadata(path).map_err(failed)?.len();
    if size > MOST_BYTES {
        return Err(failed(io::Error::other("it is larger than 4 MiB")));
    }
    let text = std::fs::read_to_string(path).map_err(failed)?;
    Ok(Zeroizing::new(text))
}

/// A file of TOML as what it should hold.
pub(crate) fn toml<T: DeserializeOwned>(path: &Path) -> Result<T, Error> {
    let text = text(path)?;
    toml::from_str(&text).map_err(|error| Error::Policy {
        path: path.to_owned(),
        problem: error.to_string(),
    })
}

/// Creates a file that only its owner can read.
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
