//! What a request says of who sends it: `Authorization: Bearer TOKEN` (RFC 6750), or an API key in `X-API-Key`.

use http::header::{AUTHORIZATION, COOKIE, HeaderName, PROXY_AUTHORIZATION};
use http::{HeaderMap, HeaderValue};

use crate::guard::Credential;

const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

/// The longest token that is looked at, in bytes.
const MOST_BYTES: usize = 8192;

/// The credential in the headers of a request.
pub(super) fn credential(headers: &HeaderMap) -> Credential<'_> {
    let mut authorizations = headers.get_all(AUTHORIZATION).iter();
    let mut keys = headers.get_all(X_API_KEY).iter();
    match (authorizations.next(), keys.next()) {
        (None, None) => Credential::None,
        (Some(_), Some(_)) => {
            Credential::Malformed("there are two, in Authorization and in X-API-Key")
        }
        _ if authorizations.next().is_some() || keys.next().is_some() => {
            Credential::Malformed("a header for them occurs twice")
        }
        (Some(authorization), None) => bearer(authorization),
        (None, Some(key)) => token(key.to_str().unwrap_or_default()),
    }
}

/// Takes credentials out of the headers of a request that goes on to handlers. The server has read them, and a tool could only
/// leak them.
pub(super) fn remove(headers: &mut HeaderMap) {
    for name in [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION, X_API_KEY] {
        headers.remove(name);
    }
}

fn bearer(authorization: &HeaderValue) -> Credential<'_> {
    let text = authorization.to_str().unwrap_or_default();
    let (scheme, rest) = text.split_once(' ').unwrap_or((text, ""));
    if scheme.eq_ignore_ascii_case("Bearer") {
        return token(rest.trim());
    }
    // Another scheme, such as Basic, says nothing here (RFC 6750, section 3.1).
    Credential::None
}

fn token(text: &str) -> Credential<'_> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if text.is_empty() || !text.bytes().all(is_plain) {
        return Credential::Malformed("what stands for the token is none (RFC 6750, section 2.1)");
    }
    if text.len() > MOST_BYTES {
        return Credential::Malformed("the token has more than 8192 bytes");
    }
    Credential::Bearer(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[(&'static str, &'static str)]) -> Result<Option<String>, &'static str> {
        let headers = headers.iter().map(|(name, value)| {
            let value = HeaderValue::from_static(value);
            (HeaderName::from_static(name), value)
        });
        let headers: HeaderMap = headers.collect();
        match credential(&headers) {
            Credential::None => Ok(None),
            Credential::Bearer(token) => Ok(Some(token.to_owned())),
            Credential::Malformed(problem) => Err(problem),
        }
    }

    #[test]
    fn a_token_is_read_from_either_header() {
        let token = Ok(Some("abc".to_owned()));
        assert_eq!(of(&[("authorization", "Bearer abc")]), token);
        assert_eq!(of(&[("authorization", "bearer   abc ")]), token);
        assert_eq!(of(&[("x-api-key", "abc")]), token);
        assert_eq!(of(&[]), Ok(None));
    }

    #[test]
    fn what_is_no_token_is_not_taken_for_one() {
        for value in ["Bearer", "Bearer ", "Bearer a b", "Bearer a\"b"] {
            assert!(of(&[("authorization", value)]).is_err(), "{value}");
        }
        for value in ["", "Basic abc", "Bearerabc"] {
            assert_eq!(of(&[("authorization", value)]), Ok(None), "{value}");
        }
        assert!(of(&[("authorization", "Bearer a"), ("x-api-key", "a")]).is_err());
    }
}
