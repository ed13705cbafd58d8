//! The life of the process: how it starts or does not, how it is asked how it is, and how it ends.

use std::net::TcpListener;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use serde_json::json;

use super::conversation::{Conversation, Request, ask};
use crate::server::{EXECUTABLE, STATELESS};
use crate::service::{Service, folder, serve};

fn list() -> Request {
    Request::call(STATELESS, &json!(1), "tools/list", json!({}))
}

/// A conversation in the middle of a request, and what is to come of it.
fn begun(service: &Service) -> (Conversation, Vec<u8>) {
    let bytes = list().bytes();
    let text = String::from_utf8(bytes).expect("text");
    let (head, body) = text.split_once("\r\n\r\n").expect("a body");
    let mut conversation = Conversation::connect(service.address());
    conversation.write(format!("{head}\r\nExpect: 100-continue\r\n\r\n").as_bytes());
    // The server waits for the body now.
    assert_eq!(conversation.head().status, 100);
    (conversation, body.as_bytes().to_vec())
}

fn listen(service: &Service) -> Conversation {
    let request = Request::call(
        STATELESS,
        &json!("listen"),
        "subscriptions/listen",
        json!({ "notifications": {} }),
    );
    let mut stream = Conversation::connect(service.address());
    stream.write(&request.bytes());
    let head = stream.head();
    assert_eq!(head.status, 200);
    assert_eq!(head.header("content-type"), Some("text/event-stream"));
    stream
}

#[test]
fn what_is_under_way_is_answered_before_the_end() {
    let mut service = Service::start(&[]);
    let under_way: Vec<_> = (0..50).map(|_| begun(&service)).collect();
    let mut idle = Conversation::connect(service.address());
    assert_eq!(idle.ask(&list()).status, 200);
    let mut stream = listen(&service);
    service.signal("TERM");
    service.until("Stopping, because of SIGTERM");
    assert!(idle.has_ended());
    for (mut conversation, body) in under_way {
        conversation.write(&body);
        let answer = conversation.answer();
        assert_eq!(answer.status, 200);
        assert!(answer.json()["result"]["tools"].is_array());
        assert!(conversation.has_ended());
    }
    while stream.chunk().is_some() {}
    let gone = service.gone();
    assert_eq!(gone.status.code(), Some(0), "{}", gone.log);
    assert!(gone.log.ends_with("Stopped"), "{}", gone.log);
}

#[test]
fn a_subscription_is_acknowledged_and_kept_alive_and_ended() {
    let mut service = Service::start(&[]);
    let mut stream = listen(&service);
    let first = String::from_utf8(stream.chunk().expect("an event")).expect("text");
    assert!(
        first.contains("notifications/subscriptions/acknowledged"),
        "{first}"
    );
    let next = String::from_utf8(stream.chunk().expect("a sign of life")).expect("text");
    assert!(next.starts_with(':'), "{next}");
    service.signal("TERM");
    service.until("Stopping");
    while stream.chunk().is_some() {}
    assert_eq!(service.gone().status.code(), Some(0));
}

#[test]
fn traffic_is_sent_elsewhere_before_the_door_is_closed() {
    let mut service = Service::start(&["--drain-delay", "60s"]);
    let ready = Request::get("/health/ready");
    assert_eq!(ask(service.address(), &ready).status, 200);
    service.signal("TERM");
    service.until("Stopping");
    let answer = ask(service.address(), &ready);
    assert_eq!(
        (answer.status, answer.json()["status"].as_str()),
        (503, Some("draining"))
    );
    assert_eq!(ask(service.address(), &Request::get("/health")).status, 503);
    assert_eq!(
        ask(service.address(), &Request::get("/health/live")).status,
        200
    );
    assert_eq!(
        ask(service.address(), &list()).status,
        200,
        "it still serves"
    );
    // Whoever is in a hurry says so again.
    service.signal("INT");
    let gone = service.gone();
    assert_eq!(gone.status.code(), Some(130), "{}", gone.log);
}

#[test]
fn nobody_keeps_the_server_from_ending() {
    let service = Service::start(&["--drain-timeout", "500ms", "--body-timeout", "1h"]);
    let (mut conversation, _) = begun(&service);
    let start = Instant::now();
    let gone = service.stop();
    assert_eq!(gone.status.code(), Some(0), "{}", gone.log);
    assert!(
        gone.log.contains("connections that did not end in time"),
        "{}",
        gone.log
    );
    assert!(start.elapsed() < Duration::from_secs(20));
    assert!(conversation.has_ended());
}

/// What the server says of flags that it does not take, with the code that it ends with.
fn refused(command: &mut Command, code: i32) -> String {
    let Output {
        status,
        stderr,
        stdout,
    } = command.output().expect("it runs");
    let said = String::from_utf8(stderr).expect("text");
    assert_eq!(status.code(), Some(code), "{said}");
    assert!(stdout.is_empty());
    said
}

fn says(said: &str, words: &[&str]) {
    for word in words {
        assert!(said.contains(word), "{word:?} in {said}");
    }
}

#[test]
fn what_cannot_be_served_is_said_with_what_to_do() {
    let other = Service::start(&[]);
    let held = other.address().to_string();
    says(
        &refused(
            Command::new(EXECUTABLE).args(["serve", "--listen", &held]),
            1,
        ),
        &["cannot listen on", &held, "--listen"],
    );
    says(
        &refused(&mut serve(&["--listen", "0.0.0.0:0"]), 2),
        &["0.0.0.0:0 can be reached from other machines", "--insecure"],
    );
    for (flag, value, words) in [
        ("--listen", "localhost:3001", "IP:PORT"),
        ("--listen", "unix:", "the path of the UNIX socket"),
        ("--max-body", "much", "--max-body"),
        ("--max-requests", "0", "--max-requests"),
        ("--max-connections", "-1", "--max-connections"),
        ("--header-timeout", "0s", "longer than nothing"),
        ("--body-timeout", "10", "30s"),
        ("--allowed-host", "https://x.test", "without a scheme"),
        ("--allowed-origin", "x.test", "https://app.example.com"),
        ("--trusted-proxy", "10.0.0.0/99", "10.0.0.0/8"),
        ("--access-log", "some", "failures"),
        ("--no-such-flag", "x", "--no-such-flag"),
    ] {
        let option = format!("{flag}={value}");
        says(&refused(&mut serve(&[&option]), 2), &[words]);
    }
    for (variable, value, words) in [
        ("SKILLS_MAX_BODY", "much", "--max-body"),
        ("SKILLS_HEADER_TIMEOUT", "soon", "--header-timeout"),
        ("SKILLS_ADMIN_LISTEN", "9090", "IP:PORT"),
        ("SKILLS_LOG", "loud", "SKILLS_LOG"),
    ] {
        says(&refused(serve(&[]).env(variable, value), 2), &[words]);
    }
}

#[test]
fn a_certificate_that_cannot_be_used_is_named() {
    let folder = folder("certificates");
    let missing = folder.join("missing.pem").display().to_string();
    let empty = folder.join("empty.pem").display().to_string();
    std::fs::write(&empty, "").expect("a file below target/");
    for file in [&missing, &empty] {
        let said = refused(&mut serve(&["--tls-cert", file, "--tls-key", file]), 1);
        says(&said, &["for TLS", file]);
    }
    says(
        &refused(&mut serve(&["--tls-cert", &missing]), 2),
        &["--tls-key"],
    );
}

#[test]
fn addresses_of_other_machines_are_served_if_that_is_meant() {
    let service = Service::start(&["--listen", "0.0.0.0:0", "--insecure"]);
    let log = service.stop().log;
    assert!(
        log.contains("Everyone who can reach this address can read all skills"),
        "{log}"
    );
}

fn health(arguments: &[&str]) -> Output {
    Command::new(EXECUTABLE)
        .arg("health")
        .args(arguments)
        .output()
        .expect("it runs")
}

#[test]
fn a_running_server_can_be_asked_how_it_is() {
    let mut service = Service::start(&["--drain-delay", "60s"]);
    let address = service.address().to_string();
    let output = health(&["--listen", &address]);
    assert_eq!(output.status.code(), Some(0));
    let said: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(said["status"], "healthy");
    assert_eq!(
        said["components"]["skills"]["skills"],
        crate::tree::skills().len()
    );
    service.signal("TERM");
    service.until("Stopping");
    let output = health(&["--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("draining"));
    service.signal("TERM");
    service.gone();
    let output = health(&["--listen", &address]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no server answers at"));
    // Somebody who listens and says nothing.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("an address").to_string();
    assert_eq!(
        health(&["--listen", &address, "--timeout", "200ms"])
            .status
            .code(),
        Some(1)
    );
}

#[test]
fn settings_say_where_they_are_from() {
    let mut command = serve(&["--max-body", "2MiB", "--print-config"]);
    let output = command
        .env("SKILLS_MAX_REQUESTS", "7")
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(0));
    let said = String::from_utf8(output.stdout).expect("text");
    let line = |flag: &str| {
        said.lines()
            .find(|line| line.starts_with(flag))
            .expect(flag)
            .to_owned()
    };
    says(
        &line("--max-body "),
        &["2MiB", "command line", "SKILLS_MAX_BODY"],
    );
    says(
        &line("--max-requests "),
        &["7", "environment", "SKILLS_MAX_REQUESTS"],
    );
    says(&line("--header-timeout "), &["10s", "default"]);
    let service = Service::with_admin(&["--max-body", "2MiB"]);
    let answer = ask(service.admin(), &Request::get("/config"));
    assert_eq!(
        answer.json()["max-body"],
        json!({ "value": "2MiB", "source": "command line", "variable": "SKILLS_MAX_BODY" })
    );
}
