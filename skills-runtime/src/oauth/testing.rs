//! What the tests of this module share: keys that sign, and an authorization server in this process that does as it is told.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::algorithm::{self, Algorithm};

/// A key pair.
pub(super) enum Signer {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

impl Signer {
    pub(super) fn p256() -> Self {
        algorithm::install();
        let (random, kind) = (SystemRandom::new(), &ECDSA_P256_SHA256_FIXED_SIGNING);
        let pair = EcdsaKeyPair::generate_pkcs8(kind, &random).expect("a key pair");
        let pair = EcdsaKeyPair::from_pkcs8(kind, pair.as_ref(), &random);
        Self::P256(pair.expect("a key pair"))
    }

    pub(super) fn ed25519() -> Self {
        algorithm::install();
        let pair = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).expect("a key pair");
        Self::Ed25519(Ed25519KeyPair::from_pkcs8(pair.as_ref()).expect("a key pair"))
    }

    pub(super) const fn algorithm(&self) -> Algorithm {
        match self {
            Self::P256(_) => Algorithm::ES256,
            Self::Ed25519(_) => Algorithm::EdDSA,
        }
    }

    /// The public half.
    pub(super) fn jwk(&self, name: &str) -> Value {
        let encoded = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::P256(pair) => {
                let point = pair.public_key().as_ref();
                let (x, y) = (encoded(&point[1..33]), encoded(&point[33..]));
                json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y, "kid": name })
            }
            Self::Ed25519(pair) => {
                let x = encoded(pair.public_key().as_ref());
                json!({ "kty": "OKP", "crv": "Ed25519", "x": x, "kid": name })
            }
        }
    }

    pub(super) fn sign(&self, message: &str) -> String {
        let signature = match self {
            Self::P256(pair) => pair.sign(&SystemRandom::new(), message.as_bytes()),
            Self::Ed25519(pair) => Ok(pair.sign(message.as_bytes())),
        };
        URL_SAFE_NO_PAD.encode(signature.expect("a signature"))
    }

    /// A token of these claims.
    pub(super) fn token(&self, name: &str, claims: &Value) -> String {
        let header = json!({ "alg": self.algorithm().name(), "typ": "at+jwt", "kid": name });
        let encoded = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
        let message = format!("{}.{}", encoded(&header), encoded(claims));
        format!("{message}.{}", self.sign(&message))
    }
}

/// What one path is answered with.
#[derive(Clone)]
pub(super) enum Reply {
    Json(Value),
    Text(StatusCode, String),
    Redirect(String),
    /// The connection is closed.
    Gone,
}

/// An authorization server: paths and what they are answered with, changed at will.
pub(super) struct Issuer {
    address: SocketAddr,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    replies: BTreeMap<String, Reply>,
    /// The path of each request, with its form and its credentials.
    requests: Vec<(String, String, String)>,
}

pub(super) const METADATA: &str = "/.well-known/oauth-authorization-server";
pub(super) const JWKS: &str = "/jwks";
pub(super) const INTROSPECTION: &str = "/introspection";

impl Issuer {
    /// One with no keys.
    pub(super) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let state = Arc::new(Mutex::new(State::default()));
        let shared = Arc::clone(&state);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                let service = service_fn(move |request| answer(Arc::clone(&state), request));
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        let issuer = Self { address, state };
        let name = issuer.name();
        issuer.reply(
            METADATA,
            Reply::Json(json!({
                "issuer": name,
                "jwks_uri": format!("{name}{JWKS}"),
                "introspection_endpoint": format!("{name}{INTROSPECTION}"),
            })),
        );
        issuer
    }

    pub(super) fn name(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(super) fn reply(&self, path: &str, reply: Reply) {
        let mut state = self.state.lock().expect("nobody panicked");
        state.replies.insert(path.to_owned(), reply);
    }

    pub(super) fn keys(&self, keys: &[Value]) {
        self.reply(JWKS, Reply::Json(json!({ "keys": keys })));
    }

    /// Form and credentials of the requests that came for a path.
    pub(super) fn requests(&self, path: &str) -> Vec<(String, String)> {
        let state = self.state.lock().expect("nobody panicked");
        let requests = state.requests.iter().filter(|(asked, ..)| asked == path);
        requests
            .map(|(_, form, credentials)| (form.clone(), credentials.clone()))
            .collect()
    }

    /// Claims of a good token, with these in their place; null stands for none.
    pub(super) fn claims(&self, changes: &Value) -> Value {
        let now = super::seconds();
        let mut claims = json!({
            "iss": self.name(),
            "aud": "https://skills.example.com/mcp",
            "sub": "alice",
            "client_id": "client",
            "scope": "skills:read",
            "exp": now + 300,
            "iat": now,
        });
        for (claim, value) in changes.as_object().expect("an object") {
            claims[claim] = value.clone();
        }
        claims
    }
}

async fn answer(
    state: Arc<Mutex<State>>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, &'static str> {
    let path = request.uri().path().to_owned();
    let credentials = request.headers().get("authorization");
    let credentials = credentials.map_or("", |value| value.to_str().unwrap_or_default());
    let credentials = credentials.to_owned();
    let form = request.into_body().collect().await.map_err(|_| "no form")?;
    let form = String::from_utf8_lossy(&form.to_bytes()).into_owned();
    // What comes at once is seen to come at once.
    tokio::task::yield_now().await;
    let mut state = state.lock().expect("nobody panicked");
    state.requests.push((path.clone(), form, credentials));
    let not_found = || Reply::Text(StatusCode::NOT_FOUND, String::new());
    let (status, body, to) = match state.replies.get(&path).cloned().unwrap_or_else(not_found) {
        Reply::Json(value) => (StatusCode::OK, value.to_string(), String::new()),
        Reply::Text(status, text) => (status, text, String::new()),
        Reply::Redirect(to) => (StatusCode::FOUND, String::new(), to),
        Reply::Gone => return Err("gone"),
    };
    let response = Response::builder().status(status).header("location", to);
    Ok(response.body(Full::from(body)).expect("an answer"))
}
