//! The whole, against an authorization server in this process: over real connections, and with real signatures.

use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::testing::{INTROSPECTION, Issuer, JWKS, METADATA, Reply, Signer};
use super::{Error, Refusal, ResourceServer, Settings};

/// Settings for one issuer, with these in their place.
fn settings(issuer: &Issuer, changes: &Value, issuer_changes: &Value) -> Settings {
    let mut entry = json!({ "issuer": issuer.name() });
    let mut settings =
        json!({ "resource": "https://skills.example.com/mcp", "startup": "fail-fast" });
    for (target, changes) in [(&mut entry, issuer_changes), (&mut settings, changes)] {
        for (name, value) in changes.as_object().expect("an object") {
            target[name] = value.clone();
        }
    }
    settings["issuers"] = json!([entry]);
    serde_json::from_value(settings).expect("it can be read")
}

async fn start(issuer: &Issuer, changes: &Value) -> Result<ResourceServer, Error> {
    ResourceServer::start(&settings(issuer, changes, &json!({})), "skills").await
}

/// An authorization server with one key, and a server that knows it.
async fn known(changes: &Value) -> (Issuer, Signer, ResourceServer) {
    let (issuer, signer) = (Issuer::start().await, Signer::p256());
    issuer.keys(&[signer.jwk("1")]);
    let server = start(&issuer, changes).await.expect("it starts");
    (issuer, signer, server)
}

/// Connections are served on all threads.
const fn on_any_thread<T: Send>(future: T) -> T {
    future
}

async fn reason(server: &ResourceServer, token: &str) -> &'static str {
    let judged = on_any_thread(server.verify(token)).await;
    judged.expect_err("it is refused").reason()
}

/// Asks until it is so.
async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let asking = async {
        while !is_so().await {
            sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(Duration::from_secs(30), asking)
        .await
        .expect("it comes to be so");
}

#[tokio::test]
async fn a_token_is_accepted_and_remembered() {
    let (issuer, signer, server) =
        known(&json!({ "implies": { "skills:read": ["skills:list"] } })).await;
    let token = signer.token("1", &issuer.claims(&json!({})));
    let grant = server.verify(&token).await.expect("it is accepted");
    assert_eq!(grant.subject, "alice");
    assert_eq!(*grant.issuer, issuer.name());
    assert!(grant.missing(&["skills:list".to_owned()]).is_empty());
    let again = server.verify(&token).await.expect("it is accepted");
    assert!(
        std::sync::Arc::ptr_eq(&grant, &again),
        "it was judged again"
    );
    assert_eq!(issuer.requests(JWKS).len(), 1);
    let [health] = server.health().try_into().expect("one issuer");
    assert!(server.is_ready() && health.up && health.ready);
    assert_eq!((health.keys, health.circuit), (1, "closed"));
}

#[tokio::test]
async fn a_new_key_is_found_when_the_first_token_of_it_comes() {
    let (issuer, old, server) = known(&json!({})).await;
    let of_old = old.token("1", &issuer.claims(&json!({})));
    server.verify(&of_old).await.expect("it is accepted");
    let new = Signer::ed25519();
    issuer.keys(&[new.jwk("2")]);
    let of_new = new.token("2", &issuer.claims(&json!({})));
    server.verify(&of_new).await.expect("it is accepted");
    assert_eq!(reason(&server, &of_old).await, "key");
}

#[tokio::test]
async fn a_new_key_under_an_old_name_is_found_too() {
    let (issuer, old, server) = known(&json!({})).await;
    let of_old = old.token("1", &issuer.claims(&json!({})));
    server.verify(&of_old).await.expect("it is accepted");
    let new = Signer::p256();
    issuer.keys(&[new.jwk("1")]);
    server
        .verify(&new.token("1", &issuer.claims(&json!({}))))
        .await
        .expect("it is accepted");
    assert_eq!(reason(&server, &of_old).await, "signature");
}

#[tokio::test]
async fn many_tokens_of_no_key_cause_one_look() {
    let (issuer, signer, server) = known(&json!({})).await;
    let tokens: Vec<_> = (0..50)
        .map(|number| signer.token(&format!("no-{number}"), &issuer.claims(&json!({}))))
        .collect();
    let reasons = tokens.iter().map(|token| reason(&server, token));
    let reasons = futures_util::future::join_all(reasons).await;
    assert!(reasons.iter().all(|reason| *reason == "key"), "{reasons:?}");
    assert_eq!(issuer.requests(JWKS).len(), 2);
}

#[tokio::test]
async fn what_is_refused_anyway_causes_no_look() {
    let (issuer, signer, server) = known(&json!({})).await;
    let token = signer.token("2", &issuer.claims(&json!({ "aud": "other" })));
    assert_eq!(reason(&server, &token).await, "audience");
    assert_eq!(issuer.requests(JWKS).len(), 1);
}

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
    server.verify(&token).await.expect("it is accepted");
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
        .verify(&token)
        .await
        .expect_err("it cannot be judged");
    assert!(
        matches!(refusal, Refusal::Unavailable { .. }),
        "{refusal:?}"
    );
    assert!(!server.is_ready());
    issuer.keys(&[signer.jwk("1")]);
    until(async || server.verify(&token).await.is_ok()).await;
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

#[tokio::test]
async fn clients_are_told_where_to_get_a_token() {
    let (issuer, _, server) = known(&json!({ "required-scopes": ["skills:read"] })).await;
    let metadata: Value = serde_json::from_slice(server.metadata()).expect("it is JSON");
    assert_eq!(
        metadata,
        json!({
            "resource": "https://skills.example.com/mcp",
            "authorization_servers": [issuer.name()],
            "scopes_supported": ["skills:read"],
            "bearer_methods_supported": ["header"],
            "resource_name": "skills",
        })
    );
    assert_eq!(
        server.metadata_url(),
        "https://skills.example.com/.well-known/oauth-protected-resource/mcp"
    );
}

/// A server that asks about tokens, with these settings of how.
async fn asking(issuer: &Issuer, verify: &str, changes: &Value) -> ResourceServer {
    let mut introspection = json!({ "client-id": "us & co", "client-secret-env": "PATH" });
    for (name, value) in changes.as_object().expect("an object") {
        introspection[name] = value.clone();
    }
    let entry = json!({ "verify": verify, "introspection": introspection });
    let settings = settings(issuer, &json!({}), &entry);
    ResourceServer::start(&settings, "skills")
        .await
        .expect("it starts")
}

fn active(issuer: &Issuer, changes: &Value) -> Reply {
    let mut answer = issuer.claims(changes);
    answer["active"] = json!(true);
    Reply::Json(answer)
}

#[tokio::test]
async fn the_authorization_server_is_asked_once_about_a_token_that_only_it_can_read() {
    let issuer = Issuer::start().await;
    issuer.reply(INTROSPECTION, active(&issuer, &json!({})));
    let server = asking(&issuer, "introspection", &json!({})).await;
    let asking = (0..100).map(|_| server.verify("opaque/+"));
    for result in futures_util::future::join_all(asking).await {
        assert_eq!(result.expect("it is accepted").subject, "alice");
    }
    let requests = issuer.requests(INTROSPECTION);
    let [(form, credentials)] = requests.as_slice() else {
        panic!("{} requests", requests.len());
    };
    assert_eq!(form, "token=opaque%2F%2B&token_type_hint=access_token");
    assert!(credentials.starts_with("Basic "), "{credentials}");
    // A JWT is asked about as well, because so it is configured.
    let token = Signer::p256().token("1", &issuer.claims(&json!({})));
    server.verify(&token).await.expect("it is accepted");
    assert_eq!(issuer.requests(INTROSPECTION).len(), 2);
}

#[tokio::test]
async fn the_secret_can_stand_in_the_form() {
    let issuer = Issuer::start().await;
    issuer.reply(INTROSPECTION, active(&issuer, &json!({})));
    let server = asking(&issuer, "introspection", &json!({ "client-auth": "post" })).await;
    server.verify("opaque").await.expect("it is accepted");
    let requests = issuer.requests(INTROSPECTION);
    assert!(
        requests[0]
            .0
            .contains("&client_id=us+%26+co&client_secret=")
    );
    assert_eq!(requests[0].1, "");
}

#[tokio::test]
async fn a_jwt_is_verified_here_where_both_ways_are_open() {
    let (issuer, signer) = (Issuer::start().await, Signer::p256());
    issuer.keys(&[signer.jwk("1")]);
    issuer.reply(INTROSPECTION, active(&issuer, &json!({})));
    let server = asking(&issuer, "both", &json!({})).await;
    let token = signer.token("1", &issuer.claims(&json!({})));
    server.verify(&token).await.expect("it is accepted");
    assert!(issuer.requests(INTROSPECTION).is_empty());
    server.verify("opaque").await.expect("it is accepted");
    assert_eq!(issuer.requests(INTROSPECTION).len(), 1);
}

#[tokio::test]
async fn what_the_authorization_server_says_of_a_token_decides() {
    let issuer = Issuer::start().await;
    for (reply, expected) in [
        (Reply::Json(json!({ "active": false })), "inactive"),
        (Reply::Json(json!({ "active": "true" })), "inactive"),
        (Reply::Json(json!({})), "inactive"),
        (active(&issuer, &json!({ "aud": "other" })), "audience"),
        (active(&issuer, &json!({ "aud": null })), "audience"),
        (active(&issuer, &json!({ "iss": "other" })), "issuer"),
        (active(&issuer, &json!({ "exp": 1 })), "expired"),
        (active(&issuer, &json!({ "token_type": "DPoP" })), "bound"),
        (Reply::Text(StatusCode::OK, "active".into()), "unavailable"),
        (
            Reply::Text(StatusCode::UNAUTHORIZED, String::new()),
            "unavailable",
        ),
        (Reply::Gone, "unavailable"),
    ] {
        issuer.reply(INTROSPECTION, reply);
        let server = asking(&issuer, "introspection", &json!({})).await;
        assert_eq!(reason(&server, "opaque").await, expected);
    }
}

#[tokio::test]
async fn an_authorization_server_of_this_server_alone_need_not_name_an_audience() {
    let issuer = Issuer::start().await;
    issuer.reply(INTROSPECTION, active(&issuer, &json!({ "aud": null })));
    let server = asking(
        &issuer,
        "introspection",
        &json!({ "trust-as-audience": true }),
    )
    .await;
    server.verify("opaque").await.expect("it is accepted");
}

#[tokio::test]
async fn nobody_is_asked_about_an_inactive_token_twice() {
    let issuer = Issuer::start().await;
    issuer.reply(INTROSPECTION, Reply::Json(json!({ "active": false })));
    let server = asking(&issuer, "introspection", &json!({})).await;
    for _ in 0..3 {
        assert_eq!(reason(&server, "opaque").await, "inactive");
    }
    assert_eq!(issuer.requests(INTROSPECTION).len(), 1);
}

#[tokio::test]
async fn a_token_of_nobody_that_is_trusted_says_whom_it_is_from() {
    let (issuer, signer, server) = known(&json!({})).await;
    let token = signer.token(
        "1",
        &issuer.claims(&json!({ "iss": "https://evil.example" })),
    );
    let refusal = server.verify(&token).await.expect_err("it is refused");
    let expected = format!(
        "the token was issued by `https://evil.example`; trusted is {}",
        issuer.name()
    );
    assert_eq!(refusal.to_string(), expected);
    assert_eq!(reason(&server, "opaque").await, "form");
}
