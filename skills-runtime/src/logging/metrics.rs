//! How the log is, for Prometheus; read when the metrics are asked for.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;

use super::queue::Queue;

/// Reads the state of the queue.
#[derive(Debug)]
pub(super) struct Figures(pub(super) &'static Queue);

impl Collector for Figures {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let help = "Lines that are missing in the log, because standard error did not take them";
        let name = "mcp_log_lines_dropped";
        let encoder = encoder.encode_descriptor(name, help, None, MetricType::Counter)?;
        ConstCounter::new(self.0.dropped()).encode(encoder)
    }
}
