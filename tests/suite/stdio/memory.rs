//! What lines cost in memory: long ones that grow when they are read, one after the other and without waiting for answers.

use serde_json::json;

use crate::footprint::{growing, peak};
use crate::server::{INITIALIZED, Server};

/// Just below the longest line that is read.
const LINE_BYTES: usize = 4_100_000;

/// The most that the process may take, in KiB.
const MOST: usize = 128 * 1024;

#[test]
fn worst_case_lines_one_after_the_other_stay_within_the_memory_budget() {
    let mut server = Server::speaking(INITIALIZED[3]);
    let lines = growing(LINE_BYTES);
    let mut sent = 0;
    let mut count = 0;
    while sent < 64 << 20 {
        let line =
            lines[count % lines.len()].replacen("\"id\":1", &format!("\"id\":{}", 1000 + count), 1);
        server.write(format!("{line}\n").as_bytes());
        sent += line.len();
        count += 1;
    }
    for _ in 0..count {
        let answer = server.answer();
        assert!(
            answer["error"].is_object() || answer["result"].is_object(),
            "{answer}"
        );
    }
    assert!(
        server.ask("tools/list", json!({}))["result"].is_object(),
        "it goes on"
    );
    let most = peak(server.process());
    assert!(most <= MOST, "{most} KiB");
}
