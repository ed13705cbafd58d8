//! How the record is, for Prometheus; read when the metrics are asked for.

use std::fmt;
use std::sync::Arc;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

use super::Health;
use super::queue::Queue;

/// Reads the state of the queue.
#[derive(Debug)]
pub(super) struct Figures(Arc<Queue>);

impl Figures {
    pub(super) fn new(queue: &Arc<Queue>) -> Self {
        Self(Arc::clone(queue))
    }
}

impl Collector for Figures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let Health {
            failure,
            refuses: _,
            queued,
            dropped,
            errors,
        } = self.0.health();
        let mut counter = |name, help, value: u64| {
            let encoder = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
            ConstCounter::new(value).encode(encoder)
        };
        let help = "Attempts to write the audit log that failed";
        counter("mcp_audit_write_errors", help, errors)?;
        let help = "Events that are missing in the audit log";
        counter("mcp_audit_dropped_events", help, dropped)?;
        let mut gauge = |name, help, value: i64| {
            let encoder = encoder.encode_descriptor(name, help, None, MetricType::Gauge)?;
            ConstGauge::new(value).encode(encoder)
        };
        let help = "Events that wait to be written to the audit log";
        gauge(
            "mcp_audit_queue_depth",
            help,
            i64::try_from(queued).unwrap_or(i64::MAX),
        )?;
        let help = "Whether the audit log can be written";
        gauge("mcp_audit_up", help, i64::from(failure.is_none()))
    }
}
