//! What is posted: bodies that are no messages, headers that do not fit them, and all that is not a `POST` to `/mcp`.

use serde_json::{Value, json};

use super::conversation::{Conversation, Request, ask, message};
use super::metrics::Metrics;
use crate::server::{INITIALIZED, STATELESS};
use crate::service::Service;

const PARSE_ERROR: i64 = -32700;
const INVALID_REQUEST: i64 = -32600;
const METHOD_NOT_FOUND: i64 = -32601;
const INVALID_PARAMS: i64 = -32602;
const HEADER_MISMATCH: i64 = -32020;
const UNSUPPORTED_VERSION: i64 = -32022;

const DOCUMENT: &str = "skill://conventional-commits/SKILL.md";

fn list() -> Request {
    Request::call(STATELESS, &json!(1), "tools/list", json!({}))
}

fn call(method: &str, params: Value) -> Request {
    Request::call(STATELESS, &json!(1), method, params)
}

fn read() -> Request {
    Request::call(
        STATELESS,
        &json!(1),
        "resources/read",
        json!({ "uri": DOCUMENT }),
    )
}

/// After whatever was refused, the next request of the same connection is answered.
fn check(service: &Service, request: &Request, status: u16, code: i64) {
    let mut conversation = Conversation::connect(service.address());
    let answer = conversation.ask(request);
    assert_eq!(
        (answer.status, answer.code()),
        (status, Some(code)),
        "{request:?}: {}",
        answer.text()
    );
    assert_eq!(answer.header("content-type"), Some("application/json"));
    if answer.header("connection") != Some("close") {
        assert_eq!(conversation.ask(&list()).status, 200, "{request:?}");
    }
}

fn counted(reason: &str, count: u64, refuse: impl FnOnce(&Service)) {
    let service = Service::with_admin(&[]);
    refuse(&service);
    assert_eq!(Metrics::of(&service).refused(reason), count, "{reason}");
}

#[test]
fn a_body_that_is_not_json_is_a_parse_error() {
    let nested = format!("{}1{}", "[".repeat(200_000), "]".repeat(200_000));
    let objects = format!("{}1{}", "{\"a\":".repeat(100_000), "}".repeat(100_000));
    let bodies: [&[u8]; 14] = [
        b"",
        b" \r\n",
        b"hello",
        b"{",
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"} {}",
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",}",
        b"{'jsonrpc':'2.0'}",
        b"\0",
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"pi\0ng\"}",
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\"}",
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\\ud800\"}",
        b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\",\"x\":1e999}",
        nested.as_bytes(),
        objects.as_bytes(),
    ];
    counted("message", 14, |service| {
        for body in bodies {
            check(service, &list().saying(body), 400, PARSE_ERROR);
        }
    });
}

#[test]
fn json_that_is_no_request_is_an_invalid_request() {
    let bodies = [
        "[]",
        "7",
        "null",
        "\"ping\"",
        "{}",
        r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#,
        r#"{"jsonrpc":"1.0","id":1,"method":"tools/list"}"#,
        r#"{"jsonrpc":"2.0","id":null,"method":"tools/list"}"#,
        r#"{"jsonrpc":"2.0","id":1.5,"method":"tools/list"}"#,
        r#"{"jsonrpc":"2.0","id":99999999999999999999,"method":"tools/list"}"#,
        r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"tools/list"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"tools/list"}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":{"a":1,"a":1}}}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":7}"#,
        r#"{"jsonrpc":"2.0","id":1,"method":"ping","result":{}}"#,
    ];
    counted("message", bodies.len() as u64, |service| {
        for body in bodies {
            check(service, &list().saying(body), 400, INVALID_REQUEST);
        }
    });
}

#[test]
fn what_needs_no_answer_gets_none() {
    let service = Service::start(&[]);
    for (version, method) in [
        (INITIALIZED[3], "notifications/initialized"),
        (INITIALIZED[3], "notifications/cancelled"),
        (STATELESS, "notifications/cancelled"),
    ] {
        let mut notification = message(version, &json!(1), method, json!({ "requestId": 1 }));
        notification
            .as_object_mut()
            .expect("an object")
            .remove("id");
        let answer = ask(service.address(), &Request::message(version, &notification));
        assert_eq!((answer.status, answer.text()), (202, ""), "{method}");
    }
    // Nothing was asked of the client.
    let response = list().saying(r#"{"jsonrpc":"2.0","id":1,"result":{}}"#);
    check(&service, &response, 400, INVALID_REQUEST);
}

#[test]
fn a_body_has_a_size_that_is_borne() {
    counted("body_size", 3, |service| {
        let large = "x".repeat((1 << 20) + 1);
        let mut declared = Conversation::connect(service.address());
        // Nothing of it needs to be sent, nor asked for.
        declared.write(
            &list()
                .with("Expect", "100-continue")
                .with("Content-Length", "1048577")
                .saying("")
                .bytes(),
        );
        let answer = declared.answer();
        assert_eq!((answer.status, answer.code()), (413, Some(INVALID_REQUEST)));
        assert_eq!(answer.header("connection"), Some("close"));
        assert!(declared.has_ended());
        let mut sent = Conversation::connect(service.address());
        assert_eq!(sent.ask(&list().saying(large.clone())).status, 413);
        let mut pieces = Conversation::connect(service.address());
        let chunked = format!("{:x}\r\n{large}\r\n0\r\n\r\n", large.len());
        let answer = pieces.ask(&list().with("Transfer-Encoding", "chunked").saying(chunked));
        assert_eq!(answer.status, 413);
        assert!(pieces.has_ended());
        // One that is as large as may be is read.
        let blank = format!("{}{}", " ".repeat((1 << 20) - 2), "{}");
        check(service, &list().saying(blank), 400, INVALID_REQUEST);
    });
}

#[test]
fn a_body_may_come_in_pieces() {
    let service = Service::start(&[]);
    let body = message(
        STATELESS,
        &json!("pieces"),
        "resources/read",
        json!({ "uri": DOCUMENT }),
    )
    .to_string();
    let pieces: Vec<_> = body
        .chars()
        .map(|piece| format!("{:x}\r\n{piece}\r\n", piece.len_utf8()))
        .collect();
    let pieces = pieces.concat();
    let request = read()
        .with("Transfer-Encoding", "chunked")
        .saying(format!("{pieces}0\r\n\r\n"));
    let answer = ask(service.address(), &request);
    assert_eq!(answer.json()["id"], "pieces");
    assert!(answer.json()["result"]["contents"][0]["text"].is_string());
}

#[test]
fn headers_have_a_number_and_a_size_that_are_borne() {
    let service = Service::with_admin(&[]);
    let many = (0..150).fold(list(), |request, number| {
        request.with(&format!("X-{number}"), "x")
    });
    check(&service, &many, 431, INVALID_REQUEST);
    check(
        &service,
        &list().with("X-Large", &"x".repeat(20_000)),
        431,
        INVALID_REQUEST,
    );
    // These are more than is worth reading; there is an answer, and no more than that.
    let too_many = (0..250).fold(list(), |request, number| {
        request.with(&format!("X-{number}"), "x")
    });
    for request in [too_many, list().with("X-Large", &"x".repeat(40_000))] {
        let mut conversation = Conversation::connect(service.address());
        let answer = conversation.ask(&request);
        assert_eq!((answer.status, answer.text()), (431, ""));
        assert!(conversation.has_ended());
    }
    Metrics::until_refused(&service, "headers", 4);
}

#[test]
fn a_query_has_a_size_that_is_borne_and_no_meaning() {
    counted("query", 1, |service| {
        let to = |target: &str| {
            let bytes = list().bytes();
            let text = String::from_utf8(bytes).expect("text");
            let mut conversation = Conversation::connect(service.address());
            conversation.write(text.replacen("/mcp", target, 1).as_bytes());
            conversation.answer().status
        };
        assert_eq!(to("/mcp?x=1"), 200);
        assert_eq!(to(&format!("/mcp?{}", "x=1&".repeat(1000))), 400);
        assert_eq!(to("/mcp/"), 200);
        assert_eq!(to("/mcp/../mcp"), 404);
        assert_eq!(to("//mcp"), 404);
        assert_eq!(to("/%6dcp"), 404);
        assert_eq!(to("/MCP"), 404);
    });
}

#[test]
fn only_json_is_taken_and_given() {
    let service = Service::with_admin(&[]);
    for content_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json-patch+json",
        "",
        "json",
    ] {
        check(
            &service,
            &list().set("Content-Type", content_type),
            415,
            INVALID_REQUEST,
        );
    }
    check(
        &service,
        &list().without("Content-Type"),
        415,
        INVALID_REQUEST,
    );
    for encoding in ["gzip", "br", "identity, gzip"] {
        let compressed = list().set("Content-Encoding", encoding);
        check(&service, &compressed, 415, INVALID_REQUEST);
    }
    for accept in ["text/html", "*/*;q=0", "application/xml, text/plain"] {
        let refused = list().set("Accept", accept);
        check(&service, &refused, 406, INVALID_REQUEST);
    }
    let metrics = Metrics::of(&service);
    assert_eq!(metrics.refused("media_type"), 6);
    assert_eq!(metrics.refused("content_encoding"), 3);
    assert_eq!(metrics.refused("not_acceptable"), 3);
    for request in [
        list().set("Content-Type", "Application/JSON; charset=utf-8"),
        list().set("Content-Encoding", "identity"),
        list().at("/mcp/"),
    ] {
        assert_eq!(ask(service.address(), &request).status, 200, "{request:?}");
    }
}

#[test]
fn an_answer_has_a_form_that_the_client_accepts() {
    let service = Service::start(&[]);
    let listen = call("subscriptions/listen", json!({ "notifications": {} }));
    let forms = [
        (None, "application/json"),
        (Some(""), "application/json"),
        (Some("*/*"), "application/json"),
        (Some("*/*;q=0.8"), "application/json"),
        (Some("application/*, text/*"), "application/json"),
        (
            Some("text/event-stream;q=0.5 , APPLICATION/JSON"),
            "application/json",
        ),
        (Some("application/json"), "application/json"),
        (Some("text/event-stream"), "text/event-stream"),
        (Some("application/json;q=0, */*"), "text/event-stream"),
    ];
    for (accept, form) in forms {
        // One that is answered with a constant, and one that is not.
        for request in [list(), call("tools/call", json!({ "name": "list_skills" }))] {
            let request = match accept {
                Some(accept) => request.set("Accept", accept),
                None => request.without("Accept"),
            };
            let answer = ask(service.address(), &request);
            assert_eq!(answer.status, 200, "{accept:?}: {}", answer.text());
            assert_eq!(answer.header("content-type"), Some(form), "{accept:?}");
            let text = answer.text();
            let message = match form {
                "application/json" => text,
                _ => text
                    .strip_prefix("data: ")
                    .and_then(|text| text.strip_suffix("\n\n"))
                    .expect("one event"),
            };
            let message: Value = serde_json::from_str(message).expect("a message");
            assert!(message["result"].is_object(), "{message}");
        }
    }
    // Several headers are one list.
    let several = list()
        .set("Accept", "text/html")
        .with("Accept", "application/json");
    assert_eq!(ask(service.address(), &several).status, 200);
    // An error is JSON for everybody, and what is a stream is nothing for those who take only JSON.
    let unknown = call("nothing/such", json!({})).set("Accept", "text/event-stream");
    let answer = ask(service.address(), &unknown);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    let answer = ask(service.address(), &listen.set("Accept", "application/json"));
    assert_eq!(answer.status, 406, "{}", answer.text());
    assert!(
        answer.text().contains("text/event-stream"),
        "{}",
        answer.text()
    );
}

#[test]
fn other_methods_and_paths_are_not_there() {
    let service = Service::with_admin(&[]);
    for method in ["GET", "DELETE", "PUT", "PATCH", "HEAD", "TRACE", "BREW"] {
        let answer = ask_for_head(&service, &Request::new(method, "/mcp"));
        assert_eq!(answer, (405, Some("POST, OPTIONS".into())), "{method}");
    }
    assert_eq!(
        ask_for_head(&service, &Request::new("POST", "/health")),
        (405, Some("GET, HEAD".into()))
    );
    for path in ["/", "/nowhere", "/metrics", "/config", "/admin", "/sse"] {
        assert_eq!(
            ask_for_head(&service, &Request::get(path)),
            (404, None),
            "{path}"
        );
    }
    let metrics = Metrics::of(&service);
    assert_eq!(metrics.refused("method"), 8);
    assert_eq!(metrics.refused("not_found"), 6);
    let admin = ask(service.admin(), &Request::post("{}"));
    assert_eq!(admin.status, 404, "MCP is for clients");
}

fn ask_for_head(service: &Service, request: &Request) -> (u16, Option<String>) {
    let mut conversation = Conversation::connect(service.address());
    conversation.write(&request.bytes());
    let head = conversation.head();
    (head.status, head.header("allow").map(str::to_owned))
}

#[test]
fn a_method_that_is_not_there_has_the_status_of_the_era() {
    let service = Service::start(&[]);
    for method in [
        "no/such",
        "resources/subscribe",
        "logging/setLevel",
        "tasks/get",
        "Tools/List",
    ] {
        let call = |version| Request::call(version, &json!(1), method, json!({}));
        check(&service, &call(STATELESS), 404, METHOD_NOT_FOUND);
        check(&service, &call(INITIALIZED[3]), 200, METHOD_NOT_FOUND);
    }
    for method in ["initialize", "ping"] {
        let call = Request::call(STATELESS, &json!(1), method, json!({}));
        check(&service, &call, 404, METHOD_NOT_FOUND);
    }
    let wrong = |version| Request::call(version, &json!(1), "resources/read", json!({ "uri": 7 }));
    check(&service, &wrong(INITIALIZED[3]), 200, INVALID_PARAMS);
}

/// A header and a body that say different things could be used to get past whoever looks at one of them only.
#[test]
fn headers_that_do_not_fit_the_body_are_refused() {
    let service = Service::start(&[]);
    let name = |name: &str| read().set("Mcp-Name", name);
    let call = Request::call(
        STATELESS,
        &json!(1),
        "tools/call",
        json!({ "name": "list_skills" }),
    );
    let prompt = Request::call(
        STATELESS,
        &json!(1),
        "prompts/get",
        json!({ "name": "conventional-commits" }),
    );
    for request in [
        list().without("Mcp-Method"),
        list().set("Mcp-Method", ""),
        list().set("Mcp-Method", "resources/read"),
        list().set("Mcp-Method", "Tools/List"),
        list().set("Mcp-Method", "tools/list2"),
        list().with("Mcp-Method", "tools/list"),
        list().with("Mcp-Method", "tools/call"),
        read().without("Mcp-Name"),
        name(""),
        name("skill://rust/SKILL.md"),
        name("skill://Conventional-Commits/SKILL.md"),
        name("=?base64?!!!!?="),
        name("=?base64?c2tpbGw6Ly94?="),
        name("=?BASE64?c2tpbGw6Ly9jb252ZW50aW9uYWwtY29tbWl0cy9TS0lMTC5tZA==?="),
        read().with("Mcp-Name", DOCUMENT),
        read().with("Mcp-Name", "skill://rust/SKILL.md"),
        call.clone().set("Mcp-Name", "read_skill"),
        call.clone().without("Mcp-Name"),
        prompt.clone().set("Mcp-Name", "postmortem"),
        list().set("MCP-Protocol-Version", INITIALIZED[3]),
    ] {
        check(&service, &request, 400, HEADER_MISMATCH);
    }
    for request in [list(), read(), call, prompt] {
        assert_eq!(ask(service.address(), &request).status, 200, "{request:?}");
    }
}

#[test]
fn a_version_that_is_not_spoken_is_named_with_those_that_are() {
    let service = Service::start(&[]);
    let mut strange = message(STATELESS, &json!(1), "tools/list", json!({}));
    strange["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = "2099-01-01".into();
    let request = list()
        .set("MCP-Protocol-Version", "2099-01-01")
        .saying(strange.to_string());
    check(&service, &request, 400, UNSUPPORTED_VERSION);
    let answer = ask(service.address(), &request).json();
    let spoken = answer["error"]["data"]["supported"]
        .as_array()
        .expect("versions")
        .clone();
    assert!(spoken.contains(&Value::from(STATELESS)), "{answer}");
}
