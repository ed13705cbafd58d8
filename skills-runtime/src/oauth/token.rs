//! The outside of a token: how long it is, whether it is a signed JWT, and what its header demands. Nothing here is verified.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::algorithm::Algorithm;
use super::refusal::{Reason, Refusal};
use crate::transport::jsonrpc::strict;

/// The longest token, in bytes. Those of real authorization servers have some 1,000.
pub(super) const LENGTH: usize = 8192;

/// What a token looks like.
#[derive(Debug)]
pub(super) enum Token<'a> {
    /// A signed JWT (RFC 7519 in the compact form of RFC 7515).
    Jwt(Jwt<'a>),
    /// Anything else, which only its authorization server can read.
    Opaque,
}

/// A signed JWT that nobody has verified.
#[derive(Debug)]
pub(super) struct Jwt<'a> {
    pub(super) header: Header,
    pub(super) claims: Map<String, Value>,
    /// What is signed.
    pub(super) message: &'a str,
    pub(super) signature: &'a str,
}

/// The header of a JWT. What names a key in other ways than `kid` is not even read: keys are those of the authorization server.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    pub(super) alg: String,
    pub(super) typ: Option<String>,
    pub(super) kid: Option<String>,
    /// Whether there is a `crit`, whatever it says.
    #[serde(skip)]
    is_critical: bool,
}

impl<'a> Token<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, Refusal> {
        if text.len() > LENGTH {
            let description = format!("the token is longer than {LENGTH} bytes");
            return Err(Refusal::invalid(Reason::Length, description));
        }
        if !is_token(text) {
            return Err(Refusal::Malformed {
                description: "the Authorization header has no token after `Bearer`, or one with characters that no \
                              token has",
            });
        }
        let Some((message, signature)) = text.rsplit_once('.') else {
            return Ok(Self::Opaque);
        };
        let Some((header, payload)) = message.split_once('.') else {
            return Ok(Self::Opaque);
        };
        let Some(Value::Object(members)) = decoded(header) else {
            return Ok(Self::Opaque);
        };
        if payload.contains('.') {
            return Ok(Self::Opaque);
        }
        let wrong = |reason, description| Refusal::invalid(reason, description);
        let mut header: Header = json(header).ok_or_else(|| {
            wrong(
                Reason::Header,
                "the header of the token has no `alg`, members that are no texts, or a member twice",
            )
        })?;
        header.is_critical = members.contains_key("crit");
        let claims = json(payload).ok_or_else(|| {
            wrong(
                Reason::Claims,
                "the claims of the token are no JSON object, or one occurs twice",
            )
        })?;
        Ok(Self::Jwt(Jwt {
            header,
            claims,
            message,
            signature,
        }))
    }
}

impl Header {
    /// The algorithm, if it is one of those that are accepted, and the token is of a type that is.
    pub(super) fn accepted(
        &self,
        algorithms: &[Algorithm],
        types: &[String],
    ) -> Result<Algorithm, Refusal> {
        let algorithm = Algorithm::named(&self.alg);
        let Some(algorithm) = algorithm.filter(|algorithm| algorithms.contains(algorithm)) else {
            let names: Vec<_> = algorithms
                .iter()
                .map(|algorithm| algorithm.name())
                .collect();
            let description = format!(
                "the token is signed with {}; accepted are {}",
                shown(&self.alg),
                names.join(", ")
            );
            return Err(Refusal::invalid(Reason::Algorithm, description));
        };
        if self.is_critical {
            let description =
                "the token has critical extensions (crit), of which none is known here";
            return Err(Refusal::invalid(Reason::Critical, description));
        }
        let found = self.typ.as_deref().unwrap_or_default();
        if !types.iter().any(|known| same_type(known, found)) {
            let description = format!(
                "the type (typ) of the token is {}; accepted are {}",
                shown(found),
                types.join(", ")
            );
            return Err(Refusal::invalid(Reason::Type, description));
        }
        Ok(algorithm)
    }
}

/// Types are media types, of which `application/` may be left out (RFC 7515, section 4.1.9).
fn same_type(known: &str, found: &str) -> bool {
    let bare = |text: &str| {
        let text = text.to_ascii_lowercase();
        text.strip_prefix("application/")
            .map(str::to_owned)
            .unwrap_or(text)
    };
    bare(known) == bare(found)
}

/// A text of the token's, as part of a message: nobody has vouched for it.
pub(super) fn shown(text: &str) -> String {
    const LONGEST: usize = 100;
    let plain = |character: char| {
        if character.is_control() {
            '?'
        } else {
            character
        }
    };
    let shown: String = text.chars().take(LONGEST).map(plain).collect();
    let more = if text.chars().nth(LONGEST).is_some() {
        "..."
    } else {
        ""
    };
    format!("`{shown}{more}`")
}

/// `b64token` (RFC 6750, section 2.1).
fn is_token(text: &str) -> bool {
    let body = text.trim_end_matches('=');
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    !body.is_empty() && body.bytes().all(is_allowed)
}

/// A part of a token, if it is JSON. Names must not occur twice (RFC 7515, section 4; RFC 7519, section 4): of two `aud`, another
/// reader of the same token may take the other one.
fn json<T: for<'de> Deserialize<'de>>(part: &str) -> Option<T> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    unambiguous(&bytes)
}

/// The same, however often a name occurs: what looks like a JWT is judged as one, and never asked about as something else.
fn decoded(part: &str) -> Option<Value> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// JSON in which no object has a name twice, at any depth.
pub(super) fn unambiguous<T: for<'de> Deserialize<'de>>(bytes: &[u8]) -> Option<T> {
    let text = std::str::from_utf8(bytes).ok()?;
    strict::check(text).ok()?;
    serde_json::from_str(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str) -> String {
        URL_SAFE_NO_PAD.encode(text)
    }

    fn header(text: &str) -> Result<Algorithm, Refusal> {
        let token = format!("{}.{}.AAAA", encoded(text), encoded("{}"));
        let Token::Jwt(jwt) = Token::parse(&token)? else {
            panic!("{text} is opaque");
        };
        let types = ["at+jwt".to_owned()];
        jwt.header.accepted(&Algorithm::DEFAULT, &types)
    }

    fn reason(result: Result<Algorithm, Refusal>) -> &'static str {
        result.expect_err("it is refused").reason()
    }

    #[test]
    fn good_headers_are_accepted() {
        for text in [
            r#"{"alg":"ES256","typ":"at+jwt","kid":"1"}"#,
            r#"{"alg":"ES256","typ":"application/at+jwt","jku":"https://evil.example"}"#,
            r#"{"alg":"ES256","typ":"AT+JWT"}"#,
        ] {
            assert_eq!(header(text), Ok(Algorithm::ES256), "{text}");
        }
    }

    #[test]
    fn bad_headers_are_refused() {
        for (text, expected) in [
            (r#"{"alg":"none","typ":"at+jwt"}"#, "algorithm"),
            (r#"{"alg":"None","typ":"at+jwt"}"#, "algorithm"),
            (r#"{"alg":"HS256","typ":"at+jwt"}"#, "algorithm"),
            (r#"{"alg":"RS512","typ":"at+jwt"}"#, "algorithm"),
            (r#"{"alg":"","typ":"at+jwt"}"#, "algorithm"),
            (r#"{"typ":"at+jwt"}"#, "header"),
            (r#"{"alg":["ES256"],"typ":"at+jwt"}"#, "header"),
            (r#"{"alg":"ES256","alg":"none","typ":"at+jwt"}"#, "header"),
            (r#"{"alg":"ES256","typ":"at+jwt","kid":5}"#, "header"),
            (
                r#"{"alg":"ES256","typ":"at+jwt","x":1,"\u0078":1}"#,
                "header",
            ),
            (
                r#"{"alg":"ES256","typ":"at+jwt","x":{"y":1,"y":1}}"#,
                "header",
            ),
            (r#"{"alg":"ES256","typ":"JWT"}"#, "type"),
            (r#"{"alg":"ES256"}"#, "type"),
            (
                r#"{"alg":"ES256","typ":"at+jwt","crit":["b64"],"b64":false}"#,
                "critical",
            ),
            (r#"{"alg":"ES256","typ":"at+jwt","crit":null}"#, "critical"),
        ] {
            assert_eq!(reason(header(text)), expected, "{text}");
        }
    }

    #[test]
    fn a_claim_twice_is_refused_at_any_depth_and_in_any_spelling() {
        let header = encoded(r#"{"alg":"ES256"}"#);
        for claims in [
            r#"{"aud":"this","aud":"other"}"#,
            r#"{"aud":"this","\u0061ud":"other"}"#,
            r#"{"realm_access":{"roles":[],"roles":["admin"]}}"#,
            r#"{"x":[{"y":1,"y":1}]}"#,
        ] {
            let token = format!("{header}.{}.AAAA", encoded(claims));
            let refusal = Token::parse(&token).expect_err(claims);
            assert_eq!(refusal.reason(), "claims", "{claims}");
        }
    }

    #[test]
    fn what_cannot_be_a_token_is_a_bad_request() {
        for text in ["", "=", "a b", "a\"b", "a\u{e9}", "a=b", "{}"] {
            let refusal = Token::parse(text).expect_err(text);
            assert!(matches!(refusal, Refusal::Malformed { .. }), "{text}");
        }
    }

    #[test]
    fn what_is_no_signed_jwt_is_opaque() {
        let header = encoded(r#"{"alg":"ES256"}"#);
        let encrypted = format!("{header}.a.b.c.d");
        for text in ["x", "a.b", "a.b.c", "....", "a..", &header, &encrypted] {
            assert!(matches!(Token::parse(text), Ok(Token::Opaque)), "{text}");
        }
    }

    #[test]
    fn long_tokens_are_not_looked_at() {
        let refusal = Token::parse(&"\"".repeat(LENGTH + 1)).expect_err("it is too long");
        assert_eq!(refusal.reason(), "length");
    }

    #[test]
    fn a_text_of_an_attacker_is_bounded() {
        assert_eq!(shown("x\n\u{1b}y"), "`x??y`");
        assert_eq!(shown(&"x".repeat(101)), format!("`{}...`", "x".repeat(100)));
        assert!(shown(&"\u{1f600}".repeat(5000)).len() < 500);
    }
}
