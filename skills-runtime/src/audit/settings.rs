//! What an operator can set about the record.

use std::num::NonZero;
use std::path::{Path, PathBuf};

use bytesize::ByteSize;
use serde::Deserialize;

/// How a record of decisions is kept.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Settings {
    /// The file that events are appended to, or `stderr`. Default: `stderr`.
    pub(crate) file: Destination,
    /// The size at which a new file is begun: bytes, or a text such as `100MiB`. Default: 100 MiB. Without meaning for
    /// `stderr`.
    pub(crate) max_size: ByteSize,
    /// How many full files are kept, as `FILE.1` (the newest), `FILE.2` and so on; older ones are removed. Default: 10.
    pub(crate) keep: NonZero<u32>,
    /// How many events may wait to be written. Default: 8192.
    pub(crate) queue: NonZero<usize>,
    /// What is done while events cannot be written: `block` refuses all requests that would have to be recorded, `drop`
    /// answers them and counts what is missing. Default: `block`.
    pub(crate) on_error: OnError,
    /// A file with at least 32 bytes of secret, which subjects and arguments are digested with and the chain is sealed with.
    /// A line break at its end does not count. Default: none, and so a random key that is lost when the process ends:
    /// digests of two runs cannot be compared then, and nothing is sealed.
    pub(crate) key_file: Option<PathBuf>,
    /// A label that stands in every event, such as the region of the data centre. Default: none.
    pub(crate) region: Option<String>,
}

impl Settings {
    /// Has paths be relative to this directory: the one of the file that they stand in.
    pub(crate) fn relative_to(&mut self, directory: &Path) {
        if let Destination::File(file) = &mut self.file {
            *file = directory.join(&*file);
        }
        if let Some(file) = &mut self.key_file {
            *file = directory.join(&*file);
        }
    }

    /// The directory in which files are written, if there is one.
    #[cfg(feature = "sandbox")]
    pub(crate) fn directory(&self) -> Option<PathBuf> {
        match &self.file {
            Destination::Stderr => None,
            Destination::File(file) => Some(crate::sandbox::parent(file)),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            file: Destination::default(),
            max_size: ByteSize::mib(100),
            keep: const { NonZero::new(10).unwrap() },
            queue: const { NonZero::new(8192).unwrap() },
            on_error: OnError::default(),
            key_file: None,
            region: None,
        }
    }
}

/// Where events go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(from = "PathBuf")]
pub(crate) enum Destination {
    /// Standard error, where whatever gathers logs takes them from.
    #[default]
    Stderr,
    /// A file; a device or a pipe is written to as it is, and not rotated.
    File(PathBuf),
}

impl From<PathBuf> for Destination {
    fn from(path: PathBuf) -> Self {
        if path.as_os_str() == "stderr" {
            Self::Stderr
        } else {
            Self::File(path)
        }
    }
}

/// What is done while events cannot be written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum OnError {
    /// Nothing that would have to be recorded.
    #[default]
    Block,
    /// Everything; what is missing is counted and said by the next event.
    Drop,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn settings_are_read_and_unknown_ones_refused() {
        let read = |text: &str| serde_json::from_str::<Settings>(text);
        let settings = read("{}").unwrap();
        assert_eq!(settings.file, Destination::Stderr);
        assert_eq!(settings.queue.get(), 8192);
        assert_eq!(settings.on_error, OnError::Block);
        let settings = read(r#"{"file":"/var/log/a","max-size":"1MiB","on-error":"drop"}"#);
        let settings = settings.unwrap();
        assert_eq!(settings.file, Destination::File("/var/log/a".into()));
        assert_eq!(settings.max_size.as_u64(), 1 << 20);
        assert_eq!(settings.on_error, OnError::Drop);
        assert!(read(r#"{"path":"/var/log/a"}"#).is_err());
        assert!(read(r#"{"keep":0}"#).is_err());
    }
}
