//! Package URLs of crates (purl-spec, type `cargo`).

use std::fmt::Write as _;

use super::crates::{Crate, Origin};

/// The package URL of a crate. One that no registry has says so, because a crate of the same name in a registry is another.
pub(super) fn of_crate(item: &Crate) -> String {
    let Crate {
        name,
        version,
        origin,
        ..
    } = item;
    let qualifier = match origin {
        Origin::Registry(None) => String::new(),
        Origin::Registry(Some(index)) => format!("?repository_url={}", encoded(index)),
        Origin::Git(url) => format!("?vcs_url={}", encoded(url)),
        Origin::Path => "?download_url=file://.".to_owned(),
    };
    format!(
        "pkg:cargo/{}@{}{qualifier}",
        encoded(name),
        encoded(version)
    )
}

/// Percent-encoded, but for what purl leaves as it is.
fn encoded(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' | b':' | b'/' => {
                encoded.push(char::from(byte));
            }
            // Writing to a String cannot fail.
            _ => drop(write!(encoded, "%{byte:02X}")),
        }
    }
    encoded
}
