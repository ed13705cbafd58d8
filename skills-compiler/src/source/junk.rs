//! Which paths are left out of every bundle, whatever they contain: leavings of tools that nobody means to serve.

use std::fmt;

/// A kind of path that is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Junk {
    /// The store of a version control system.
    VersionControl,
    /// What a desktop leaves in every folder it shows.
    DesktopFile,
    /// Compiled or cached output of a build or an interpreter.
    BuildOutput,
    /// Installed third-party packages.
    InstalledPackages,
    /// A backup or lock that an editor left behind.
    EditorBackup,
    /// What an installer of skills notes about a skill that it has installed.
    Installation,
    /// Local environment settings, which tend to hold secrets.
    Environment,
}

impl Junk {
    /// Judges a path by its last segment.
    #[must_use]
    pub fn of(name: &str, is_directory: bool) -> Option<Self> {
        match name {
            ".git" | ".hg" | ".svn" | ".jj" => Some(Self::VersionControl),
            "__pycache__" | "target" | ".pytest_cache" | ".mypy_cache" | ".ruff_cache"
                if is_directory =>
            {
                Some(Self::BuildOutput)
            }
            "node_modules" | ".venv" if is_directory => Some(Self::InstalledPackages),
            ".clawhub" | ".clawdhub" if is_directory => Some(Self::Installation),
            ".DS_Store" | "Thumbs.db" | "desktop.ini" => Some(Self::DesktopFile),
            ".env" | ".env.local" | ".env.production" => Some(Self::Environment),
            _ if is_directory => None,
            _ => Self::of_extension(name),
        }
    }

    fn of_extension(name: &str) -> Option<Self> {
        if name.ends_with('~') || name.starts_with(".#") {
            return Some(Self::EditorBackup);
        }
        match name.rsplit_once('.')?.1 {
            "pyc" | "pyo" => Some(Self::BuildOutput),
            "swp" | "swo" => Some(Self::EditorBackup),
            _ => None,
        }
    }
}

impl fmt::Display for Junk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::VersionControl => "version control data",
            Self::DesktopFile => "a desktop's leavings",
            Self::BuildOutput => "build output",
            Self::InstalledPackages => "installed packages",
            Self::EditorBackup => "an editor's backup",
            Self::Installation => "the record of an installation",
            Self::Environment => "local environment settings",
        })
    }
}
