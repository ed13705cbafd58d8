//! What a server has to be able to do after it is closed off.

use std::path::{Path, PathBuf};

/// What remains possible. By default, nothing but to answer on what is open.
#[derive(Clone, Debug, Default)]
pub(crate) struct Needs {
    /// Files that are read again, such as keys, certificates and policies. The directory that each is in can be read, because
    /// files are replaced by renaming and by changing symbolic links; so they are better not in `/etc` itself.
    pub(crate) reads: Vec<PathBuf>,
    /// Directories in which files are made, written, renamed and removed, such as that of the audit log.
    pub(crate) writes: Vec<PathBuf>,
    /// Directories in which a file is removed at the end, such as that of a UNIX socket.
    pub(crate) removes: Vec<PathBuf>,
    /// Ports of other machines that are connected to over TCP. The names of those machines can be resolved then.
    pub(crate) connects: Vec<u16>,
    /// Whether what the system says of this process is read: `/proc/self`, for metrics.
    pub(crate) figures: bool,
}

#[cfg_attr(
    not(target_os = "linux"),
    expect(dead_code, reason = "there is no sandbox to ask")
)]
impl Needs {
    /// Whether any file is opened.
    pub(in crate::sandbox) fn opens(&self) -> bool {
        let Self {
            reads,
            writes,
            removes: _,
            connects,
            figures,
        } = self;
        !reads.is_empty() || !writes.is_empty() || !connects.is_empty() || *figures
    }
}

/// The directory that a file is in.
pub(crate) fn parent(file: &Path) -> PathBuf {
    match file.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        Some(_) => ".".into(),
        None => file.to_owned(),
    }
}
