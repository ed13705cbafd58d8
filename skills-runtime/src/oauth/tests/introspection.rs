//! Tokens that the authorization server is asked about.

use http::StatusCode;
use serde_json::{Value, json};

use super::{reason, settings};
use crate::oauth::ResourceServer;
use crate::oauth::testing::{INTROSPECTION, Issuer, Reply, Signer};

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
    let asking = (0..100).map(|_| server.verify("opaque/+", None));
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
    server.verify(&token, None).await.expect("it is accepted");
    assert_eq!(issuer.requests(INTROSPECTION).len(), 2);
}

#[tokio::test]
async fn the_secret_can_stand_in_the_form() {
    let issuer = Issuer::start().await;
    issuer.reply(INTROSPECTION, active(&issuer, &json!({})));
    let server = asking(&issuer, "introspection", &json!({ "client-auth": "post" })).await;
    server.verify("opaque", None).await.expect("it is accepted");
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
    server.verify(&token, None).await.expect("it is accepted");
    assert!(issuer.requests(INTROSPECTION).is_empty());
    server.verify("opaque", None).await.expect("it is accepted");
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
    server.verify("opaque", None).await.expect("it is accepted");
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
