//! What the guard tells: clients how to get in, operators how it is.

use http::HeaderValue;
use prometheus_client::registry::Registry;
use serde_json::{Value, json};

use super::{Denial, Guard};
use crate::audit::Audit;
#[cfg(feature = "oauth")]
use crate::oauth;

impl Guard {
    /// Whether a record is kept.
    pub(crate) const fn records(&self) -> bool {
        self.record.kept().is_some()
    }

    /// How the record is, where one is kept.
    pub(crate) fn record_health(&self) -> Option<Value> {
        let health = self.record.kept()?.health();
        let status = match (health.refuses, &health.failure) {
            (true, _) => "unhealthy",
            (false, Some(_)) => "degraded",
            (false, None) => "healthy",
        };
        Some(json!({
            "status": status,
            "queued": health.queued,
            "dropped": health.dropped,
            "errors": health.errors,
            "failure": health.failure,
        }))
    }

    /// Why no request can be answered: callers cannot be identified, or nothing can be recorded of what they ask for.
    pub(crate) fn unready(&self) -> Option<&'static str> {
        let refuses = |audit: &Audit| audit.health().refuses;
        if self.record.kept().is_some_and(refuses) {
            return Some("the audit log cannot be written");
        }
        #[cfg(feature = "oauth")]
        if self
            .tokens
            .as_ref()
            .is_some_and(|tokens| !tokens.is_ready())
        {
            return Some("waiting for an authorization server");
        }
        None
    }

    /// How those are doing whom it depends on.
    pub(crate) fn health(&self) -> Option<Value> {
        #[cfg(feature = "oauth")]
        if let Some(tokens) = &self.tokens {
            let issuers = tokens.health();
            let status = match (tokens.is_ready(), issuers.iter().all(|issuer| issuer.up)) {
                (false, _) => "unhealthy",
                (true, false) => "degraded",
                (true, true) => "healthy",
            };
            return Some(json!({ "status": status, "issuers": issuers }));
        }
        None
    }

    /// Where clients can get access tokens, as JSON (RFC 9728), if there is such a place.
    pub(crate) fn metadata(&self) -> Option<&[u8]> {
        #[cfg(feature = "oauth")]
        if let Some(tokens) = &self.tokens {
            return Some(tokens.metadata());
        }
        None
    }

    /// How a client gets in that looks for an authorization server here, where none is.
    pub(crate) fn way_in(&self) -> &'static str {
        if self.metadata().is_some() {
            "This server is no authorization server: /.well-known/oauth-protected-resource names the one that issues its \
             access tokens"
        } else if self.identifies() {
            "This server takes API keys, not OAuth: set the header `Authorization: Bearer KEY` (or `X-API-Key: KEY`) where the \
             host configures this server"
        } else {
            "This server asks for no credentials and has no authorization server"
        }
    }

    /// How a caller that was refused can get in (RFC 6750, section 3).
    pub(crate) fn challenge(&self, denial: &Denial) -> Option<HeaderValue> {
        let (error, scopes) = match denial {
            Denial::Unidentified => (None, &[][..]),
            Denial::Malformed { problem } => (Some(("invalid_request", &**problem)), &[][..]),
            Denial::Unfilled { .. } => (Some(("invalid_token", "the token is empty")), &[][..]),
            Denial::Invalid { problem, .. } => (Some(("invalid_token", &**problem)), &[][..]),
            Denial::Insufficient { scopes } => {
                (Some(("insufficient_scope", "")), scopes.as_slice())
            }
            _ => return None,
        };
        #[cfg(feature = "oauth")]
        if let Some(tokens) = &self.tokens {
            let scopes = if scopes.is_empty() {
                tokens.required_scopes()
            } else {
                scopes
            };
            return Some(oauth::challenge(tokens.metadata_url(), error, scopes));
        }
        let scopes = match scopes {
            [] => String::new(),
            scopes => format!(", scope=\"{}\"", scopes.join(" ")),
        };
        let error = error
            .map(|(code, _)| format!(", error=\"{code}\""))
            .unwrap_or_default();
        HeaderValue::try_from(format!("Bearer realm=\"mcp\"{scopes}{error}")).ok()
    }

    /// Has its counters shown among the metrics.
    pub(crate) fn register(&self, registry: &mut Registry) {
        self.counters.register(registry);
        if let Some(audit) = self.record.kept() {
            audit.register(registry);
        }
        #[cfg(feature = "oauth")]
        if let Some(tokens) = &self.tokens {
            tokens.metrics().register(registry);
        }
    }
}
