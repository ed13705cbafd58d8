//! A span for each MCP request. They wait in a queue of limited length; what does not fit into it and what cannot be exported
//! is dropped and counted.

use std::borrow::Cow;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use opentelemetry::propagation::{Extractor, TextMapPropagator};
use opentelemetry::trace::{Span as _, SpanBuilder, SpanKind, Status, Tracer, TracerProvider as _};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{Protocol, SpanExporter as Exporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::propagation::TraceContextPropagator;
use opentelemetry_sdk::trace::{
    BatchConfigBuilder, BatchSpanProcessor, SdkTracer, SdkTracerProvider, Span, SpanData,
    SpanExporter, SpanProcessor,
};

use super::collector::Collector;
use super::scope;
use crate::error::Error;
use crate::protocol::operation::Operation;
use crate::transport::http::metrics::{ReasonLabels, Reasons};

/// How many spans may wait for being exported.
const WAITING: usize = 2048;

/// The spans that are exported.
#[derive(Debug)]
pub(super) struct Spans {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    propagator: TraceContextPropagator,
}

impl Spans {
    pub(super) fn new(
        collector: Collector,
        resource: Resource,
        dropped: &Reasons,
    ) -> Result<Self, Error> {
        let exporter = Exporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_http_client(collector)
            .build();
        let exporter = exporter.map_err(|error| Error::Settings {
            problem: error.to_string(),
        })?;
        let queue = Queue {
            waiting: Arc::default(),
            dropped: dropped.clone(),
        };
        let provider = SdkTracerProvider::builder()
            .with_resource(resource)
            .with_span_processor(Entry::new(exporter, queue))
            .build();
        Ok(Self {
            tracer: provider.tracer_with_scope(scope()),
            propagator: TraceContextPropagator::new(),
            provider,
        })
    }

    pub(super) fn provider(&self) -> SdkTracerProvider {
        self.provider.clone()
    }

    /// Records a request that has just been answered.
    pub(super) fn record(&self, operation: &Operation<'_>, mut attributes: Vec<KeyValue>) {
        let (method, tool) = (operation.method_name(), operation.tool_name());
        let prompt = operation.prompt_name();
        let is_call = method == "tools/call";
        // The other errors are codes.
        let code = operation.error.filter(|error| *error != "tool_error");
        let more = [
            ("gen_ai.prompt.name", prompt),
            (
                "gen_ai.operation.name",
                if is_call { "execute_tool" } else { "" },
            ),
            ("mcp.resource.uri", operation.resource_uri()),
            ("rpc.response.status_code", code.unwrap_or_default()),
            ("network.transport", "tcp"),
            ("network.protocol.name", "http"),
        ];
        let more = more.into_iter().filter(|(_, value)| !value.is_empty());
        attributes.extend(more.map(|(key, value)| KeyValue::new(key, value)));
        let end = opentelemetry::time::now();
        let builder = SpanBuilder::from_name(name(method, tool, prompt))
            .with_kind(SpanKind::Server)
            .with_start_time(end.checked_sub(operation.duration).unwrap_or(end))
            .with_attributes(attributes);
        let parent = self
            .propagator
            .extract_with_context(&Context::new(), &Parent(operation.traceparent));
        let mut span = self.tracer.build_with_context(builder, &parent);
        if operation.error.is_some() {
            span.set_status(Status::error(""));
        }
        span.end_with_timestamp(end);
    }
}

/// The method, and the tool or the prompt if it is one of ours.
fn name(method: &'static str, tool: &'static str, prompt: &'static str) -> Cow<'static, str> {
    let mut targets = [tool, prompt].into_iter();
    match targets.find(|target| !target.is_empty() && !target.starts_with('_')) {
        Some(target) => format!("{method} {target}").into(),
        None => method.into(),
    }
}

/// What a request says of the trace that it is part of.
struct Parent<'a>(Option<&'a str>);

impl Extractor for Parent<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.filter(|_| key == "traceparent")
    }

    fn keys(&self) -> Vec<&str> {
        vec!["traceparent"]
    }
}

/// How many spans wait, and how many had to be dropped.
#[derive(Clone, Debug)]
struct Queue {
    waiting: Arc<AtomicUsize>,
    dropped: Reasons,
}

impl Queue {
    fn drop(&self, reason: &'static str, spans: usize) {
        let dropped = self.dropped.get_or_create(&ReasonLabels { reason });
        dropped.inc_by(spans as u64);
    }
}

/// The end of the queue at which spans are put in. The SDK has a queue of the same length, but does not say what it drops.
#[derive(Debug)]
struct Entry {
    processor: BatchSpanProcessor,
    queue: Queue,
}

impl Entry {
    fn new(exporter: Exporter, queue: Queue) -> Self {
        let exit = Exit {
            exporter,
            queue: queue.clone(),
        };
        let config = BatchConfigBuilder::default().with_max_queue_size(WAITING);
        let processor = BatchSpanProcessor::builder(exit).with_batch_config(config.build());
        Self {
            processor: processor.build(),
            queue,
        }
    }
}

impl SpanProcessor for Entry {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.processor.on_start(span, context);
    }

    fn on_end(&self, span: SpanData) {
        if self.queue.waiting.fetch_add(1, Ordering::Relaxed) < WAITING {
            self.processor.on_end(span);
        } else {
            self.queue.waiting.fetch_sub(1, Ordering::Relaxed);
            self.queue.drop("queue_full", 1);
        }
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.processor.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.processor.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.processor.set_resource(resource);
    }
}

/// The end of the queue at which spans are taken out.
#[derive(Debug)]
struct Exit {
    exporter: Exporter,
    queue: Queue,
}

impl SpanExporter for Exit {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let spans = batch.len();
        self.queue.waiting.fetch_sub(spans, Ordering::Relaxed);
        let result = self.exporter.export(batch).await;
        if result.is_err() {
            self.queue.drop("not_exported", spans);
        }
        result
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}
