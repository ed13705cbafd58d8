//! What the claims of a token must be (RFC 9068 section 4, RFC 8725), whether they were signed or its authorization server was
//! asked about it. Pure: whoever calls knows the time.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::audience::Audiences;
use super::grant::Grant;
use super::refusal::{Reason, Refusal};
use super::scopes::{Hierarchy, claimed};
use super::token::shown;

/// The longest name of a subject or a client, in bytes (OpenID Connect Core, section 2).
const NAME: usize = 255;

/// What is accepted of one authorization server.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    /// The issuer, to the letter.
    pub(super) issuer: Arc<str>,
    pub(super) audiences: Audiences,
    pub(super) scope_claim: Option<String>,
    pub(super) hierarchy: Hierarchy,
    /// How far clocks may differ, in seconds.
    pub(super) leeway: u64,
    /// How long ago a token may have been issued, in seconds; 0 for any time.
    pub(super) max_age: u64,
}

/// Which claims must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Required {
    /// Those of an access token: issuer, audience, end.
    Token,
    /// Those of an answer of the authorization server, which has said already that the token is active: the audience.
    Answer,
    /// Nothing: the authorization server knows tokens for this server only.
    Nothing,
}

impl Rules {
    /// What the claims grant at this time, in seconds since 1970.
    pub(super) fn grant(
        &self,
        claims: &Map<String, Value>,
        required: Required,
        now: u64,
    ) -> Result<Grant, Refusal> {
        self.issuer(claims, required)?;
        self.audience(claims, required)?;
        let expires_at = self.times(claims, required, now)?;
        if claims.get("cnf").is_some_and(|bound| !bound.is_null()) {
            let description = "the token is bound to a key of the client's (cnf), which this server does not check";
            return Err(Refusal::invalid(Reason::Bound, description));
        }
        let client_id = ["client_id", "azp", "cid"]
            .iter()
            .find(|claim| claims.contains_key(**claim));
        let client_id = match client_id {
            Some(claim) => name(claims, claim)?,
            None => None,
        };
        let subject = name(claims, "sub")?.or_else(|| client_id.clone());
        let subject = subject.ok_or_else(|| {
            let description = "the token names neither a subject (sub) nor a client (client_id)";
            Refusal::invalid(Reason::Subject, description)
        })?;
        let scopes = claimed(claims, self.scope_claim.as_deref());
        let scopes = scopes.ok_or_else(|| {
            malformed(
                self.scope_claim.as_deref().unwrap_or("scope"),
                "a text or an array of texts",
            )
        })?;
        Ok(Grant {
            subject,
            client_id,
            issuer: Arc::clone(&self.issuer),
            scopes: self.hierarchy.with_implied(scopes),
            expires_at,
        })
    }

    fn issuer(&self, claims: &Map<String, Value>, required: Required) -> Result<(), Refusal> {
        match text(claims, "iss")? {
            Some(issuer) if issuer == &*self.issuer => Ok(()),
            None if required != Required::Token => Ok(()),
            found => Err(wrong_issuer(found, &[&self.issuer])),
        }
    }

    fn audience(&self, claims: &Map<String, Value>, required: Required) -> Result<(), Refusal> {
        let named: Option<Vec<&str>> = match claims.get("aud") {
            None | Some(Value::Null) if required == Required::Nothing => return Ok(()),
            None | Some(Value::Null) => Some(Vec::new()),
            Some(Value::String(audience)) => Some(vec![audience]),
            Some(Value::Array(audiences)) => audiences.iter().map(Value::as_str).collect(),
            Some(_) => None,
        };
        let Some(named) = named else {
            return Err(malformed("aud", "a text or an array of texts"));
        };
        if self.audiences.accept(named.iter().copied()) {
            return Ok(());
        }
        let found = match named.as_slice() {
            [] => "nobody (it has no aud)".to_owned(),
            [one] => shown(one),
            [first, rest @ ..] => format!("{} and {} more", shown(first), rest.len()),
        };
        let expected = self.audiences.accepted().join(", ");
        let description = format!("the token is for {found}, and this server is {expected}");
        Err(Refusal::invalid(Reason::Audience, description))
    }

    /// When it ends. Differences are said in seconds, so that a clock that is wrong can be seen.
    fn times(
        &self,
        claims: &Map<String, Value>,
        required: Required,
        now: u64,
    ) -> Result<Option<u64>, Refusal> {
        let expires_at = seconds(claims, "exp")?;
        match expires_at {
            Some(end) if end.saturating_add(self.leeway) <= now => {
                let description = format!("the token expired {} s ago", now - end);
                return Err(Refusal::invalid(Reason::Expired, description));
            }
            None if required == Required::Token => {
                let description = "the token does not say when it expires (exp)";
                return Err(Refusal::invalid(Reason::Claims, description));
            }
            _ => {}
        }
        let latest = now.saturating_add(self.leeway);
        if let Some(start) = seconds(claims, "nbf")?.filter(|start| *start > latest) {
            let description = format!("the token is valid in {} s only (nbf)", start - now);
            return Err(Refusal::invalid(Reason::Early, description));
        }
        let issued = seconds(claims, "iat")?;
        if let Some(issued) = issued.filter(|issued| *issued > latest) {
            let description = format!(
                "the token was issued {} s in the future (iat): the clocks of the authorization server and this server \
                 differ",
                issued - now
            );
            return Err(Refusal::invalid(Reason::Early, description));
        }
        let oldest = now.saturating_sub(self.max_age.saturating_add(self.leeway));
        if self.max_age > 0 && issued.is_none_or(|issued| issued < oldest) {
            let description = match issued {
                Some(issued) => format!("the token was issued {} s ago (iat)", now - issued),
                None => "the token does not say when it was issued (iat)".to_owned(),
            };
            return Err(Refusal::invalid(Reason::Age, description));
        }
        Ok(expires_at)
    }
}

/// The issuer of a token is none of those that are trusted.
pub(super) fn wrong_issuer(found: Option<&str>, trusted: &[&str]) -> Refusal {
    let found = match found {
        Some(found) => format!("was issued by {}", shown(found)),
        None => "does not say who issued it (iss)".to_owned(),
    };
    let trusted = trusted.join(", ");
    let description = format!("the token {found}; trusted is {trusted}");
    Refusal::invalid(Reason::Issuer, description)
}

/// A claim that is a text, if it is there.
pub(super) fn text<'a>(
    claims: &'a Map<String, Value>,
    claim: &str,
) -> Result<Option<&'a str>, Refusal> {
    match claims.get(claim) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(malformed(claim, "a text")),
    }
}

/// A claim that names someone, if it is there: it is written into logs and counted with.
fn name(claims: &Map<String, Value>, claim: &str) -> Result<Option<String>, Refusal> {
    let Some(name) = text(claims, claim)? else {
        return Ok(None);
    };
    if name.is_empty() || name.len() > NAME || name.chars().any(char::is_control) {
        return Err(malformed(
            claim,
            "a name of at most 255 bytes without control characters",
        ));
    }
    Ok(Some(name.to_owned()))
}

/// A claim that is a `NumericDate`, if it is there.
fn seconds(claims: &Map<String, Value>, claim: &str) -> Result<Option<u64>, Refusal> {
    /// Doubles are exact up to here, which is far beyond any date.
    const LATEST: f64 = 9_007_199_254_740_992.0;
    let value = match claims.get(claim) {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value,
    };
    let whole = value.as_u64();
    let fraction = || {
        let number = value.as_f64()?;
        #[expect(
            clippy::cast_sign_loss,
            reason = "it is checked that it is not negative"
        )]
        (0.0..LATEST).contains(&number).then_some(number as u64)
    };
    let seconds = whole.or_else(fraction);
    let seconds = seconds.ok_or_else(|| malformed(claim, "a number of seconds since 1970"))?;
    Ok(Some(seconds))
}

fn malformed(claim: &str, expected: &str) -> Refusal {
    let description = format!("the claim {claim} of the token is not {expected}");
    Refusal::invalid(Reason::Claims, description)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn rules() -> Rules {
        Rules {
            issuer: "https://id.example.com".into(),
            audiences: Audiences::new(vec!["https://s.example.com/mcp".into()], true),
            scope_claim: None,
            hierarchy: Hierarchy::new(BTreeMap::new()),
            leeway: 30,
            max_age: 0,
        }
    }

    /// Good claims, with these in their place; null stands for none.
    fn claims(changes: &Value) -> Map<String, Value> {
        let good = json!({
            "iss": "https://id.example.com",
            "aud": "https://s.example.com/mcp",
            "sub": "alice",
            "client_id": "client",
            "scope": "skills:read",
            "exp": NOW + 300,
            "iat": NOW,
        });
        let mut claims = good.as_object().cloned().expect("an object");
        for (claim, value) in changes.as_object().expect("an object") {
            claims.insert(claim.clone(), value.clone());
        }
        claims.retain(|_, value| !value.is_null());
        claims
    }

    #[track_caller]
    fn accepted(changes: &Value) -> Grant {
        let grant = rules().grant(&claims(changes), Required::Token, NOW);
        grant.expect("it is accepted")
    }

    #[track_caller]
    fn refused(changes: &Value) -> (&'static str, String) {
        let refusal = rules().grant(&claims(changes), Required::Token, NOW);
        let refusal = refusal.expect_err("it is refused");
        (refusal.reason(), refusal.to_string())
    }

    #[test]
    fn a_good_token_says_who_may_do_what_until_when() {
        let grant = accepted(&json!({}));
        assert_eq!(grant.subject, "alice");
        assert_eq!(grant.client_id.as_deref(), Some("client"));
        assert_eq!(grant.expires_at, Some(NOW + 300));
        let wanted = ["skills:read", "skills:admin"].map(str::to_owned);
        assert_eq!(grant.missing(&wanted), ["skills:admin"]);
    }

    #[test]
    fn a_client_that_asks_for_itself_is_the_subject() {
        assert_eq!(accepted(&json!({ "sub": null })).subject, "client");
        let azp = json!({ "sub": null, "client_id": null, "azp": "other" });
        assert_eq!(accepted(&azp).subject, "other");
        let nobody = json!({ "sub": null, "client_id": null });
        assert_eq!(refused(&nobody).0, "subject");
    }

    #[test]
    fn what_is_for_others_is_refused_and_says_for_whom() {
        let (reason, description) = refused(&json!({ "aud": "https://other.example.com" }));
        assert_eq!(reason, "audience");
        assert_eq!(
            description,
            "the token is for `https://other.example.com`, and this server is https://s.example.com/mcp"
        );
        for aud in [json!(null), json!([]), json!(""), json!(["a", "b"])] {
            assert_eq!(refused(&json!({ "aud": aud })).0, "audience", "{aud}");
        }
        for aud in [json!(7), json!({}), json!(["https://s.example.com/mcp", 7])] {
            assert_eq!(refused(&json!({ "aud": aud })).0, "claims", "{aud}");
        }
        accepted(&json!({ "aud": ["other", "https://s.example.com/mcp/"] }));
    }

    #[test]
    fn the_issuer_is_the_one_that_is_trusted_to_the_letter() {
        for iss in ["https://id.example.com/", "HTTPS://id.example.com", "x", ""] {
            assert_eq!(refused(&json!({ "iss": iss })).0, "issuer", "{iss}");
        }
        assert_eq!(refused(&json!({ "iss": null })).0, "issuer");
        for iss in [json!(7), json!(["https://id.example.com"])] {
            assert_eq!(refused(&json!({ "iss": iss })).0, "claims", "{iss}");
        }
    }

    #[test]
    fn clocks_may_differ_by_the_leeway_and_no_more() {
        accepted(&json!({ "exp": NOW - 29 }));
        assert_eq!(refused(&json!({ "exp": NOW - 30 })).0, "expired");
        accepted(&json!({ "nbf": NOW + 30 }));
        assert_eq!(refused(&json!({ "nbf": NOW + 31 })).0, "early");
        accepted(&json!({ "iat": NOW + 30 }));
        let (reason, description) = refused(&json!({ "iat": NOW + 600 }));
        assert_eq!(reason, "early");
        assert!(description.contains("600 s in the future"), "{description}");
    }

    #[test]
    fn times_are_numbers() {
        accepted(&json!({ "exp": 1_800_000_300.5 }));
        for exp in [json!("1800000300"), json!(-1), json!(1e300), json!([1])] {
            assert_eq!(refused(&json!({ "exp": exp })).0, "claims", "{exp}");
        }
        assert_eq!(refused(&json!({ "exp": null })).0, "claims");
        assert_eq!(refused(&json!({ "nbf": "soon" })).0, "claims");
        assert_eq!(refused(&json!({ "iat": true })).0, "claims");
        // The end of time is no overflow.
        accepted(&json!({ "exp": u64::MAX }));
    }

    #[test]
    fn old_tokens_can_be_refused() {
        let rules = Rules {
            max_age: 3600,
            ..rules()
        };
        let check = |iat: Value| rules.grant(&claims(&json!({ "iat": iat })), Required::Token, NOW);
        assert!(check(json!(NOW - 3630)).is_ok());
        for iat in [json!(NOW - 3631), json!(null)] {
            assert_eq!(check(iat).expect_err("it is refused").reason(), "age");
        }
    }

    #[test]
    fn a_token_that_is_bound_to_a_key_is_not_for_whoever_has_it() {
        assert_eq!(refused(&json!({ "cnf": { "jkt": "x" } })).0, "bound");
    }

    #[test]
    fn names_that_would_spoil_a_log_are_refused() {
        for sub in [json!("a\nb"), json!(""), json!("x".repeat(256)), json!(7)] {
            assert_eq!(refused(&json!({ "sub": sub })).0, "claims", "{sub}");
        }
        assert_eq!(refused(&json!({ "client_id": {} })).0, "claims");
        assert_eq!(refused(&json!({ "scope": 7 })).0, "claims");
    }

    #[test]
    fn an_answer_of_the_authorization_server_may_leave_out_what_it_vouches_for() {
        let grant = |changes: &Value, required| rules().grant(&claims(changes), required, NOW);
        let little = json!({ "iss": null, "exp": null });
        assert!(grant(&little, Required::Answer).is_ok());
        let less = json!({ "iss": null, "exp": null, "aud": null });
        assert!(grant(&less, Required::Answer).is_err());
        assert!(grant(&less, Required::Nothing).is_ok());
        for wrong in [
            json!({ "aud": "other" }),
            json!({ "iss": "other" }),
            json!({ "exp": NOW - 60 }),
        ] {
            assert!(grant(&wrong, Required::Nothing).is_err(), "{wrong}");
        }
    }
}
