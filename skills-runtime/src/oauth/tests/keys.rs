//! Tokens that are verified here, with keys that are looked for.

use serde_json::{Value, json};

use super::{known, reason};
use crate::oauth::testing::{JWKS, Signer};

#[tokio::test]
async fn a_token_is_accepted_and_remembered() {
    let (issuer, signer, server) =
        known(&json!({ "implies": { "skills:read": ["skills:list"] } })).await;
    let token = signer.token("1", &issuer.claims(&json!({})));
    let grant = server.verify(&token, None).await.expect("it is accepted");
    assert_eq!(grant.subject, "alice");
    assert_eq!(*grant.issuer, issuer.name());
    assert!(grant.missing(&["skills:list".to_owned()]).is_empty());
    let again = server.verify(&token, None).await.expect("it is accepted");
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
    server.verify(&of_old, None).await.expect("it is accepted");
    let new = Signer::ed25519();
    issuer.keys(&[new.jwk("2")]);
    let of_new = new.token("2", &issuer.claims(&json!({})));
    server.verify(&of_new, None).await.expect("it is accepted");
    assert_eq!(reason(&server, &of_old).await, "key");
}

#[tokio::test]
async fn a_new_key_under_an_old_name_is_found_too() {
    let (issuer, old, server) = known(&json!({})).await;
    let of_old = old.token("1", &issuer.claims(&json!({})));
    server.verify(&of_old, None).await.expect("it is accepted");
    let new = Signer::p256();
    issuer.keys(&[new.jwk("1")]);
    server
        .verify(&new.token("1", &issuer.claims(&json!({}))), None)
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

#[tokio::test]
async fn a_token_of_nobody_that_is_trusted_says_whom_it_is_from() {
    let (issuer, signer, server) = known(&json!({})).await;
    let token = signer.token(
        "1",
        &issuer.claims(&json!({ "iss": "https://evil.example" })),
    );
    let refusal = server
        .verify(&token, None)
        .await
        .expect_err("it is refused");
    let expected = format!(
        "the token was issued by `https://evil.example`; trusted is {}",
        issuer.name()
    );
    assert_eq!(refusal.to_string(), expected);
    assert_eq!(reason(&server, "opaque").await, "form");
}
