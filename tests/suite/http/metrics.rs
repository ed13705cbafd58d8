//! Metrics, as a scraper reads them, and what is counted of requests that are known.

use std::collections::BTreeMap;
use std::io::Write;
use std::net::SocketAddr;
use std::process::Stdio;
use std::time::Instant;

use serde_json::{Value, json};

use super::conversation::{Conversation, Request, ask};
use crate::installation::python;
use crate::server::{INITIALIZED, STATELESS};
use crate::service::{PATIENCE, Service};

const DOCUMENT: &str = "skill://conventional-commits/SKILL.md";

/// The samples of one scrape, by name and labels.
#[derive(Debug)]
pub(crate) struct Metrics(BTreeMap<(String, BTreeMap<String, String>), String>);

impl Metrics {
    pub(crate) fn of(service: &Service) -> Self {
        Self::at(service.admin())
    }

    /// Those of a server whose operators connect to this address.
    pub(crate) fn at(admin: SocketAddr) -> Self {
        Self::parse(&scrape(admin))
    }

    fn parse(text: &str) -> Self {
        let samples = text.lines().filter(|line| !line.starts_with('#'));
        Self(samples.map(sample).collect())
    }

    /// The sum of the samples of a name that have these labels among theirs.
    pub(crate) fn sum(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        let samples = self.0.iter().filter(|((known, all), _)| {
            let has =
                |(label, value): &(&str, &str)| all.get(*label).is_some_and(|found| found == value);
            known == name && labels.iter().all(has)
        });
        let counts = samples.map(|(_, value)| value.parse::<u64>().expect("a count"));
        counts.sum()
    }

    /// How often something was refused for a reason.
    pub(crate) fn refused(&self, reason: &str) -> u64 {
        self.sum("mcp_refusals_total", &[("reason", reason)])
    }

    /// Returns when that has been as often as this; a connection is counted after its end can be seen.
    pub(crate) fn until_refused(service: &Service, reason: &str, count: u64) {
        let end = Instant::now() + PATIENCE;
        loop {
            let found = Self::of(service).refused(reason);
            if found == count {
                return;
            }
            assert!(
                found < count && Instant::now() < end,
                "{reason}: {found} of {count}"
            );
        }
    }
}

/// Returns when so many requests are under way.
fn until_under_way(service: &Service, count: u64) {
    let end = Instant::now() + PATIENCE;
    loop {
        let found = Metrics::of(service).sum("mcp_inflight_requests", &[]);
        if found == count {
            return;
        }
        assert!(Instant::now() < end, "{found} requests are under way");
    }
}

pub(crate) fn scrape(admin: SocketAddr) -> String {
    let request = Request::get("/metrics").with("Accept", "application/openmetrics-text");
    let answer = ask(admin, &request);
    assert_eq!(answer.status, 200);
    let kind = answer.header("content-type").expect("a type");
    assert!(
        kind.starts_with("application/openmetrics-text; version=1.0"),
        "{kind}"
    );
    answer.text().to_owned()
}

/// One line: a name, perhaps labels, a number. No value here has a quote in it.
fn sample(line: &str) -> ((String, BTreeMap<String, String>), String) {
    let (series, value) = line.rsplit_once(' ').expect("a value");
    let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
    let mut labels = labels.strip_suffix('}').expect("labels that end");
    let mut found = BTreeMap::new();
    while let Some((label, rest)) = labels.split_once("=\"") {
        let (value, rest) = rest.split_once('"').expect("a value that ends");
        found.insert(label.to_owned(), value.to_owned());
        labels = rest.strip_prefix(',').unwrap_or(rest);
    }
    assert_eq!(labels, "", "{line}");
    ((name.to_owned(), found), value.to_owned())
}

/// The names of all series with their labels, without values.
fn series(service: &Service) -> Vec<(String, BTreeMap<String, String>)> {
    Metrics::of(service).0.into_keys().collect()
}

fn read(version: &str, uri: &str) -> Request {
    Request::call(version, &json!(1), "resources/read", json!({ "uri": uri }))
}

#[test]
fn what_was_asked_is_counted_by_what_it_was_and_what_came_of_it() {
    let service = Service::with_admin(&[]);
    let mut conversation = Conversation::connect(service.address());
    for _ in 0..3 {
        conversation.ask(&read(STATELESS, DOCUMENT));
    }
    conversation.ask(&read(INITIALIZED[3], DOCUMENT));
    conversation.ask(&read(STATELESS, "skill://no/SKILL.md"));
    conversation.ask(&read(INITIALIZED[3], "skill://no/SKILL.md"));
    let id = json!(1);
    let call = |name: &str| {
        Request::call(
            STATELESS,
            &id,
            "tools/call",
            json!({ "name": name, "arguments": { "skill": "no" } }),
        )
    };
    conversation.ask(&call("read_skill"));
    conversation.ask(&call("no_such_tool"));
    let prompt = json!({ "name": "conventional-commits" });
    conversation.ask(&Request::call(STATELESS, &id, "prompts/get", prompt));
    conversation.ask(&Request::call(STATELESS, &id, "no/such", json!({})));
    let metrics = Metrics::of(&service);
    let operations = |labels: &[(&str, &str)]| {
        metrics.sum("mcp_server_operation_duration_seconds_count", labels)
    };
    let reads = ("mcp_method_name", "resources/read");
    let stateless = ("mcp_protocol_version", STATELESS);
    let fine = ("error_type", "");
    assert_eq!(operations(&[reads, stateless, fine]), 3);
    assert_eq!(
        operations(&[reads, ("mcp_protocol_version", INITIALIZED[3]), fine]),
        1
    );
    assert_eq!(operations(&[reads, stateless]), 4);
    assert_eq!(operations(&[reads]), 6);
    let tools = ("mcp_method_name", "tools/call");
    assert_eq!(
        operations(&[
            tools,
            ("gen_ai_tool_name", "read_skill"),
            ("error_type", "tool_error")
        ]),
        1
    );
    assert_eq!(
        operations(&[
            tools,
            ("gen_ai_tool_name", "_other"),
            ("error_type", "-32602")
        ]),
        1
    );
    assert_eq!(
        operations(&[("mcp_method_name", "_other"), ("error_type", "-32601")]),
        1
    );
    let skill = ("skill", "conventional-commits");
    assert_eq!(metrics.sum("mcp_skill_invocations_total", &[skill]), 5);
    let requests =
        |labels: &[(&str, &str)]| metrics.sum("http_server_request_duration_seconds_count", labels);
    let route = ("http_route", "/mcp");
    assert_eq!(requests(&[route, ("http_request_method", "POST")]), 10);
    assert_eq!(requests(&[route, ("http_response_status_code", "404")]), 1);
    assert_eq!(metrics.sum("mcp_connections", &[]), 2);
    assert_eq!(metrics.sum("mcp_inflight_requests", &[]), 1);
    assert_eq!(
        metrics.sum("mcp_build_info", &[("name", "skills-server")]),
        1
    );
    assert!(scrape(service.admin()).contains(
        "
process_resident_memory_bytes "
    ));
}

/// The parser of Prometheus' own client library, which is strict.
#[test]
fn the_text_is_what_scrapers_read() {
    let service = Service::with_admin(&[]);
    ask(service.address(), &read(STATELESS, DOCUMENT));
    ask(service.address(), &Request::get("/nowhere"));
    let text = scrape(service.admin());
    let mut command = python("metrics.py");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut input = child.stdin.take().expect("a pipe");
    input.write_all(text.as_bytes()).expect("it reads");
    drop(input);
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{text}");
    let read: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    for (name, kind) in [
        ("mcp_server_operation_duration_seconds", "histogram"),
        ("http_server_request_duration_seconds", "histogram"),
        ("mcp_skill_invocations", "counter"),
        ("mcp_refusals", "counter"),
        ("mcp_connections", "gauge"),
        ("mcp_build", "info"),
    ] {
        assert_eq!(read[name], kind, "{text}");
    }
}

/// Whatever clients write, the next of them makes no new series.
#[test]
fn clients_cannot_invent_labels() {
    let service = Service::with_admin(&[]);
    let invent = |word: &str| {
        let mut conversation = Conversation::connect(service.address());
        let id = json!(word);
        let method = format!("invented/{word}");
        let meta = json!({ "_meta": { "traceparent": word } });
        for request in [
            Request::call(STATELESS, &id, &method, json!({})),
            Request::call(INITIALIZED[3], &id, &method, json!({})),
            Request::call(STATELESS, &id, "tools/call", json!({ "name": word })),
            Request::call(STATELESS, &id, "prompts/get", json!({ "name": word })),
            Request::call(STATELESS, &id, "skills/list", meta),
            read(STATELESS, &format!("skill://{word}/SKILL.md")),
            read(INITIALIZED[3], DOCUMENT).set("MCP-Protocol-Version", word),
            read(STATELESS, DOCUMENT).set("Mcp-Method", word),
            Request::get(&format!("/{word}")),
            Request::get(&format!("/mcp?{word}")),
            Request::new(&word.to_uppercase(), "/mcp"),
            Request::get("/health").with("X-Request-Id", word),
        ] {
            conversation.ask(&request);
        }
        let host = read(STATELESS, DOCUMENT).set("Host", &format!("{word}.test"));
        ask(service.address(), &host);
        let page = read(STATELESS, DOCUMENT).with("Origin", &format!("https://{word}.test"));
        ask(service.address(), &page);
    };
    invent("apple");
    // The first scrape is counted, too.
    series(&service);
    let before = series(&service);
    invent("banana");
    let after = series(&service);
    assert_eq!(before, after);
    for (name, labels) in after {
        let has = |word: &str| {
            labels
                .values()
                .any(|value| value.to_lowercase().contains(word))
        };
        assert!(!has("apple") && !has("banana"), "{name} {labels:?}");
    }
}

#[test]
fn a_request_is_not_under_way_any_more_when_its_client_has_gone() {
    let service = Service::with_admin(&[]);
    let request = Request::call(STATELESS, &json!(1), "tools/list", json!({})).bytes();
    let mut client = Conversation::connect(service.address());
    client.write(&request[..request.len() - 1]);
    // The request for the metrics is one, too.
    until_under_way(&service, 2);
    drop(client);
    until_under_way(&service, 1);
}
