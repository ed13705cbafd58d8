//! Requests of which two readers could disagree where they end: each is refused, or the connection ends with its answer, so
//! that nothing in a body is ever taken for a request.

use serde_json::json;

use super::conversation::{Conversation, Request};
use crate::server::STATELESS;
use crate::service::Service;

/// What must not be answered: it would be a second answer.
const SMUGGLED: &str = "GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n";

fn list() -> Request {
    Request::call(STATELESS, &json!(1), "tools/list", json!({}))
}

/// Sends bytes; the statuses of all answers until the server ends the connection.
fn statuses(service: &Service, bytes: &[u8]) -> Vec<u16> {
    let mut conversation = Conversation::connect(service.address());
    conversation.write(bytes);
    // A server that has refused what it got may have ended the connection already.
    let _ = conversation.socket().shutdown(std::net::Shutdown::Write);
    let mut statuses = Vec::new();
    while let Some(answer) = conversation.answer_if_any() {
        statuses.push(answer.status);
    }
    statuses
}

fn head(extra: &str) -> String {
    format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream\r\n{extra}"
    )
}

#[test]
fn a_length_that_is_not_sure_is_refused() {
    let service = Service::start(&[]);
    for lengths in [
        "Content-Length: 2\r\nContent-Length: 3\r\n",
        "Content-Length: 2, 3\r\n",
        "Content-Length: +2\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 0x2\r\n",
        "Content-Length: 2 2\r\n",
        "Content-Length: \r\n",
        "Content-Length: 99999999999999999999999\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: gzip\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Content-Length : 2\r\n",
        " Content-Length: 2\r\n",
        "X: y\r\n Content-Length: 2\r\n",
        "X: y\r\n\tz\r\n",
        "X\0: y\r\n",
        "X: \0\r\n",
        "X: a\rb\r\n",
        ": y\r\n",
        "no colon\r\n",
    ] {
        let bytes = format!("{}\r\n{{}}{SMUGGLED}", head(lengths));
        let found = statuses(&service, bytes.as_bytes());
        assert_eq!(found, [400], "{lengths:?}");
    }
}

/// RFC 9112, section 6.3: the encoding counts, and the connection ends afterwards.
#[test]
fn a_length_beside_an_encoding_leads_nowhere() {
    let service = Service::start(&[]);
    for both in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    ] {
        let bytes = format!("{}\r\n0\r\n\r\n{SMUGGLED}", head(both));
        let found = statuses(&service, bytes.as_bytes());
        assert_eq!(found, [400], "{both:?}");
    }
}

#[test]
fn pieces_that_are_not_well_formed_are_refused() {
    let service = Service::start(&[]);
    for pieces in [
        "zz\r\n{}\r\n0\r\n\r\n",
        "-2\r\n{}\r\n0\r\n\r\n",
        "0x2\r\n{}\r\n0\r\n\r\n",
        "2\r\n{}0\r\n\r\n",
        "ffffffffffffffff1\r\n{}\r\n0\r\n\r\n",
        "2\n{}\r\n0\r\n\r\n",
        "1\r\n{}\r\n0\r\n\r\n",
    ] {
        let bytes = format!(
            "{}\r\n{pieces}{SMUGGLED}",
            head("Transfer-Encoding: chunked\r\n")
        );
        let found = statuses(&service, bytes.as_bytes());
        assert_eq!(found, [400], "{pieces:?}");
    }
}

#[test]
fn what_is_no_http_is_refused() {
    let service = Service::start(&[]);
    for bytes in [
        "hello\r\n\r\n",
        "GET\r\n\r\n",
        "GET /health HTTP/3.0\r\nHost: localhost\r\n\r\n",
        "GET  /health HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /he alth HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{0}\u{5}hello\r\n\r\n",
    ] {
        assert_eq!(statuses(&service, bytes.as_bytes()), [400], "{bytes:?}");
    }
}

#[test]
fn requests_in_a_row_are_answered_in_a_row() {
    let service = Service::start(&[]);
    let last = Request::get("/nowhere").with("Connection", "close");
    let bare = "GET /health/live HTTP/1.1\nHost: localhost\n\n";
    let row = [
        &list().bytes(),
        SMUGGLED.as_bytes(),
        bare.as_bytes(),
        &list().bytes(),
        &last.bytes(),
    ]
    .concat();
    let mut conversation = Conversation::connect(service.address());
    conversation.write(&row);
    let statuses = [(); 5].map(|()| conversation.answer().status);
    assert_eq!(statuses, [200, 200, 200, 200, 404]);
    assert!(conversation.has_ended());
}
