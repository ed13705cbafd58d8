//! Why there is nothing to ship, and what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use super::Executable;

/// What went wrong between a project and a directory that can be shipped.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A file that has to be there.
    #[error("`{}` cannot be read", .path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// A file of the directory.
    #[error("`{}` cannot be written", .path.display())]
    Write {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// A directory that would be replaced, with a file that nobody would get back.
    #[error("`{}` is there already, with `{other}` in it, which `cargo skills dist` did not write", .path.display())]
    Foreign { path: PathBuf, other: String },
    /// A directory that would be replaced, with a file that somebody changed.
    #[error("`{}` is there already, and `{file}` in it is not as `cargo skills dist` wrote it", .path.display())]
    Edited { path: PathBuf, file: String },
    /// A place where no directory can be put.
    #[error("`{}` is {what}, and cannot be replaced by what ships", .path.display())]
    Irreplaceable {
        path: PathBuf,
        what: &'static str,
        instead: &'static str,
    },
    /// An executable in the directory, which holds what was written at once and nothing else.
    #[error("`{}` cannot be both for `{}` and for what ships", .path.display(), .file.display())]
    Within { path: PathBuf, file: PathBuf },
    /// An executable with the name of another file that ships.
    #[error("no executable that ships can be called `{name}`: another file or folder beside it is")]
    Taken { name: String },
    /// A directory of somebody else that could not be put back.
    #[error("what somebody else put into the folder is in `{}` now, and cannot be put back", .path.display())]
    Astray { path: PathBuf },
    /// Two files of one name.
    #[error("two files would be called `{path}`")]
    Twice { path: String },
    /// A project without the build script that writes them.
    #[error("the build of `{}` says nothing of skills", .project.display())]
    NoFacts { project: PathBuf },
    /// Facts of another version.
    #[error("`{}` has facts in a form that is not known here", .path.display())]
    Facts {
        path: PathBuf,
        #[source]
        source: serde_json::Error,
    },
    /// An executable and facts that do not belong together.
    #[error("`{}` does not come from this build: its bill of materials is another one", .path.display())]
    OtherExecutable { path: PathBuf },
    /// A program that has to be there.
    #[error("`{program}` cannot be started")]
    Start {
        program: String,
        #[source]
        source: io::Error,
    },
    /// What a program had against being asked.
    #[error("`{program}` fails: {said}")]
    Fails { program: String, said: String },
}

impl Error {
    /// A directory without what the build script writes.
    pub(super) fn no_facts(executable: &Executable) -> Self {
        let project = executable.project.clone();
        Self::NoFacts { project }
    }

    /// What a failure to write `path` becomes.
    pub(super) fn writing(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Write { path, source }
    }

    /// What to do.
    pub(crate) fn advice(&self) -> Option<String> {
        Some(match self {
            Self::Read { .. } => "name the folder of a project that builds a server".into(),
            Self::Write { .. } => "make the folder writable, or name another one".into(),
            Self::Foreign { .. } => "name another folder, or move what is in it".into(),
            Self::Edited { .. } => {
                "put a changed copy beside the folder and not in it; remove the folder, or name another one".into()
            }
            Self::Irreplaceable { instead, .. } => (*instead).into(),
            Self::Within { .. } => {
                "name two places, none of them in the other: the executable is among what ships as well".into()
            }
            Self::Taken { .. } => {
                "give it another name: with `-o` for a folder of skills, in `[[bin]]` of Cargo.toml for a project".into()
            }
            Self::Astray { .. } => "move it to where it belongs".into(),
            Self::Twice { .. } => "give the executable another name".into(),
            Self::NoFacts { .. } => {
                "compile the skills in build.rs, with `skills_compiler::build(\"skills\")`; a macro leaves no facts".into()
            }
            Self::Facts { .. } => {
                "use a `cargo-skills` of the same version as `skills-compiler` in Cargo.toml".into()
            }
            Self::OtherExecutable { .. } => "build it again".into(),
            Self::Start { .. } | Self::Fails { .. } => return None,
        })
    }
}
