//! Bearer tokens that the operator has given out, for the simple case: a file of them, one a line.

use std::path::Path;

use super::keys::token::Fingerprint;
use crate::error::Error;
use crate::files::{self, Content};

/// The shortest token that is taken, in bytes: 128 bits in hexadecimal digits.
const LEAST_BYTES: usize = 32;

/// The fingerprints of the tokens.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bearers(Vec<Fingerprint>);

impl Bearers {
    /// Reads the file. Blank lines and those that begin with `#` do not count.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let text = files::text(path, Content::Secrets)?;
        let lines = text.lines().map(str::trim).zip(1..);
        let tokens = lines.filter(|(line, _)| !line.is_empty() && !line.starts_with('#'));
        let tokens = tokens.map(|(token, line)| match problem(token) {
            None => Ok(Fingerprint::of(token)),
            Some(problem) => Err(Error::Policy {
                path: path.to_owned(),
                problem: format!("the token in line {line} {problem}"),
            }),
        });
        let tokens = tokens.collect::<Result<Vec<_>, _>>()?;
        if tokens.is_empty() {
            return Err(Error::Policy {
                path: path.to_owned(),
                problem: "there is no token in it; write one a line, for example 32 random bytes in hexadecimal digits"
                    .into(),
            });
        }
        Ok(Self(tokens))
    }

    /// Whether a token is one of them. All are compared, whichever it is.
    pub(crate) fn contain(&self, token: &str) -> bool {
        let fingerprint = Fingerprint::of(token);
        self.0
            .iter()
            .fold(false, |found, known| known.is(&fingerprint) | found)
    }
}

/// Why a token is not taken; the token itself is not told.
fn problem(token: &str) -> Option<&'static str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if !token.bytes().all(is_plain) {
        return Some("has characters that no bearer token can have (RFC 6750, section 2.1)");
    }
    if token.len() < LEAST_BYTES {
        return Some("is shorter than 32 characters, and could be guessed");
    }
    let mut bytes = token.bytes();
    let first = bytes.next();
    let is_placeholder =
        bytes.all(|byte| Some(byte) == first) || token.to_uppercase().contains("CHANGE");
    is_placeholder.then_some("is a placeholder; make one by chance")
}
