//! What is counted about tokens and those who issue them. Issuers are those that are configured: no label has a value that a
//! client could invent.

use std::sync::Arc;
use std::time::Duration;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use super::breaker::Circuit;

/// Upper bounds in seconds: a token that is remembered, one whose signature is verified, one that a server is asked about.
const BUCKETS: [f64; 13] = [
    0.000_005, 0.000_01, 0.000_05, 0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0,
];

/// What is counted. Clones count together.
#[derive(Clone, Debug)]
pub(crate) struct Metrics {
    durations: Histogram,
    up: Family<IssuerLabels, Gauge>,
    fetches: Family<FetchLabels, Counter>,
    circuits: Family<CircuitLabels, Gauge>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct IssuerLabels {
    issuer: Arc<str>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct FetchLabels {
    issuer: Arc<str>,
    result: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct CircuitLabels {
    issuer: Arc<str>,
    endpoint: &'static str,
}

impl Default for Metrics {
    fn default() -> Self {
        Self {
            durations: Histogram::new(BUCKETS),
            up: Family::default(),
            fetches: Family::default(),
            circuits: Family::default(),
        }
    }
}

impl Metrics {
    /// Has everything shown by a registry.
    pub(crate) fn register(&self, registry: &mut Registry) {
        registry.register_with_unit(
            "mcp_auth_validation_duration",
            "How long it takes to judge a token",
            Unit::Seconds,
            self.durations.clone(),
        );
        registry.register(
            "mcp_auth_provider_up",
            "Whether the last request to an authorization server was answered as it should be",
            self.up.clone(),
        );
        registry.register(
            "mcp_auth_jwks_fetches",
            "How often the keys of an authorization server were asked for, by result",
            self.fetches.clone(),
        );
        registry.register(
            "mcp_auth_circuit_state",
            "Whether an authorization server is asked (0), probed (1) or left alone (2), by what it is asked for",
            self.circuits.clone(),
        );
    }

    pub(super) fn judged(&self, duration: Duration) {
        self.durations.observe(duration.as_secs_f64());
    }

    pub(super) fn provider(&self, issuer: &Arc<str>, is_up: bool) {
        let issuer = Arc::clone(issuer);
        self.up
            .get_or_create(&IssuerLabels { issuer })
            .set(i64::from(is_up));
    }

    pub(super) fn fetched(&self, issuer: &Arc<str>, is_good: bool) {
        let labels = FetchLabels {
            issuer: Arc::clone(issuer),
            result: if is_good { "success" } else { "failure" },
        };
        self.fetches.get_or_create(&labels).inc();
    }

    pub(super) fn circuit(&self, issuer: &Arc<str>, endpoint: &'static str, circuit: Circuit) {
        let labels = CircuitLabels {
            issuer: Arc::clone(issuer),
            endpoint,
        };
        let state = match circuit {
            Circuit::Closed => 0,
            Circuit::HalfOpen => 1,
            Circuit::Open => 2,
        };
        self.circuits.get_or_create(&labels).set(state);
    }
}

#[cfg(test)]
mod tests {
    use prometheus_client::encoding::text;

    use super::*;

    #[test]
    fn names_are_those_that_dashboards_look_for() {
        let (metrics, mut registry) = (Metrics::default(), Registry::default());
        metrics.register(&mut registry);
        let issuer: Arc<str> = "https://id.example.com".into();
        metrics.provider(&issuer, true);
        metrics.fetched(&issuer, false);
        metrics.circuit(&issuer, "keys", Circuit::Open);
        let mut encoded = String::new();
        text::encode(&mut encoded, &registry).expect("it can be written");
        for line in [
            "mcp_auth_validation_duration_seconds_count 0",
            "mcp_auth_provider_up{issuer=\"https://id.example.com\"} 1",
            "mcp_auth_jwks_fetches_total{issuer=\"https://id.example.com\",result=\"failure\"} 1",
            "mcp_auth_circuit_state{issuer=\"https://id.example.com\",endpoint=\"keys\"} 2",
        ] {
            assert!(encoded.contains(line), "{encoded} lacks {line}");
        }
    }
}
