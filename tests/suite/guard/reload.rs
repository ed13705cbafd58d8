//! What a running server takes on at SIGHUP, and what it goes on with where a file is wrong.
#![cfg(unix)]

use std::fs;
use std::process::Command;
use std::time::Instant;

use serde_json::{Value, json};

use super::{EXECUTABLE, ask_as, file, keys, new_key, no_file, read, start, text, with_admin};
use crate::http::conversation::{Request, ask};
use crate::server::Server;
use crate::service::{PATIENCE, Service};

const GREETING: &str = "skill://greeting/SKILL.md";

#[test]
fn keys_come_and_go_while_the_server_runs() {
    let store = no_file("rotation", "keys.toml");
    let first = new_key(&store, &["ci"]);
    let mut service = start(&["--api-keys", text(&store)]);
    let second = new_key(&store, &["ci"]);
    assert_eq!(ask_as(&service, &second, read(GREETING)).status, 401);
    service.signal("HUP");
    service.next("Read the policy again");
    for key in [&first, &second] {
        assert_eq!(
            ask_as(&service, key, read(GREETING)).status,
            200,
            "both are valid for a while"
        );
    }
    keys(&store, &["revoke", first.split('_').nth(1).expect("an id")]);
    service.signal("HUP");
    service.next("Read the policy again");
    assert_eq!(ask_as(&service, &first, read(GREETING)).status, 401);
    assert_eq!(ask_as(&service, &second, read(GREETING)).status, 200);
}

#[test]
fn a_bad_file_changes_nothing_and_says_why() {
    let store = no_file("bad", "keys.toml");
    let key = new_key(&store, &["ci"]);
    let policy = file("bad", "policy.toml", "api-keys = \"keys.toml\"\n");
    let mut service = start(&["--policy", text(&policy)]);
    for (bad, told) in [
        ("api-keys = \"keys.toml\"\nlimits = 1\n", "invalid type"),
        ("api-keys = \"none.toml\"\n", "none.toml"),
        ("anonymous = true\n", "start it anew"),
        (
            "api-keys = \"keys.toml\"\n[audit]\n",
            "[audit] cannot change",
        ),
    ] {
        fs::write(&policy, bad).expect("a file");
        service.signal("HUP");
        let line = service.next("The policy stays as it was");
        // The rest of the message may be on the same line only: control characters are escaped.
        assert!(line.contains(told), "{line}");
        assert_eq!(ask_as(&service, &key, read(GREETING)).status, 200);
    }
    fs::write(
        &policy,
        "api-keys = \"keys.toml\"\ntiers.default = { requests = 1, per = \"1h\" }\n",
    )
    .expect("a file");
    service.signal("HUP");
    service.next("Read the policy again");
    let statuses = [0, 1].map(|_| ask_as(&service, &key, read(GREETING)).status);
    assert_eq!(statuses, [200, 429]);
    // The same quota goes on counting.
    service.signal("HUP");
    service.next("Read the policy again");
    assert_eq!(ask_as(&service, &key, read(GREETING)).status, 429);
}

#[test]
fn what_is_no_file_holds_nobody_up() {
    let store = no_file("pipe", "keys.toml");
    let key = new_key(&store, &["ci"]);
    let mut service = start(&["--api-keys", text(&store)]);
    fs::remove_file(&store).expect("a file");
    let made = Command::new("mkfifo").arg(&store).status();
    assert!(made.expect("it runs").success());
    service.signal("HUP");
    let line = service.next("The policy stays as it was");
    assert!(line.contains("it is no regular file"), "{line}");
    assert_eq!(ask_as(&service, &key, read(GREETING)).status, 200);
}

/// How much is logged, as the settings say it.
fn level(service: &Service) -> Value {
    let settings = ask(service.admin(), &Request::get("/config")).json();
    let level = &settings["log-level"];
    json!([level["value"], level["source"]])
}

#[test]
fn how_much_is_logged_is_what_the_policy_says_as_long_as_it_does() {
    let policy = file("log-level", "policy.toml", "");
    let mut service = with_admin(&["--policy", text(&policy), "--log-level", "info"]);
    let at_first = json!(["info", "command line"]);
    assert_eq!(level(&service), at_first);
    ask(service.address(), &read(GREETING));
    fs::write(&policy, "log-level = \"debug\"\n").expect("a file");
    service.signal("HUP");
    let line = service.next("Read the policy again");
    assert!(!line.contains("DEBUG"), "{line}");
    ask(service.address(), &read(GREETING));
    service.next("[DEBUG] [http] prepared");
    assert_eq!(level(&service), json!(["debug", "policy"]));
    fs::write(&policy, "log-level = \"loud\"\n").expect("a file");
    service.signal("HUP");
    let line = service.next("The policy stays as it was");
    assert!(
        line.contains("`loud`") && line.contains("`debug`"),
        "{line}"
    );
    ask(service.address(), &read(GREETING));
    service.next("[DEBUG] [http] prepared");
    fs::write(&policy, "log-level = \"error\"\n").expect("a file");
    service.signal("HUP");
    let end = Instant::now() + PATIENCE;
    while level(&service) != json!(["error", "policy"]) {
        assert!(Instant::now() < end, "it is not taken on");
    }
    ask(service.address(), &read(GREETING));
    fs::write(&policy, "").expect("a file");
    service.signal("HUP");
    service.next("Read the policy again");
    assert_eq!(level(&service), at_first);
    let log = service.stop().log;
    assert_eq!(log.matches("prepared").count(), 2, "{log}");
    assert_eq!(log.matches("Read the policy again").count(), 2, "{log}");
}

#[test]
fn how_much_is_logged_is_the_policys_from_the_start() {
    let policy = file("log-level-first", "policy.toml", "log-level = \"debug\"\n");
    let mut service = start(&["--policy", text(&policy), "--log-level", "error"]);
    ask(service.address(), &read(GREETING));
    service.until("[DEBUG] [http] prepared");
}

#[test]
fn over_pipes_a_policy_is_read_again_too() {
    let policy = file("pipes", "policy.toml", "");
    let mut command = Command::new(&*EXECUTABLE);
    command.args(["stdio", "--policy", text(&policy)]);
    let mut server = Server::spawn(&mut command);
    let listing = || ("skills/list", json!({}));
    let (method, params) = listing();
    server.result(method, params);
    let limit = "log-level = \"debug\"\ntiers.default = { requests = 1, per = \"1h\" }\n";
    fs::write(&policy, limit).expect("a file");
    server.send("HUP");
    let end = Instant::now() + PATIENCE;
    loop {
        let (method, params) = listing();
        if server.ask(method, params)["error"]["code"] == -32000 {
            break;
        }
        assert!(Instant::now() < end, "the policy is not read again");
    }
    let log = server.close().log;
    assert!(
        log.contains("[INFO] [guard] Read the policy again"),
        "{log}"
    );
    let (before, after) = log.split_once("Read the policy again").expect("a line");
    assert!(
        !before.contains("DEBUG") && after.contains("[DEBUG] [stdio]"),
        "{log}"
    );
}
