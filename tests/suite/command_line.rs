//! The reference binary as somebody uses it who types.

mod export;

use std::fs;
use std::io::pipe;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::server::EXECUTABLE;
use crate::snapshot;
use crate::tree::{folder, skills};

/// Runs its arguments at a terminal of their own and passes on what appears there.
const TERMINAL: &str = "
import os, pty, sys
status = pty.spawn(sys.argv[1:])
sys.exit(os.waitstatus_to_exitcode(status))
";

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(EXECUTABLE);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .env_remove("NO_COLOR");
    command
}

fn run(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the server starts")
}

/// What it prints when all is well.
fn print(arguments: &[&str]) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = run(arguments);
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(status.success() && stderr.is_empty(), "{stderr}");
    String::from_utf8(stdout).expect("it is text")
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&print(arguments)).expect("it is JSON")
}

/// What it says when it refuses.
fn refusal(arguments: &[&str]) -> (Option<i32>, String) {
    let output = run(arguments);
    assert!(output.stdout.is_empty());
    let stderr = String::from_utf8(output.stderr).expect("it is text");
    (output.status.code(), stderr)
}

/// What appears at a terminal.
fn at_a_terminal(arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let output = Command::new("python3")
        .args(["-c", TERMINAL, EXECUTABLE])
        .args(arguments)
        .stdin(Stdio::null())
        .env_remove("NO_COLOR")
        .env("TERM", "xterm")
        .envs(environment.iter().copied())
        .output()
        .expect("python3 starts");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let stdout = String::from_utf8(output.stdout).expect("it is text");
    stdout.replace("\r\n", "\n")
}

#[cfg(target_os = "linux")]
#[test]
fn a_server_that_cannot_write_its_answers_says_so_and_fails() {
    let full = fs::File::options()
        .write(true)
        .open("/dev/full")
        .expect("Linux has it");
    let mut server = command(&["stdio"]);
    let (input, mut requests) = pipe().expect("a pipe");
    let server = server
        .stdin(input)
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn();
    let ping = "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n";
    std::io::Write::write_all(&mut requests, ping.as_bytes()).expect("it is read");
    drop(requests);
    let output = server
        .and_then(std::process::Child::wait_with_output)
        .expect("it ends");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{stderr}");
    assert!(stderr.contains("error: cannot write an answer"), "{stderr}");
}

#[test]
fn help_says_what_can_be_done() {
    let help = print(&["--help"]);
    snapshot::check("help.txt", &help);
    assert_eq!(
        print(&["--version"]),
        concat!("skills-server ", env!("CARGO_PKG_VERSION"), "\n")
    );
    for command in [
        "stdio",
        "list",
        "show",
        "export",
        "about",
        "sbom",
        "completions",
    ] {
        assert!(help.contains(&format!("\n  {command}  ")), "{command}");
        assert!(print(&[command, "--help"]).contains("Usage: skills-server "));
    }
}

#[test]
fn list_has_every_skill() {
    let list = print(&["list"]);
    snapshot::check("list.txt", &list);
    let items = json(&["list", "--json"]);
    let paths: Vec<_> = items.as_array().expect("a list").iter().collect();
    let paths: Vec<_> = paths.iter().map(|item| item["path"].as_str()).collect();
    let expected: Vec<_> = skills().into_iter().map(Some).collect();
    assert_eq!(paths, expected);
}

#[test]
fn show_has_the_facts_the_files_and_the_text() {
    let shown = print(&["show", "conventional-commits"]);
    let (facts, body) = shown.split_once("\n# ").expect("a heading");
    snapshot::check("show.txt", &format!("{facts}\n"));
    let document = fs::read_to_string(folder().join("conventional-commits/SKILL.md"));
    assert!(document.expect("it is there").ends_with(body));
    let shown = json(&["show", "conventional-commits", "--json"]);
    assert_eq!(shown["frontmatter"]["name"], "conventional-commits");
    for path in skills() {
        let document = fs::read(folder().join(path).join("SKILL.md")).expect("it is there");
        assert_eq!(print(&["show", path, "--raw"]).as_bytes(), document);
    }
}

#[test]
fn about_has_the_facts_of_the_executable() {
    let about = json(&["about", "--json"]);
    assert_eq!(about["name"], "skills-server");
    assert_eq!(about["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(about["skills"], skills().len());
    let digest = about["digest"].as_str().expect("a digest");
    assert!(print(&["about"]).contains(digest));
}

#[test]
fn completions_are_made_for_the_shells() {
    for (shell, sign) in [
        ("bash", "complete -F _skills__server"),
        ("zsh", "#compdef skills-server"),
        ("fish", "complete -c skills-server"),
    ] {
        let script = print(&["completions", shell]);
        assert!(script.contains(sign), "{shell}: {script}");
        assert!(script.contains("export"), "{shell}: {script}");
    }
}

#[test]
fn mistakes_are_answered_with_what_was_probably_meant() {
    let (code, why) = refusal(&["show", "conventional-comits"]);
    assert_eq!(code, Some(1));
    assert!(
        why.contains("did you mean `conventional-commits`?"),
        "{why}"
    );
    for arguments in [&["--bogus"][..], &["lst"], &["show"], &["list", "--jsn"]] {
        let (code, why) = refusal(arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {why}");
        assert!(why.starts_with("error: "), "{why}");
    }
    let logged = command(&["list"]).env("SKILLS_LOG", "loud").output();
    assert_eq!(logged.expect("the server starts").status.code(), Some(2));
}

#[test]
fn operators_can_read_of_every_setting() {
    let guide = include_str!("../../docs/operate.md");
    let settings = print(&["serve", "--print-config"]);
    assert!(settings.lines().count() > 20, "{settings}");
    for line in settings.lines() {
        let flag = line.split_whitespace().next().expect("a flag");
        assert!(guide.contains(flag), "{flag} is not in docs/operate.md");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let (reader, writer) = pipe().expect("there are pipes");
    drop(reader);
    let output = command(&["list"])
        .stdout(writer)
        .stderr(Stdio::piped())
        .output()
        .expect("the server starts");
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
}

#[test]
fn a_pipe_gets_no_colours() {
    for arguments in [
        &["list"][..],
        &["show", "conventional-commits"],
        &["about"],
        &["--help"],
    ] {
        assert!(!print(arguments).contains('\u{1b}'), "{arguments:?}");
    }
    assert!(!refusal(&["show", "x"]).1.contains('\u{1b}'));
}

#[cfg(unix)]
#[test]
fn a_terminal_gets_colours_unless_they_are_refused() {
    let shown = ["show", "conventional-commits"];
    assert!(at_a_terminal(&shown, &[]).contains("\u{1b}[1m"));
    assert!(!at_a_terminal(&shown, &[("NO_COLOR", "1")]).contains('\u{1b}'));
    assert!(!at_a_terminal(&shown, &[("TERM", "dumb")]).contains('\u{1b}'));
}

#[cfg(unix)]
#[test]
fn a_person_who_starts_it_is_told_what_it_is() {
    let welcome = at_a_terminal(&[], &[("NO_COLOR", "1")]);
    for part in [
        &format!("an MCP server with {} skills", skills().len()),
        "claude mcp add skills-server -- ",
        "\"mcpServers\"",
        "Usage: ",
    ] {
        assert!(welcome.contains(part), "{part:?} in {welcome}");
    }
}
