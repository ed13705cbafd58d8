//! Who is told of what was answered: the metrics of the process, and a collector of telemetry if there is one.

use std::time::Duration;

use skills_model::Bundle;

use super::connection::Connected;
use super::metrics::{Metrics, RequestLabels};
#[cfg(feature = "otel")]
use super::telemetry::Telemetry;
use crate::error::Error;
use crate::guard::Guard;
use crate::protocol::operation::{Observer, Operation};

/// All who are told.
#[derive(Debug)]
pub(super) struct Observers {
    pub(super) metrics: Metrics,
    #[cfg(feature = "otel")]
    telemetry: Option<Telemetry>,
}

impl Observers {
    #[cfg_attr(
        not(feature = "otel"),
        expect(clippy::unnecessary_wraps, reason = "only telemetry has settings")
    )]
    pub(super) fn new(bundle: &'static Bundle, guard: &Guard) -> Result<Self, Error> {
        let metrics = Metrics::new(bundle, guard);
        Ok(Self {
            #[cfg(feature = "otel")]
            telemetry: Telemetry::from_environment(bundle, &metrics.dropped_spans)?,
            metrics,
        })
    }

    /// Tells of an HTTP request that was answered.
    #[cfg_attr(
        not(feature = "otel"),
        expect(unused_variables, reason = "only telemetry tells HTTPS apart")
    )]
    pub(super) fn request(
        &self,
        connected: &Connected,
        labels: &RequestLabels,
        duration: Duration,
    ) {
        self.metrics.request(labels, duration);
        #[cfg(feature = "otel")]
        if let Some(telemetry) = &self.telemetry {
            telemetry.request(connected.is_encrypted, labels, duration);
        }
    }

    /// Ends when everything is told, or there is no time left.
    #[cfg(feature = "otel")]
    pub(super) async fn stop(&self, end: tokio::time::Instant) {
        if let Some(telemetry) = &self.telemetry {
            telemetry.stop(end).await;
        }
    }
}

impl Observer for Observers {
    fn answered(&self, operation: &Operation<'_>) {
        self.metrics.answered(operation);
        #[cfg(feature = "otel")]
        if let Some(telemetry) = &self.telemetry {
            telemetry.answered(operation);
        }
    }
}
