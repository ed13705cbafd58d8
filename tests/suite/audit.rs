//! What operators learn from an audit log: whether it is as it was written, and what happened.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::server::EXECUTABLE;
use crate::service::folder;
use crate::snapshot;

/// A log as a server writes it, made by other means.
struct Log {
    lines: Vec<String>,
}

impl Log {
    /// Some events.
    fn sample() -> Self {
        let mut log = Self { lines: Vec::new() };
        log.push(&json!({ "event": "start", "key": "random" }));
        for number in 0..8 {
            let (kind, status) = if number % 4 == 3 {
                ("denied", 403)
            } else {
                ("request", 200)
            };
            log.push(&json!({
                "event": kind,
                "method": if number < 5 { "resources/read" } else { "tools/call" },
                "reason": if status == 403 { Some("scope") } else { None },
                "skill": "conventional-commits",
                "status": status,
                "subject_hash": "ab".repeat(32),
            }));
        }
        log.push(&json!({ "event": "stop" }));
        log
    }

    fn push(&mut self, event: &Value) {
        let previous = self.lines.last().map_or_else(|| "0".repeat(64), digest);
        let number = self.lines.len() + 1;
        let mut line = json!({ "seq": number, "prev": previous, "time": format!("2026-01-02T03:04:{number:02}.000Z") });
        let members = event.as_object().expect("an object").clone();
        line.as_object_mut().expect("an object").extend(members);
        self.lines.push(line.to_string());
    }

    fn text(&self) -> String {
        self.lines.join("\n") + "\n"
    }
}

fn digest(line: impl AsRef<[u8]>) -> String {
    let mut text = String::new();
    for byte in Sha256::digest(line) {
        write!(text, "{byte:02x}").expect("a string takes all");
    }
    text
}

fn audit(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(EXECUTABLE)
        .current_dir(folder)
        .arg("audit")
        .args(arguments)
        .output()
        .expect("the server starts")
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("it is text")
}

/// A folder with a log in it.
fn with(name: &str, log: &str) -> PathBuf {
    let folder = folder(name);
    fs::write(folder.join("audit.jsonl"), log).expect("it is written");
    folder
}

/// The exit code and what is said of a log.
fn verified(name: &str, log: &str) -> (Option<i32>, String) {
    let output = audit(&with(name, log), &["verify", "audit.jsonl"]);
    (output.status.code(), text(output.stdout))
}

#[test]
fn a_log_that_nobody_touched_holds() {
    let (code, said) = verified("audit-whole", &Log::sample().text());
    assert_eq!(code, Some(0), "{said}");
    snapshot::check("audit-holds.txt", &said);
}

#[test]
fn every_change_is_found_and_its_line_named() {
    let log = Log::sample();
    let changed = |change: &dyn Fn(&mut Vec<String>)| {
        let mut lines = log.lines.clone();
        change(&mut lines);
        lines.join("\n") + "\n"
    };
    for (name, place, log) in [
        (
            "a status",
            "audit.jsonl:6: ",
            changed(&|lines| lines[4] = lines[4].replace("403", "200")),
        ),
        (
            "a line less",
            "audit.jsonl:4: ",
            changed(&|lines| drop(lines.remove(3))),
        ),
        (
            "a line twice",
            "audit.jsonl:5: ",
            changed(&|lines| lines.insert(4, lines[3].clone())),
        ),
        (
            "two lines swapped",
            "audit.jsonl:4: ",
            changed(&|lines| lines.swap(3, 4)),
        ),
        (
            "no event",
            "audit.jsonl:7: ",
            changed(&|lines| lines[6] = "#".into()),
        ),
        (
            "a number",
            "audit.jsonl:3: ",
            changed(&|lines| lines[2] = lines[2].replace("\"seq\":3", "\"seq\":4")),
        ),
    ] {
        let (code, said) = verified("audit-changed", &log);
        assert_eq!(code, Some(1), "{name}: {said}");
        assert!(said.starts_with(place), "{name}: {said}");
        assert!(said.contains(" not fit\n"), "{name}: {said}");
    }
}

#[test]
fn what_does_not_fit_is_said_in_words() {
    let mut log = Log::sample();
    log.lines.remove(3);
    log.lines[5] = log.lines[5].replace("200", "500");
    let output = audit(
        &with("audit-words", &log.text()),
        &["verify", "audit.jsonl"],
    );
    assert_eq!(output.status.code(), Some(1));
    let said = text(output.stdout) + &text(output.stderr);
    snapshot::check("audit-broken.txt", &said);
}

#[test]
fn a_last_line_without_an_end_is_no_forgery() {
    let log = Log::sample().text();
    let (code, said) = verified("audit-torn", &log[..log.len() - 20]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.starts_with("audit.jsonl:10: note: "), "{said}");
    // One in the middle is.
    let torn = log.replacen('\n', "", 1);
    assert_eq!(verified("audit-torn", &torn).0, Some(1));
}

#[test]
fn an_empty_file_is_no_log() {
    let (code, said) = verified("audit-empty", "");
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("audit.jsonl:1: error: the file is empty"),
        "{said}"
    );
    assert!(!said.contains("the chain holds"), "{said}");
    // Nor does it stand for the end of one that was cut off.
    let folder = with("audit-emptied", "");
    fs::write(folder.join("audit.jsonl.1"), Log::sample().text()).expect("it is written");
    let output = audit(&folder, &["verify", "audit.jsonl", "audit.jsonl.1"]);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
}

#[test]
fn a_log_that_was_cut_off_says_that_its_end_is_missing() {
    let log = Log::sample();
    let whole = verified("audit-cut", &log.text()).1;
    assert!(!whole.contains("does not end with"), "{whole}");
    for kept in 1..log.lines.len() {
        let (code, said) = verified("audit-cut", &(log.lines[..kept].join("\n") + "\n"));
        // A server that runs has such a log as well.
        assert_eq!(code, Some(0), "{said}");
        let told = format!("audit.jsonl:{kept}: note: the log does not end with `stop`");
        assert!(said.contains(&told), "{said}");
    }
}

#[test]
fn a_log_without_a_seal_of_the_key_is_refused() {
    let folder = with("audit-unsealed", &Log::sample().text());
    fs::write(folder.join("key"), "0123456789abcdef0123456789abcdef").expect("it is written");
    let output = audit(&folder, &["verify", "audit.jsonl", "--key-file", "key"]);
    let said = text(output.stdout);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(
        said.contains("nothing in these files is sealed with this key"),
        "{said}"
    );
}

#[test]
fn files_are_one_chain_in_whatever_order_they_are_named() {
    let log = Log::sample();
    let folder = folder("audit-rotated");
    let files = [
        ("audit.jsonl.2", &log.lines[..3]),
        ("audit.jsonl.1", &log.lines[3..6]),
        ("audit.jsonl", &log.lines[6..]),
    ];
    for (name, lines) in files {
        fs::write(folder.join(name), lines.join("\n") + "\n").expect("it is written");
    }
    let all = ["verify", "audit.jsonl", "audit.jsonl.1", "audit.jsonl.2"];
    let output = audit(&folder, &all);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let without = ["verify", "--json", "audit.jsonl", "audit.jsonl.2"];
    let output = audit(&folder, &without);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let report: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(report["remarks"][0]["file"], "audit.jsonl");
    assert_eq!(report["remarks"][0]["line"], 1);
    assert_eq!(report["remarks"][0]["isFault"], true);
    // What was laid aside first may be gone.
    let output = audit(&folder, &["verify", "audit.jsonl", "audit.jsonl.1"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert!(text(output.stdout).contains("is not in these files"));
}

#[test]
fn what_cannot_be_read_is_no_verdict() {
    let folder = folder("audit-missing");
    for arguments in [
        &["verify", "nothing.jsonl"][..],
        &["summary", "nothing.jsonl"],
        &["verify", "."],
        &["verify"],
        &["verify", "x", "--key-file", "nothing"],
    ] {
        let output = audit(&folder, arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(text(output.stderr).starts_with("error: "));
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_summary_counts_what_happened() {
    let folder = with("audit-summary", &(Log::sample().text() + "{\"torn"));
    let output = audit(&folder, &["summary", "audit.jsonl"]);
    assert!(output.status.success(), "{output:?}");
    snapshot::check("audit-summary.txt", &text(output.stdout));
    let output = audit(&folder, &["summary", "audit.jsonl", "--json"]);
    let summary: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    assert_eq!(summary["events"], 10);
    assert_eq!(
        summary["kinds"],
        json!({ "denied": 2, "request": 6, "start": 1, "stop": 1 })
    );
    assert_eq!(summary["statuses"], json!({ "200": 6, "403": 2 }));
    assert_eq!(
        summary["methods"],
        json!({ "resources/read": 5, "tools/call": 3 })
    );
    assert_eq!(summary["unreadable"], 1);
}

#[test]
fn what_is_in_a_log_does_not_move_a_cursor() {
    let log = "{\"seq\":1,\"prev\":\"\",\"event\":\"\u{9b}2J\",\"time\":\"\u{9b}2J\"}\n\u{1b}[2J\n";
    let folder = with("audit-hostile", log);
    for command in ["verify", "summary"] {
        let output = audit(&folder, &[command, "audit.jsonl"]);
        let said = text(output.stdout) + &text(output.stderr);
        let is_harmless = |character: char| character == '\n' || !character.is_control();
        assert!(said.chars().all(is_harmless), "{said:?}");
    }
}
