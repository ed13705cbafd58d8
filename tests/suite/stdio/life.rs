//! The end of the process: with the client or by a signal, in good order, and not before what was asked is answered.

use serde_json::json;

use crate::server::{Ended, INITIALIZED, STATELESS, Server, request};

fn in_order(ended: &Ended) {
    assert_eq!(ended.status.code(), Some(0), "{ended:?}");
    assert!(ended.answers.is_empty(), "{ended:?}");
}

/// A server before anything was said, in a session, and between stateless requests.
fn stages() -> [Server; 3] {
    let mut asked = Server::speaking(STATELESS);
    asked.result("tools/list", json!({}));
    [Server::start(), Server::speaking(INITIALIZED[3]), asked]
}

#[test]
fn the_server_ends_with_its_client() {
    for server in stages() {
        in_order(&server.close());
    }
}

/// A server that has not said that it is ready may not listen for signals yet; an answer says so, too.
#[test]
#[cfg(unix)]
fn the_server_ends_when_it_is_told_to() {
    for name in ["TERM", "INT"] {
        for mut server in stages() {
            server.write(b"nonsense\n");
            assert_eq!(server.answer()["error"]["code"], -32700);
            let ended = server.signal(name);
            in_order(&ended);
            assert!(
                ended.log.contains(&format!("Stopped by SIG{name}")),
                "{}",
                ended.log
            );
        }
    }
}

#[test]
fn everything_that_was_asked_is_answered_before_the_end() {
    let count = 300;
    for version in [INITIALIZED[3], STATELESS] {
        let mut server = Server::speaking(version);
        let ids = 1000..1000 + count;
        let lines: String = ids
            .clone()
            .map(|id| request(version, id, "skills/list", json!({})))
            .collect();
        server.write(lines.as_bytes());
        let ended = server.close();
        assert_eq!(ended.status.code(), Some(0));
        let mut answered: Vec<_> = ended
            .answers
            .iter()
            .filter_map(|answer| answer["id"].as_u64())
            .collect();
        answered.sort_unstable();
        assert_eq!(answered, ids.collect::<Vec<_>>());
        assert!(
            ended
                .answers
                .iter()
                .all(|answer| answer["result"]["skills"].is_array())
        );
    }
}

#[test]
fn a_last_line_needs_no_line_end() {
    let mut server = Server::start();
    let line = request(STATELESS, 1, "tools/list", json!({}));
    server.write(line.trim_end().as_bytes());
    let ended = server.close();
    assert_eq!(ended.status.code(), Some(0));
    assert_eq!(ended.answers.len(), 1);
    assert_eq!(ended.answers[0]["id"], 1);
}
