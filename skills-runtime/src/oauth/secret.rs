//! Secrets of this server at authorization servers: read once at the start, from a file or the environment, so that they stand in
//! no configuration.

use std::path::Path;

use zeroize::Zeroizing;

use super::error::Error;
use crate::files::{self, Content};
use crate::secret::Secret;

/// Where a secret is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'a> {
    File(&'a Path),
    Variable(&'a str),
}

/// Reads a secret. What ends a line is no part of it.
#[expect(
    clippy::disallowed_methods,
    reason = "secrets of authorization servers are read here"
)]
pub(super) fn read(source: Source<'_>) -> Result<Secret, Error> {
    let wrong = |problem: String| match source {
        Source::File(path) => Error::File {
            path: path.to_owned(),
            problem,
        },
        Source::Variable(name) => Error::Variable {
            name: name.to_owned(),
            problem,
        },
    };
    let text = match source {
        Source::File(path) => {
            files::read(path, Content::Secrets).map_err(|error| wrong(error.to_string()))?
        }
        // The value is no part of what is said.
        Source::Variable(name) => {
            let value = std::env::var(name).map_err(|error| {
                wrong(match error {
                    std::env::VarError::NotPresent => "it is not set".into(),
                    std::env::VarError::NotUnicode(_) => "it is not UTF-8".into(),
                })
            });
            Zeroizing::new(value?)
        }
    };
    let secret = text.trim_end_matches(['\r', '\n']);
    if secret.is_empty() {
        return Err(wrong("there is nothing in it".into()));
    }
    Ok(Secret::from(secret.to_owned()))
}
