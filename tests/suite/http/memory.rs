//! What requests cost in memory: bodies that grow when they are read, many at once, and a client that asks for little meanwhile.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http2::handshake;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::{Value, json};

use super::conversation::{BOTH, Conversation, Request, ask, message};
use super::metrics::Metrics;
use crate::footprint::{BODY_BYTES, growing, peak, resident};
use crate::server::{INITIALIZED, STATELESS};
use crate::service::Service;

/// How many requests are sent at once.
const AT_ONCE: usize = 64;

/// The most that the process may take, in KiB.
const MOST: usize = 128 * 1024;

const ATTACKER: &str = "192.0.2.1";
const OTHER: &str = "192.0.2.2";

fn post(body: String, client: &str) -> Request {
    Request::post(body)
        .set("MCP-Protocol-Version", INITIALIZED[3])
        .with("X-Forwarded-For", client)
}

fn small() -> Request {
    // Not of the common shape, so that it goes the long way.
    let params = json!({ "_meta": { "com.example/uncommon": [1] } });
    let message = message(INITIALIZED[3], &json!(1), "tools/list", params);
    post(message.to_string(), OTHER)
}

/// What a request gets that has more to say than is read, or asks for what is wrong, or comes while there is no room.
fn is_answer(status: u16) -> bool {
    matches!(status, 200 | 400 | 429 | 503)
}

#[test]
fn worst_case_bodies_side_by_side_stay_within_the_memory_budget() {
    let service = Service::start(&["--trusted-proxy", "127.0.0.1", "--body-timeout", "60s"]);
    let address = service.address();
    // What is made when it is first needed is there.
    assert_eq!(ask(address, &small()).status, 200);
    let before = resident(service.process());
    let bodies = growing(BODY_BYTES);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let victim = scope.spawn(|| {
            let mut conversation = Conversation::connect(address);
            let mut answered = 0;
            while !is_over.load(Ordering::Relaxed) {
                let answer = conversation.ask(&small());
                assert_eq!(answer.status, 200, "{}", answer.text());
                answered += 1;
            }
            answered
        });
        let attacks: Vec<_> = (0..AT_ONCE)
            .map(|number| {
                let body = &bodies[number % bodies.len()];
                scope.spawn(move || ask(address, &post(body.clone(), ATTACKER)).status)
            })
            .collect();
        for attack in attacks {
            let status = attack.join().expect("an answer");
            assert!(is_answer(status), "{status}");
        }
        is_over.store(true, Ordering::Relaxed);
        assert!(victim.join().expect("answers") > 0);
    });
    let most = peak(service.process());
    assert!(most <= MOST, "{most} KiB");
    assert_given_back(&service, before);
}

#[test]
fn worst_case_bodies_of_one_connection_stay_within_the_memory_budget() {
    let service = Service::start(&["--body-timeout", "60s"]);
    let bodies = growing(BODY_BYTES);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.expect("an event loop").block_on(async {
        let stream = tokio::net::TcpStream::connect(service.address()).await;
        let stream = TokioIo::new(stream.expect("the server listens"));
        let (sender, connection) = handshake(TokioExecutor::new(), stream)
            .await
            .expect("HTTP/2");
        drop(tokio::spawn(connection));
        let requests: Vec<_> = (0..AT_ONCE)
            .map(|number| {
                let body = Bytes::from(bodies[number % bodies.len()].clone());
                let request = hyper::Request::post("http://localhost/mcp")
                    .header("content-type", "application/json")
                    .header("accept", BOTH)
                    .header("mcp-protocol-version", INITIALIZED[3]);
                let request = request.body(Full::<Bytes>::from(body)).expect("a request");
                let mut sender = sender.clone();
                tokio::spawn(async move {
                    let response = sender.send_request(request).await.expect("an answer");
                    let status = response.status().as_u16();
                    response.into_body().collect().await.expect("a body");
                    status
                })
            })
            .collect();
        for request in requests {
            let status = request.await.expect("it ends");
            assert!(is_answer(status), "{status}");
        }
    });
    let most = peak(service.process());
    assert!(most <= MOST, "{most} KiB");
}

#[test]
fn a_message_that_is_too_much_is_told_which_limit_it_exceeds() {
    let service = Service::with_admin(&[]);
    for (unit, limit) in [
        (r#"{"":1}"#, "at most 8192 object members"),
        ("[[]]", "at most 16384 values"),
    ] {
        let many = vec![unit; 20_000].join(",");
        let body =
            format!(r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"x":[{many}]}}}}"#);
        let answer = ask(service.address(), &post(body, OTHER));
        assert_eq!((answer.status, answer.code()), (400, Some(-32600)));
        assert!(answer.text().contains(limit), "{}", answer.text());
    }
    let nested = format!("{}{}", "[".repeat(65), "]".repeat(65));
    let answer = ask(service.address(), &post(nested, OTHER));
    assert_eq!((answer.status, answer.code()), (400, Some(-32700)));
    assert!(
        answer.text().contains("at most 64 levels"),
        "{}",
        answer.text()
    );
    assert_eq!(Metrics::of(&service).refused("message"), 3);
}

/// What a subscription came with is given back before its stream ends, so that streams cost little.
#[test]
fn an_open_stream_keeps_none_of_the_memory_that_its_request_cost() {
    let flags = ["--max-request-memory", "26MiB"];
    let service = Service::with_admin(&flags);
    // Some eight mebibytes as a tree: two of them are more than one client may have.
    let costly = vec![json!({ "": 1 }); 8_000];
    let mut listen = message(
        STATELESS,
        &json!("stream"),
        "subscriptions/listen",
        json!({ "notifications": {} }),
    );
    listen["params"]["_meta"]["com.example/costly"] = costly.clone().into();
    let mut streams = Vec::new();
    for _ in 0..3 {
        let mut stream = Conversation::connect(service.address());
        stream.write(&Request::message(STATELESS, &listen).bytes());
        let head = stream.head();
        assert_eq!(head.status, 200, "{}", head.text());
        assert_eq!(head.header("content-type"), Some("text/event-stream"));
        streams.push(stream);
    }
    let params = json!({ "_meta": { "com.example/costly": costly } });
    let large = message(INITIALIZED[3], &json!(1), "tools/list", params);
    let answer = ask(service.address(), &post(large.to_string(), OTHER));
    assert_eq!(answer.status, 200, "{}", answer.text());
    assert_eq!(
        Metrics::of(&service).refused("request_memory_per_client"),
        0
    );
}

#[test]
fn an_answer_does_not_repeat_all_of_a_long_name() {
    let service = Service::start(&[]);
    let long = "x".repeat(500_000);
    for (method, params) in [
        ("no/such".to_owned(), json!({})),
        (long.clone(), json!({})),
        ("resources/read".to_owned(), json!({ "uri": long })),
        ("tools/call".to_owned(), json!({ "name": long })),
        (
            "tools/call".to_owned(),
            json!({ "name": "read_skill", "arguments": { "skill": long } }),
        ),
        (
            "tools/call".to_owned(),
            json!({ "name": "read_skill", "arguments": { long.as_str(): 1 } }),
        ),
        ("prompts/get".to_owned(), json!({ "name": long })),
        ("skills/list".to_owned(), json!({ "cursor": long })),
        ("skills/list".to_owned(), Value::from(vec![long.as_str()])),
        (
            "completion/complete".to_owned(),
            json!({ "ref": { "type": long }, "argument": { "name": "x", "value": "" } }),
        ),
    ] {
        let message = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        let answer = ask(service.address(), &post(message.to_string(), OTHER));
        let bytes = answer.text().len();
        assert!(
            bytes < 8_000,
            "{bytes} bytes for {}",
            &message.to_string()[..60]
        );
    }
}

/// The memory comes back within ten seconds but for a fifth of what was taken at the start, and a little more.
fn assert_given_back(service: &Service, before: usize) {
    let end = Instant::now() + Duration::from_secs(10);
    let most = before + before / 5;
    loop {
        let now = resident(service.process());
        if now <= most {
            return;
        }
        assert!(Instant::now() < end, "{now} KiB after {before} KiB");
        thread::park_timeout(Duration::from_millis(100));
    }
}
