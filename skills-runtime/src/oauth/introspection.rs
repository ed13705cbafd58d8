//! Asking an authorization server about a token (RFC 7662): for tokens that only it can read.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use form_urlencoded::{Serializer, byte_serialize};
use http::{HeaderValue, StatusCode};
use serde_json::{Map, Value};
use tokio::sync::Semaphore;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::breaker::Breaker;
use super::claims::Required;
use super::client::{Client, Problem};
use super::endpoint::Endpoint;
use super::grant::Grant;
use super::plan::Introspection;
use super::provider::{PATIENCE, Provider};
use super::refusal::{Reason, Refusal};
use super::settings::ClientAuth;
use super::token::unambiguous;
use crate::secret::Secret;

/// As many questions are under way at once; more wait for their turn.
const AT_ONCE: usize = 64;

/// The way to ask one authorization server.
#[derive(Debug)]
pub(super) struct Introspector {
    pub(super) breaker: Breaker,
    places: Semaphore,
}

/// What came of asking.
#[derive(Debug)]
pub(super) enum Answer {
    /// The token grants this.
    Active(Grant),
    /// It is none of its, or no longer.
    Inactive,
}

impl Default for Introspector {
    fn default() -> Self {
        Self {
            breaker: Breaker::default(),
            places: Semaphore::new(AT_ONCE),
        }
    }
}

impl Introspector {
    /// Asks about a token at this time, in seconds since 1970.
    pub(super) async fn ask(
        &self,
        provider: &Provider,
        token: &str,
        now: u64,
    ) -> Result<Answer, Refusal> {
        let (Some(settings), Some(endpoint)) =
            (&provider.issuer.introspection, provider.introspection())
        else {
            return Err(provider.unavailable());
        };
        // The semaphore is never closed. Where all places are taken for so long, the server does not answer.
        let _place = timeout(PATIENCE, self.places.acquire())
            .await
            .map_err(|_| provider.unavailable())?;
        let attempt = self
            .breaker
            .attempt()
            .map_err(|retry_after| Refusal::Unavailable { retry_after })?;
        let answer = exchange(&provider.client, settings, &endpoint, token).await;
        // Some refuse a token that they cannot read (400). A stranger who sends such must not open the circuit for all.
        if let Err(Problem::Status(_, StatusCode::BAD_REQUEST)) = &answer {
            drop(attempt);
            return Ok(Answer::Inactive);
        }
        attempt.settle(answer.is_ok());
        let circuit = self.breaker.circuit();
        let name = &provider.issuer.name;
        provider.metrics.circuit(name, "introspection", circuit);
        provider.note(answer.as_ref().err());
        let claims = answer.map_err(|_| {
            let wait = self.breaker.wait();
            wait.map_or_else(
                || provider.unavailable(),
                |retry_after| Refusal::Unavailable { retry_after },
            )
        })?;
        judge(provider, settings, &claims, now)
    }
}

/// What an answer says of the token.
fn judge(
    provider: &Provider,
    settings: &Introspection,
    claims: &Map<String, Value>,
    now: u64,
) -> Result<Answer, Refusal> {
    if claims.get("active") != Some(&Value::Bool(true)) {
        return Ok(Answer::Inactive);
    }
    if let Some(Value::String(kind)) = claims.get("token_type")
        && !kind.eq_ignore_ascii_case("bearer")
        && !kind.eq_ignore_ascii_case("access_token")
    {
        let kind = super::token::shown(kind);
        let description = format!("the type of the token (token_type) is {kind}, and not Bearer");
        return Err(Refusal::invalid(Reason::Bound, description));
    }
    let required = if settings.trust_as_audience {
        Required::Nothing
    } else {
        Required::Answer
    };
    let grant = provider.issuer.rules.grant(claims, required, now)?;
    Ok(Answer::Active(grant))
}

async fn exchange(
    client: &Client,
    settings: &Introspection,
    endpoint: &Endpoint,
    token: &str,
) -> Result<Map<String, Value>, Problem> {
    let authorization = match settings.client_auth {
        ClientAuth::Basic => Some(basic(settings)),
        ClientAuth::Post => None,
    };
    let answer = client
        .post(endpoint, form(settings, token), authorization)
        .await?;
    // What serde says of a wrong answer can quote it.
    unambiguous(&answer.body).ok_or_else(|| {
        let problem = "it is no JSON object, or has a member twice";
        Problem::Nonsense(endpoint.clone(), problem.into())
    })
}

fn form(settings: &Introspection, token: &str) -> Secret {
    // With room for everything escaped: a text that grows leaves copies behind.
    let secret = settings.secret.expose();
    let room = 3 * (token.len() + settings.client_id.len() + secret.len()) + 128;
    let mut form = Serializer::new(String::with_capacity(room));
    form.append_pair("token", token);
    form.append_pair("token_type_hint", "access_token");
    if settings.client_auth == ClientAuth::Post {
        form.append_pair("client_id", &settings.client_id);
        form.append_pair("client_secret", secret);
    }
    Secret::from(form.finish())
}

/// Both parts are form-encoded first (RFC 6749, section 2.3.1).
fn basic(settings: &Introspection) -> HeaderValue {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    let secret = Zeroizing::new(encoded(settings.secret.expose()));
    let pair = Zeroizing::new(format!(
        "{}:{}",
        encoded(&settings.client_id),
        secret.as_str()
    ));
    let text = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
    let text = Secret::from(format!("Basic {}", text.as_str()));
    // Base64 has no byte that a header may not have.
    let value = HeaderValue::from_maybe_shared(text.into_bytes());
    let mut value = value.unwrap_or(HeaderValue::from_static("Basic"));
    value.set_sensitive(true);
    value
}
