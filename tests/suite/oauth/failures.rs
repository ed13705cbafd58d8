//! Authorization servers that are not there, or answer nonsense.

use super::authorization_server::{AuthorizationServer, JWKS, METADATA};
use super::guarded::{ask_with, command, policy, start};
use crate::http::conversation::{Request, ask};
use crate::service::Service;
use crate::service::refused;

/// Ways of answering that are wrong, and what is said of them.
const WAYS: [(&str, &str, &str); 9] = [
    (METADATA, "gone", "cannot be reached"),
    (METADATA, "error", "answers with status 500"),
    (METADATA, "bad-json", "makes no sense"),
    (
        METADATA,
        "wrong-issuer",
        "it is that of `https://evil.example`",
    ),
    (METADATA, "redirect", "which is not followed"),
    (JWKS, "huge", "is longer than 65536 bytes"),
    (JWKS, "bad-json", "it is no key set"),
    (JWKS, "no-keys", "there is no key in it"),
    (JWKS, "silent", "does not answer within"),
];

#[test]
fn a_server_that_is_to_fail_fast_says_what_is_wrong_with_its_authorization_server() {
    let issuer = AuthorizationServer::start();
    for (path, way, expected) in WAYS {
        issuer.answer(path, Some(way));
        let settings =
            "startup = \"fail-fast\"\ntimes = { connect = \"200ms\", total = \"500ms\" }";
        let policy = policy("fail-fast", settings, &[(issuer.issuer(), "")]);
        let said = refused(&mut command(&policy)).log;
        assert!(said.contains(expected), "{way}: {said} lacks {expected}");
        assert!(said.contains(issuer.issuer()), "{way}: {said}");
        issuer.answer(path, None);
    }
}

#[test]
fn a_server_is_ready_as_soon_as_its_authorization_server_is() {
    for (path, way) in [
        (METADATA, "gone"),
        (METADATA, "wrong-issuer"),
        (JWKS, "bad-json"),
        (JWKS, "silent"),
    ] {
        let issuer = AuthorizationServer::start();
        issuer.answer(path, Some(way));
        let settings = "times = { connect = \"200ms\", total = \"500ms\", cool-down = \"100ms\" }";
        let policy = policy("degraded", settings, &[(issuer.issuer(), "")]);
        let mut service = Service::spawn(&mut command(&policy));
        service.until("its tokens cannot be judged");
        assert_eq!(ready(&service), 503, "{way}");
        let token = issuer.token("es256", "skills:read");
        let answer = ask_with(&service, &token);
        assert_eq!(answer.status, 503, "{way}: {}", answer.text());
        let wait: Option<u64> = answer
            .header("retry-after")
            .and_then(|wait| wait.parse().ok());
        assert!(
            wait.is_some_and(|wait| (1..=60).contains(&wait)),
            "{way}: {wait:?}"
        );
        assert_eq!(answer.header("www-authenticate"), None, "{way}");
        issuer.answer(path, None);
        service.until("answers again");
        assert_eq!(ask_with(&service, &token).status, 200, "{way}");
        assert_eq!(ready(&service), 200, "{way}");
    }
}

#[test]
fn tokens_are_accepted_while_their_server_is_gone() {
    let issuer = AuthorizationServer::start();
    let mut service = start(
        "gone",
        "times = { refresh = \"50ms\", cool-down = \"50ms\" }",
        &issuer,
    );
    let tokens = [
        issuer.token("es256", "skills:read"),
        issuer.token("rs256", "skills:read"),
    ];
    assert_eq!(ask_with(&service, &tokens[0]).status, 200);
    drop(issuer);
    service.until("what is known of it is used");
    for token in &tokens {
        let answer = ask_with(&service, token);
        assert_eq!(answer.status, 200, "{}", answer.text());
    }
    assert_eq!(ready(&service), 200);
    let log = service.stop().log;
    assert!(tokens.iter().all(|token| !log.contains(token)), "{log}");
}

fn ready(service: &Service) -> u16 {
    ask(service.address(), &Request::get("/health/ready")).status
}
