//! An authorization server as a process: `oidc-provider` in `tests/clients/as.mjs`, which says what can be done to it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use crate::http::conversation::{Answer, Request, ask};
use crate::installation::javascript;
use crate::server::lines;
use crate::service::PATIENCE;

/// What tokens are for where nobody but the tests asks for them: any port will do.
pub(super) const RESOURCE: &str = "http://127.0.0.1:3001/mcp";

/// Where its keys are.
pub(super) const JWKS: &str = "/jwks";

/// Wherever its metadata is.
pub(super) const METADATA: &str = "metadata";

/// An authorization server; it ends with the test.
#[derive(Debug)]
pub(super) struct AuthorizationServer {
    child: Child,
    issuer: String,
    address: SocketAddr,
}

impl AuthorizationServer {
    pub(super) fn start() -> Self {
        Self::spawn(&mut javascript("as.mjs"))
    }

    /// One that servers reach by HTTPS, with the certificate and the key in files of this name.
    pub(super) fn with_certificate(file: &Path) -> Self {
        Self::spawn(javascript("as.mjs").arg(file))
    }

    fn spawn(command: &mut Command) -> Self {
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts");
        let said = lines(child.stdout.take().expect("a pipe"));
        let said = || said.recv_timeout(PATIENCE).expect("it says where it is");
        let (issuer, address) = (said(), said());
        let address = address.strip_prefix("http://").expect("a URL");
        let address = address.parse().expect("an address");
        Self {
            child,
            issuer,
            address,
        }
    }

    pub(super) fn issuer(&self) -> &str {
        &self.issuer
    }

    /// A token that one of its clients gets for itself.
    pub(super) fn token(&self, client: &str, scope: &str) -> String {
        self.token_for(client, scope, RESOURCE)
    }

    pub(super) fn token_for(&self, client: &str, scope: &str, resource: &str) -> String {
        let credentials = BASE64_STANDARD.encode(format!("{client}:secret"));
        let resource = resource.replace(':', "%3A").replace('/', "%2F");
        let scope = scope.replace(' ', "+");
        let form = format!("grant_type=client_credentials&scope={scope}&resource={resource}");
        let request = Request::new("POST", "/token")
            .with("Content-Type", "application/x-www-form-urlencoded")
            .with("Authorization", &format!("Basic {credentials}"))
            .saying(form);
        let answer = self.ask(request).json();
        let token = answer["access_token"].as_str();
        token.unwrap_or_else(|| panic!("{answer}")).to_owned()
    }

    /// A token with these claims; times are seconds from now.
    pub(super) fn mint(&self, mut claims: Value) -> String {
        claims["aud"] = json!(RESOURCE);
        let minted = self.control(&json!({ "mint": claims }));
        minted["token"].as_str().expect("a token").to_owned()
    }

    /// From now on, it answers at this path in a wrong way; without a way, as it should.
    pub(super) fn answer(&self, path: &str, way: Option<&str>) {
        self.control(&json!({ "answer": { path: way } }));
    }

    /// Gets new keys: under new `names`, or under the old ones (`keys`).
    pub(super) fn rotate(&self, what: &str) {
        self.control(&json!({ "rotate": what }));
    }

    /// Tokens that must not be accepted.
    pub(super) fn hostile(&self) -> Vec<Value> {
        let tokens = self.control(&json!({ "hostile": RESOURCE }));
        tokens.as_array().expect("a list").clone()
    }

    /// How often it was asked for something.
    pub(super) fn count(&self, path: &str) -> u64 {
        let counts = self.control(&json!({ "counts": true }));
        counts[path].as_u64().unwrap_or_default()
    }

    fn control(&self, order: &Value) -> Value {
        let request = Request::new("POST", "/control")
            .with("Content-Type", "application/json")
            .saying(order.to_string());
        self.ask(request).json()
    }

    fn ask(&self, request: Request) -> Answer {
        let answer = ask(
            self.address,
            &request.set("Host", &self.address.to_string()),
        );
        assert!(answer.status < 300, "{} {}", answer.status, answer.text());
        answer
    }
}

impl Drop for AuthorizationServer {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
