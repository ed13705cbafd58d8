//! The chain: every line has a number and the digest of the line before it.

use std::fmt::Write;

use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::key::Key;

/// How many lines there are at most from one seal to the next.
pub(super) const SEALED_EVERY: u64 = 256;

/// A place in the chain: the line that the next one follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Link {
    /// The number of the line; the first is 1.
    pub(super) number: u64,
    /// The digest of the line, without its line break.
    pub(super) digest: String,
}

/// What a line says of its place in the chain.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Stated {
    #[serde(rename = "seq")]
    pub(super) number: u64,
    #[serde(rename = "prev")]
    pub(super) previous: String,
    pub(super) seal: Option<String>,
    /// How many bytes of an unfinished line were cut off in front of this one.
    #[serde(default)]
    pub(super) cut: u64,
    /// How many events are missing in front of this one.
    #[serde(default)]
    pub(super) dropped: u64,
    pub(super) event: String,
}

/// What stands at the beginning of a line besides its place.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Gap {
    pub(super) cut: u64,
    pub(super) dropped: u64,
}

impl Link {
    /// What the first line of all follows.
    pub(super) fn origin() -> Self {
        Self {
            number: 0,
            digest: "0".repeat(64),
        }
    }

    /// The place of a line that was written.
    pub(super) fn of(line: &[u8]) -> Option<Self> {
        let stated: Stated = serde_json::from_slice(line).ok()?;
        Some(Self {
            number: stated.number,
            digest: digest(line),
        })
    }

    /// The line that follows, with its line break, and its place. `body` is a JSON object.
    pub(super) fn follow(&self, body: &str, gap: Gap, seal: Option<&Key>) -> (String, Self) {
        let number = self.number + 1;
        let mut line = String::with_capacity(body.len() + 256);
        // Writing to a string cannot fail.
        let _ = write!(line, r#"{{"seq":{number},"prev":"{}","#, self.digest);
        if let Some(key) = seal {
            let _ = write!(line, r#""seal":"{}","#, key.seal(&self.digest));
        }
        let Gap { cut, dropped } = gap;
        for (name, count) in [("cut", cut), ("dropped", dropped)] {
            if count > 0 {
                let _ = write!(line, r#""{name}":{count},"#);
            }
        }
        line.push_str(body.strip_prefix('{').unwrap_or(body));
        let digest = digest(line.as_bytes());
        line.push('\n');
        (line, Self { number, digest })
    }
}

/// Whether a line has to have a seal: at every beginning and end, and often enough between.
pub(super) fn is_sealed(number: u64, is_mark: bool) -> bool {
    is_mark || number.is_multiple_of(SEALED_EVERY)
}

fn digest(line: &[u8]) -> String {
    hexadecimal(&Sha256::digest(line))
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_follow_each_other_by_number_and_digest() {
        let (first, link) = Link::origin().follow(r#"{"event":"start"}"#, Gap::default(), None);
        let zeros = "0".repeat(64);
        assert_eq!(
            first,
            format!("{{\"seq\":1,\"prev\":\"{zeros}\",\"event\":\"start\"}}\n")
        );
        assert_eq!(Link::of(first.trim_end().as_bytes()), Some(link.clone()));
        let gap = Gap { cut: 3, dropped: 2 };
        let (second, _) = link.follow(r#"{"event":"stop"}"#, gap, None);
        let stated: Stated = serde_json::from_str(&second).unwrap();
        assert_eq!((stated.number, stated.previous), (2, link.digest));
        assert_eq!((stated.cut, stated.dropped), (3, 2));
        assert_eq!(Link::of(b"no event"), None);
    }
}
