//! The resource server of OAuth 2.1: whose access tokens are accepted, and what they allow (MCP 2026-07-28, "Authorization").
//! Tokens are issued elsewhere; which request needs which scopes is judged elsewhere, too.
//!
//! [`Settings`] become a plan (`plan/`), and a plan a [`ResourceServer`]. A token is taken apart (`token.rs`), its claims are
//! held against what is accepted (`claims.rs`), and its signature against the keys of its authorization server (`provider.rs`,
//! `keys.rs`), or that is asked (`introspection.rs`), within the budget of the client (`budget.rs`). What came of it is remembered
//! for a moment (`cache.rs`).

mod settings;

mod plan;

mod token;

mod claims;

mod audience;
mod scopes;

mod provider;

mod discovery;

mod keys;

mod algorithm;
mod introspection;

mod cache;
mod challenge;
mod metadata;

mod breaker;
mod budget;
mod client;
mod endpoint;
mod error;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod grant;
mod health;
mod metrics;
mod refusal;
mod secret;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use self::budget::Budgets;
use self::cache::{Digest, Epoch, Epochs, Judged};
pub(crate) use self::challenge::challenge;
use self::claims::wrong_issuer;
use self::client::Client;
pub(crate) use self::error::Error;
pub(crate) use self::grant::Grant;
pub(crate) use self::health::Health;
use self::introspection::{Answer, Introspector};
pub(crate) use self::metadata::WELL_KNOWN;
pub(crate) use self::metrics::Metrics;
use self::plan::Plan;
use self::provider::{PATIENCE, Provider};
pub(crate) use self::refusal::{Reason, Refusal};
pub(crate) use self::settings::Settings;
use self::settings::{Method, Startup};
use self::token::{Jwt, LENGTH, Token};
use crate::clock;

/// Judges access tokens, as long as it lives.
#[derive(Debug)]
pub(crate) struct ResourceServer {
    plan: Plan,
    metadata: Vec<u8>,
    metadata_url: String,
    servers: Vec<Server>,
    epochs: Arc<Epochs>,
    judged: Judged,
    budgets: Budgets,
    metrics: Metrics,
    _followers: Vec<AbortOnDropHandle<()>>,
}

/// An authorization server, and the way to ask it about tokens.
#[derive(Debug)]
struct Server {
    provider: Arc<Provider>,
    introspector: Introspector,
}

impl ResourceServer {
    /// Learns what has to be known of the authorization servers, and goes on learning; to be called on the event loop, and
    /// before files cannot be opened any more. `name` is what people call the server.
    ///
    /// With `startup = "degraded"`, this waits for nobody.
    pub(crate) async fn start(settings: &Settings, name: &str) -> Result<Self, Error> {
        algorithm::install();
        let plan = settings.plan()?;
        let client = Client::new(&plan.times, plan.ca_file.as_deref())?;
        let (epochs, metrics) = (Arc::new(Epochs::default()), Metrics::default());
        let mut servers = Vec::new();
        let mut followers = Vec::new();
        for issuer in &plan.issuers {
            let provider = Arc::new(Provider::new(
                issuer.clone(),
                plan.times.clone(),
                client.clone(),
                Arc::clone(&epochs),
                metrics.clone(),
            ));
            if provider.needs_to_look() {
                let waits = plan.startup == Startup::FailFast;
                if waits {
                    provider.start().await.map_err(|problem| Error::Issuer {
                        issuer: issuer.name.to_string(),
                        problem,
                    })?;
                }
                let follower = tokio::spawn(Arc::clone(&provider).follow(waits));
                followers.push(AbortOnDropHandle::new(follower));
            }
            servers.push(Server {
                provider,
                introspector: Introspector::default(),
            });
        }
        Ok(Self {
            metadata: metadata::document(&plan, name)?,
            metadata_url: metadata::url(&plan),
            judged: Judged::new(plan.times.cache),
            budgets: Budgets::default(),
            plan,
            servers,
            epochs,
            metrics,
            _followers: followers,
        })
    }

    /// Judges a token of a client: what stands behind `Bearer ` in the `Authorization` header.
    pub(crate) async fn verify(
        &self,
        token: &str,
        client: Option<IpAddr>,
    ) -> Result<Arc<Grant>, Refusal> {
        let start = clock::now();
        let result = self.judge(token, client).await;
        self.metrics.judged(start.elapsed());
        result
    }

    /// Whether tokens of at least one authorization server can be judged. One that is dead does not take the others with it.
    pub(crate) fn is_ready(&self) -> bool {
        self.servers.iter().any(|server| server.provider.is_ready())
    }

    /// How the authorization servers are doing.
    pub(crate) fn health(&self) -> Vec<Health> {
        let health = self.servers.iter().map(|server| {
            let provider = &server.provider;
            let state = provider.condition.state();
            Health {
                issuer: provider.issuer.name.to_string(),
                ready: provider.is_ready(),
                up: state.problem.is_none() && state.last_success.is_some(),
                last_success: state.last_success,
                keys: provider.count(),
                circuit: provider.breaker.circuit().name(),
                problem: state.problem,
            }
        });
        health.collect()
    }

    /// What every request needs.
    pub(crate) fn required_scopes(&self) -> &[String] {
        &self.plan.required_scopes
    }

    /// The protected resource metadata (RFC 9728), as JSON.
    pub(crate) fn metadata(&self) -> &[u8] {
        &self.metadata
    }

    /// The URL that clients find it at, for the challenge. Its path is that of the resource behind [`WELL_KNOWN`]; clients
    /// try [`WELL_KNOWN`] alone as well.
    pub(crate) fn metadata_url(&self) -> &str {
        &self.metadata_url
    }

    /// What is counted.
    pub(crate) const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    async fn judge(&self, text: &str, client: Option<IpAddr>) -> Result<Arc<Grant>, Refusal> {
        let digest = (text.len() <= LENGTH).then(|| Digest::of(text));
        let epoch = self.epochs.current();
        if let Some(grant) = digest.and_then(|digest| self.judged.grant(&digest, epoch)) {
            return Ok(grant);
        }
        // What it takes to judge a token is much, and few are new.
        Box::pin(self.judge_anew(text, client, digest, epoch)).await
    }

    async fn judge_anew(
        &self,
        text: &str,
        client: Option<IpAddr>,
        digest: Option<Digest>,
        epoch: Epoch,
    ) -> Result<Arc<Grant>, Refusal> {
        let token = Token::parse(text)?;
        let now = seconds();
        let Some(digest) = digest else {
            // Whatever is that long was refused.
            return Err(Refusal::invalid(Reason::Length, "the token is too long"));
        };
        let grant = match token {
            Token::Jwt(jwt) => {
                let server = self.issuer(&jwt)?;
                if server.provider.issuer.method == Method::Introspection {
                    return self.ask(&[server], text, client, digest).await;
                }
                server.provider.verify(&jwt, now).await?
            }
            Token::Opaque => {
                let servers = self.servers.iter();
                let asked = servers.filter(|server| server.provider.issuer.method != Method::Keys);
                let asked: Vec<_> = asked.collect();
                if asked.is_empty() {
                    let description = "the token is no signed JWT, and only such are accepted";
                    return Err(Refusal::invalid(Reason::Form, description));
                }
                return self.ask(&asked, text, client, digest).await;
            }
        };
        let grant = Arc::new(grant);
        self.judged.remember(digest, epoch, &grant, now);
        Ok(grant)
    }

    /// The authorization server that a token says it is from. Nobody has vouched for that yet.
    fn issuer(&self, jwt: &Jwt<'_>) -> Result<&Server, Refusal> {
        let named = claims::text(&jwt.claims, "iss")?;
        let mut servers = self.servers.iter();
        let server = servers.find(|server| named == Some(&*server.provider.issuer.name));
        server.ok_or_else(|| {
            let servers = self.servers.iter();
            let trusted: Vec<_> = servers
                .map(|server| &*server.provider.issuer.name)
                .collect();
            wrong_issuer(named, &trusted)
        })
    }

    /// Asks these authorization servers about a token, one after the other.
    async fn ask(
        &self,
        servers: &[&Server],
        text: &str,
        client: Option<IpAddr>,
        digest: Digest,
    ) -> Result<Arc<Grant>, Refusal> {
        // Each of many requests with one token would wait for a server that does not answer as long as all before it.
        let _turn = timeout(PATIENCE, self.judged.turn(&digest))
            .await
            .map_err(|_| Refusal::Unavailable {
                retry_after: PATIENCE,
            })?;
        let epoch = self.epochs.current();
        if let Some(grant) = self.judged.grant(&digest, epoch) {
            return Ok(grant);
        }
        let inactive = || {
            let description = "the authorization server says that the token is not active";
            Refusal::invalid(Reason::Inactive, description)
        };
        if self.judged.is_inactive(&digest) {
            return Err(inactive());
        }
        let spent = self.budgets.spend(client)?;
        let mut refusal = None;
        for Server {
            provider,
            introspector,
        } in servers
        {
            let now = seconds();
            match introspector.ask(provider, text, now).await {
                Ok(Answer::Active(grant)) => {
                    spent.refund();
                    let grant = Arc::new(grant);
                    self.judged.remember(digest, epoch, &grant, now);
                    return Ok(grant);
                }
                Ok(Answer::Inactive) => {}
                // One that knows the token and refuses it knows better than one that does not answer.
                Err(found @ Refusal::Invalid { .. }) => return Err(found),
                Err(found) => refusal = Some(found),
            }
        }
        if let Some(refusal) = refusal {
            spent.refund();
            return Err(refusal);
        }
        self.judged.remember_inactive(digest);
        Err(inactive())
    }
}

/// The time of day as tokens give it: in seconds since 1970.
fn seconds() -> u64 {
    let since = clock::wall().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_secs())
}
