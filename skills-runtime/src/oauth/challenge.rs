//! The `WWW-Authenticate` header (RFC 6750 section 3, RFC 9728 section 5.1): what a client reads to know where to get a token,
//! for what, and what was wrong with the one it had.

use std::fmt::Write;

use http::HeaderValue;

/// The longest description, in bytes: proxies refuse large headers.
const DESCRIPTION: usize = 512;

/// What a client is told.
///
/// `metadata` is the URL of the protected resource metadata. Without a token there is no error to speak of (RFC 6750,
/// section 3.1). `scopes` are all that the request needs, not only those that are missing: the client asks for what it reads.
pub(crate) fn challenge(
    metadata: &str,
    error: Option<(&str, &str)>,
    scopes: &[String],
) -> HeaderValue {
    let mut text = format!("Bearer resource_metadata=\"{}\"", quoted(metadata));
    if !scopes.is_empty() {
        let _ = write!(text, ", scope=\"{}\"", quoted(&scopes.join(" ")));
    }
    if let Some((code, description)) = error {
        let _ = write!(text, ", error=\"{}\"", quoted(code));
        if !description.is_empty() {
            let description = quoted(description);
            let _ = write!(text, ", error_description=\"{description}\"");
        }
    }
    // Every byte is one that a header may have.
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static("Bearer"))
}

/// Within quotes: RFC 6750 allows neither `"` nor `\` nor anything outside of ASCII, however it may be escaped. An attacker has
/// a say in what stands here, so that it is bounded, too.
fn quoted(text: &str) -> String {
    let allowed = |character: char| match character {
        '"' | '\\' => '\'',
        ' '..='~' => character,
        _ => '?',
    };
    text.chars().take(DESCRIPTION).map(allowed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const METADATA: &str = "https://a.example/.well-known/oauth-protected-resource/mcp";

    fn text(error: Option<(&str, &str)>, scopes: &[&str]) -> String {
        let scopes: Vec<_> = scopes.iter().map(|scope| (*scope).to_owned()).collect();
        let value = challenge(METADATA, error, &scopes);
        let text = value.to_str().expect("it is ASCII");
        let rest = text.strip_prefix(&format!("Bearer resource_metadata=\"{METADATA}\""));
        rest.expect("it begins with where to go").to_owned()
    }

    #[test]
    fn a_client_without_a_token_is_told_where_to_get_one() {
        assert_eq!(text(None, &[]), "");
        assert_eq!(text(None, &["a", "b"]), ", scope=\"a b\"");
    }

    #[test]
    fn a_client_with_a_bad_token_is_told_why() {
        assert_eq!(
            text(Some(("invalid_token", "it has expired")), &["a"]),
            ", scope=\"a\", error=\"invalid_token\", error_description=\"it has expired\""
        );
    }

    #[test]
    fn nothing_that_is_quoted_ends_the_quotes_or_the_header() {
        let hostile = "x\", error=\"none\\\r\nSet-Cookie: a=b; \u{1f600}\u{7f}";
        assert_eq!(
            text(Some(("invalid_token", hostile)), &[]),
            ", error=\"invalid_token\", \
             error_description=\"x', error='none'??Set-Cookie: a=b; ??\""
        );
    }

    #[test]
    fn what_is_quoted_is_bounded() {
        let long = "x".repeat(100_000);
        assert!(text(Some(("invalid_token", &long)), &[]).len() < 600);
    }
}
