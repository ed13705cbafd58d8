//! What the environment says of telemetry, by the variables that OpenTelemetry has standardised. Those that are not read here
//! (headers, samplers, intervals, sizes of batches) are read by its SDK.

use std::time::Duration;

use http::Uri;
use opentelemetry::KeyValue;
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::resource::{EnvResourceDetector, TelemetryResourceDetector};
use opentelemetry_sdk::trace::{IdGenerator, RandomIdGenerator};
use skills_model::Bundle;

use crate::error::Error;

/// How long the collector may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Signal {
    Traces = 1,
    Metrics = 2,
}

impl Signal {
    /// The word for it in the names of variables.
    const fn name(self) -> &'static str {
        match self {
            Self::Traces => "TRACES",
            Self::Metrics => "METRICS",
        }
    }
}

/// The environment, as far as it speaks of telemetry.
#[derive(Debug)]
pub(super) struct Environment {
    variable: fn(&str) -> Option<String>,
}

impl Environment {
    pub(super) const fn read() -> Self {
        Self { variable }
    }

    fn get(&self, name: &str) -> Option<String> {
        (self.variable)(name).filter(|value| !value.is_empty())
    }

    /// Where a signal is to be exported to; nothing if it is not to be exported.
    pub(super) fn endpoint(&self, signal: Signal) -> Result<Option<Uri>, Error> {
        let name = signal.name();
        let is_disabled = self
            .get("OTEL_SDK_DISABLED")
            .is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let exporter = self.get(&format!("OTEL_{name}_EXPORTER"));
        if is_disabled || exporter.is_some_and(|exporter| exporter == "none") {
            return Ok(None);
        }
        let Some((variable, endpoint)) = self.either(name, "ENDPOINT") else {
            return Ok(None);
        };
        if let Some((variable, protocol)) = self.either(name, "PROTOCOL")
            && protocol != "http/protobuf"
        {
            return Err(senseless(
                &variable,
                &protocol,
                "only http/protobuf is spoken",
            ));
        }
        let uri = endpoint.parse::<Uri>().ok();
        match uri.as_ref().and_then(Uri::scheme_str) {
            Some("http") => Ok(uri),
            Some("https") => {
                let problem =
                    "export over HTTPS is left to a collector nearby that is reached over HTTP";
                Err(senseless(&variable, &endpoint, problem))
            }
            _ => Err(senseless(
                &variable,
                &endpoint,
                "write it like http://127.0.0.1:4318",
            )),
        }
    }

    /// The variable for a signal, or else the one for all.
    fn either(&self, signal: &str, what: &str) -> Option<(String, String)> {
        let names = [
            format!("OTEL_EXPORTER_OTLP_{signal}_{what}"),
            format!("OTEL_EXPORTER_OTLP_{what}"),
        ];
        let mut said = names.into_iter().filter_map(|name| {
            let value = self.get(&name)?;
            Some((name, value))
        });
        said.next()
    }

    /// How long one attempt to export may take.
    pub(super) fn timeout(&self) -> Duration {
        let millis = self.get("OTEL_EXPORTER_OTLP_TIMEOUT");
        let millis = millis.and_then(|millis| millis.parse().ok());
        millis.map_or(TIMEOUT, Duration::from_millis)
    }

    /// What is exported is of this server, unless the environment says otherwise.
    pub(super) fn resource(&self, bundle: &Bundle) -> Resource {
        let instance = RandomIdGenerator::default().new_trace_id();
        let builder = Resource::builder_empty()
            .with_detector(Box::new(TelemetryResourceDetector))
            .with_attributes([
                KeyValue::new("service.name", bundle.server.name),
                KeyValue::new("service.version", bundle.server.version),
                KeyValue::new("service.instance.id", instance.to_string()),
                KeyValue::new("skills.digest", bundle.digest.to_string()),
            ])
            .with_detector(Box::new(EnvResourceDetector::new()));
        match self.get("OTEL_SERVICE_NAME") {
            Some(name) => builder.with_service_name(name).build(),
            None => builder.build(),
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the variables of OpenTelemetry are read here, once"
)]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// A value that a variable cannot have.
fn senseless(variable: &str, value: &str, problem: &str) -> Error {
    Error::Settings {
        problem: format!("`{value}` is no value of {variable}: {problem}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(variable: fn(&str) -> Option<String>, expected: [Option<&str>; 2]) {
        let environment = Environment { variable };
        let endpoints = [Signal::Traces, Signal::Metrics].map(|signal| {
            let endpoint = environment.endpoint(signal).ok();
            endpoint.map(|uri| uri.map_or_else(String::new, |uri| uri.to_string()))
        });
        assert_eq!(endpoints.each_ref().map(Option::as_deref), expected);
    }

    fn when(asked: &str, name: &str, value: &str) -> Option<String> {
        (asked == name).then(|| value.to_owned())
    }

    #[test]
    fn nothing_is_exported_unless_there_is_an_endpoint() {
        check(|_| None, [Some(""), Some("")]);
        check(
            |name| when(name, "OTEL_EXPORTER_OTLP_ENDPOINT", ""),
            [Some(""), Some("")],
        );
    }

    #[test]
    fn an_endpoint_can_be_for_one_signal() {
        const TRACES: &str = "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT";
        let there = Some("http://a:1/x");
        check(|name| when(name, TRACES, "http://a:1/x"), [there, Some("")]);
    }

    #[test]
    fn a_signal_or_everything_can_be_switched_off() {
        const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
        check(
            |name| {
                when(name, ENDPOINT, "http://a:1")
                    .or_else(|| when(name, "OTEL_METRICS_EXPORTER", "none"))
            },
            [Some("http://a:1/"), Some("")],
        );
        check(
            |name| {
                when(name, ENDPOINT, "http://a:1")
                    .or_else(|| when(name, "OTEL_SDK_DISABLED", "TRUE"))
            },
            [Some(""), Some("")],
        );
    }

    #[test]
    fn what_cannot_be_exported_to_is_refused() {
        const ENDPOINT: &str = "OTEL_EXPORTER_OTLP_ENDPOINT";
        check(|name| when(name, ENDPOINT, "collector:4318"), [None, None]);
        check(|name| when(name, ENDPOINT, "https://a"), [None, None]);
        check(
            |name| {
                when(name, ENDPOINT, "http://a:4317")
                    .or_else(|| when(name, "OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"))
            },
            [None, None],
        );
    }
}
