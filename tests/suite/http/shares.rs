//! One client that takes all it can get, and others that are served all the same. All of 127.0.0.0/8 is this machine, so that
//! clients can have addresses of their own.
#![cfg(target_os = "linux")]

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http2::{Builder, SendRequest};
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};
use tokio::net::TcpSocket;

use super::conversation::{Answer, BOTH, Conversation, Request, message};
use super::metrics::Metrics;
use crate::server::STATELESS;
use crate::service::{PATIENCE, Service};

const ATTACKER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const VICTIM: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 9);

fn event_loop() -> tokio::runtime::Runtime {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("an event loop")
}

/// A connection from an address of our own.
fn connect(from: Ipv4Addr, to: SocketAddr) -> Conversation {
    let stream = event_loop().block_on(async {
        let socket = TcpSocket::new_v4().expect("a socket");
        socket
            .bind(SocketAddr::from((from, 0)))
            .expect("an address of this machine");
        let stream = socket.connect(to).await.expect("the server listens");
        stream.into_std().expect("a socket")
    });
    stream.set_nonblocking(false).expect("it can be set");
    stream.set_read_timeout(Some(PATIENCE)).expect("a timeout");
    stream.set_write_timeout(Some(PATIENCE)).expect("a timeout");
    Conversation::over(stream)
}

fn list() -> Request {
    Request::call(STATELESS, &json!(1), "tools/list", json!({}))
}

/// A request whose body has begun, and no more.
fn half() -> Request {
    list().with("Content-Length", "30000").saying("{")
}

fn listen() -> Request {
    Request::call(
        STATELESS,
        &json!("mine"),
        "subscriptions/listen",
        json!({ "notifications": {} }),
    )
}

/// Asks on a new connection until the answer has this status.
fn until(service: &Service, from: Ipv4Addr, request: &Request, status: u16) -> Answer {
    let end = Instant::now() + PATIENCE;
    loop {
        let mut conversation = connect(from, service.address());
        conversation.write(&request.bytes());
        if let Some(answer) = conversation.answer_if_any()
            && answer.status == status
        {
            return answer;
        }
        assert!(Instant::now() < end, "never {status}");
    }
}

#[test]
fn bodies_of_one_client_take_its_share_of_the_memory_and_no_more() {
    let flags = ["--max-body", "64KiB", "--max-body-memory", "256KiB"];
    let service = Service::with_admin(&flags);
    let mut slow: Vec<_> = (0..12)
        .map(|_| connect(ATTACKER, service.address()))
        .collect();
    for conversation in &mut slow {
        conversation.write(&half().bytes());
    }
    // A share is 72 KiB here, and each body that is on its way takes 8 KiB and what has come.
    Metrics::until_refused(&service, "body_memory_per_client", 4);
    let refused = slow.iter_mut().find_map(|conversation| {
        let socket = conversation.socket();
        socket
            .set_read_timeout(Some(Duration::from_millis(100)))
            .expect("a timeout");
        // Where the machine is busy, one that was let in may have been too slow by now.
        let answer = conversation.answer_if_any();
        answer.filter(|answer| answer.status == 429)
    });
    let refused = refused.expect("an answer");
    assert_eq!(refused.code(), Some(-32000));
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(
        refused.json()["error"]["data"],
        json!({ "limit": "body_memory_per_client", "retryAfterMs": 1000 })
    );
    let mut other = connect(VICTIM, service.address());
    assert_eq!(other.ask(&list()).status, 200);
    other.write(&half().with("Expect", "100-continue").bytes());
    assert_eq!(other.head().status, 100, "its body is read as well");
}

#[test]
fn streams_of_one_client_leave_room_for_those_of_others() {
    let service = Service::with_admin(&["--max-streams", "8"]);
    let mut streams = Vec::new();
    let refused = loop {
        let mut stream = connect(ATTACKER, service.address());
        stream.write(&listen().bytes());
        let head = stream.head();
        if head.status != 200 {
            break head;
        }
        streams.push(stream);
        assert!(streams.len() < 8, "it takes all");
    };
    assert_eq!(refused.status, 429);
    assert_eq!(Metrics::of(&service).refused("streams_per_client"), 1);
    let mut other = connect(VICTIM, service.address());
    other.write(&listen().bytes());
    assert_eq!(other.head().status, 200);
    // Streams are no requests, which anybody may go on with.
    assert_eq!(
        connect(ATTACKER, service.address()).ask(&list()).status,
        200
    );
    drop(streams);
    let mut stream = connect(ATTACKER, service.address());
    let end = Instant::now() + PATIENCE;
    loop {
        stream.write(&listen().bytes());
        if stream.head().status == 200 {
            break;
        }
        assert!(Instant::now() < end, "no place becomes free");
        stream = connect(ATTACKER, service.address());
    }
}

#[test]
fn silent_connections_of_one_client_leave_room_for_others() {
    let service = Service::with_admin(&["--max-connections", "32"]);
    let silent: Vec<_> = (0..40)
        .map(|_| connect(ATTACKER, service.address()))
        .collect();
    Metrics::until_refused(&service, "connections_per_client", 40 - 21);
    for _ in 0..5 {
        assert_eq!(connect(VICTIM, service.address()).ask(&list()).status, 200);
    }
    drop(silent);
}

#[test]
fn silent_connections_make_room_when_all_places_are_taken() {
    let service = Service::with_admin(&["--max-connections", "4"]);
    // One of each: nobody has more than its share.
    let silent: Vec<_> = (2..6)
        .map(|last| connect(Ipv4Addr::new(127, 0, 0, last), service.address()))
        .collect();
    until(&service, VICTIM, &list(), 200);
    assert!(Metrics::of(&service).refused("evicted") > 0);
    drop(silent);
}

#[test]
fn a_connection_that_is_in_use_is_never_taken_away() {
    let service = Service::with_admin(&["--max-connections", "2"]);
    let mut streams: Vec<_> = (2..4)
        .map(|last| connect(Ipv4Addr::new(127, 0, 0, last), service.address()))
        .collect();
    for stream in &mut streams {
        stream.write(&listen().bytes());
        assert_eq!(stream.head().status, 200);
        assert!(stream.chunk().is_some());
    }
    let mut newcomer = connect(VICTIM, service.address());
    assert_eq!(newcomer.answer().status, 503);
    assert_eq!(Metrics::of(&service).refused("evicted"), 0);
    for stream in &mut streams {
        let socket = stream.socket();
        socket
            .set_read_timeout(Some(Duration::from_millis(100)))
            .expect("a timeout");
        let mut byte = [0];
        let kind = (&*socket).read(&mut byte).expect_err("it is open").kind();
        assert_eq!(kind, std::io::ErrorKind::WouldBlock);
    }
}

#[test]
fn a_stream_is_not_idle_and_ends_with_a_result_when_its_time_is_up() {
    let flags = ["--keep-alive", "300ms", "--max-stream-duration", "2s"];
    let mut service = Service::start(&[&flags[..], &["--access-log", "all"]].concat());
    let start = Instant::now();
    let mut stream = Conversation::connect(service.address());
    stream.write(&listen().bytes());
    assert_eq!(stream.head().status, 200);
    let mut last = Vec::new();
    while let Some(event) = stream.chunk() {
        last = event;
    }
    assert!(start.elapsed() >= Duration::from_secs(2), "it is cut off");
    let last = String::from_utf8(last).expect("text");
    let data = last.strip_prefix("data: ").expect("an event");
    let result: Value = serde_json::from_str(data.trim()).expect("JSON");
    assert_eq!(result["id"], "mine");
    assert_eq!(result["result"]["resultType"], "complete");
    assert_eq!(
        result["result"]["_meta"]["io.modelcontextprotocol/subscriptionId"],
        "mine"
    );
    assert_eq!(stream.ask(&list()).status, 200, "the connection goes on");
    // The log has it when it is over, with how long it was.
    let line = service.until("rpc=\"subscriptions/listen\"");
    let (_, micros) = line.split_once("micros=").expect("a duration");
    let micros = micros
        .split(' ')
        .next()
        .and_then(|micros| micros.parse().ok());
    assert!(
        micros.is_some_and(|micros: u64| micros >= 2_000_000),
        "{line}"
    );
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let bounded = async { tokio::time::timeout(PATIENCE, future).await };
    event_loop()
        .block_on(bounded)
        .expect("it comes to an end in time")
}

/// A connection of HTTP/2 whose streams have a window of so many bytes.
async fn narrow(service: &Service, window: u32) -> SendRequest<Full<Bytes>> {
    let stream = tokio::net::TcpStream::connect(service.address()).await;
    let stream = TokioIo::new(stream.expect("the server listens"));
    let mut builder = Builder::new(TokioExecutor::new());
    let handshake = builder.initial_stream_window_size(window).handshake(stream);
    let (sender, connection) = handshake.await.expect("the server speaks HTTP/2");
    drop(tokio::spawn(connection));
    sender
}

/// The answer to a request with more than ten kilobytes, of which only the head is read.
async fn skills(sender: &mut SendRequest<Full<Bytes>>) -> hyper::Response<Incoming> {
    let body = message(STATELESS, &json!(1), "skills/list", json!({})).to_string();
    let request = hyper::Request::post("http://localhost/mcp")
        .header("content-type", "application/json")
        .header("accept", BOTH)
        .header("mcp-protocol-version", STATELESS)
        .header("mcp-method", "skills/list")
        .body(Full::from(body));
    let response = sender.send_request(request.expect("a request")).await;
    response.expect("an answer")
}

#[test]
fn a_download_may_take_longer_than_a_connection_may_be_idle() {
    let flags = ["--keep-alive", "300ms", "--write-timeout", "2s"];
    let service = Service::start(&[&flags[..], &["--min-read-rate", "1KiB"]].concat());
    block_on(async {
        let mut sender = narrow(&service, 1024).await;
        let mut response = skills(&mut sender).await;
        let start = Instant::now();
        let mut whole = Vec::new();
        while let Some(frame) = response.body_mut().frame().await {
            let data = frame.expect("the rest of the answer").into_data();
            whole.extend(data.expect("data"));
            // This is how fast it reads.
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert!(start.elapsed() > Duration::from_millis(900), "it was slow");
        let answer: Value = serde_json::from_slice(&whole).expect("all of it");
        assert!(answer["result"]["skills"].is_array());
    });
}

#[test]
fn a_client_that_does_not_read_on_is_let_go_on_any_of_its_streams() {
    let service = Service::with_admin(&["--write-timeout", "500ms"]);
    block_on(async {
        let mut sender = narrow(&service, 1).await;
        let mut response = skills(&mut sender).await;
        let end = Instant::now() + PATIENCE;
        // The window is never opened: nothing of the body is read.
        while !sender.is_closed() {
            assert!(Instant::now() < end, "it is never let go");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let is_whole = loop {
            match response.body_mut().frame().await {
                Some(Ok(_)) => {}
                rest => break rest.is_none(),
            }
        };
        assert!(!is_whole, "it is not taken for all of the answer");
    });
    Metrics::until_refused(&service, "slow_reader", 1);
}

#[test]
fn an_answer_that_is_not_read_takes_a_place_among_the_requests() {
    let service = Service::with_admin(&["--max-requests", "1"]);
    block_on(async {
        let mut sender = narrow(&service, 1).await;
        let response = skills(&mut sender).await;
        let (address, victim) = (service.address(), VICTIM);
        let asking = std::thread::spawn(move || connect(victim, address).ask(&list()));
        while !asking.is_finished() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let refused = asking.join().expect("an answer");
        assert_eq!((refused.status, refused.code()), (503, Some(-32000)));
        assert_eq!(refused.header("retry-after"), Some("1"));
        drop(response);
    });
    until(&service, VICTIM, &list(), 200);
    assert!(Metrics::of(&service).refused("requests") >= 1);
}

/// A frame of HTTP/2 with nothing but zeros in it.
fn frame(length: u8, kind: u8, stream: u8) -> Vec<u8> {
    let mut frame = vec![0, 0, length, kind, 0, 0, 0, 0, stream];
    frame.resize(frame.len() + usize::from(length), 0);
    frame
}

/// A connection of HTTP/2 on which so many of these frames are sent; what the server says until it ends the connection.
fn flood(service: &Service, frame: &[u8], count: usize) -> Vec<u8> {
    let stream = connect(ATTACKER, service.address());
    let mut socket = stream.socket();
    let opening = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0";
    let end = Instant::now() + PATIENCE;
    let mut sent = socket.write_all(opening);
    for _ in 0..count.div_ceil(100) {
        if sent.is_err() {
            break;
        }
        sent = socket.write_all(&frame.repeat(100));
    }
    let (mut said, mut bytes) = (Vec::new(), [0; 8192]);
    socket
        .set_read_timeout(Some(Duration::from_millis(500)))
        .expect("a timeout");
    while let Ok(count @ 1..) = socket.read(&mut bytes) {
        said.extend(bytes.iter().take(count));
        assert!(Instant::now() < end, "it goes on and on");
    }
    said
}

#[test]
fn frames_that_serve_no_request_end_the_connection() {
    let service = Service::with_admin(&[]);
    // PING, SETTINGS, PRIORITY and a kind that nobody knows.
    let kinds = [(8, 6, 0), (0, 4, 0), (5, 2, 1), (3, 200, 0)];
    for (length, kind, stream) in kinds {
        flood(&service, &frame(length, kind, stream), 100_000);
    }
    Metrics::until_refused(&service, "h2_flood", kinds.len() as u64);
    // Those who only keep a connection alive have an answer to each.
    let said = flood(&service, &frame(8, 6, 0), 1000);
    let pong = [0, 0, 8, 6, 1, 0, 0, 0, 0];
    let answers = said.windows(9).filter(|window| *window == pong).count();
    assert_eq!(answers, 1000);
    assert_eq!(Metrics::of(&service).refused("h2_flood"), 4);
}
