//! Authorization servers that do not answer, or not as they should.

use http::StatusCode;
use serde_json::json;

use super::{known, reason, start, until};
use crate::oauth::testing::{Issuer, JWKS, METADATA, Reply, Signer};
use crate::oauth::{Refusal, ResourceServer};

#[tokio::test]
async fn keys_are_used_while_their_server_is_gone() {
    let (issuer, signer, server) = known(&json!({})).await;
    for path in [METADATA, JWKS] {
        issuer.reply(path, Reply::Gone);
    }
    let unknown = Signer::p256().token("2", &issuer.claims(&json!({})));
    assert_eq!(reason(&server, &unknown).await, "key");
    let [health] = server.health().try_into().expect("one issuer");
    assert!(
        health.ready && !health.up && health.problem.is_some(),
        "{health:?}"
    );
    let token = signer.token("1", &issuer.claims(&json!({})));
    server.verify(&token, None).await.expect("it is accepted");
}

#[tokio::test]
async fn keys_that_are_too_old_are_not_used() {
    let times = json!({ "times": { "refresh": "1ms", "max-stale": "50ms", "cool-down": "10ms" } });
    let (issuer, signer, server) = known(&times).await;
    issuer.reply(METADATA, Reply::Gone);
    issuer.reply(JWKS, Reply::Gone);
    until(async || !server.is_ready()).await;
    let token = signer.token("1", &issuer.claims(&json!({})));
    assert_eq!(reason(&server, &token).await, "unavailable");
}

#[tokio::test]
async fn a_server_that_was_not_there_at_the_start_is_used_when_it_comes() {
    let (issuer, signer) = (Issuer::start().await, Signer::p256());
    issuer.reply(
        JWKS,
        Reply::Text(StatusCode::INTERNAL_SERVER_ERROR, String::new()),
    );
    let changes = json!({ "startup": "degraded", "times": { "cool-down": "10ms" } });
    let server = start(&issuer, &changes).await.expect("it starts");
    let token = signer.token("1", &issuer.claims(&json!({})));
    let refusal = server
        .verify(&token, None)
        .await
        .expect_err("it cannot be judged");
    assert!(
        matches!(refusal, Refusal::Unavailable { .. }),
        "{refusal:?}"
    );
    assert!(!server.is_ready());
    issuer.keys(&[signer.jwk("1")]);
    until(async || server.verify(&token, None).await.is_ok()).await;
    assert!(server.is_ready());
}

#[tokio::test]
async fn a_server_that_fails_again_and_again_is_left_alone() {
    let issuer = Issuer::start().await;
    issuer.reply(JWKS, Reply::Gone);
    let changes = json!({ "startup": "degraded", "times": { "cool-down": "1ms" } });
    let server = start(&issuer, &changes).await.expect("it starts");
    let token = Signer::p256().token("1", &issuer.claims(&json!({})));
    until(async || {
        assert_eq!(reason(&server, &token).await, "unavailable");
        let [health] = server.health().try_into().expect("one issuer");
        health.circuit == "open"
    })
    .await;
    let asked = issuer.requests(JWKS).len();
    assert_eq!(reason(&server, &token).await, "unavailable");
    assert_eq!(issuer.requests(JWKS).len(), asked);
}

#[tokio::test]
async fn what_is_wrong_with_a_server_is_said() {
    let key = Signer::p256().jwk("1");
    for (path, reply, expected) in [
        (
            METADATA,
            Reply::Json(json!({ "issuer": "http://127.0.0.1" })),
            "it is that of `http://127.0.0.1`",
        ),
        (
            METADATA,
            Reply::Json(json!({ "keys": [key] })),
            "makes no sense: missing field `issuer`",
        ),
        (
            METADATA,
            Reply::Text(StatusCode::OK, "<html>".into()),
            "makes no sense: expected value",
        ),
        (
            METADATA,
            Reply::Text(StatusCode::NOT_FOUND, String::new()),
            "openid-configuration answers with status 404",
        ),
        (METADATA, Reply::Gone, "cannot be reached"),
        (
            JWKS,
            Reply::Json(json!({ "keys": [] })),
            "there is no key in it",
        ),
        (
            JWKS,
            Reply::Text(StatusCode::OK, "{".into()),
            "it is no key set",
        ),
        (
            JWKS,
            Reply::Text(StatusCode::OK, " ".repeat(70_000)),
            "is longer than 65536 bytes",
        ),
        (
            JWKS,
            Reply::Text(StatusCode::BAD_GATEWAY, String::new()),
            "/jwks answers with status 502",
        ),
        (
            JWKS,
            Reply::Redirect("http://evil.example/jwks".into()),
            "leads to http://evil.example/jwks, which is not followed",
        ),
    ] {
        let issuer = Issuer::start().await;
        issuer.keys(std::slice::from_ref(&key));
        issuer.reply(path, reply);
        let error = start(&issuer, &json!({}))
            .await
            .expect_err(expected)
            .to_string();
        assert!(error.contains(expected), "{error:?} lacks {expected:?}");
        assert!(error.contains(&issuer.name()), "{error}");
    }
}

#[tokio::test]
async fn keys_are_not_looked_for_where_they_could_be_changed_on_the_way() {
    let issuer = Issuer::start().await;
    let metadata = json!({ "issuer": issuer.name(), "jwks_uri": "http://id.example.com/jwks" });
    issuer.reply(METADATA, Reply::Json(metadata));
    let error = start(&issuer, &json!({}))
        .await
        .expect_err("it does not start");
    assert!(
        error.to_string().contains("its jwks_uri is not https"),
        "{error}"
    );
}

#[tokio::test]
async fn a_server_that_does_not_answer_is_not_waited_for() {
    // Connections to it are accepted by the system, and nobody ever reads them.
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let name = format!("http://{}", silent.local_addr().expect("an address"));
    let settings = json!({
        "resource": "https://skills.example.com/mcp",
        "issuers": [{ "issuer": name }],
        "startup": "fail-fast",
        "times": { "connect": "50ms", "total": "50ms" },
    });
    let settings = serde_json::from_value(settings).expect("it can be read");
    let error = ResourceServer::start(&settings, "skills").await;
    let error = error.expect_err("it does not start").to_string();
    assert!(error.contains("does not answer within 50ms"), "{error}");
}
