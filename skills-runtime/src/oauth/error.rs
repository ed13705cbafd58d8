//! Why tokens cannot be verified at all: found when the server starts.

use std::path::PathBuf;

/// What keeps the server from starting.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum Error {
    /// Settings with wrong values, or such that contradict each other: each a sentence, with the name of the setting.
    #[error("{}", .0.join("; "))]
    Settings(Vec<String>),
    /// A file with a secret or with certificate authorities that cannot be used.
    #[error("cannot use {}: {problem}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// An environment variable with a secret that cannot be used.
    #[error("cannot use the environment variable {name}: {problem}")]
    Variable {
        /// Its name.
        name: String,
        /// What is wrong with it.
        problem: String,
    },
    /// TLS that cannot be set up.
    #[error("cannot set up TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// Metadata that cannot be written as JSON.
    #[error("cannot describe this server to clients")]
    Metadata(#[from] serde_json::Error),
    /// An authorization server that cannot be used, where that is not to be borne.
    #[error("cannot use the authorization server {issuer}: {problem}")]
    Issuer {
        /// Which.
        issuer: String,
        /// What is wrong with it.
        problem: String,
    },
}
