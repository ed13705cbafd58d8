//! Keys that change while tokens of them are used.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::json;

use super::authorization_server::{AuthorizationServer, JWKS};
use super::guarded::{ask_with, part, start};

#[test]
fn new_keys_are_used_from_the_first_token_on_and_old_ones_no_more() {
    for what in ["names", "keys"] {
        let issuer = AuthorizationServer::start();
        let service = start(&format!("rotation-{what}"), "", &issuer);
        let old = issuer.token("es256", "skills:read");
        assert_eq!(ask_with(&service, &old).status, 200);
        issuer.rotate(what);
        let new = issuer.token("es256", "skills:read");
        let answer = ask_with(&service, &new);
        assert_eq!(answer.status, 200, "{what}: {}", answer.text());
        let answer = ask_with(&service, &old);
        assert_eq!(answer.status, 401, "{what}: {}", answer.text());
        assert_eq!(part(&answer, "error").as_deref(), Some("invalid_token"));
    }
}

#[test]
fn however_many_keys_tokens_name_their_server_is_asked_once() {
    let issuer = AuthorizationServer::start();
    let service = start("names", "", &issuer);
    let good = issuer.token("es256", "skills:read");
    let (_, rest) = good.split_once('.').expect("a header");
    for number in 0..50 {
        let header = json!({ "alg": "ES256", "typ": "at+jwt", "kid": format!("no-{number}") });
        let header = BASE64_URL_SAFE_NO_PAD.encode(header.to_string());
        let answer = ask_with(&service, &format!("{header}.{rest}"));
        assert_eq!(answer.status, 401, "{}", answer.text());
    }
    assert_eq!(issuer.count(JWKS), 2);
    assert_eq!(ask_with(&service, &good).status, 200);
}
