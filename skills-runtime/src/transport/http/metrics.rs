//! What is counted and timed, in the text of `OpenMetrics`. Names and attributes follow OpenTelemetry's
//! semantic conventions for MCP and for HTTP, in their Prometheus form. No label has a value that a client could invent.

use std::fmt;
use std::time::Duration;

use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::metrics::info::Info;
use prometheus_client::registry::{Registry, Unit};
use skills_model::Bundle;

use super::process::Process;
use super::series::Series;
use crate::guard::Guard;
use crate::logging;
use crate::protocol::operation::{Observer, Operation};

/// Upper bounds in seconds: those of the conventions, and finer ones, because most answers are lookups.
pub(super) const BUCKETS: [f64; 18] = [
    0.000_1, 0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0,
    5.0, 10.0, 30.0, 60.0,
];

/// How often something came to nothing, by reason.
pub(super) type Reasons = Family<ReasonLabels, Counter>;

type Durations<L> = Series<L, Histogram>;

/// All metrics of the process.
#[derive(Debug)]
pub(super) struct Metrics {
    bundle: &'static Bundle,
    registry: Registry,
    operations: Durations<OperationLabels>,
    requests: Durations<RequestLabels>,
    skills: Series<SkillLabels, Counter>,
    refusals: Reasons,
    #[cfg(feature = "otel")]
    pub(super) dropped_spans: Reasons,
    pub(super) connections: Gauge,
    pub(super) in_flight: Gauge,
}

/// The labels of `mcp_server_operation_duration_seconds`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct OperationLabels {
    mcp_method_name: &'static str,
    mcp_protocol_version: &'static str,
    gen_ai_tool_name: &'static str,
    error_type: &'static str,
}

/// The labels of `http_server_request_duration_seconds`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
#[expect(clippy::struct_field_names, reason = "the names of the labels")]
pub(super) struct RequestLabels {
    pub(super) http_request_method: &'static str,
    pub(super) http_route: &'static str,
    pub(super) http_response_status_code: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct SkillLabels {
    skill: &'static str,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub(super) struct ReasonLabels {
    pub(super) reason: &'static str,
}

impl Metrics {
    pub(super) fn new(bundle: &'static Bundle, guard: &Guard) -> Self {
        let durations: fn() -> Histogram = || Histogram::new(BUCKETS);
        let metrics = Self {
            bundle,
            registry: Registry::default(),
            operations: Series::new(durations),
            requests: Series::new(durations),
            skills: Series::new(Counter::default),
            refusals: Family::default(),
            #[cfg(feature = "otel")]
            dropped_spans: Family::default(),
            connections: Gauge::default(),
            in_flight: Gauge::default(),
        };
        metrics.registered(guard)
    }

    fn registered(mut self, guard: &Guard) -> Self {
        let (bundle, registry) = (self.bundle, &mut self.registry);
        registry.register_with_unit(
            "mcp_server_operation_duration",
            "How long MCP requests take to answer, by method, tool, protocol version and error",
            Unit::Seconds,
            self.operations.family(),
        );
        registry.register_with_unit(
            "http_server_request_duration",
            "How long HTTP requests take, by method, route and status",
            Unit::Seconds,
            self.requests.family(),
        );
        registry.register(
            "mcp_skill_invocations",
            "How often a skill was taken up: its SKILL.md or its prompt was read",
            self.skills.family(),
        );
        registry.register(
            "mcp_refusals",
            "What was refused before anything was looked up, by reason",
            self.refusals.clone(),
        );
        #[cfg(feature = "otel")]
        registry.register(
            "mcp_dropped_spans",
            "Spans that no collector got, by reason",
            self.dropped_spans.clone(),
        );
        registry.register(
            "mcp_connections",
            "Connections that are open",
            self.connections.clone(),
        );
        registry.register(
            "mcp_inflight_requests",
            "Requests that are being answered",
            self.in_flight.clone(),
        );
        let build = [
            ("name", bundle.server.name.to_owned()),
            ("version", bundle.server.version.to_owned()),
            ("skills_digest", bundle.digest.to_string()),
        ];
        registry.register("mcp_build", "What this server is", Info::new(build));
        guard.register(registry);
        logging::register(registry);
        registry.register_collector(Box::new(Process));
        self
    }

    /// Counts a connection as long as the result lives.
    pub(super) fn connection(&self) -> Counted<'_> {
        Counted::new(&self.connections)
    }

    /// Counts a request as long as the result lives, however it ends: a client that goes away takes its request with it.
    pub(super) fn in_flight(&self) -> Counted<'_> {
        Counted::new(&self.in_flight)
    }

    /// Counts something that was refused.
    pub(super) fn refused(&self, reason: &'static str) {
        self.refusals.get_or_create(&ReasonLabels { reason }).inc();
    }

    /// Records an HTTP request that was answered.
    pub(super) fn request(&self, labels: &RequestLabels, duration: Duration) {
        self.requests
            .with(labels, |requests| requests.observe(duration.as_secs_f64()));
    }

    /// Everything, as text.
    pub(super) fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        text::encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// One of those that a gauge counts.
#[derive(Debug)]
pub(super) struct Counted<'a>(&'a Gauge);

impl<'a> Counted<'a> {
    fn new(gauge: &'a Gauge) -> Self {
        gauge.inc();
        Self(gauge)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Observer for Metrics {
    fn answered(&self, operation: &Operation<'_>) {
        let labels = OperationLabels {
            mcp_method_name: operation.method_name(),
            mcp_protocol_version: operation.version_name(),
            gen_ai_tool_name: operation.tool_name(),
            error_type: operation.error.unwrap_or_default(),
        };
        let seconds = operation.duration.as_secs_f64();
        self.operations
            .with(&labels, |durations| durations.observe(seconds));
        if operation.error.is_none()
            && let Some(skill) = operation.skill()
        {
            self.skills.with(&SkillLabels { skill }, Counter::inc);
        }
    }
}
