//! A tier that is not there would limit nobody, and so it is an error.
#![cfg(unix)]

use std::fs;

use super::{EXECUTABLE, ask_as, file, keys, new_key, no_file, read, start, text};
use crate::service::{refused, serve_with};

const GREETING: &str = "skill://greeting/SKILL.md";

#[test]
fn a_key_of_a_tier_that_is_not_there_keeps_the_server_from_starting() {
    let store = no_file("no-tier", "keys.toml");
    let key = new_key(&store, &["ci", "--tier", "piad"]);
    let id = key.split('_').nth(1).expect("an id");
    let policy = file(
        "no-tier",
        "policy.toml",
        "api-keys = \"keys.toml\"\n[tiers]\npaid = { requests = 1, per = \"1h\" }\n",
    );
    let gone = refused(&mut serve_with(&EXECUTABLE, &["--policy", text(&policy)]));
    let expected = format!(
        "keys.toml: the key {id} is of the tier `piad`, which is not there, so that nothing would limit it: [tiers] of \
         the policy has paid; did you mean `paid`?"
    );
    assert!(gone.log.contains(&expected), "{}", gone.log);
    assert_eq!(gone.status.code(), Some(2));
    let gone = refused(&mut serve_with(&EXECUTABLE, &["--api-keys", text(&store)]));
    assert!(gone.log.contains("the policy has none"), "{}", gone.log);
    // One that is not valid any more may be of a tier of old.
    keys(&store, &["revoke", id]);
    let other = new_key(&store, &["ci", "--tier", "paid"]);
    let service = start(&["--policy", text(&policy)]);
    let statuses = [0, 1].map(|_| ask_as(&service, &other, read(GREETING)).status);
    assert_eq!(statuses, [200, 429]);
}

#[test]
fn neither_keys_nor_a_policy_are_taken_on_that_do_not_go_together() {
    let store = no_file("later-tier", "keys.toml");
    let first = new_key(&store, &["ci"]);
    let policy = file("later-tier", "policy.toml", "api-keys = \"keys.toml\"\n");
    let mut service = start(&["--policy", text(&policy)]);
    let second = new_key(&store, &["guest", "--tier", "guest"]);
    service.signal("HUP");
    let line = service.next("The policy stays as it was");
    assert!(line.contains("the tier `guest`"), "{line}");
    assert_eq!(ask_as(&service, &first, read(GREETING)).status, 200);
    assert_eq!(ask_as(&service, &second, read(GREETING)).status, 401);
    let tiers = "[tiers]\nguest = { requests = 1, per = \"1h\" }\n";
    fs::write(&policy, format!("api-keys = \"keys.toml\"\n{tiers}")).expect("a file");
    service.signal("HUP");
    service.next("Read the policy again");
    let statuses = [0, 1].map(|_| ask_as(&service, &second, read(GREETING)).status);
    assert_eq!(statuses, [200, 429]);
}
