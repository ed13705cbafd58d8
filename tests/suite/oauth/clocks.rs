//! Clocks that differ: by 30 seconds, nothing is lost, and by a minute, nothing is accepted.

use serde_json::json;

use super::authorization_server::AuthorizationServer;
use super::guarded::{ask_with, part, start};

#[test]
fn clocks_may_differ_by_half_a_minute_and_not_by_a_whole_one() {
    let issuer = AuthorizationServer::start();
    let service = start("clocks", "", &issuer);
    for claims in [
        json!({ "iat": 29, "nbf": 29 }),
        json!({ "iat": -29 }),
        // Some seconds for the test itself: this token does not become younger.
        json!({ "iat": -300, "exp": -15 }),
        json!({ "iat": -61 }),
    ] {
        let answer = ask_with(&service, &issuer.mint(claims.clone()));
        assert_eq!(answer.status, 200, "{claims}: {}", answer.text());
    }
    for (claims, told) in [
        (json!({ "iat": 61 }), "in the future"),
        (json!({ "nbf": 61 }), "s only (nbf)"),
        (json!({ "iat": -300, "exp": -61 }), "expired 6"),
    ] {
        let answer = ask_with(&service, &issuer.mint(claims.clone()));
        assert_eq!(answer.status, 401, "{claims}: {}", answer.text());
        let description = part(&answer, "error_description").expect("a description");
        assert!(description.contains(told), "{claims}: {description}");
    }
}
