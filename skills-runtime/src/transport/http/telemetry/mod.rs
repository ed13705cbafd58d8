//! What is told to an OpenTelemetry collector, if the environment names one: a span for each MCP request, and how long
//! requests take. Names and attributes follow the semantic conventions for MCP and for HTTP; like the labels of the
//! metrics, no attribute has a value that a client could invent.
//!
//! Nothing here waits for the collector. Threads of the SDK gather and encode, and `collector.rs` sends.

mod collector;
mod durations;
mod environment;
mod spans;

use std::time::Duration;

use opentelemetry::{InstrumentationScope, KeyValue};
use opentelemetry_sdk::error::OTelSdkResult;
use skills_model::Bundle;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, timeout_at};

use self::collector::Collector;
use self::durations::Durations;
use self::environment::{Environment, Signal};
use self::spans::Spans;
use super::metrics::{Reasons, RequestLabels};
use crate::error::Error;
use crate::logging::HTTP;
use crate::protocol::operation::{Observer, Operation};

/// What is told; either is off if the environment says so.
#[derive(Debug)]
pub(super) struct Telemetry {
    spans: Option<Spans>,
    durations: Option<Durations>,
}

/// The ports of the collectors that are exported to.
#[cfg(feature = "sandbox")]
pub(super) fn ports() -> Result<Vec<u16>, Error> {
    let environment = Environment::read();
    let mut ports = Vec::new();
    for signal in [Signal::Traces, Signal::Metrics] {
        let endpoint = environment.endpoint(signal)?;
        // Collectors are reached over HTTP.
        ports.extend(endpoint.map(|uri| uri.port_u16().unwrap_or(80)));
    }
    Ok(ports)
}

impl Telemetry {
    /// What the environment asks for; nothing is started if it asks for nothing.
    pub(super) fn from_environment(
        bundle: &'static Bundle,
        dropped: &Reasons,
    ) -> Result<Option<Self>, Error> {
        let environment = Environment::read();
        let traces = environment.endpoint(Signal::Traces)?;
        let metrics = environment.endpoint(Signal::Metrics)?;
        if traces.is_none() && metrics.is_none() {
            return Ok(None);
        }
        let resource = environment.resource(bundle);
        let collector = Collector::new(environment.timeout());
        let spans = traces.map(|endpoint| {
            let collector = collector.clone().of(Signal::Traces);
            tracing::info!(target: HTTP, "Exporting spans to {endpoint}");
            Spans::new(collector, resource.clone(), dropped)
        });
        let durations = metrics.map(|endpoint| {
            let collector = collector.clone().of(Signal::Metrics);
            tracing::info!(target: HTTP, "Exporting metrics to {endpoint}");
            Durations::new(collector, resource.clone())
        });
        Ok(Some(Self {
            spans: spans.transpose()?,
            durations: durations.transpose()?,
        }))
    }

    /// Records an HTTP request that was answered.
    pub(super) fn request(&self, is_encrypted: bool, labels: &RequestLabels, duration: Duration) {
        if let Some(durations) = &self.durations {
            durations.request(is_encrypted, labels, duration);
        }
    }

    /// Sends what has not been sent yet, and ends when that is done or there is no time left.
    pub(super) async fn stop(&self, end: Instant) {
        let patience = end.saturating_duration_since(Instant::now());
        let spans = self.spans.as_ref().map(Spans::provider);
        let durations = self.durations.as_ref().map(Durations::provider);
        // Both wait for threads of the SDK.
        let spans =
            spawn_blocking(move || spans.map(|spans| spans.shutdown_with_timeout(patience)));
        let durations = spawn_blocking(move || durations.map(|durations| durations.shutdown()));
        let ended = timeout_at(end, async { (spans.await, durations.await) }).await;
        let is_sent = |ended: &Option<OTelSdkResult>| ended.as_ref().is_none_or(Result::is_ok);
        match &ended {
            Ok((Ok(spans), Ok(durations))) if is_sent(spans) && is_sent(durations) => {}
            _ => tracing::warn!(target: HTTP, "Telemetry that was not exported is lost"),
        }
    }
}

impl Observer for Telemetry {
    fn answered(&self, operation: &Operation<'_>) {
        let attributes = attributes(operation);
        if let Some(durations) = &self.durations {
            durations.operation(&attributes, operation.duration);
        }
        if let Some(spans) = &self.spans {
            spans.record(operation, attributes);
        }
    }
}

/// What spans and metrics say of a request: what `/metrics` does.
fn attributes(operation: &Operation<'_>) -> Vec<KeyValue> {
    let said = [
        ("mcp.method.name", operation.method_name()),
        ("mcp.protocol.version", operation.version_name()),
        ("gen_ai.tool.name", operation.tool_name()),
        ("error.type", operation.error.unwrap_or_default()),
    ];
    let said = said.into_iter().filter(|(_, value)| !value.is_empty());
    said.map(|(key, value)| KeyValue::new(key, value)).collect()
}

/// Whose spans and metrics they are.
fn scope() -> InstrumentationScope {
    InstrumentationScope::builder(env!("CARGO_PKG_NAME"))
        .with_version(env!("CARGO_PKG_VERSION"))
        .build()
}
