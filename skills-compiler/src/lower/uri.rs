//! `skill://` URIs (Skills extension, "Resource Mapping"; RFC 3986).

use std::fmt::Write as _;

use skills_model::limits::URI_PREFIX;

/// The URI of a path in the bundle, with `/` between the segments.
pub(super) fn of_path(path: &str) -> String {
    let mut uri = String::with_capacity(URI_PREFIX.len() + path.len());
    uri.push_str(URI_PREFIX);
    for byte in path.bytes() {
        if byte == b'/' || is_plain(byte) {
            uri.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

/// What may stand unencoded in every part of a URI that a bundle uses: `unreserved` and `sub-delims`, which are legal in
/// a `reg-name` and in a path segment alike.
const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_needs_it_is_encoded() {
        assert_eq!(
            of_path("acme/refunds/SKILL.md"),
            "skill://acme/refunds/SKILL.md"
        );
        assert_eq!(of_path("a/b c/ä#?.md"), "skill://a/b%20c/%C3%A4%23%3F.md");
    }
}
