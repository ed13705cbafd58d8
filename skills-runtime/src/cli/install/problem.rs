//! Why a host could not be told of this server, and what to do about it.

use std::io;
use std::path::PathBuf;

/// Why the configuration of one host stays as it is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Problem {
    #[error("Cannot find your home directory")]
    NoHome,
    #[error("There is no configuration for projects in {host}")]
    NoProject { host: &'static str },
    #[error("No server can be told to {host} by its URL")]
    NoUrl { host: &'static str },
    /// Words that the host would not take as they are.
    #[error("The `{reference}` in {address} would begin the name of a variable in {host}")]
    Reference {
        host: &'static str,
        reference: &'static str,
        address: String,
        is_url: bool,
    },
    #[error("Cannot read {}", .path.display())]
    Unreadable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("{} is a symbolic link to a file that does not exist", .path.display())]
    Dangling { path: PathBuf },
    #[error("{} is not a file", .path.display())]
    NotAFile { path: PathBuf },
    #[error("{} has more than {limit} bytes", .path.display())]
    TooLarge { path: PathBuf, limit: u64 },
    /// A file that is not what its host reads, or not in a form that can be edited.
    #[error("Cannot edit {}:{fault}", .path.display())]
    Fault { path: PathBuf, fault: Fault },
    /// An entry that has the name but does not speak of this server.
    #[error("`{name}` in {} is another server: {target}", .path.display())]
    Foreign {
        path: PathBuf,
        name: String,
        target: String,
    },
    #[error("{} is read-only", .path.display())]
    ReadOnly { path: PathBuf },
    #[error("Cannot write {}", .path.display())]
    Unwritable {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// A file that is not the user's, and that would be once it is replaced.
    #[error("{} belongs to another user or group, and what replaces it would not", .path.display())]
    Owner { path: PathBuf },
    /// Too many files have names of copies.
    #[error("{limit} copies are beside {} already", .path.display())]
    TooManyCopies { path: PathBuf, limit: usize },
    /// Somebody else was faster.
    #[error("{} was changed at the same moment", .path.display())]
    Changed { path: PathBuf },
}

/// What is in the way in a file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {what}")]
pub(crate) struct Fault {
    /// Counted from 1.
    line: usize,
    /// In characters, counted from 1.
    column: usize,
    what: String,
}

impl Fault {
    /// What is in the way at an offset of a text.
    pub(super) fn new(text: &str, offset: usize, what: impl Into<String>) -> Self {
        let before = text.get(..offset).unwrap_or(text);
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.get(line_start..).unwrap_or_default();
        Self {
            line: before.matches('\n').count() + 1,
            column: line.chars().count() + 1,
            what: what.into(),
        }
    }
}

impl Problem {
    /// What to do about it.
    pub(crate) fn advice(&self) -> Option<String> {
        Some(match self {
            Self::NoHome => "set HOME (on Windows: USERPROFILE) to it".into(),
            Self::NoProject { .. } => "install it for yourself, with --scope user".into(),
            Self::NoUrl { host } => format!(
                "add the URL as a connector in the settings of {host}, or install this executable, without --http"
            ),
            Self::Reference { is_url: true, .. } => {
                "write each `$` in the URL as %24, which means the same".into()
            }
            Self::Reference { is_url: false, .. } => {
                "move it to where its path has none, and install it from there".into()
            }
            Self::Dangling { .. } => "make the file that it leads to, or remove the link".into(),
            Self::Fault { .. } => "put it right, with the host's own editor if it has one".into(),
            Self::Foreign { .. } => {
                "choose another name with --name, or have it replaced or removed with --force"
                    .into()
            }
            Self::ReadOnly { .. } => {
                "make it writable, or change it where it is made from, if a program makes it".into()
            }
            Self::Owner { .. } => {
                "have its owner do it, or give the file to yourself and your group first".into()
            }
            Self::TooManyCopies { .. } => "remove those that nobody needs any more".into(),
            Self::Changed { .. } => "try again; if the host is running, close it first".into(),
            Self::Unreadable { .. }
            | Self::NotAFile { .. }
            | Self::TooLarge { .. }
            | Self::Unwritable { .. } => return None,
        })
    }

    /// Whether somebody can still do by hand what could not be done here.
    pub(super) const fn leaves_it_to_a_person(&self) -> bool {
        matches!(
            self,
            Self::Unreadable { .. }
                | Self::Dangling { .. }
                | Self::NotAFile { .. }
                | Self::TooLarge { .. }
                | Self::Fault { .. }
                | Self::ReadOnly { .. }
                | Self::Owner { .. }
                | Self::Unwritable { .. }
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_where_an_editor_shows_it() {
        let text = "{\r\n  \"é\": x\n";
        let fault = Fault::new(text, text.find('x').unwrap(), "no");
        assert_eq!(fault.to_string(), "2:8: no");
        assert_eq!(Fault::new(text, 9999, "no").to_string(), "3:1: no");
    }
}
