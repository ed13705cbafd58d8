//! Secrets: read once at the start, from a file or the environment, so that they stand in no configuration.

use std::path::Path;

use secrecy::{ExposeSecret, SecretString};

use super::error::Error;

/// A secret. What is shown of it for debugging is that there is one, and its memory is overwritten when it goes.
#[derive(Clone, Debug)]
pub(super) struct Secret(SecretString);

/// Where a secret is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Source<'a> {
    File(&'a Path),
    Variable(&'a str),
}

impl Secret {
    #[expect(
        clippy::disallowed_methods,
        reason = "secrets are read here and nowhere else"
    )]
    pub(super) fn read(source: Source<'_>) -> Result<Self, Error> {
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
                std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?
            }
            Source::Variable(name) => {
                std::env::var(name).map_err(|error| wrong(error.to_string()))?
            }
        };
        let text = SecretString::from(text);
        let trimmed = text.expose_secret().trim_end_matches(['\r', '\n']);
        if trimmed.is_empty() {
            return Err(wrong("there is nothing in it".into()));
        }
        Ok(Self(SecretString::from(trimmed)))
    }

    pub(super) fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}
