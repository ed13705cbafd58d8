//! What a server writes down of every decision, and what it does when it cannot.
#![cfg(unix)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::Instant;

use serde_json::{Value, json};

use super::load::load;
use super::{EXECUTABLE, ask_as, file, folder, new_key, read, request, start, text, with_admin};
use crate::http::conversation::{Request, ask};
use crate::http::metrics::Metrics;
use crate::server::Server;
use crate::service::{PATIENCE, Service};

const GREETING: &str = "skill://greeting/SKILL.md";
const PAYROLL: &str = "skill://internal/payroll/SKILL.md";

/// A policy with keys and a record, in an empty folder of this test.
fn policy(test: &str, more: &str) -> PathBuf {
    // One of an earlier run would be continued.
    let _ = fs::remove_dir_all(folder(test));
    file(test, "audit.key", &"k".repeat(64));
    let audit = "[audit]\nfile = \"audit.jsonl\"\nkey-file = \"audit.key\"\n";
    file(
        test,
        "policy.toml",
        &format!("api-keys = \"keys.toml\"\n{audit}{more}\n"),
    )
}

fn events(log: &Path) -> Vec<Value> {
    let contents = fs::read_to_string(log).expect("a record");
    let lines = contents.lines().map(serde_json::from_str::<Value>);
    lines.map(|line| line.expect("a line is JSON")).collect()
}

/// An event in a line: what kind, of what method, why, about which skill, with which status.
fn told(event: &Value) -> String {
    let member = |name: &str| event[name].as_str().unwrap_or("-").to_owned();
    let status = event["status"].as_u64().unwrap_or_default();
    let members = ["event", "method", "reason", "skill"].map(member);
    format!("{} {status}", members.join(" "))
}

/// What `audit verify` says of files, and whether the chain holds.
fn verified(test: &str, files: &[&Path]) -> (bool, String) {
    let key = folder(test).join("audit.key");
    let mut command = Command::new(&*EXECUTABLE);
    command
        .args(["audit", "verify", "--key-file", text(&key)])
        .args(files);
    let output = command.output().expect("it runs");
    let said = [output.stdout, output.stderr].concat();
    (
        output.status.success(),
        String::from_utf8(said).expect("UTF-8"),
    )
}

#[test]
fn every_decision_is_one_line_of_a_chain_without_secrets() {
    let policy = policy("record", "[limits]\ntool = { requests = 1, per = \"1h\" }");
    let store = folder("record").join("keys.toml");
    let staff = new_key(&store, &["alice", "--scope", "staff"]);
    let service = with_admin(&["--policy", text(&policy)]);
    let agent = |request: Request| request.with("User-Agent", "suite/1");
    ask_as(&service, &staff, agent(read(GREETING)));
    ask_as(&service, &staff, read(PAYROLL));
    ask_as(&service, "skl_1_nobody", read(GREETING));
    ask(service.address(), &read(GREETING));
    for _ in 0..2 {
        let tool = json!({ "name": "read_skill", "arguments": { "skill": "greeting" } });
        ask_as(&service, &staff, request("tools/call", tool));
    }
    ask_as(
        &service,
        &staff,
        request("prompts/get", json!({ "name": "onboarding" })),
    );
    let artifact = Request::get("/.well-known/agent-skills/greeting/SKILL.md");
    ask_as(&service, &staff, artifact);
    let id = staff.split('_').nth(1).expect("an id").to_owned();
    let metrics = ask(service.admin(), &Request::get("/metrics"))
        .text()
        .to_owned();
    let config = ask(service.admin(), &Request::get("/config"))
        .text()
        .to_owned();
    let health = ask(service.admin(), &Request::get("/health")).json();
    assert_eq!(
        health["components"]["audit"]["status"], "healthy",
        "{health}"
    );
    let log = service.stop().log;

    let record = folder("record").join("audit.jsonl");
    let lines = fs::read_to_string(&record).expect("a record");
    let events = events(&record);
    let told: Vec<_> = events.iter().map(told).collect();
    assert_eq!(
        told,
        [
            "start - - - 0",
            "request resources/read - greeting 200",
            "denied resources/read not_visible internal/payroll 200",
            "denied - unknown_key - 401",
            "denied - unidentified - 401",
            "request tools/call - greeting 200",
            "denied tools/call rate_limit greeting 429",
            "request prompts/get - internal/onboarding 200",
            "request discovery - greeting 200",
            "stop - - - 0",
        ],
        "{lines}"
    );
    let read = &events[1];
    assert_eq!(read["user_agent"], "suite/1");
    assert_eq!(
        (&read["credential"], &read["client_id"]),
        (&json!("api_key"), &json!(id))
    );
    assert_eq!(
        (&read["target"], &read["decision"]),
        (&json!(GREETING), &json!("allowed"))
    );
    assert_eq!(
        (&read["client_ip"], &read["transport"]),
        (&json!("127.0.0.1"), &json!("http"))
    );
    for member in [
        "subject_hash",
        "skill_digest",
        "request_id",
        "duration_us",
        "request_bytes",
        "response_bytes",
    ] {
        assert!(!read[member].is_null(), "{member}: {read}");
    }
    let file = &events[8];
    assert_eq!(
        file["target"],
        json!(GREETING),
        "a static file is one of a skill"
    );
    assert_eq!(file["skill_digest"], read["skill_digest"]);
    assert!(
        events[2]["error"].is_i64(),
        "what is not there for a caller is an error"
    );
    assert!(events[5]["arguments_hash"].is_string() && events[6]["decision"] == "denied");
    let (holds, said) = verified("record", &[&record]);
    assert!(holds && said.contains("10 lines"), "{said}");
    no_secrets(
        &staff,
        &[
            ("record", &lines),
            ("log", &log),
            ("metrics", &metrics),
            ("config", &config),
        ],
    );
}

/// Nothing that is written names a caller or has a key in it.
fn no_secrets(key: &str, places: &[(&str, &str)]) {
    let secret = key.rsplit('_').next().expect("a secret");
    for (place, written) in places {
        for word in [key, secret, "skl_1_nobody", "alice", &"k".repeat(64)] {
            assert!(
                !written.contains(word),
                "{word} is in the {place}: {written}"
            );
        }
    }
}

#[test]
fn over_pipes_decisions_are_recorded_too() {
    let policy = policy(
        "pipe-record",
        "[limits]\ntool = { requests = 1, per = \"1h\" }",
    );
    let store = folder("pipe-record").join("keys.toml");
    let staff = new_key(&store, &["alice", "--scope", "staff"]);
    let mut command = Command::new(&*EXECUTABLE);
    command
        .args(["stdio", "--policy", text(&policy)])
        .env("SKILLS_TOKEN", &staff);
    let mut server = Server::spawn(&mut command);
    server.result("resources/read", json!({ "uri": GREETING }));
    let tool = json!({ "name": "list_skills", "arguments": {} });
    server.result("tools/call", tool.clone());
    server.error("tools/call", tool);
    server.error(
        "resources/read",
        json!({ "uri": "skill://nowhere/SKILL.md" }),
    );
    server.error("resources/read", json!({ "uri": PAYROLL }));
    server.close();
    let record = folder("pipe-record").join("audit.jsonl");
    let events = events(&record);
    let told: Vec<_> = events.iter().map(told).collect();
    assert_eq!(
        told,
        [
            "start - - - 0",
            "request resources/read - greeting 0",
            "request tools/call - - 0",
            "denied tools/call rate_limit - 0",
            "request resources/read - - 0",
            "denied resources/read not_visible internal/payroll 0",
            "stop - - - 0",
        ]
    );
    let errors: Vec<_> = events.iter().map(|event| event["error"].as_i64()).collect();
    let unknown = Some(-32602);
    assert_eq!(
        errors,
        [None, None, None, Some(-32000), unknown, unknown, None]
    );
    for event in &events[1..6] {
        assert!(
            event["duration_us"].is_u64() && event["request_bytes"].is_u64(),
            "{event}"
        );
        // What is refused is answered by others.
        let is_answered = event["reason"] != "rate_limit";
        assert_eq!(event["response_bytes"].is_u64(), is_answered, "{event}");
    }
    let bytes = events[1]["response_bytes"].as_u64().expect("a number");
    assert!(bytes > 100, "{bytes}");
    let (holds, said) = verified("pipe-record", &[&record]);
    assert!(holds, "{said}");
}

#[test]
fn a_flood_of_those_who_may_not_ask_is_two_lines() {
    for (test, more, reason) in [
        ("flood-network", "networks = [\"192.0.2.0/24\"]", "network"),
        (
            "flood-blocked",
            "[defence]\nfailures = 1\nwithin = \"1h\"\nblock = \"1h\"",
            "blocked",
        ),
        (
            "flood-limited",
            "[limits]\nclient = { requests = 1, per = \"1h\" }",
            "rate_limit",
        ),
    ] {
        let policy = policy(test, "");
        // What stands outside of a table comes first.
        let contents = fs::read_to_string(&policy).expect("a policy");
        let contents = if more.starts_with('[') {
            format!("{contents}{more}\n")
        } else {
            format!("{more}\n{contents}")
        };
        fs::write(&policy, contents).expect("a file");
        new_key(&folder(test).join("keys.toml"), &["ci"]);
        let service = with_admin(&["--policy", text(&policy)]);
        // The first may be the one that uses up a quota, or is left out because of it.
        ask_as(&service, "skl_1_nobody", read(GREETING));
        for _ in 0..50 {
            let status = ask_as(&service, "skl_1_nobody", read(GREETING)).status;
            assert!([403, 429].contains(&status), "{test}: {status}");
        }
        let metrics = Metrics::of(&service);
        let refusals = if reason == "rate_limit" {
            metrics.sum("mcp_ratelimit_hits_total", &[("scope", "client")])
        } else {
            metrics.sum("mcp_security_violations_total", &[("kind", reason)])
        };
        service.stop();
        let events = events(&folder(test).join("audit.jsonl"));
        let told = events.iter().filter(|event| event["reason"] == reason);
        let told: Vec<_> = told.collect();
        let [first, others] = told.as_slice() else {
            panic!("{test}: {events:?}");
        };
        assert!(
            first["requests"].is_null() && first["status"].is_u64(),
            "{first}"
        );
        assert_eq!(
            others["requests"].as_u64().map(|more| more + 1),
            Some(refusals),
            "{test}"
        );
        assert_eq!(others["client_ip"], "127.0.0.1");
        let mut command = Command::new(&*EXECUTABLE);
        let record = folder(test).join("audit.jsonl");
        command.args(["audit", "summary", "--json", text(&record)]);
        let output = command.output().expect("it runs").stdout;
        let summary: Value = serde_json::from_slice(&output).expect("JSON");
        assert_eq!(summary["reasons"][reason], refusals, "{summary}");
        assert_eq!(first["event"], others["event"]);
    }
}

/// Returns when a file has so many lines.
fn until_lines(path: &Path, count: usize) {
    let end = Instant::now() + PATIENCE;
    loop {
        let contents = fs::read_to_string(path).unwrap_or_default();
        let lines = contents.lines().count();
        if lines >= count {
            return;
        }
        assert!(
            Instant::now() < end,
            "{lines} of {count} lines in {}",
            path.display()
        );
        thread::yield_now();
    }
}

#[test]
fn the_chain_holds_when_the_server_is_killed_and_started_again() {
    let policy = policy("killed", "");
    let key = new_key(&folder("killed").join("keys.toml"), &["ci"]);
    let record = folder("killed").join("audit.jsonl");
    let service = start(&["--policy", text(&policy)]);
    let answers = load(&service, &key, || {
        until_lines(&record, 200);
        service.signal("KILL");
    });
    service.gone();
    assert_eq!(answers.into_keys().collect::<Vec<_>>(), [200]);
    let (holds, said) = verified("killed", &[&record]);
    assert!(holds, "{said}");
    let service = start(&["--policy", text(&policy)]);
    ask_as(&service, &key, read(GREETING));
    service.stop();
    let (holds, said) = verified("killed", &[&record]);
    assert!(holds, "{said}");
}

#[test]
fn the_chain_goes_on_in_a_new_file_under_load() {
    let policy = policy("rotated", "");
    let key = new_key(&folder("rotated").join("keys.toml"), &["ci"]);
    let (record, old) = (
        folder("rotated").join("audit.jsonl"),
        folder("rotated").join("audit.jsonl.1"),
    );
    let service = start(&["--policy", text(&policy)]);
    let answers = load(&service, &key, || {
        until_lines(&record, 200);
        fs::rename(&record, &old).expect("a file can be moved");
        service.signal("HUP");
        until_lines(&record, 200);
    });
    service.stop();
    let (holds, said) = verified("rotated", &[&old, &record]);
    assert!(holds, "{said}");
    let all: Vec<_> = [&old, &record]
        .into_iter()
        .flat_map(|path| events(path))
        .collect();
    let requests = all
        .iter()
        .filter(|event| event["event"] == "request")
        .count();
    assert_eq!(answers, [(200, requests)].into(), "no event is missing");
}

#[test]
fn nothing_is_done_unrecorded_while_the_disk_is_full() {
    let policy = policy("full", "");
    let key = new_key(&folder("full").join("keys.toml"), &["ci"]);
    let record = folder("full").join("audit.jsonl");
    // A limit on the size of files stands for the disk: writing more fails, where its signal is ignored.
    let mut command = Command::new("sh");
    command
        .args([
            "-c",
            "trap '' XFSZ; ulimit -f 16; exec \"$0\" \"$@\"",
            text(&EXECUTABLE),
        ])
        .args([
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--policy",
            text(&policy),
        ])
        .stdin(Stdio::null());
    let service = Service::with_admin_of(&mut command);
    let end = Instant::now() + PATIENCE;
    let refused = loop {
        let answer = ask_as(&service, &key, read(GREETING));
        if answer.status != 200 {
            break answer;
        }
        assert!(Instant::now() < end, "the disk is never full");
    };
    assert_eq!(refused.status, 503, "{}", refused.text());
    assert_eq!(refused.header("retry-after"), Some("5"));
    assert!(
        refused.text().contains("nothing is done unrecorded"),
        "{}",
        refused.text()
    );
    let health = ask(service.admin(), &Request::get("/health")).json();
    assert_eq!(
        health["components"]["audit"]["status"], "unhealthy",
        "{health}"
    );
    let ready = ask(service.address(), &Request::get("/health/ready"));
    assert_eq!(ready.status, 503, "{}", ready.text());
    let metrics = Metrics::of(&service);
    assert!(metrics.sum("mcp_audit_write_errors_total", &[]) > 0);
    assert!(metrics.refused("audit") > 0);
    let (holds, said) = verified("full", &[&record]);
    assert!(holds, "no line is torn: {said}");
    // When there is room again, it goes on by itself.
    fs::rename(&record, folder("full").join("audit.jsonl.1")).expect("a file can be moved");
    let end = Instant::now() + PATIENCE;
    while ask_as(&service, &key, read(GREETING)).status != 200 {
        assert!(Instant::now() < end, "it does not recover");
    }
    service.stop();
    let old = folder("full").join("audit.jsonl.1");
    let (holds, said) = verified("full", &[&old, &record]);
    assert!(holds, "{said}");
}

#[test]
fn a_record_that_may_be_incomplete_keeps_nobody_out() {
    let policy = policy("dropped", "on-error = \"drop\"");
    let contents = fs::read_to_string(&policy).expect("a policy");
    fs::write(&policy, contents.replace("audit.jsonl", "/dev/full")).expect("a file");
    let key = new_key(&folder("dropped").join("keys.toml"), &["ci"]);
    let service = with_admin(&["--policy", text(&policy)]);
    for _ in 0..50 {
        assert_eq!(ask_as(&service, &key, read(GREETING)).status, 200);
    }
}
