//! The whole, against an authorization server in this process: over real connections, and with real signatures.

mod failures;
mod introspection;
mod keys;

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{sleep, timeout};

use super::testing::{Issuer, Signer};
use super::{Error, ResourceServer, Settings};

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
    let judged = on_any_thread(server.verify(token, None)).await;
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
