//! The one error type: what could not be done, where and why; [`explain`] adds what to do.

use std::error::Error as _;
use std::fmt::Write;
use std::io;
use std::path::PathBuf;

use skills_compiler::diagnostics::visible;

use crate::dist;

/// Why something that was asked for was not done. None of this is about what a skill says: that is a finding.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A path of the command line, or the file system below it.
    #[error("`{}` cannot be read", .path.display())]
    Read {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// A file that lies in no skill.
    #[error("`{}` belongs to no skill: no directory above it has a `SKILL.md`", .path.display())]
    NoSkill { path: PathBuf },
    /// A repository with several folders of skills, of which one can be built.
    #[error("`{}` has skills in several folders: `{}`", .path.display(), .folders.join("`, `"))]
    Folders { path: PathBuf, folders: Vec<String> },
    /// Standard input.
    #[error("standard input cannot be read")]
    Input(#[source] io::Error),
    /// A file that was to be written.
    #[error("`{}` cannot be written", .path.display())]
    Write {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// A file that somebody else changed between reading and repairing.
    #[error("`{}` was changed by somebody else and is left as it is", .path.display())]
    Changed { path: PathBuf },
    /// A level that cannot be set; the compiler's own words.
    #[error("{0}")]
    Level(String),
    /// Neither a code nor a name.
    #[error("no rule is called `{asked}`")]
    UnknownRule {
        asked: String,
        nearest: Option<&'static str>,
    },
    /// A name that a skill cannot have.
    #[error("no skill can be called `{name}`: {reason}")]
    Name { name: String, reason: String },
    /// A path that `new-skill` would write over.
    #[error("`{}` is there already", .path.display())]
    Exists { path: PathBuf },
    /// A name that a package cannot have.
    #[error("no package can be called `{name}`: {reason}")]
    PackageName { name: String, reason: &'static str },
    /// A path that `new` would write over.
    #[error("`{}` is there already", .path.display())]
    ProjectExists { path: PathBuf },
    /// A configuration that `import` cannot read.
    #[error("`{}` is no configuration of a server: {reason}", .path.display())]
    Configuration { path: PathBuf, reason: String },
    /// Something among skills that are to be copied that cannot be.
    #[error("`{}` cannot be copied: {reason}", .path.display())]
    NotCopied { path: PathBuf, reason: String },
    /// A folder that is to be a checkout of this project.
    #[error("`{}` is no checkout of skills {}", .path.display(), env!("CARGO_PKG_VERSION"))]
    NoCheckout { path: PathBuf },
    /// Neither a variable nor a home says where to keep what is compiled.
    #[error("there is no place to keep what is compiled")]
    NoCache,
    /// A target whose standard library is not installed.
    #[error("rustc has no standard library for the target `{triple}`")]
    NoTarget { triple: String },
    /// A program that cannot be started, or that does not say what it should.
    #[error("`{}` cannot be run", .program.display())]
    Start {
        program: PathBuf,
        #[source]
        source: io::Error,
    },
    /// A build that failed; cargo has said why.
    #[error("`{}` does not build", .project.display())]
    NotBuilt { project: PathBuf },
    /// A package without an executable, or with several.
    #[error("`{}` has {} executables", .project.display(), .names.len())]
    Executables {
        project: PathBuf,
        names: Vec<String>,
    },
    /// A word that is no feature.
    #[error("servers have no feature `{asked}`")]
    UnknownFeature { asked: String },
    /// Signals that cannot be waited for.
    #[error("signals cannot be waited for: {0}")]
    Signals(String),
    /// Changes that the system does not report.
    #[error("changes of `{}` cannot be watched", .path.display())]
    Watch {
        path: PathBuf,
        #[source]
        source: notify::Error,
    },
    /// A report that does not become JSON: a defect of ours.
    #[error("the report cannot be written as JSON")]
    Json(#[from] serde_json::Error),
    /// What ships with an executable.
    #[error(transparent)]
    Dist(#[from] dist::Error),
    /// Standard output.
    #[error("standard output cannot be written")]
    Output(#[source] io::Error),
}

/// An error as a person reads it: what, why, and what to do.
pub(crate) fn explain(error: &Error) -> String {
    let mut text = format!("error: {}\n", visible(&error.to_string()));
    let mut cause = error.source();
    while let Some(source) = cause {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  why: {}", visible(&source.to_string()));
        cause = source.source();
    }
    if let Some(help) = advice(error) {
        let _ = writeln!(text, "  help: {}", visible(&help));
    }
    text
}

fn advice(error: &Error) -> Option<String> {
    Some(match error {
        Error::Read { .. } => {
            "name a folder of skills, the folder of one skill, or a file of one".into()
        }
        Error::Folders { .. } => "name the folder to build".into(),
        Error::NoSkill { .. } => "check a `SKILL.md`, or the folder that it stands in".into(),
        Error::Write { .. } => "make the file and its folder writable".into(),
        Error::Changed { .. } => "run `cargo skills check --fix` again".into(),
        Error::Level(_) => "`cargo skills rules` lists the rules".into(),
        Error::UnknownRule { nearest, .. } => match nearest {
            Some(nearest) => format!("did you mean `{nearest}`?"),
            None => "`cargo skills rules` lists the rules".into(),
        },
        Error::Name { .. } => "use lower-case letters, digits and single hyphens".into(),
        Error::Exists { .. } => "choose another name, or another folder with `--in`".into(),
        Error::Watch { .. } => "run `cargo skills check` without `--watch`".into(),
        Error::PackageName { .. } => {
            "use letters from a to z, digits and hyphens, as in `acme-skills`".into()
        }
        Error::ProjectExists { .. } => "choose another name, or remove what is there".into(),
        Error::NotCopied { .. } => "put a file in its place, or remove it".into(),
        Error::Configuration { .. } => {
            "it has to be one JSON object, with `tools`, `security` and the like".into()
        }
        Error::NoCheckout { .. } => {
            "name the folder that the repository of this very version was cloned into".into()
        }
        Error::NoCache => "set XDG_CACHE_HOME or HOME".into(),
        Error::NoTarget { triple } => format!("`rustup target add {triple}` installs it"),
        Error::Start { .. } => {
            "install Rust from https://rustup.rs, and see that it is in PATH".into()
        }
        Error::NotBuilt { .. } => "what cargo says above is the reason".into(),
        Error::Executables { names, .. } if names.is_empty() => {
            "a server is a package with a `src/main.rs`; `cargo skills new` makes one".into()
        }
        Error::Executables { names, .. } => {
            format!(
                "leave one in the package, or let `cargo skills dist --bin` say which one ships: {}",
                names.join(", ")
            )
        }
        Error::UnknownFeature { asked } => {
            let known = crate::build::KNOWN_FEATURES;
            let near = known.iter().find(|known| strsim::jaro(known, asked) > 0.7);
            near.map_or_else(
                || format!("there are {}", known.join(", ")),
                |near| format!("did you mean `{near}`?"),
            )
        }
        Error::Dist(error) => return error.advice(),
        Error::Signals(_) | Error::Input(_) | Error::Json(_) | Error::Output(_) => return None,
    })
}
