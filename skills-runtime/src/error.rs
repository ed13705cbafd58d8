//! The one error type of the run side. `protocol/refusal.rs` turns it into JSON-RPC, `cli/mod.rs` into what a person reads.

use std::io;
use std::path::PathBuf;

use skills_model::Skill;

/// Why something that was asked for cannot be given.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Error {
    /// Neither a name, a path nor a URI of a skill.
    #[error("No skill is called `{asked}`")]
    UnknownSkill {
        asked: String,
        nearest: Option<&'static str>,
    },
    /// A name that several skills have; a path says which.
    #[error("`{asked}` is the name of {} skills", .candidates.len())]
    AmbiguousSkill {
        asked: String,
        candidates: Vec<Skill>,
    },
    /// No `SKILL.md` has this URI.
    #[error("No skill is served at {uri}")]
    UnknownSkillUri {
        uri: String,
        nearest: Option<&'static str>,
    },
    /// No file has this URI.
    #[error("No resource is served at {uri}")]
    UnknownResource {
        uri: String,
        nearest: Option<&'static str>,
    },
    /// The skill has no such file.
    #[error("The skill `{}` has no file `{path}`", .skill.path())]
    UnknownFile {
        skill: Skill,
        path: String,
        nearest: Option<&'static str>,
    },
    /// A directory, where a file is needed.
    #[error("{uri} is a directory resource")]
    IsDirectory { uri: String },
    /// A file, where a directory is needed.
    #[error("{uri} is not a directory resource")]
    NotADirectory { uri: String },
    /// Neither a directory nor a file.
    #[error("No directory is served at {uri}")]
    UnknownDirectory { uri: String },
    /// A cursor that no page of the listing was announced with.
    #[error("No page has the cursor `{cursor}`")]
    UnknownCursor { cursor: String },
    /// No prompt has this name.
    #[error("No prompt is called `{name}`")]
    UnknownPrompt {
        name: String,
        nearest: Option<&'static str>,
    },
    /// Two tools of one name, of those that the author of the server added and those of every server.
    #[error("Two tools are called `{name}`")]
    SameTool { name: String },
    /// No URI template is written like this.
    #[error("No resource template is written `{template}`")]
    UnknownTemplate { template: String },
    /// A listing that was prepared at build time is not what MCP's types expect: a defect of the compiler.
    #[error("A prepared answer is malformed")]
    Prepared(#[from] serde_json::Error),
    /// Files that `export` would have to replace.
    #[error("Some of the files are there already and differ")]
    Exists { paths: Vec<PathBuf> },
    /// A destination that `export` does not write through or over.
    #[error("{} {reason}", .path.display())]
    Destination { path: PathBuf, reason: &'static str },
    /// A file that could not be read or written.
    #[error("Cannot {action} {}", .path.display())]
    File {
        action: &'static str,
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// A host whose configuration stays as it is.
    #[cfg(feature = "install")]
    #[error(transparent)]
    Install(#[from] Box<crate::cli::Failure>),
    /// Several hosts, of which each has been told about.
    #[cfg(feature = "install")]
    #[error("{failed} of {hosts} hosts could not be changed")]
    Hosts { failed: usize, hosts: usize },
    /// None of the hosts has been used on this machine.
    #[cfg(feature = "install")]
    #[error("No host was found that could be told of this server")]
    NoHost,
    /// A variable of the environment with a value that it cannot have.
    #[error("`{value}` is no value of {variable}")]
    Variable {
        variable: &'static str,
        value: String,
        known: Vec<String>,
    },
    /// An address that cannot be listened on.
    #[cfg(feature = "http")]
    #[error("Cannot listen on {address}")]
    Listen {
        address: String,
        #[source]
        source: io::Error,
    },
    /// A server that does not answer.
    #[cfg(feature = "http")]
    #[error("No server answers at {address}")]
    Unreachable {
        address: String,
        #[source]
        source: io::Error,
    },
    /// A server that says that it is not well.
    #[cfg(feature = "http")]
    #[error("The server is not fit for use: {body}")]
    Unhealthy { body: String },
    /// Settings that make no sense together.
    #[cfg(feature = "http")]
    #[error("{problem}")]
    Settings { problem: String },
    /// A file that says who may ask and cannot be understood.
    #[cfg(feature = "http")]
    #[error("Cannot use {}: {problem}", .path.display())]
    Policy { path: PathBuf, problem: String },
    /// Authorization servers whose tokens cannot be judged.
    #[cfg(feature = "oauth")]
    #[error("Cannot take access tokens: {0}")]
    OAuth(#[from] crate::oauth::Error),
    /// A certificate or a key that cannot be used.
    #[cfg(feature = "tls")]
    #[error("Cannot use {} for TLS: {problem}", .path.display())]
    Tls { path: PathBuf, problem: String },
    /// A record of decisions, or its key, that cannot be used.
    #[cfg(feature = "audit")]
    #[error("Cannot use {} for the audit log: {problem}", .path.display())]
    Audit { path: PathBuf, problem: String },
    /// A file of a record of decisions that cannot be read.
    #[cfg(feature = "audit")]
    #[error("Cannot read {}", .path.display())]
    AuditFile {
        path: PathBuf,
        #[source]
        source: io::Error,
    },
    /// A record of decisions that is not as it was written.
    #[cfg(feature = "audit")]
    #[error("The audit log is not as it was written")]
    AuditBroken,
    /// A sandbox that was required and cannot be had.
    #[cfg(feature = "sandbox")]
    #[error("The process cannot be closed off: {missing}")]
    Sandbox { missing: String },
    /// A sandbox that was required and is not in the executable.
    #[cfg(not(feature = "sandbox"))]
    #[error("SKILLS_SANDBOX is `require`, and this server was built without a sandbox")]
    NoSandbox,
    /// A second signal, before everything had ended.
    #[cfg(feature = "http")]
    #[error("Ended at once, because of {signal}")]
    Interrupted { signal: &'static str },
    /// The terminal, the pipe or the event loop failed.
    #[error("Cannot {action}")]
    System {
        action: &'static str,
        #[source]
        source: io::Error,
    },
}

/// An error and what caused it, on one line.
#[cfg(feature = "http")]
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

impl Error {
    /// The name or URI that was probably meant.
    pub(crate) fn nearest(&self) -> Option<&'static str> {
        match self {
            Self::UnknownSkill { nearest, .. }
            | Self::UnknownSkillUri { nearest, .. }
            | Self::UnknownResource { nearest, .. }
            | Self::UnknownFile { nearest, .. }
            | Self::UnknownPrompt { nearest, .. } => *nearest,
            _ => None,
        }
    }
}
