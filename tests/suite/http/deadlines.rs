//! Clients that are slow or say nothing, and how many there may be.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use super::conversation::{Conversation, Request, ask};
use super::metrics::Metrics;
use crate::server::STATELESS;
use crate::service::{PATIENCE, Service};

const SHORT: Duration = Duration::from_millis(500);

fn list() -> Request {
    Request::call(STATELESS, &json!(1), "tools/list", json!({}))
}

/// Writes a byte whenever the server has said nothing for a while, until it ends the connection; what it said.
fn drip(address: std::net::SocketAddr, opening: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).expect("the server listens");
    stream
        .set_read_timeout(Some(Duration::from_millis(50)))
        .expect("a timeout");
    stream.write_all(opening).expect("the server reads");
    let (mut said, mut bytes) = (Vec::new(), [0; 1024]);
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        match stream.read(&mut bytes) {
            Ok(0) => return String::from_utf8(said).expect("text"),
            Ok(count) => said.extend(bytes.iter().take(count)),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {
                // It may have gone in between.
                let _ = stream.write_all(b"x");
            }
            Err(_) => return String::from_utf8(said).expect("text"),
        }
    }
    panic!("the connection does not end");
}

#[test]
fn a_connection_that_says_nothing_is_ended() {
    let service = Service::with_admin(&["--header-timeout", "500ms"]);
    let start = Instant::now();
    let mut silent = Conversation::connect(service.address());
    assert!(silent.has_ended());
    assert!(start.elapsed() >= SHORT, "not before its time");
    Metrics::until_refused(&service, "header_timeout", 1);
}

#[test]
fn headers_that_never_end_are_not_waited_for() {
    let service = Service::with_admin(&["--header-timeout", "500ms"]);
    assert_eq!(drip(service.address(), b"P"), "");
    assert_eq!(
        drip(
            service.address(),
            b"POST /mcp HTTP/1.1\r\nHost: localhost\r\nX-Slow: "
        ),
        ""
    );
    // The beginning of HTTP/2, all of it, and then nothing.
    for opening in ["PRI * HTTP/2.0\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"] {
        let mut conversation = Conversation::connect(service.address());
        conversation.write(opening.as_bytes());
        while !conversation.has_ended() {}
    }
    Metrics::until_refused(&service, "header_timeout", 4);
}

#[test]
fn a_second_request_that_never_ends_is_not_waited_for_either() {
    let service = Service::start(&["--header-timeout", "500ms", "--keep-alive", "500ms"]);
    let opening = [&list().bytes(), &b"POST /mcp HTTP/1.1\r\nHost: "[..]].concat();
    let said = drip(service.address(), &opening);
    assert_eq!(said.matches("HTTP/1.1 ").count(), 1, "{said}");
}

#[test]
fn a_body_that_never_ends_is_not_waited_for() {
    let service = Service::with_admin(&["--body-timeout", "500ms"]);
    let long = list().with("Content-Length", "1000").saying("{");
    let said = drip(service.address(), &long.bytes());
    assert!(
        said.starts_with("HTTP/1.1 408 ") && said.contains("connection: close"),
        "{said}"
    );
    let chunked = list()
        .with("Transfer-Encoding", "chunked")
        .saying("fff\r\n{");
    let said = drip(service.address(), &chunked.bytes());
    assert!(
        said.starts_with("HTTP/1.1 408 ") && said.contains("-32600"),
        "{said}"
    );
    assert_eq!(Metrics::of(&service).refused("body_timeout"), 2);
}

#[test]
fn a_body_that_breaks_off_is_counted() {
    let service = Service::with_admin(&[]);
    let mut conversation = Conversation::connect(service.address());
    conversation.write(&list().with("Content-Length", "1000").saying("{").bytes());
    conversation
        .socket()
        .shutdown(std::net::Shutdown::Write)
        .expect("it is open");
    while !conversation.has_ended() {}
    Metrics::until_refused(&service, "body_broken", 1);
}

#[test]
fn a_client_that_reads_nothing_is_let_go() {
    let service = Service::with_admin(&["--write-timeout", "500ms"]);
    let mut stream = TcpStream::connect(service.address()).expect("the server listens");
    stream.set_write_timeout(Some(PATIENCE)).expect("a timeout");
    let requests = Request::call(STATELESS, &json!(1), "skills/list", json!({}))
        .bytes()
        .repeat(100);
    let end = Instant::now() + PATIENCE;
    // At some time all buffers are full, and then it is let go.
    while stream.write_all(&requests).is_ok() {
        assert!(Instant::now() < end, "it is never let go");
    }
    Metrics::until_refused(&service, "write_timeout", 1);
}

#[test]
fn a_connection_that_is_not_used_is_ended() {
    let service = Service::with_admin(&["--keep-alive", "500ms"]);
    let mut conversation = Conversation::connect(service.address());
    for _ in 0..3 {
        assert_eq!(conversation.ask(&list()).status, 200);
    }
    let start = Instant::now();
    assert!(conversation.has_ended());
    assert!(start.elapsed() >= SHORT / 2);
    let metrics = Metrics::of(&service);
    assert_eq!(metrics.refused("header_timeout"), 0, "that is no mistake");
    assert_eq!(metrics.sum("mcp_connections", &[]), 1);
}

#[test]
fn a_client_may_say_that_it_is_done() {
    let service = Service::start(&[]);
    let mut conversation = Conversation::connect(service.address());
    assert_eq!(
        conversation.ask(&list().with("Connection", "close")).status,
        200
    );
    assert!(conversation.has_ended());
    let mut old = Conversation::connect(service.address());
    let text = String::from_utf8(list().bytes()).expect("text");
    old.write(text.replacen("HTTP/1.1", "HTTP/1.0", 1).as_bytes());
    assert_eq!(old.answer().status, 200);
    assert!(old.has_ended());
}

fn fill(flag: &str, reason: &str) {
    let service = Service::with_admin(&[flag, "2"]);
    let mut first = Conversation::connect(service.address());
    let mut second = Conversation::connect(service.address());
    for conversation in [&mut first, &mut second] {
        assert_eq!(conversation.ask(&list()).status, 200);
    }
    let mut third = Conversation::connect(service.address());
    let answer = third.answer();
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (503, Some("1"))
    );
    assert_eq!(answer.header("connection"), Some("close"));
    assert!(third.has_ended());
    // Those who are there are served, and operators see it.
    assert_eq!(second.ask(&list()).status, 200);
    assert_eq!(ask(service.admin(), &Request::get("/health")).status, 200);
    assert_eq!(Metrics::of(&service).refused(reason), 1);
    first.ask(&list().with("Connection", "close"));
    assert!(first.has_ended());
    let end = Instant::now() + PATIENCE;
    loop {
        // The place is free when the server has seen the end, too.
        let mut next = Conversation::connect(service.address());
        next.write(&list().bytes());
        if next.answer().status == 200 {
            break;
        }
        assert!(Instant::now() < end, "no place becomes free");
    }
}

#[test]
fn connections_are_as_many_as_there_may_be() {
    fill("--max-connections", "connections");
    fill("--max-connections-per-client", "connections_per_client");
}

/// A conversation in the middle of a request with spaces behind it, and the rest of that.
fn begun(service: &Service, spaces: usize) -> (Conversation, String) {
    let request = Request::call(STATELESS, &json!("slow"), "tools/list", json!({}));
    let whole = String::from_utf8(request.bytes()).expect("text");
    let (_, body) = whole.split_once("\r\n\r\n").expect("a body");
    let body = format!("{body}{}", " ".repeat(spaces));
    let whole = request.with("Expect", "100-continue").saying(body).bytes();
    let whole = String::from_utf8(whole).expect("text");
    let (head, body) = whole.split_once("\r\n\r\n").expect("a body");
    let mut conversation = Conversation::connect(service.address());
    conversation.write(format!("{head}\r\n\r\n").as_bytes());
    // When the server asks for the body, it is at work on the request.
    assert_eq!(conversation.head().status, 100);
    (conversation, body.to_owned())
}

#[test]
fn bodies_that_come_slowly_keep_nobody_out() {
    // A place is free again when the whole answer has been written, which the client may see first.
    let service = Service::start(&["--max-requests", "3"]);
    let slow: Vec<_> = (0..10)
        .map(|number| begun(&service, 10_000 * number))
        .collect();
    assert_eq!(ask(service.address(), &list()).status, 200);
    for (mut conversation, body) in slow {
        conversation.write(body.as_bytes());
        assert_eq!(conversation.answer().status, 200);
    }
}

#[test]
fn a_body_has_to_come_with_a_rate() {
    let service = Service::with_admin(&["--min-body-rate", "1MiB"]);
    let long = list().with("Content-Length", "100000").saying("{");
    let said = drip(service.address(), &long.bytes());
    assert!(
        said.starts_with("HTTP/1.1 408 ") && said.contains("1048576 bytes a second"),
        "{said}"
    );
    assert_eq!(Metrics::of(&service).refused("body_rate"), 1);
}
