//! What cannot become content, and what nobody means to serve.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use skills_compiler::diagnostics::{Finding, Level};
use skills_compiler::source::{Junk, OddityKind};
use skills_compiler::{Options, compile};

use crate::directory::{DOCUMENT, Directory, check, codes, files};

#[test]
fn what_is_neither_a_file_nor_a_directory_is_not_opened() {
    let program = "import os, socket, sys
os.chdir(sys.argv[1])
os.mkfifo('pipe') if sys.argv[2] == 'pipe' else socket.socket(socket.AF_UNIX).bind('socket')";
    for (kind, what) in [("pipe", "a named pipe"), ("socket", "a socket")] {
        let directory = Directory::new(kind).skill("pdf");
        let made = Command::new("python3")
            .args(["-c", program])
            .arg(directory.0.join("pdf"))
            .arg(kind)
            .status();
        assert!(made.expect("python3 starts").success());
        check(
            &directory,
            &format!("pdf/{kind}"),
            &OddityKind::Special(what),
        );
    }
}

#[test]
fn a_file_that_may_not_be_read_is_odd() {
    let directory = Directory::new("unreadable")
        .skill("pdf")
        .file("pdf/x.md", "x");
    let path = directory.0.join("pdf/x.md");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("they can be set");
    // The superuser may read everything.
    let Err(error) = fs::read(&path) else {
        assert_eq!(
            files(&directory.compile().tree),
            ["pdf/SKILL.md", "pdf/x.md"]
        );
        return;
    };
    check(
        &directory,
        "pdf/x.md",
        &OddityKind::Unreadable(error.to_string()),
    );
}

#[test]
fn a_name_that_is_not_text_is_odd() {
    let name = OsStr::from_bytes(b"pdf/\xff\x1b[31m.md");
    let directory = Directory::new("not-utf8").skill("pdf").file(name, "x");
    check(
        &directory,
        "pdf/\u{fffd}\u{1b}[31m.md",
        &OddityKind::NameNotUtf8,
    );
}

#[test]
fn junk_is_skipped_and_named() {
    let directory = Directory::new("junk")
        .skill("pdf")
        .file(".git/config", "x")
        .file("pdf/.DS_Store", "x")
        .file("pdf/.env", "TOKEN=x")
        .file("pdf/SKILL.md~", "x")
        .file("pdf/scripts/__pycache__/a.pyc", "x")
        .file("pdf/node_modules/a/SKILL.md", "x")
        .file("pdf/.venv/x.py", "x")
        .file("pdf/.clawhub/origin.json", "{}")
        .link("pdf/.#SKILL.md", "somebody@somewhere:1");
    let compilation = directory.compile();
    let skipped: Vec<_> = compilation
        .tree
        .skipped()
        .iter()
        .map(|skipped| (skipped.path.as_str(), skipped.junk))
        .collect();
    let expected = [
        (".git", Junk::VersionControl),
        ("pdf/.#SKILL.md", Junk::EditorBackup),
        ("pdf/.DS_Store", Junk::DesktopFile),
        ("pdf/.clawhub", Junk::Installation),
        ("pdf/.env", Junk::Environment),
        ("pdf/.venv", Junk::InstalledPackages),
        ("pdf/SKILL.md~", Junk::EditorBackup),
        ("pdf/node_modules", Junk::InstalledPackages),
        ("pdf/scripts/__pycache__", Junk::BuildOutput),
    ];
    assert_eq!(skipped, expected);
    assert_eq!(codes(&compilation), ["SK306"; 6], "one for each kind");
    assert_eq!(compilation.denied().count(), 1, "the environment");
    assert_eq!(files(&compilation.tree), ["pdf/SKILL.md"]);
}

#[test]
fn what_lies_too_deep_is_not_read() {
    let deep = format!("pdf/{}x.md", "d/".repeat(40));
    let directory = Directory::new("deep").skill("pdf").file(&deep, "x");
    let compilation = directory.compile();
    let kinds: Vec<_> = compilation
        .tree
        .oddities()
        .iter()
        .map(|odd| &odd.kind)
        .collect();
    assert_eq!(kinds, [&OddityKind::TooDeep]);
    assert_eq!(files(&compilation.tree), ["pdf/SKILL.md"]);
}

fn denied(directory: &Directory) -> Vec<(&'static str, String)> {
    let compilation = directory.compile();
    let place = |finding: &Finding| finding.path(&compilation.tree).to_owned();
    compilation
        .denied()
        .map(|finding| (finding.rule.code, place(finding)))
        .collect()
}

#[test]
fn no_skill_is_lost_without_a_word() {
    let nearly = Directory::new("nearly")
        .file("pdf/skill.md", "x")
        .skill("pdf/forms");
    assert_eq!(denied(&nearly), [("SK001", "pdf/skill.md".to_owned())]);

    let group = OsStr::from_bytes(b"g\xff");
    let unnamed = Directory::new("unnamed")
        .skill("pdf")
        .file(Path::new(group).join("one/SKILL.md"), "x");
    assert_eq!(denied(&unnamed), [("SK305", "g\u{fffd}".to_owned())]);

    let control = Directory::new("control").skill("a\tb/one").skill("pdf");
    assert_eq!(denied(&control), [("SK305", "a\tb".to_owned())]);
}

#[test]
fn two_directories_are_never_served_as_one() {
    let allowed = |directory: &Directory| {
        let mut options = Options::default();
        options
            .set_level("name-dir-mismatch", Level::Allow, "the test")
            .expect("it may be");
        let compilation = compile(&directory.0, "skills", &options).expect("it can be read");
        compilation
            .denied()
            .map(|finding| finding.rule.code)
            .collect::<Vec<_>>()
    };
    let named = |name: &str| DOCUMENT.replace("NAME", name);
    let nested = Directory::new("moved-nested")
        .file("x/SKILL.md", named("y"))
        .file("x/a/SKILL.md", named("a"))
        .file("y/a/SKILL.md", named("a"));
    assert_eq!(allowed(&nested), ["SK104"]);
    let mixed = Directory::new("moved-mixed")
        .file("s/a/SKILL.md", named("bb"))
        .file("s/a/c/x.md", "x")
        .file("s/bb/c/SKILL.md", named("c"))
        .file("s/bb/c/x.md", "x");
    assert_eq!(allowed(&mixed), ["SK104"]);
    let suffix = Directory::new("moved-suffix")
        .file("my-pdf/SKILL.md", named("pdf"))
        .skill("pdf");
    assert_eq!(allowed(&suffix), ["SK104"]);
    let apart = Directory::new("moved-apart")
        .file("s/a/SKILL.md", named("bb"))
        .skill("s/c");
    assert_eq!(allowed(&apart), Vec::<&str>::new());
}
