//! Lines that are no requests: each gets its error, or nothing where nothing is due, and the request after it is
//! answered, be the line the first of a connection or one among many.

use serde_json::{Value, json};

use crate::server::{INITIALIZED, STATELESS, Server, request};

const PARSE_ERROR: i64 = -32700;
const INVALID_REQUEST: i64 = -32600;
const INVALID_PARAMS: i64 = -32602;

/// A line, the code of its answer, and the id that the answer has.
type Case = (&'static str, Vec<u8>, i64, Value);

fn not_json() -> Vec<Case> {
    let nested = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    let lines: [(&str, Vec<u8>); 9] = [
        ("garbage", b"hello".to_vec()),
        (
            "a request that is cut off",
            br#"{"jsonrpc":"2.0","id":1,"method":"pi"#.to_vec(),
        ),
        (
            "two requests on a line",
            br#"{"jsonrpc":"2.0","id":1,"method":"ping"} {}"#.to_vec(),
        ),
        (
            "bytes that are not UTF-8",
            b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\xfe\"}".to_vec(),
        ),
        ("a NUL", b"\0".to_vec()),
        (
            "a NUL in a string",
            b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"pi\0ng\"}".to_vec(),
        ),
        (
            "half a surrogate pair",
            br#"{"jsonrpc":"2.0","id":9,"method":"\ud800"}"#.to_vec(),
        ),
        ("nesting without end", nested.into_bytes()),
        (
            "a header of another framing",
            b"Content-Length: 52".to_vec(),
        ),
    ];
    let case = |(name, line)| (name, line, PARSE_ERROR, Value::Null);
    lines.into_iter().map(case).collect()
}

fn not_a_request() -> Vec<Case> {
    let lines: [(&str, String); 15] = [
        (
            "a batch",
            r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#.into(),
        ),
        ("an empty batch", "[]".into()),
        ("a number", "7".into()),
        ("null", "null".into()),
        (
            "five mebibytes",
            json!({ "jsonrpc": "2.0", "id": 1, "method": "x".repeat(5 << 20) }).to_string(),
        ),
        ("five mebibytes of garbage", "x".repeat(5 << 20)),
        (
            "an id that is null",
            r#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#.into(),
        ),
        (
            "an id that is true",
            r#"{"jsonrpc":"2.0","id":true,"method":"ping"}"#.into(),
        ),
        (
            "an id with a fraction",
            r#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#.into(),
        ),
        (
            "an id that is a list",
            r#"{"jsonrpc":"2.0","id":[1],"method":"ping"}"#.into(),
        ),
        (
            "an id that is an object",
            r#"{"jsonrpc":"2.0","id":{},"method":"ping"}"#.into(),
        ),
        (
            "an id beyond all integers",
            r#"{"jsonrpc":"2.0","id":99999999999999999999,"method":"ping"}"#.into(),
        ),
        (
            "two ids",
            r#"{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}"#.into(),
        ),
        (
            "two methods",
            r#"{"jsonrpc":"2.0","id":1,"method":"ping","method":"ping"}"#.into(),
        ),
        ("an empty object", "{}".into()),
    ];
    let case = |(name, line): (_, String)| (name, line.into_bytes(), INVALID_REQUEST, Value::Null);
    lines.into_iter().map(case).collect()
}

fn not_quite_a_request() -> Vec<Case> {
    let lines = [
        (
            "no version of JSON-RPC",
            r#"{"id":9,"method":"ping"}"#,
            INVALID_REQUEST,
        ),
        (
            "another version of JSON-RPC",
            r#"{"jsonrpc":"1.0","id":9,"method":"ping"}"#,
            INVALID_REQUEST,
        ),
        ("no method", r#"{"jsonrpc":"2.0","id":9}"#, INVALID_REQUEST),
        (
            "a method that is a number",
            r#"{"jsonrpc":"2.0","id":9,"method":1}"#,
            INVALID_REQUEST,
        ),
        (
            "a request with a result",
            r#"{"jsonrpc":"2.0","id":9,"method":"ping","result":{}}"#,
            INVALID_REQUEST,
        ),
        (
            "parameters that are a string",
            r#"{"jsonrpc":"2.0","id":9,"method":"ping","params":"x"}"#,
            INVALID_PARAMS,
        ),
        (
            "parameters that are a list",
            r#"{"jsonrpc":"2.0","id":9,"method":"ping","params":[1]}"#,
            INVALID_PARAMS,
        ),
        (
            "metadata that is a list",
            r#"{"jsonrpc":"2.0","id":9,"method":"ping","params":{"_meta":[]}}"#,
            INVALID_PARAMS,
        ),
    ];
    let case = |(name, line, code): (_, &str, _)| (name, line.into(), code, json!(9));
    lines.into_iter().map(case).collect()
}

fn cases() -> Vec<Case> {
    [not_json(), not_a_request(), not_quite_a_request()].concat()
}

/// Lines that have no answer.
const SILENT: [(&str, &[u8]); 7] = [
    ("a blank line", b"\n"),
    ("a blank line of another system", b" \t\r\n"),
    ("a notification", b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n"),
    ("an unknown notification", b"{\"jsonrpc\":\"2.0\",\"method\":\"no/such\",\"params\":{}}\n"),
    ("the end of a request that is unknown", b"{\"jsonrpc\":\"2.0\",\"method\":\"notifications/cancelled\",\"params\":{\"requestId\":1}}\n"),
    ("a response", b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n"),
    ("an error", b"{\"jsonrpc\":\"2.0\",\"id\":null,\"error\":{\"code\":-1,\"message\":\"x\"}}\n"),
];

fn send(server: &mut Server, (name, line, code, id): &Case) {
    server.write(line);
    server.write(b"\n");
    let answer = server.answer();
    assert_eq!(answer["error"]["code"], *code, "{name}: {answer}");
    assert_eq!(&answer["id"], id, "{name}: {answer}");
    assert!(answer["error"]["message"].is_string(), "{name}: {answer}");
    let size = answer.to_string().len();
    assert!(
        size < 1000,
        "{name}: the line is not sent back ({size} bytes)"
    );
}

fn goes_on(server: &mut Server, name: &str) {
    let skills = server.result("skills/list", json!({}));
    assert!(skills["skills"].is_array(), "{name}: {skills}");
}

#[test]
fn each_is_answered_in_the_middle_of_a_session() {
    for version in [INITIALIZED[3], STATELESS] {
        let mut server = Server::speaking(version);
        for case in cases() {
            send(&mut server, &case);
            goes_on(&mut server, case.0);
        }
        let ended = server.close();
        assert!(ended.status.success());
        assert!(ended.answers.is_empty(), "{:?}", ended.answers);
    }
}

#[test]
fn each_is_answered_as_the_first_line_of_all() {
    for case in cases() {
        let mut server = Server::start();
        send(&mut server, &case);
        goes_on(&mut server, case.0);
        let mut server = Server::start();
        send(&mut server, &case);
        assert!(server.initialize()["result"].is_object(), "{}", case.0);
    }
}

#[test]
fn what_needs_no_answer_gets_none_wherever_it_stands() {
    let mut session = Server::speaking(INITIALIZED[3]);
    for (name, line) in SILENT {
        let mut server = Server::start();
        server.write(line);
        goes_on(&mut server, name);
        session.write(line);
        goes_on(&mut session, name);
    }
    let mut server = Server::start();
    for (_, line) in SILENT {
        server.write(line);
    }
    assert!(server.initialize()["result"].is_object());
}

#[test]
fn a_request_may_come_in_pieces_with_any_line_end_and_a_byte_order_mark() {
    let line = request(STATELESS, 5, "tools/list", json!({}));
    let mut server = Server::start();
    for byte in line.as_bytes() {
        server.write(&[*byte]);
    }
    assert_eq!(server.answer()["id"], 5);
    server.write(line.replace('\n', "\r\n").as_bytes());
    assert_eq!(server.answer()["id"], 5);
    server.write(format!("\u{feff}{line}").as_bytes());
    assert_eq!(server.answer()["id"], 5);
}

#[test]
fn one_thousand_bad_lines_do_not_wear_the_server_out() {
    let mut server = Server::speaking(STATELESS);
    for _ in 0..1000 {
        server.write(b"{\"jsonrpc\":\"2.0\",\"id\":[],\"method\":\"ping\"}\n");
        assert_eq!(server.answer()["error"]["code"], INVALID_REQUEST);
    }
    goes_on(&mut server, "after all of them");
}
