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
    if text.is_empty() {
        return Credential::Unfilled(None);
    }
    if let Some(variable) = variable(text) {
        return Credential::Unfilled(Some(variable));
    }
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/=".contains(&byte);
    if !text.bytes().all(is_plain) {
        return Credential::Malformed("what stands for the token is none (RFC 6750, section 2.1)");
    }
    if text.len() > MOST_BYTES {
        return Credential::Malformed("the token has more than 8192 bytes");
    }
    Credential::Bearer(text)
}

/// The name of the variable that stands where a token should, in one of the notations of hosts: `${NAME}`, `${env:NAME}`,
/// `{env:NAME}`, `$NAME`, `%NAME%`, `${{ secrets.NAME }}`.
fn variable(text: &str) -> Option<&str> {
    let between = |open: &str, close: &str| text.strip_prefix(open)?.strip_suffix(close);
    let inner = between("${{", "}}")
        .or_else(|| between("${", "}"))
        .or_else(|| between("{", "}"))
        .or_else(|| between("%", "%"))
        .or_else(|| text.strip_prefix('$'))?
        .trim();
    let name = inner.rsplit([':', '.']).next().unwrap_or(inner);
    let is_inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let is_name = (1..=64).contains(&name.len()) && name.bytes().all(is_inner);
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(headers: &[(&'static str, &'static str)]) -> Result<Option<String>, String> {
        let headers = headers.iter().map(|(name, value)| {
            let value = HeaderValue::from_static(value);
            (HeaderName::from_static(name), value)
        });
        let headers: HeaderMap = headers.collect();
        match credential(&headers) {
            Credential::None => Ok(None),
            Credential::Bearer(token) => Ok(Some(token.to_owned())),
            Credential::Unfilled(variable) => Err(variable.unwrap_or_default().to_owned()),
            Credential::Malformed(problem) => Err(problem.to_owned()),
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
    fn a_variable_that_the_host_did_not_fill_in_is_named() {
        for value in [
            "Bearer ${ACME_TOKEN}",
            "Bearer ${env:ACME_TOKEN}",
            "Bearer {env:ACME_TOKEN}",
            "Bearer $ACME_TOKEN",
            "Bearer %ACME_TOKEN%",
            "Bearer ${{ secrets.ACME_TOKEN }}",
        ] {
            let variable = Err("ACME_TOKEN".to_owned());
            assert_eq!(of(&[("authorization", value)]), variable, "{value}");
        }
        assert_eq!(of(&[("x-api-key", "${KEY}")]), Err("KEY".to_owned()));
        for value in ["Bearer", "Bearer ", "bearer   "] {
            assert_eq!(
                of(&[("authorization", value)]),
                Err(String::new()),
                "{value}"
            );
        }
    }

    #[test]
    fn what_is_no_token_is_not_taken_for_one() {
        for value in ["Bearer a b", "Bearer a\"b", "Bearer ${a b}"] {
            assert!(of(&[("authorization", value)]).is_err(), "{value}");
        }
        for value in ["", "Basic abc", "Bearerabc"] {
            assert_eq!(of(&[("authorization", value)]), Ok(None), "{value}");
        }
        assert!(of(&[("authorization", "Bearer a"), ("x-api-key", "a")]).is_err());
    }
}
