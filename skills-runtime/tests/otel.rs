//! What a collector is told: this executable starts itself as a server, asks it a few things, ends it, and decodes what
//! came at an endpoint of its own. It has no harness, because with the argument `serve` it is that server.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test that cannot go on says so and ends"
)]

#[path = "../src/testing.rs"]
#[expect(dead_code, reason = "the tests inside the crate need more of it")]
mod testing;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use opentelemetry_proto::tonic::collector::metrics::v1::ExportMetricsServiceRequest;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::KeyValue;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::metrics::v1::metric::Data;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;
use prost::Message;

const IN_META: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const IN_HEADER: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const NOT_SAMPLED: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("serve") {
        return skills_runtime::run(&testing::BUNDLE);
    }
    every_request_is_a_span_and_a_measurement();
    a_collector_that_is_down_is_said_once_and_holds_up_nobody();
    a_collector_that_never_answers_holds_up_neither_answers_nor_the_end();
    ExitCode::SUCCESS
}

fn every_request_is_a_span_and_a_measurement() {
    let (endpoint, received) = collector();
    let server = Server::start(endpoint);
    let read = r#""uri":"skill://commit-message/SKILL.md""#;
    server.ask(
        "resources/read",
        &format!("{read},{}", meta(IN_META)),
        IN_HEADER,
    );
    let call = r#""name":"read_skill","arguments":{"skill":"commit-message"}"#;
    server.ask(
        "tools/call",
        &format!("{call},{}", meta(IN_META)),
        IN_HEADER,
    );
    server.ask("prompts/get", r#""name":"commit-message""#, IN_HEADER);
    server.ask("tools/call", r#""name":"of-my-own""#, "nonsense");
    server.ask("my/own", "", "");
    server.ask("ping", "", NOT_SAMPLED);
    let log = server.end();

    // One of them never got to rmcp.
    let prepared = log.iter().filter(|line| line.contains("prepared"));
    let prepared: Vec<_> = prepared.collect();
    assert!(
        prepared.len() == 1 && prepared[0].contains("resources/read"),
        "{log:#?}"
    );

    let (spans, measured) = decode(&received);
    let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    let expected = [
        "resources/read",
        "tools/call read_skill",
        "prompts/get commit-message",
        "tools/call",
        "_other",
    ];
    assert_eq!(names, expected);
    for span in &spans {
        assert_eq!(span.kind, SpanKind::Server as i32, "{}", span.name);
        assert!(span.start_time_unix_nano <= span.end_time_unix_nano);
        assert_eq!(attribute(span, "network.transport"), "tcp");
    }
    let [read, call, prompt, unknown_tool, unknown_method] = &spans[..] else {
        panic!("{spans:#?}");
    };
    assert_eq!(parent(read), IN_META);
    assert_eq!(attribute(read, "mcp.method.name"), "resources/read");
    assert_eq!(attribute(read, "mcp.protocol.version"), "2025-11-25");
    let uri = attribute(read, "mcp.resource.uri");
    assert_eq!(uri, "skill://commit-message/SKILL.md");
    assert_eq!(attribute(read, "error.type"), "");

    assert_eq!(parent(call), IN_META);
    assert_eq!(attribute(call, "gen_ai.tool.name"), "read_skill");
    assert_eq!(attribute(call, "gen_ai.operation.name"), "execute_tool");

    assert_eq!(parent(prompt), IN_HEADER);
    assert_eq!(attribute(prompt, "gen_ai.prompt.name"), "commit-message");

    assert!(unknown_tool.parent_span_id.is_empty());
    assert_eq!(attribute(unknown_tool, "gen_ai.tool.name"), "_other");
    assert_eq!(attribute(unknown_tool, "error.type"), "-32602");
    let status = unknown_tool.status.as_ref().expect("a status");
    assert_eq!(status.code, StatusCode::Error as i32);

    assert_eq!(attribute(unknown_method, "mcp.method.name"), "_other");
    assert_eq!(attribute(unknown_method, "error.type"), "-32601");
    let code = attribute(unknown_method, "rpc.response.status_code");
    assert_eq!(code, "-32601");

    let expected = BTreeMap::from([
        ("http.server.request.duration", 6),
        ("mcp.server.operation.duration", 6),
    ]);
    let measured: BTreeMap<_, _> = measured.iter().map(|(k, v)| (k.as_str(), *v)).collect();
    assert_eq!(measured, expected);
}

fn a_collector_that_is_down_is_said_once_and_holds_up_nobody() {
    let nobody = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
    let server = Server::start(nobody.expect("an address"));
    for _ in 0..600 {
        server.ask("ping", "", "");
    }
    let log = server.end();
    let said = log.iter().filter(|line| line.contains("Cannot export"));
    assert_eq!(said.count(), 1, "{log:#?}");
}

fn a_collector_that_never_answers_holds_up_neither_answers_nor_the_end() {
    for answer in [&b""[..], b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n."] {
        let server = Server::start(silent(answer));
        let start = Instant::now();
        for _ in 0..3000 {
            server.ask("ping", "", "");
        }
        assert!(start.elapsed() < Duration::from_secs(60));
        let start = Instant::now();
        let log = server.end();
        assert!(start.elapsed() < Duration::from_secs(15), "{log:#?}");
        let lost = |line: &&String| line.contains("was not exported is lost");
        assert_eq!(log.iter().filter(lost).count(), 1, "{log:#?}");
    }
}

/// A collector that takes connections, writes the beginning of an answer, if any, and never ends it.
fn silent(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        let mut kept = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            stream.write_all(answer).expect("it is taken");
            kept.push(stream);
        }
    });
    address
}

/// A collector, and the requests that come to it: a path and a body.
fn collector() -> (SocketAddr, Receiver<(String, Vec<u8>)>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
    let address = listener.local_addr().expect("an address");
    let (sender, receiver) = channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = BufReader::new(stream.expect("a connection"));
            let (head, body) = message(&mut stream);
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            assert!(
                head.contains("content-type: application/x-protobuf"),
                "{head}"
            );
            assert!(head.contains("x-token: abc"), "{head}");
            // Nobody may be there any more to be told.
            let _ = sender.send((path, body));
            let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
            stream.get_mut().write_all(answer).expect("it is taken");
        }
    });
    (address, receiver)
}

/// An HTTP message: its head in lower case, and its body.
fn message(stream: &mut impl BufRead) -> (String, Vec<u8>) {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert_ne!(stream.read_line(&mut head).expect("a line"), 0, "{head}");
    }
    let head = head.to_ascii_lowercase();
    let (_, length) = head.split_once("content-length: ").unwrap_or(("", "0\r"));
    let length = length.split('\r').next().and_then(|text| text.parse().ok());
    let mut body = vec![0; length.expect("a length")];
    stream.read_exact(&mut body).expect("a body");
    (head, body)
}

/// This executable as a server.
struct Server {
    process: Child,
    address: String,
    log: thread::JoinHandle<Vec<String>>,
}

impl Server {
    fn start(collector: SocketAddr) -> Self {
        let mut process = Command::new(std::env::current_exe().expect("this executable"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .env("SKILLS_LOG", "debug")
            .env("OTEL_EXPORTER_OTLP_ENDPOINT", format!("http://{collector}"))
            .env("OTEL_EXPORTER_OTLP_HEADERS", "x-token=abc")
            .env(
                "OTEL_RESOURCE_ATTRIBUTES",
                "deployment.environment.name=test",
            )
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let log = BufReader::new(process.stderr.take().expect("a pipe"));
        let mut lines = log.lines().map(|line| line.expect("a line"));
        let address = lines.by_ref().find_map(|line| {
            let (_, address) = line.split_once("Serving MCP at http://")?;
            Some(address.trim_end_matches("/mcp").to_owned())
        });
        Self {
            process,
            address: address.expect("it serves"),
            log: thread::spawn(move || lines.collect()),
        }
    }

    /// Asks something and waits for the answer, whatever it is.
    fn ask(&self, method: &str, params: &str, traceparent: &str) {
        let body =
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"{method}","params":{{{params}}}}}"#);
        let request = format!(
            "POST /mcp HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
             accept: application/json, text/event-stream\r\nmcp-protocol-version: 2025-11-25\r\n\
             traceparent: {traceparent}\r\ncontent-length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        let mut stream = BufReader::new(TcpStream::connect(&self.address).expect("it listens"));
        stream
            .get_mut()
            .write_all(request.as_bytes())
            .expect("it reads");
        let (head, _) = message(&mut stream);
        assert!(head.starts_with("http/1.1 200 "), "{head}");
    }

    /// Ends the server in good order; its log is what it said since it began to serve.
    fn end(mut self) -> Vec<String> {
        let id = self.process.id().to_string();
        let told = Command::new("kill").args(["-TERM", &id]).status();
        assert!(told.expect("there is `kill`").success());
        assert!(self.process.wait().expect("it ends").success());
        self.log.join().expect("the log is read")
    }
}

fn meta(traceparent: &str) -> String {
    format!(r#""_meta":{{"traceparent":"{traceparent}"}}"#)
}

/// The spans in the order in which they ended, and how many values each metric has.
fn decode(received: &Receiver<(String, Vec<u8>)>) -> (Vec<Span>, BTreeMap<String, u64>) {
    let (mut spans, mut measured) = (Vec::new(), BTreeMap::new());
    for (path, body) in received.try_iter() {
        match path.as_str() {
            "/v1/traces" => {
                let request = ExportTraceServiceRequest::decode(&*body).expect("spans");
                for group in request.resource_spans {
                    check_resource(&group.resource.expect("a resource").attributes);
                    spans.extend(group.scope_spans.into_iter().flat_map(|scope| scope.spans));
                }
            }
            "/v1/metrics" => {
                let request = ExportMetricsServiceRequest::decode(&*body).expect("metrics");
                let groups = request.resource_metrics.into_iter();
                let scopes = groups.flat_map(|group| group.scope_metrics);
                for metric in scopes.flat_map(|scope| scope.metrics) {
                    assert_eq!(metric.unit, "s");
                    let Some(Data::Histogram(histogram)) = metric.data else {
                        panic!("{} is no histogram", metric.name);
                    };
                    // Each export has the sums so far.
                    let values = histogram.data_points.iter().map(|point| point.count);
                    measured.insert(metric.name, values.sum());
                }
            }
            _ => panic!("nothing is exported to {path}"),
        }
    }
    (spans, measured)
}

fn check_resource(attributes: &[KeyValue]) {
    assert_eq!(text(attributes, "service.name"), "sample");
    assert_eq!(text(attributes, "service.version"), "1.2.3");
    assert!(text(attributes, "skills.digest").starts_with("sha256:"));
    assert_eq!(text(attributes, "deployment.environment.name"), "test");
}

fn attribute<'a>(span: &'a Span, key: &str) -> &'a str {
    text(&span.attributes, key)
}

/// The value of an attribute that is a text; empty if there is none.
fn text<'a>(attributes: &'a [KeyValue], key: &str) -> &'a str {
    let attribute = attributes.iter().find(|attribute| attribute.key == key);
    match attribute.map(|attribute| attribute.value.as_ref().and_then(|any| any.value.as_ref())) {
        Some(Some(Value::StringValue(text))) => text,
        Some(other) => panic!("{key} is {other:?}"),
        None => "",
    }
}

/// The `traceparent` that a span is the child of.
fn parent(span: &Span) -> String {
    let hex = |bytes: &[u8]| -> Vec<_> { bytes.iter().map(|byte| format!("{byte:02x}")).collect() };
    let (trace, span) = (hex(&span.trace_id), hex(&span.parent_span_id));
    format!("00-{}-{}-01", trace.concat(), span.concat())
}
