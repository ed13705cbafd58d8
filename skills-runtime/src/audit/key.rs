//! The secret that subjects and arguments are digested with: a short text could be guessed from an ordinary digest of it.

use std::fmt;
use std::path::Path;

use hmac::{Hmac, KeyInit, Mac};
use serde_json::Value;
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::audit::chain::hexadecimal;
use crate::error::Error;
use crate::files::{self, Content};

/// The shortest key that is taken from a file, in bytes.
const SHORTEST: usize = 32;

/// A key; it is overwritten when it is dropped.
pub(crate) struct Key {
    secret: Zeroizing<Vec<u8>>,
    is_lasting: bool,
}

/// What a digest is for, so that those of equal texts differ.
#[derive(Clone, Copy, Debug)]
enum Purpose {
    Subject,
    Target,
    Arguments,
    Seal,
}

impl Key {
    /// The key in a file, or a random one.
    pub(crate) fn new(file: Option<&Path>) -> Result<Self, Error> {
        match file {
            Some(path) => Self::read(path),
            None => Self::random(),
        }
    }

    /// The key in a file.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let read = files::bytes(path, Content::Secrets).map_err(|source| Error::AuditFile {
            path: path.to_owned(),
            source,
        });
        let mut secret = read?;
        while secret.last().is_some_and(|byte| b"\r\n".contains(byte)) {
            secret.pop();
        }
        if secret.len() < SHORTEST {
            return Err(Error::Audit {
                path: path.to_owned(),
                problem: format!(
                    "it has {} bytes, and a key needs at least {SHORTEST}; make one with `openssl rand -hex 32`",
                    secret.len()
                ),
            });
        }
        Ok(Self {
            secret,
            is_lasting: true,
        })
    }

    fn random() -> Result<Self, Error> {
        let mut secret = Zeroizing::new(vec![0; SHORTEST]);
        getrandom::fill(&mut secret).map_err(|error| Error::System {
            action: "make a random key for the audit log",
            source: error.into(),
        })?;
        Ok(Self {
            secret,
            is_lasting: false,
        })
    }

    /// Whether the next process has it, too.
    pub(super) const fn is_lasting(&self) -> bool {
        self.is_lasting
    }

    /// Who asks.
    pub(super) fn subject(&self, subject: &str) -> String {
        self.digest(Purpose::Subject, subject.as_bytes())
    }

    /// What is asked for, if it is a text that a client made up.
    pub(super) fn target(&self, target: &str) -> String {
        self.digest(Purpose::Target, target.as_bytes())
    }

    /// The arguments of a call, whatever their order and their notation (RFC 8785).
    pub(super) fn arguments(&self, arguments: &Value) -> String {
        // What is JSON already can be written as JSON.
        let canonical = serde_json_canonicalizer::to_vec(arguments).unwrap_or_default();
        self.digest(Purpose::Arguments, &canonical)
    }

    /// The signature under all lines up to the one with this digest.
    pub(super) fn seal(&self, digest: &str) -> String {
        self.digest(Purpose::Seal, digest.as_bytes())
    }

    /// Whether a text is that signature.
    pub(super) fn is_seal(&self, seal: &str, digest: &str) -> bool {
        self.seal(digest) == seal
    }

    fn digest(&self, purpose: Purpose, text: &[u8]) -> String {
        let purpose: &[u8] = match purpose {
            Purpose::Subject => b"subject\0",
            Purpose::Target => b"target\0",
            Purpose::Arguments => b"arguments\0",
            Purpose::Seal => b"seal\0",
        };
        let Ok(mac) = <Hmac<Sha256> as KeyInit>::new_from_slice(&self.secret) else {
            // HMAC takes keys of every length.
            return String::new();
        };
        let mac = mac.chain_update(purpose).chain_update(text);
        hexadecimal(&mac.finalize().into_bytes())
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            secret: _,
            is_lasting,
        } = self;
        let mut key = formatter.debug_struct("Key");
        key.field("is_lasting", is_lasting).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn key() -> Key {
        Key {
            secret: Zeroizing::new(vec![7; 32]),
            is_lasting: true,
        }
    }

    #[test]
    fn arguments_have_one_digest_in_every_notation() {
        let of = |text: &str| key().arguments(&serde_json::from_str(text).unwrap());
        let canonical = of(r#"{"a":1,"b":["é",1e3]}"#);
        assert_eq!(
            of("{ \"b\" : [\"\\u00e9\", 1000.0],\n \"a\": 1.0 }"),
            canonical
        );
        assert_ne!(of(r#"{"a":1,"b":["é",1001]}"#), canonical);
        assert_ne!(of(r#"{"a":1,"b":[1000,"é"]}"#), canonical);
    }

    #[test]
    fn canonical_json_is_that_of_rfc_8785() {
        // The example of section 3.2.2 and 3.2.3.
        let sample = json!({
            "numbers": [333_333_333.333_333_3, 1E30, 4.50, 2e-3, 0.000_000_000_000_000_000_000_000_001],
            "string": "€$\u{f}\nA'B\"\\\\\"/",
            "literals": [null, true, false],
            "\u{20ac}": 1, "\r": 2, "\u{fb33}": 3, "1": 4, "\u{1f600}": 5, "\u{80}": 6, "\u{f6}": 7,
        });
        let canonical = serde_json_canonicalizer::to_string(&sample).unwrap();
        let expected = concat!(
            r#"{"\r":2,"1":4,"literals":[null,true,false],"#,
            r#""numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"#,
            r#""string":"€$\u000f\nA'B\"\\\\\"/","#,
            "\"\u{80}\":6,\"\u{f6}\":7,\"\u{20ac}\":1,\"\u{1f600}\":5,\"\u{fb33}\":3}",
        );
        assert_eq!(canonical, expected);
    }

    #[test]
    fn digests_of_one_text_differ_by_purpose_and_key() {
        let key = key();
        assert_ne!(key.subject("x"), key.target("x"));
        assert_eq!(key.subject("x"), key.subject("x"));
        assert_ne!(key.subject("x"), Key::random().unwrap().subject("x"));
        assert_eq!(key.subject("x").len(), 64);
    }

    #[test]
    fn a_key_does_not_show_itself() {
        assert_eq!(format!("{:?}", key()), "Key { is_lasting: true, .. }");
    }
}
