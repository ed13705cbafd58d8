//! Clients that nobody here wrote, as their users run them; the scripts are in `tests/clients`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::installation::{TARGET, fastmcp, javascript, offline, package, python, run};
use crate::server::{EXECUTABLE, STATELESS};
use crate::service::Service;
use crate::tree::{self, FILES};

const INSPECTOR: &str = "@modelcontextprotocol/inspector/clients/launcher/build/index.js";
const CLAUDE_CODE: &str = "@anthropic-ai/claude-code/cli-wrapper.cjs";

/// How a client is told to speak, and the version that comes of it.
const MODES: [(&str, &str); 3] = [
    ("legacy", "2025-11-25"),
    ("auto", STATELESS),
    (STATELESS, STATELESS),
];

/// Has something done with the executable and with a server that listens.
fn both(check: impl Fn(&str)) {
    check(EXECUTABLE);
    let service = Service::start(&[]);
    check(service.url());
    // Clients of earlier versions ask for a stream, which this server does not have.
    let log = service.stop().log;
    let mut refused = log.lines().filter(|line| line.contains("[access]"));
    assert!(refused.all(|line| line.contains("GET /mcp 405")), "{log}");
}

fn words(output: &str) -> Vec<&str> {
    output.split_whitespace().collect()
}

#[test]
fn the_python_sdk_gets_everything_in_every_mode() {
    both(|server| {
        for (mode, version) in MODES {
            let output = run(python("client.py").args([server, mode]).arg(tree::folder()));
            assert_eq!(words(&output), [version], "{mode}");
        }
    });
}

#[test]
fn the_typescript_client_verifies_every_skill_in_every_mode() {
    let skills = tree::skills().len().to_string();
    both(|server| {
        for (mode, version) in MODES {
            let output = run(javascript("client.mjs").args([server, mode]));
            assert_eq!(words(&output)[..2], [version, &skills], "{mode}");
        }
    });
}

#[test]
fn the_first_typescript_sdk_gets_every_file() {
    both(|server| {
        let output = run(javascript("sdk.mjs").arg(server));
        assert_eq!(words(&output), [FILES.len().to_string()]);
    });
}

#[test]
fn fastmcp_verifies_every_skill_in_every_mode() {
    let files = FILES.len().to_string();
    both(|server| {
        for (mode, version) in &MODES[..2] {
            let output = run(fastmcp("fastmcp-client.py")
                .args([server, mode])
                .arg(tree::folder()));
            assert_eq!(words(&output), [version, files.as_str()], "{mode}");
        }
    });
}

/// What the Inspector prints for a method: JSON, with `--verify` one document after another.
fn inspect(server: &str, era: &str, arguments: &[&str]) -> Vec<Value> {
    let mut command = package(INSPECTOR);
    command
        .args([
            "--cli",
            server,
            "--protocol-era",
            era,
            "--format",
            "json",
            "--method",
        ])
        .args(arguments)
        .env("HOME", home("inspector"));
    let output = run(&mut command);
    let values = serde_json::Deserializer::from_str(&output).into_iter();
    let values: Vec<Value> = values.collect::<Result<_, _>>().expect(&output);
    assert!(!values.is_empty(), "{arguments:?} in {era}");
    // What a method answers comes in an envelope, a report of `--verify` does not.
    values
        .into_iter()
        .map(|mut value| match value.get_mut("result") {
            Some(result) => result.take(),
            None => value,
        })
        .collect()
}

fn has(values: &[Value], pointer: &str, text: &str) -> bool {
    let mut found = values.iter().filter_map(|value| value.pointer(pointer));
    found.any(|value| value == text)
}

#[test]
fn the_inspector_finds_nothing_wrong() {
    both(inspect_everything);
}

fn inspect_everything(server: &str) {
    let uri = format!("skill://{}/SKILL.md", tree::skills()[0]);
    let root = format!("skill://{}", tree::skills()[0]);
    for era in ["legacy", "modern"] {
        let verified = inspect(
            server,
            era,
            &["skills/list", "--verify", "--require-digests"],
        );
        assert_eq!(verified.len(), tree::skills().len(), "{verified:?}");
        for skill in &verified {
            let files = skill["files"].as_array().expect("files");
            assert!(
                files.iter().all(|file| file["status"] == "verified"),
                "{skill}"
            );
            assert_eq!(skill["conformance"], Value::Array(Vec::new()), "{skill}");
        }
        assert!(has(
            &inspect(server, era, &["skills/get", "--uri", &uri]),
            "/skill/uri",
            &uri
        ));
        assert!(has(
            &inspect(server, era, &["resources/read", "--uri", &uri]),
            "/contents/0/uri",
            &uri
        ));
        let children = inspect(server, era, &["resources/directory/read", "--uri", &root]);
        assert!(has(&children, "/resources/0/uri", &uri), "{children:?}");
        let tools = inspect(server, era, &["tools/list", "--strict"]);
        assert!(has(&tools, "/tools/0/name", "list_skills"), "{tools:?}");
        let resources = inspect(server, era, &["resources/list"]);
        assert_eq!(
            resources[0]["resources"].as_array().map(Vec::len),
            Some(FILES.len())
        );
        let prompts = inspect(server, era, &["prompts/list"]);
        assert!(
            has(&prompts, "/prompts/0/name", tree::skills()[0]),
            "{prompts:?}"
        );
    }
}

#[test]
fn claude_code_connects() {
    both(connect_claude_code);
}

fn connect_claude_code(server: &str) {
    let home = home("claude-code");
    let claude = |arguments: &[&str]| run(&mut claude_code(&home, arguments));
    if server.starts_with("http") {
        claude(&["mcp", "add", "--transport", "http", "skills", server]);
    } else {
        claude(&["mcp", "add", "skills", "--", server]);
    }
    let listed = claude(&["mcp", "list"]);
    let line = listed.lines().find(|line| line.starts_with("skills: "));
    assert!(
        line.is_some_and(|line| line.ends_with("Connected")),
        "{listed}"
    );
}

/// Claude Code in a home that is all it knows.
pub(crate) fn claude_code(home: &Path, arguments: &[&str]) -> Command {
    let mut command = package(CLAUDE_CODE);
    command
        .args(arguments)
        .current_dir(home)
        .env("HOME", home)
        .env("CLAUDE_CONFIG_DIR", home)
        .env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
        .env("DISABLE_AUTOUPDATER", "1");
    offline(&mut command);
    command
}

/// An empty home of its own for a program that keeps something there.
fn home(name: &str) -> PathBuf {
    let home = Path::new(TARGET).join("home").join(name);
    // What an earlier run left.
    let _ = fs::remove_dir_all(&home);
    fs::create_dir_all(&home).expect("a folder below target/");
    home
}
