//! How long requests take, as a collector is told from time to time.

use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::metrics::{Histogram, Meter, MeterProvider as _};
use opentelemetry_otlp::{MetricExporter, Protocol, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::metrics::SdkMeterProvider;

use super::collector::Collector;
use super::scope;
use crate::error::Error;
use crate::transport::http::metrics::{BUCKETS, RequestLabels};

/// The metrics that are exported.
#[derive(Debug)]
pub(super) struct Durations {
    provider: SdkMeterProvider,
    operations: Histogram<f64>,
    requests: Histogram<f64>,
}

impl Durations {
    pub(super) fn new(collector: Collector, resource: Resource) -> Result<Self, Error> {
        let exporter = MetricExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_http_client(collector)
            .build();
        let exporter = exporter.map_err(|error| Error::Settings {
            problem: error.to_string(),
        })?;
        let provider = SdkMeterProvider::builder()
            .with_resource(resource)
            .with_periodic_exporter(exporter)
            .build();
        let meter = provider.meter_with_scope(scope());
        Ok(Self {
            operations: histogram(
                &meter,
                "mcp.server.operation.duration",
                "How long MCP requests take to answer",
            ),
            requests: histogram(
                &meter,
                "http.server.request.duration",
                "How long HTTP requests take",
            ),
            provider,
        })
    }

    pub(super) fn provider(&self) -> SdkMeterProvider {
        self.provider.clone()
    }

    pub(super) fn operation(&self, attributes: &[KeyValue], duration: Duration) {
        self.operations.record(duration.as_secs_f64(), attributes);
    }

    pub(super) fn request(&self, is_encrypted: bool, labels: &RequestLabels, duration: Duration) {
        let RequestLabels {
            http_request_method: method,
            http_route: route,
            http_response_status_code: status,
        } = *labels;
        let scheme = if is_encrypted { "https" } else { "http" };
        let attributes = [
            KeyValue::new("http.request.method", method),
            KeyValue::new("url.scheme", scheme),
            KeyValue::new("http.route", route),
            KeyValue::new("http.response.status_code", i64::from(status)),
        ];
        self.requests.record(duration.as_secs_f64(), &attributes);
    }
}

fn histogram(meter: &Meter, name: &'static str, description: &'static str) -> Histogram<f64> {
    meter
        .f64_histogram(name)
        .with_unit("s")
        .with_description(description)
        .with_boundaries(BUCKETS.to_vec())
        .build()
}
