//! What the guard decided, counted.

use std::sync::atomic::AtomicU64;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use super::{Denial, Means};

/// The counters of a guard.
#[derive(Clone, Debug, Default)]
pub(super) struct Counters {
    identifications: Family<Identification, Counter>,
    limits: Family<Scope, Counter>,
    violations: Family<Kind, Counter>,
    #[cfg(feature = "redis")]
    backend_errors: Counter,
    key_ends: Gauge<f64, AtomicU64>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Identification {
    result: &'static str,
    reason: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Scope {
    scope: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Kind {
    kind: &'static str,
}

impl Counters {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "mcp_auth_requests",
            "Callers that were identified, and those that were not, by means or reason",
            self.identifications.clone(),
        );
        registry.register(
            "mcp_ratelimit_hits",
            "Requests that came too often, by whose quota was used up",
            self.limits.clone(),
        );
        registry.register(
            "mcp_security_violations",
            "What only an attacker or a mistake does, by kind",
            self.violations.clone(),
        );
        #[cfg(feature = "redis")]
        registry.register(
            "mcp_ratelimit_backend_errors",
            "Requests whose quotas were kept without Redis, because it did not answer",
            self.backend_errors.clone(),
        );
        registry.register_with_unit(
            "mcp_api_key_expires_in",
            "The time until the first valid API key ends",
            Unit::Seconds,
            self.key_ends.clone(),
        );
    }

    pub(super) fn identified(&self, means: &Means) {
        let labels = Identification {
            result: "accepted",
            reason: means.name(),
        };
        self.identifications.get_or_create(&labels).inc();
    }

    pub(super) fn refused(&self, denial: &Denial) {
        match denial {
            Denial::Limited { by, .. } => {
                let scope = by.name();
                self.limits.get_or_create(&Scope { scope }).inc();
            }
            Denial::Network => self.violation("network"),
            Denial::Blocked { .. } => self.violation("blocked"),
            Denial::Insufficient { .. } => self.violation("insufficient_scope"),
            _ => {
                let labels = Identification {
                    result: "refused",
                    reason: denial.reason(),
                };
                self.identifications.get_or_create(&labels).inc();
            }
        }
    }

    #[cfg(feature = "redis")]
    pub(super) fn without_backend(&self) {
        self.backend_errors.inc();
    }

    pub(super) fn violation(&self, kind: &'static str) {
        self.violations.get_or_create(&Kind { kind }).inc();
    }

    pub(super) fn first_key_ends_in(&self, rest: Option<Duration>) {
        let seconds = rest.map_or(f64::INFINITY, |rest| rest.as_secs_f64());
        self.key_ends.set(seconds);
    }
}
