//! Which hosts are told, what they are told, and what people are told of it.

use std::fs;
use std::process::Command;

use base64::Engine;
use serde_json::{Value, json};

use super::{HOSTS, Home};
use crate::clients::claude_code;
use crate::installation::run;
use crate::server::EXECUTABLE;
use crate::service::Service;

const URL: &str = "http://127.0.0.1:3001/mcp";

/// What a file of a host says, read by Python.
fn parsed(home: &Home, path: &str) -> Value {
    let read = "import json, sys, tomllib
data = open(sys.argv[1]).read()
print(json.dumps(tomllib.loads(data) if sys.argv[1].endswith('.toml') else json.loads(data)))";
    let output = run(Command::new("python3")
        .args(["-c", read])
        .arg(home.path(path)));
    serde_json::from_str(&output).expect("it is JSON")
}

fn entry(home: &Home, path: &str) -> Value {
    let mut whole = parsed(home, path);
    let servers = whole
        .as_object_mut()
        .and_then(|whole| whole.values_mut().next());
    servers.expect("servers")["skills-server"].take()
}

#[cfg(target_os = "linux")]
#[test]
fn every_host_is_told_in_its_own_words() {
    let home = Home::new("words");
    let stdio = json!({ "command": EXECUTABLE, "args": ["stdio"] });
    let typed = json!({ "type": "stdio", "command": EXECUTABLE, "args": ["stdio"] });
    let listed = json!({ "type": "local", "command": [EXECUTABLE, "stdio"] });
    let local =
        json!({ "type": "local", "command": EXECUTABLE, "args": ["stdio"], "tools": ["*"] });
    for (host, path) in HOSTS {
        home.done(&["install", "--host", host]);
        let expected = match host {
            "claude-code" => &typed,
            "opencode" => &listed,
            "copilot" => &local,
            "vscode" => {
                let mut entry = entry(&home, path);
                // Only where what its sandbox needs is installed.
                let is_sandboxed = entry
                    .as_object_mut()
                    .expect("it is one")
                    .remove("sandboxEnabled");
                assert!(is_sandboxed.is_none_or(|value| value == json!(true)));
                assert_eq!(entry, typed);
                continue;
            }
            _ => &stdio,
        };
        assert_eq!(&entry(&home, path), expected, "{host}");
    }
    home.done(&["uninstall", "--host", "all"]);
    let header = |reference: &str| json!({ "Authorization": format!("Bearer {reference}") });
    for (host, path) in HOSTS {
        let expected = match host {
            "claude-code" => json!({ "type": "http", "url": URL, "headers": header("${TOKEN}") }),
            "cursor" => json!({ "url": URL, "headers": header("${env:TOKEN}") }),
            "vscode" => json!({ "type": "http", "url": URL, "headers": header("${env:TOKEN}") }),
            "codex" => json!({ "url": URL, "bearer_token_env_var": "TOKEN" }),
            "gemini" | "qwen" => json!({ "httpUrl": URL, "headers": header("${TOKEN}") }),
            "opencode" => json!({ "type": "remote", "url": URL, "headers": header("{env:TOKEN}") }),
            "copilot" => {
                json!({ "type": "http", "url": URL, "headers": header("${TOKEN}"), "tools": ["*"] })
            }
            _ => continue,
        };
        home.done(&[
            "install",
            "--host",
            host,
            "--http",
            URL,
            "--token-env",
            "TOKEN",
        ]);
        assert_eq!(entry(&home, path), expected, "{host}");
        let said = home.refused(&["uninstall", "--host", host]);
        assert!(said.contains("is another server"), "{said}");
        home.done(&["uninstall", "--host", host, "--http", URL]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn vs_code_closes_the_server_off_where_it_can() {
    use std::os::unix::fs::symlink;

    let home = Home::new("sandbox");
    let programs = home.path("bin");
    fs::create_dir(&programs).expect("a folder");
    for program in ["bwrap", "socat"] {
        symlink(EXECUTABLE, programs.join(program)).expect("a link");
    }
    let arguments = ["install", "--host", "vscode"];
    let output = home.command(&arguments).env("PATH", &programs).output();
    assert!(output.expect("it starts").status.success());
    assert_eq!(
        entry(&home, ".config/Code/User/mcp.json")["sandboxEnabled"],
        true
    );
    home.done(&["uninstall", "--host", "vscode"]);
    let output = home.command(&arguments).env("PATH", "/nowhere").output();
    let said = output.expect("it starts").stdout;
    let said = String::from_utf8_lossy(&said);
    assert!(said.contains("needs bwrap and socat"), "{said}");
}

#[cfg(target_os = "linux")]
#[test]
fn all_are_those_that_are_there_and_one_that_fails_stops_no_other() {
    let home = Home::new("all")
        .file(".gemini/settings.json", "{]")
        .file(".codex/config.toml", "")
        .file(".config/Claude/x", "");
    let said = home.run(&["install", "--host", "all"]);
    assert_eq!(said.code, Some(1));
    for part in [
        "Claude Code: skipped: there is no ",
        "Claude Desktop: added `skills-server`",
        "Cursor: skipped: there is no ",
        "Codex: added `skills-server`",
    ] {
        assert!(said.out.contains(part), "{part:?} in {}", said.out);
    }
    for part in [
        "error: cannot edit ",
        ":1:2: ",
        "error: 1 of 3 hosts could not be changed",
    ] {
        assert!(said.err.contains(part), "{part:?} in {}", said.err);
    }
    let said = home.run(&["install", "--host", "all", "--http", URL]);
    assert!(
        said.out.contains("Claude Desktop: skipped: "),
        "{}",
        said.out
    );
    let empty = Home::new("none");
    let said = empty.refused(&["install", "--host", "all"]);
    assert!(said.contains("--host claude-code"), "{said}");
}

#[test]
fn a_project_has_files_of_its_own() {
    let home = Home::new("project");
    let hosts = "claude-code,cursor,vscode,codex,gemini";
    home.done(&["install", "--scope", "project", "--host", hosts]);
    for path in [
        ".mcp.json",
        ".cursor/mcp.json",
        ".vscode/mcp.json",
        ".codex/config.toml",
        ".gemini/settings.json",
    ] {
        assert_eq!(entry(&home, path)["command"], EXECUTABLE, "{path}");
    }
    home.done(&["uninstall", "--scope", "project", "--host", hosts]);
    assert_eq!(home.everything(), [], "and no directory is left");
    let said = home.refused(&["install", "--scope", "project", "--host", "claude-desktop"]);
    assert!(said.contains("--scope user"), "{said}");
    let said = home.refused(&["install", "--host", "claude-desktop", "--http", URL]);
    assert!(said.contains("connector"), "{said}");
}

#[test]
fn a_dry_run_shows_what_changes_and_nothing_else() {
    let text = "{\n  \"mcpServers\": {\n    \"a\": {\n      \"env\": { \"KEY\": \"secret\" }\n    }\n  }\n}\n";
    let home = Home::new("dry").file(".cursor/mcp.json", text);
    let before = home.everything();
    let said = home.done(&["install", "--host", "cursor", "--dry-run"]);
    assert!(
        said.starts_with("Cursor: would add `skills-server` to "),
        "{said}"
    );
    assert!(said.contains("\n+    \"skills-server\": {\n"), "{said}");
    assert!(
        !said.contains("secret") && !said.contains('\u{1b}'),
        "{said}"
    );
    assert_eq!(home.everything(), before);
    home.done(&["install", "--host", "cursor"]);
    let before = home.everything();
    let said = home.done(&["uninstall", "--host", "cursor", "--dry-run"]);
    assert!(said.contains("\n-    \"skills-server\": {\n"), "{said}");
    assert_eq!(home.everything(), before);
}

#[test]
fn a_dry_run_shows_no_secret_of_a_file_of_one_line_or_of_the_entry_that_it_replaces() {
    let text = r#"{"env":{"KEY":"secret"},"mcpServers":{"a":{"env":{"KEY":"secret"}},"skills-server":{"command":"npx","env":{"KEY":"secret"}}}}"#;
    let home = Home::new("one-line").file(".cursor/mcp.json", text);
    let dry = |arguments: &[&str]| {
        let said = home.done(&[arguments, &["--host", "cursor", "--dry-run"]].concat());
        assert!(!said.contains("secret\""), "{said}");
        said
    };
    let said = dry(&["install", "--name", "mine"]);
    assert!(said.contains("\n+\"mine\": {\"command\": "), "{said}");
    let said = dry(&["install", "--force"]);
    assert!(said.contains("\n-`skills-server`, not shown"), "{said}");
    assert!(said.contains("\n+\"skills-server\": {"), "{said}");
    dry(&["uninstall", "--force"]);
    home.done(&["install", "--host", "cursor", "--force"]);
    let said = dry(&["uninstall"]);
    assert!(said.contains("\n-\"skills-server\": {"), "{said}");
    assert!(said.contains("\n+`skills-server`, not shown"), "{said}");
}

#[test]
fn what_is_printed_can_be_pasted_and_links_say_the_same() {
    let home = Home::new("print");
    let before = home.everything();
    let said = home.done(&["install", "--host", "all", "--print"]);
    assert_eq!(home.everything(), before);
    for name in [
        "Claude Code",
        "Claude Desktop",
        "Cursor",
        "VS Code",
        "Codex",
        "Gemini CLI",
    ] {
        assert!(said.contains(&format!("{name}, in ")), "{name} in {said}");
    }
    let after = |scheme: &str| {
        let mut lines = said.lines();
        lines
            .find_map(|line| line.strip_prefix(scheme))
            .expect(scheme)
    };
    let link = after("cursor://anysphere.cursor-deeplink/mcp/install?name=skills-server&config=");
    let decoded = base64::engine::general_purpose::STANDARD.decode(
        link.replace("%3D", "=")
            .replace("%2B", "+")
            .replace("%2F", "/"),
    );
    let entry: Value = serde_json::from_slice(&decoded.expect("Base64")).expect("JSON");
    assert_eq!(entry, json!({ "command": EXECUTABLE, "args": ["stdio"] }));
    let decode = "import sys, urllib.parse; print(urllib.parse.unquote(sys.argv[1]))";
    let decoded = run(Command::new("python3").args(["-c", decode, after("vscode:mcp/install?")]));
    let entry: Value = serde_json::from_str(&decoded).expect("JSON");
    assert_eq!(entry["name"], "skills-server");
    assert_eq!(entry["command"], EXECUTABLE);
}

#[test]
fn what_makes_no_sense_is_said_before_anything_happens() {
    let home = Home::new("usage");
    for arguments in [
        &["install"][..],
        &["install", "--host", "emacs"],
        &["install", "--host", "cursor", "--http", "skills.example"],
        &[
            "install",
            "--host",
            "cursor",
            "--http",
            "https://user:password@skills.example/",
        ],
        &["install", "--host", "cursor", "--token-env", "TOKEN"],
        &["install", "--host", "cursor", "--name", "a b"],
        &["install", "--host", "cursor", "--print", "--dry-run"],
    ] {
        let said = home.run(arguments);
        assert_eq!(said.code, Some(2), "{arguments:?}: {}", said.err);
    }
    let said = home.run(&[
        "install",
        "--host",
        "cursor",
        "--http",
        URL,
        "--token-env",
        "eyJ.a.b",
    ]);
    assert!(said.err.contains("never the token"), "{}", said.err);
    assert_eq!(home.everything(), []);
}

#[test]
fn what_a_host_would_read_as_a_variable_is_refused_with_what_to_do_instead() {
    let home = Home::new("reference");
    let to = |url: &'static str| ["install", "--host", "gemini", "--http", url];
    let said = home.refused(&to("https://skills.example/${A}"));
    assert!(
        said.contains("help: write each `$` in the URL as %24"),
        "{said}"
    );
    home.done(&to("https://skills.example/%24{A}"));
}

#[test]
fn an_older_file_of_claude_code_is_the_one_that_it_reads() {
    let path = ".claude/.config.json";
    let home = Home::new("older").file(path, "{}");
    home.done(&["install", "--host", "all"]);
    assert_eq!(entry(&home, path)["command"], EXECUTABLE);
    assert!(!home.path(".claude.json").exists());
    home.done(&["uninstall", "--host", "all"]);
    assert_eq!(home.read(path), "{}");
}

#[test]
fn claude_code_connects_to_what_was_installed() {
    let home = Home::new("claude");
    let connects = |home: &Home, token: &str| {
        let mut list = claude_code(&home.0, &["mcp", "list"]);
        let listed = run(list.env("SUITE_TOKEN", token));
        let mut lines = listed.lines();
        let line = lines.find(|line| line.starts_with("skills-server: "));
        assert!(
            line.is_some_and(|line| line.ends_with("Connected")),
            "{listed}"
        );
    };
    let install = |verb: &str, more: &[&str]| {
        let mut command = home.command(&[verb, "--host", "claude-code"]);
        run(command.args(more).env("CLAUDE_CONFIG_DIR", &home.0))
    };
    install("install", &[]);
    connects(&home, "");
    install("uninstall", &[]);
    assert!(!home.read(".claude.json").contains("skills-server"));
    // Claude Code has written into the file meanwhile, which stays; and it gets a token that is nowhere written down.
    let keys = home.path("keys.toml");
    let keys = keys.to_str().expect("a path in UTF-8");
    let key = home
        .command(&["keys", "new", "alice", "--api-keys", keys])
        .output();
    let key = String::from_utf8(key.expect("it starts").stdout).expect("a key");
    let service = Service::start(&["--api-keys", keys]);
    install(
        "install",
        &["--http", service.url(), "--token-env", "SUITE_TOKEN"],
    );
    connects(&home, key.trim());
    install("uninstall", &["--http", service.url()]);
    assert!(!home.read(".claude.json").contains("skills-server"));
}
