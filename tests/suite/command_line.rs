//! The reference binary as somebody uses it who types.

use std::collections::BTreeMap;
use std::fs;
use std::io::pipe;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::server::EXECUTABLE;
use crate::snapshot;
use crate::tree::{FILES, folder, skills};

const SCRATCH: &str = env!("CARGO_TARGET_TMPDIR");

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

#[test]
fn help_says_what_can_be_done() {
    let help = print(&["--help"]);
    snapshot::check("help.txt", &help);
    assert_eq!(
        print(&["--version"]),
        concat!("skills-server ", env!("CARGO_PKG_VERSION"), "\n")
    );
    for command in ["stdio", "list", "show", "export", "about", "completions"] {
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
    snapshot::check("show.txt", &print(&["show", "conventional-commits"]));
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

/// The content of a directory, with who may execute what.
fn contents(directory: &Path, prefix: &str) -> BTreeMap<String, (Vec<u8>, bool)> {
    let mut contents = BTreeMap::new();
    for entry in fs::read_dir(directory).expect("it is a directory") {
        let path = entry.expect("it can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let name = format!("{prefix}{name}");
        if path.is_dir() {
            contents.extend(self::contents(&path, &format!("{name}/")));
        } else {
            let bytes = fs::read(&path).expect("it can be read");
            contents.insert(name, (bytes, is_executable(&path)));
        }
    }
    contents
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    let metadata = fs::metadata(path).expect("it is there");
    metadata.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &Path) -> bool {
    false
}

fn scratch(name: &str) -> PathBuf {
    let directory = Path::new(SCRATCH).join("command-line").join(name);
    let _ = fs::remove_dir_all(&directory);
    directory
}

#[test]
fn export_writes_the_folders_as_they_were() {
    let directory = scratch("export");
    let to = directory.to_str().expect("it is text");
    let report = print(&["export", to]);
    assert!(report.starts_with("Wrote "), "{report}");
    let mut expected = contents(&folder(), "");
    expected.retain(|path, _| {
        let is_in = |skill: &&str| path.starts_with(&format!("{skill}/"));
        skills().iter().any(is_in)
    });
    assert_eq!(expected.len(), FILES.len(), "every file belongs to a skill");
    let written = contents(&directory, "");
    assert_eq!(
        written.keys().collect::<Vec<_>>(),
        expected.keys().collect::<Vec<_>>()
    );
    for (path, content) in &expected {
        assert!(written.get(path) == Some(content), "{path} differs");
    }
}

#[test]
fn export_replaces_nobodys_work() {
    let directory = scratch("refuse");
    let to = directory.to_str().expect("it is text");
    let file = directory.join("conventional-commits/SKILL.md");
    fs::create_dir_all(file.parent().expect("it is in a directory")).expect("it is made");
    fs::write(&file, "mine\n").expect("it is written");
    let (code, why) = refusal(&["export", to]);
    assert_eq!(code, Some(1));
    assert!(why.contains("--force"), "{why}");
    let expected = BTreeMap::from([(
        "conventional-commits/SKILL.md".to_owned(),
        (b"mine\n".to_vec(), false),
    )]);
    assert_eq!(contents(&directory, ""), expected, "nothing was written");
    print(&["export", to, "conventional-commits", "--force"]);
    let original = fs::read(folder().join("conventional-commits/SKILL.md"));
    assert_eq!(fs::read(file).expect("it is there"), original.expect("too"));
}

#[test]
fn completions_are_made_for_the_shells() {
    for (shell, sign) in [
        ("bash", "complete -F _skills-server"),
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
