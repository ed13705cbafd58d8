//! The process as the operating system sees it, read when the metrics are asked for: the `process_*` metrics that Prometheus
//! clients have in common.

use std::fmt;

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::MetricType;
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;

/// Ticks of the clock in which Linux counts processor time; the same on all its platforms.
const TICKS_PER_SECOND: f64 = 100.0;

/// Reads `/proc/self`; where there is none, there are no such metrics.
#[derive(Debug)]
pub(super) struct Process;

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), fmt::Error> {
        let status = read("/proc/self/status");
        let mut gauge = |name: &str, help: &str, value: Option<f64>| match value {
            Some(value) => {
                let metric = ConstGauge::new(value);
                metric.encode(encoder.encode_descriptor(name, help, None, MetricType::Gauge)?)
            }
            None => Ok(()),
        };
        let resident = status
            .as_deref()
            .and_then(|status| kilobytes(status, "VmRSS:"));
        gauge("process_resident_memory_bytes", "Memory in use", resident)?;
        let files = status.as_deref().and_then(|_| open_files());
        gauge("process_open_fds", "Open files and sockets", files)?;
        let threads = status
            .as_deref()
            .and_then(|status| number(status, "Threads:"));
        gauge("process_threads", "Threads", threads)?;
        if let Some(seconds) = processor_seconds() {
            let metric = ConstCounter::new(seconds);
            let help = "Processor time spent";
            metric.encode(encoder.encode_descriptor(
                "process_cpu_seconds",
                help,
                None,
                MetricType::Counter,
            )?)?;
        }
        Ok(())
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "what the system says of this process is in these files"
)]
fn read(path: &str) -> Option<String> {
    std::fs::read_to_string(path).ok()
}

#[expect(
    clippy::disallowed_methods,
    reason = "what the system says of this process is in these files"
)]
fn open_files() -> Option<f64> {
    let count = std::fs::read_dir("/proc/self/fd").ok()?.count();
    // The one that is open to count them is not counted.
    Some(f64::from(u32::try_from(count.saturating_sub(1)).ok()?))
}

fn number(status: &str, key: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(key))?;
    line.split_whitespace().next()?.parse().ok()
}

fn kilobytes(status: &str, key: &str) -> Option<f64> {
    number(status, key).map(|kilobytes| kilobytes * 1024.0)
}

/// User and system time. The name of the program, which may have anything in it, ends with the last parenthesis.
fn processor_seconds() -> Option<f64> {
    let stat = read("/proc/self/stat")?;
    let (_, fields) = stat.rsplit_once(')')?;
    let ticks = fields
        .split_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse::<f64>);
    let ticks: f64 = ticks.sum::<Result<f64, _>>().ok()?;
    Some(ticks / TICKS_PER_SECOND)
}
