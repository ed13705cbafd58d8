//! What a running server takes on at SIGHUP, and what it goes on with where a file is wrong.
#![cfg(unix)]

use std::fs;
use std::process::Command;

use super::{ask_as, file, keys, new_key, no_file, read, start, text};

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
