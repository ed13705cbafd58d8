//! API keys and bearer tokens: how they are made, taken, refused and never told.

use std::fs;

use serde_json::{Value, json};

use super::{
    EXECUTABLE, ask_as, file, keys, keys_command, new_key, no_file, read, request, start, text,
    with_admin,
};
use crate::http::conversation::{Request, ask};
use crate::http::metrics::Metrics;
use crate::service::{Gone, refused, serve_with};

const GREETING: &str = "skill://greeting/SKILL.md";
const TOKEN: &str = "5ae7d0c1f6b34e0f9b1d7a2c3e4f5061";

#[test]
fn a_key_is_told_once_and_kept_as_a_digest() {
    let store = no_file("key", "keys.toml");
    let output = keys_command(&store, &["new", "ci", "--tier", "paid"])
        .output()
        .expect("it runs");
    let key = String::from_utf8(output.stdout)
        .expect("UTF-8")
        .trim()
        .to_owned();
    assert!(key.starts_with("skl_") && key.len() > 50, "{key}");
    let said = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(said.contains("for ci") && !said.contains(&key), "{said}");
    let stored = fs::read_to_string(&store).expect("a file");
    assert!(
        !stored.contains(key.rsplit('_').next().expect("a secret")),
        "{stored}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = fs::metadata(&store).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let listed: Value = serde_json::from_str(&keys(&store, &["list", "--json"])).expect("JSON");
    assert_eq!(listed[0]["principal"], "ci");
    assert_eq!(
        (&listed[0]["tier"], &listed[0]["state"]),
        (&json!("paid"), &json!("valid"))
    );
    let table = keys(&store, &["list"]);
    assert!(
        table.contains("valid") && table.ends_with("1 key\n"),
        "{table}"
    );
}

#[test]
fn only_a_valid_key_is_taken() {
    let store = no_file("valid", "keys.toml");
    let valid = new_key(&store, &["ci", "--expires-in", "never"]);
    let early = new_key(&store, &["ci", "--starts-in", "1h"]);
    let expired = new_key(&store, &["ci", "--expires-in", "0s"]);
    let revoked = new_key(&store, &["ci"]);
    let id = revoked.split('_').nth(1).expect("an id");
    keys(&store, &["revoke", id]);
    let mut altered = valid.clone();
    altered.pop();
    let service = with_admin(&["--api-keys", text(&store)]);
    let challenge = "Bearer realm=\"mcp\", error=\"invalid_token\"";
    for (token, status, reason) in [
        (&*valid, 200, "api_key"),
        (&*early, 401, "early_key"),
        (&*expired, 401, "expired_key"),
        (&*revoked, 401, "revoked_key"),
        (&*altered, 401, "unknown_key"),
        ("skl_0000000000_0", 401, "unknown_key"),
        ("other", 401, "unknown_token"),
    ] {
        let answer = ask_as(&service, token, read(GREETING));
        assert_eq!(answer.status, status, "{reason}: {}", answer.text());
        let expected = (status == 401).then_some(challenge);
        assert_eq!(answer.header("www-authenticate"), expected, "{reason}");
        assert!(!answer.text().contains(token), "{}", answer.text());
        let counted = Metrics::of(&service).sum("mcp_auth_requests_total", &[("reason", reason)]);
        assert!(counted > 0, "{reason}");
    }
    let header = read(GREETING).with("X-API-Key", &valid);
    assert_eq!(ask(service.address(), &header).status, 200);
    let none = ask(service.address(), &read(GREETING));
    assert_eq!(
        (none.status, none.header("www-authenticate")),
        (401, Some("Bearer realm=\"mcp\""))
    );
    let basic = ask(
        service.address(),
        &read(GREETING).with("Authorization", "Basic YTpi"),
    );
    assert_eq!(basic.status, 401, "another scheme says nothing");
    for (unfilled, told) in [
        ("Bearer", "The token is empty"),
        ("Bearer ${ACME_TOKEN}", "the variable ACME_TOKEN"),
        ("Bearer {env:ACME_TOKEN}", "the variable ACME_TOKEN"),
    ] {
        let answer = ask(
            service.address(),
            &read(GREETING).with("Authorization", unfilled),
        );
        assert_eq!(answer.status, 401, "{unfilled}");
        assert!(answer.text().contains(told), "{}", answer.text());
    }
    let malformed = read(GREETING).with("Authorization", "Bearer a b");
    let answer = ask(service.address(), &malformed);
    assert_eq!(answer.status, 400);
    let challenge = answer.header("www-authenticate").expect("a challenge");
    assert!(challenge.contains("invalid_request"), "{challenge}");
    // In the URL, a token would be in every log on the way.
    let mut in_query = read(GREETING);
    in_query = in_query.at(&format!("/mcp?access_token={valid}"));
    assert_eq!(ask(service.address(), &in_query).status, 401);
    let gone = service.stop();
    for token in [&valid, &early, &expired, &revoked] {
        assert!(!gone.log.contains(&**token), "{}", gone.log);
    }
}

#[test]
fn a_bearer_token_of_the_operator_sees_everything() {
    let tokens = file("bearers", "tokens", &format!("# for the team\n\n{TOKEN}\n"));
    let service = start(&["--bearer-tokens", text(&tokens)]);
    let listed = ask_as(&service, TOKEN, request("skills/list", json!({}))).json();
    assert_eq!(listed["result"]["skills"].as_array().map(Vec::len), Some(3));
    assert_eq!(
        ask_as(&service, &TOKEN.replace('5', "6"), read(GREETING)).status,
        401
    );
    let probe = ask(service.address(), &Request::get("/health/ready"));
    assert_eq!(probe.status, 200, "probes have no credentials");
    assert!(!service.stop().log.contains(TOKEN));
}

#[test]
fn files_that_make_no_sense_are_refused_at_the_start() {
    for (flag, contents, told) in [
        ("--bearer-tokens", "", "there is no token in it"),
        (
            "--bearer-tokens",
            "short",
            "the token in line 1 is shorter than 32 characters",
        ),
        (
            "--bearer-tokens",
            "CHANGE_THIS_SECRET_CHANGE_THIS_SECRET",
            "is a placeholder",
        ),
        (
            "--bearer-tokens",
            "\"quoted quoted quoted quoted quoted\"",
            "has characters that no bearer token can have",
        ),
        ("--api-keys", "[[key]]\nid = \"1\"\n", "missing field"),
        ("--policy", "anonymus = true\n", "unknown field `anonymus`"),
        (
            "--policy",
            "[limits]\nclient = { requests = 0, per = \"1s\" }\n",
            "nonzero",
        ),
        ("--policy", "networks = [\"10.0.0.0/40\"]\n", "(line 1)"),
        ("--policy", "networks = []\n", "nobody may ask"),
        // A secret in the wrong file.
        ("--api-keys", TOKEN, "(line 1)"),
        ("--policy", "api-keys = \"missing.toml\"\n", "missing.toml"),
    ] {
        let path = file("refused", "file", contents);
        let mut command = serve_with(&EXECUTABLE, &[flag, text(&path)]);
        let Gone { status, log } = refused(&mut command);
        assert!(matches!(status.code(), Some(1 | 2)), "{log}");
        assert!(log.contains(told), "{contents:?}: {log}");
        for secret in ["CHANGE_THIS_SECRET", TOKEN] {
            assert!(!log.contains(secret), "{log}");
        }
    }
}

#[test]
fn others_can_reach_a_server_only_if_it_knows_them() {
    let store = no_file("public", "keys.toml");
    new_key(&store, &["ci"]);
    let serve = |flags: &[&str]| {
        let mut command = std::process::Command::new(&*EXECUTABLE);
        command.args(["serve", "--listen", "0.0.0.0:0"]).args(flags);
        command
    };
    let Gone { status, log } = refused(&mut serve(&[]));
    assert!(
        status.code() == Some(2) && log.contains("--api-keys"),
        "{log}"
    );
    crate::service::Service::spawn(&mut serve(&["--api-keys", text(&store)])).stop();
}

#[test]
fn a_key_for_a_scope_that_no_skill_requires_is_not_made() {
    let store = no_file("scopes", "keys.toml");
    let output = keys_command(&store, &["new", "ci", "--scope", "staf"])
        .output()
        .expect("it runs");
    let log = String::from_utf8(output.stderr).expect("UTF-8");
    assert!(
        log.contains("no skill requires the scope \"staf\"; they require staff, payroll"),
        "{log}"
    );
    assert!(!store.exists());
    let output = keys_command(&store, &["revoke", "1"])
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_client_that_looks_for_oauth_is_told_which_header_to_set_and_not_counted() {
    let store = no_file("oauth-paths", "keys.toml");
    let key = new_key(&store, &["ci"]);
    let policy =
        "api-keys = \"keys.toml\"\n[defence]\nfailures = 4\nwithin = \"10m\"\nblock = \"10m\"\n";
    let policy = file("oauth-paths", "policy.toml", policy);
    let service = with_admin(&["--policy", text(&policy)]);
    let tried = [
        "/.well-known/oauth-authorization-server",
        "/.well-known/oauth-authorization-server/mcp",
        "/.well-known/openid-configuration",
        "/mcp/.well-known/openid-configuration",
        "/.well-known/oauth-protected-resource/mcp",
        "/register",
        "/token",
    ];
    for path in tried.iter().cycle().take(40) {
        let answer = ask_as(&service, "nobody-has-this", Request::get(path));
        assert_eq!(answer.status, 404, "{}", answer.text());
        let told = answer.json()["error_description"].take();
        let told = told.as_str().expect("a description");
        assert!(told.contains("`Authorization: Bearer KEY`"), "{told}");
    }
    for _ in 0..20 {
        assert_eq!(ask_as(&service, "${KEY}", read(GREETING)).status, 401);
    }
    let right = ask_as(&service, &key, read(GREETING));
    assert_eq!(right.status, 200, "nobody is blocked");
}

/// The files of secrets, by what names them, and what is in each.
#[cfg(unix)]
fn secrets(test: &str) -> Vec<(&'static str, std::path::PathBuf, std::process::Command)> {
    let store = no_file(test, "keys.toml");
    new_key(&store, &["ci"]);
    let tokens = file(test, "tokens", TOKEN);
    let seal = file(test, "seal.key", TOKEN);
    let audited = file(
        test,
        "audited.toml",
        "bearer-tokens = \"owned\"\n[audit]\nfile = \"audit.jsonl\"\nkey-file = \"seal.key\"\n",
    );
    let owned = file(test, "owned", TOKEN);
    let policy = file(test, "policy.toml", "anonymous = true\n");
    for path in [&owned, &audited] {
        set_mode(path, 0o600);
    }
    let serve = |flags: &[&str]| serve_with(&EXECUTABLE, flags);
    vec![
        (
            "API keys",
            store.clone(),
            serve(&["--api-keys", text(&store)]),
        ),
        (
            "bearer tokens",
            tokens.clone(),
            serve(&["--bearer-tokens", text(&tokens)]),
        ),
        (
            "key of the audit log",
            seal,
            serve(&["--policy", text(&audited)]),
        ),
        (
            "policy",
            policy.clone(),
            serve(&["--policy", text(&policy)]),
        ),
    ]
}

#[cfg(unix)]
fn set_mode(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("it is ours");
}

#[cfg(unix)]
#[test]
fn a_file_of_secrets_that_everyone_can_change_is_refused() {
    for (what, path, mut command) in secrets("modes-refused") {
        for mode in [0o666, 0o602, 0o777] {
            set_mode(&path, mode);
            let Gone { status, log } = refused(&mut command);
            assert!(matches!(status.code(), Some(1 | 2)), "{what}: {log}");
            let told = format!("every user of this machine can change it (mode {mode:04o})");
            assert!(log.contains(&told), "{what}: {log}");
            assert!(
                log.contains(&format!("chmod 600 {}", text(&path))),
                "{what}: {log}"
            );
        }
    }
    // The command that makes keys reads the file as well.
    let store = no_file("modes-refused", "listed.toml");
    new_key(&store, &["ci"]);
    set_mode(&store, 0o666);
    let output = keys_command(&store, &["list"]).output().expect("it runs");
    assert!(!output.status.success());
}

#[cfg(unix)]
#[test]
fn a_file_of_secrets_that_others_can_read_is_warned_of() {
    for (mode, warning) in [
        (0o600, None),
        (0o400, None),
        // How Debian and Kubernetes hand secrets to a group.
        (0o640, None),
        (0o644, Some("can read the secrets in")),
        (0o444, Some("can read the secrets in")),
        (0o660, Some("The group of")),
    ] {
        for (what, path, mut command) in secrets("modes-told") {
            set_mode(&path, mode);
            let log = crate::service::Service::spawn(&mut command).stop().log;
            let told = log.lines().find(|line| line.contains("chmod 600"));
            let is_secret = what != "policy";
            let expected = warning.filter(|warning| is_secret || !warning.contains("secrets"));
            match (told, expected) {
                (None, None) => {}
                (Some(line), Some(warning)) => {
                    assert!(
                        line.contains("[WARN]") && line.contains(warning),
                        "{what}: {line}"
                    );
                }
                other => panic!("{what} with mode {mode:o}: {other:?}\n{log}"),
            }
        }
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_everyone_can_change_is_not_taken_on_at_a_reload() {
    let tokens = file("modes-reload", "tokens", TOKEN);
    set_mode(&tokens, 0o600);
    let mut service = start(&["--bearer-tokens", text(&tokens)]);
    let other = TOKEN.replace('5', "6");
    fs::write(&tokens, &other).expect("it is ours");
    set_mode(&tokens, 0o666);
    service.signal("HUP");
    let line = service.until("The policy stays as it was");
    assert!(
        line.contains("every user of this machine can change it"),
        "{line}"
    );
    assert_eq!(ask_as(&service, &other, read(GREETING)).status, 401);
    assert_eq!(ask_as(&service, TOKEN, read(GREETING)).status, 200);
}
