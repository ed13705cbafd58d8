//! The edges of `build`, `dev` and `new`, with a stand-in for cargo: what it is told, what becomes of what it makes, and what is
//! refused before it is called.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt, symlink};
use std::process::Command;

use crate::folder::{BAD, Folder, GOOD};
use crate::process::{Run, command, run};
use crate::watcher::Watcher;

/// Notes what it was told, and makes an executable of the file `made` in the folder of the test.
const CARGO: &str = r#"#!/bin/sh
case "$1" in
build) ;;
*) exec "$REAL_CARGO" "$@" ;;
esac
name=$(sed -n 's/^name = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
features=$(sed -n 's/^skills-runtime = .*features = \(\[.*\]\).*/\1/p' Cargo.toml)
echo "$name $features flags=$CARGO_ENCODED_RUSTFLAGS $*" >> "$PLACE/told"
if [ -e "$PLACE/wait" ]; then echo "cargo waits" >&2; read -r nothing < "$PLACE/wait"; fi
mkdir -p "$PLACE/built"
cp "$PLACE/made" "$PLACE/built/$name"
fresh=$(cat "$PLACE/fresh" 2>/dev/null || echo false)
printf '{"reason":"compiler-artifact","package_id":"p","target":{"name":"%s","kind":["bin"]},"executable":"%s","fresh":%s}\n' \
    "$name" "$PLACE/built/$name" "$fresh"
"#;

/// A folder in which nothing is compiled.
fn folder() -> Folder {
    let folder = Folder::of(GOOD);
    write_executable(&folder, "cargo", CARGO);
    write_executable(&folder, "made", "#!/bin/sh\necho made\n");
    folder
}

fn write_executable(folder: &Folder, path: &str, text: &str) {
    // In its place at once: one that is being written cannot be run.
    let new = format!("{path}.new");
    folder.write(&new, text.as_bytes());
    let mode = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder.path(&new), mode).expect("it is there");
    fs::rename(folder.path(&new), folder.path(path)).expect("it can be renamed");
}

fn with_stand_in(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = command(folder, arguments);
    command
        .env("CARGO", folder.path("cargo"))
        .env("REAL_CARGO", env!("CARGO"))
        .env("PLACE", folder.root())
        .env("XDG_CACHE_HOME", folder.path("cache"))
        .env_remove("RUSTFLAGS")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    command
}

fn build(folder: &Folder, arguments: &[&str]) -> Run {
    let all = [&["build"], arguments].concat();
    let output = with_stand_in(folder, &all).output();
    output.expect("it starts").into()
}

fn told(folder: &Folder) -> Vec<String> {
    let told = fs::read_to_string(folder.path("told")).unwrap_or_default();
    told.lines().map(str::to_owned).collect()
}

#[test]
fn a_server_does_not_get_the_name_of_its_folder_beside_it() {
    let folder = folder();
    fs::rename(folder.path("skills"), folder.path("acme")).expect("it can be renamed");
    let run = build(&folder, &["acme"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.stderr.contains("acme-server: "), "{run:?}");
    assert_eq!(folder.read("acme-server"), "#!/bin/sh\necho made\n");
}

#[test]
fn what_is_no_file_is_not_replaced_by_one() {
    let folder = folder();
    let fifo = folder.path("pipe");
    let made = Command::new("mkfifo").arg(&fifo).status();
    assert!(made.expect("mkfifo starts").success());
    for (place, reason) in [
        ("pipe", "a device, a pipe or a socket"),
        ("skills", "s a directory"),
        ("new/", "s a directory"),
        ("cargo/x", "ot a directory"),
    ] {
        let run = build(&folder, &["skills", "-o", place]);
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(run.stderr.contains(reason), "{run:?}");
    }
    let kind = fs::metadata(&fifo).expect("it is there").file_type();
    assert!(kind.is_fifo());
    assert_eq!(told(&folder), Vec::<String>::new(), "nothing is built");
}

#[test]
fn a_link_leads_to_the_new_server() {
    let folder = folder();
    folder.write("releases/one", b"before");
    symlink("releases/one", folder.path("current")).expect("a link");
    let run = build(&folder, &["skills", "-o", "current"]);
    assert_eq!(run.code, Some(0), "{run:?}");
    let link = fs::symlink_metadata(folder.path("current")).expect("it is there");
    assert!(link.is_symlink());
    assert_eq!(folder.read("releases/one"), "#!/bin/sh\necho made\n");
}

#[test]
fn a_server_of_one_folder_is_built_with_what_was_asked_last() {
    let folder = folder();
    let fifo = Command::new("mkfifo").arg(folder.path("wait")).status();
    assert!(fifo.expect("mkfifo starts").success());
    let first = Watcher::start(with_stand_in(
        &folder,
        &["build", "skills", "-o", "one/acme", "--features", "http"],
    ));
    first.wait_for("cargo waits");
    let second = Watcher::start(with_stand_in(
        &folder,
        &["build", "skills", "-o", "two/acme", "--features", "none"],
    ));
    second.wait_for("waiting for another build to end");
    let manifest = |folder: &Folder| {
        let packages = fs::read_dir(folder.path("cache/cargo-skills/packages"));
        let package = packages
            .expect("there is one")
            .next()
            .expect("there is one");
        fs::read_to_string(package.expect("it can be read").path().join("Cargo.toml"))
    };
    let during = manifest(&folder).expect("it can be read");
    assert!(during.contains("[\"http\"]"), "{during}");
    fs::write(folder.path("wait"), "\n").expect("the first goes on");
    first.wait_for("one/acme: ");
    second.wait_for("cargo waits");
    fs::write(folder.path("wait"), "\n").expect("the second goes on");
    second.wait_for("two/acme: ");
    let after = manifest(&folder).expect("it can be read");
    assert!(after.contains("features = []"), "{after}");
}

#[test]
fn flags_are_ours_too_where_the_environment_has_none() {
    for (variable, value, expected) in [
        ("RUSTFLAGS", "", "flags=-C\u{1f}target-feature=+crt-static"),
        (
            "CARGO_ENCODED_RUSTFLAGS",
            "",
            "flags=-C\u{1f}target-feature=+crt-static",
        ),
        (
            "RUSTFLAGS",
            "-C debuginfo=0",
            "flags=-C\u{1f}debuginfo=0\u{1f}-C\u{1f}target-feature=+crt-static",
        ),
    ] {
        let folder = folder();
        let mut build = with_stand_in(&folder, &["build", "skills", "-o", "acme"]);
        let run = Run::from(build.env(variable, value).output().expect("it starts"));
        assert_eq!(run.code, Some(0), "{run:?}");
        let told = told(&folder);
        // With musl everything is static anyway.
        let is_musl = told.iter().any(|line| line.contains("-musl"));
        assert!(
            is_musl || told.iter().any(|line| line.contains(expected)),
            "{told:?}"
        );
    }
}

#[test]
fn a_project_of_ones_own_is_checked_before_it_is_built() {
    let folder = folder();
    run(&folder, &["new", "acme", "--skills", "skills"]).clean();
    folder.write("acme/skills/pdf/SKILL.md", BAD.as_bytes());
    for arguments in [
        &["build", "acme", "-o", "x"][..],
        &["dist", "acme", "-o", "y"],
    ] {
        let output = with_stand_in(&folder, arguments).output();
        let run = Run::from(output.expect("it starts"));
        assert_eq!(run.code, Some(1), "{run:?}");
        assert!(run.stdout.contains("SK005"), "{run:?}");
    }
    assert_eq!(told(&folder), Vec::<String>::new(), "nothing is built");
}

#[test]
fn a_project_may_be_made_among_the_skills() {
    let folder = folder();
    let made = command(&folder, &["new", "acme", "--skills", "."])
        .current_dir(folder.path("skills"))
        .output();
    Run::from(made.expect("it starts")).clean();
    let skills = fs::read_dir(folder.path("skills/acme/skills")).expect("they are there");
    let names: Vec<_> = skills
        .map(|entry| entry.expect("it can be read").file_name())
        .collect();
    assert_eq!(names, ["pdf"]);
}

#[test]
fn what_cannot_be_copied_says_why() {
    let folder = folder();
    symlink("/etc", folder.path("skills/pdf/etc")).expect("a link");
    let said = run(&folder, &["new", "acme", "--skills", "skills"]).refused();
    assert!(
        said.contains("`skills/pdf/etc` cannot be copied: it is a link to `/etc`"),
        "{said}"
    );
}

fn dev(folder: &Folder) -> Watcher {
    Watcher::start(with_stand_in(folder, &["dev", "skills"]))
}

/// A server that says a word and goes on, until it is ended.
fn server(word: &str) -> String {
    format!(
        "#!/bin/sh\necho {word} serves\nmkfifo \"$0.fifo\" 2> /dev/null\nread -r nothing < \"$0.fifo\"\n"
    )
}

#[test]
fn a_server_that_does_not_start_gives_way_to_the_one_before() {
    let folder = folder();
    write_executable(&folder, "made", &server("first"));
    let watcher = dev(&folder);
    watcher.wait_for("first serves");
    write_executable(&folder, "made", "#!/bin/sh\necho second fails\nexit 2\n");
    folder.write(
        "skills/pdf/SKILL.md",
        GOOD.replace("Open", "Take").as_bytes(),
    );
    watcher.wait_for("second fails");
    watcher.report_of(&["the one before it is back", "first serves"]);
    write_executable(&folder, "made", &server("third"));
    folder.write("skills/pdf/SKILL.md", GOOD.as_bytes());
    watcher.wait_for("third serves");
}

#[test]
fn what_has_nothing_to_do_with_the_server_does_not_restart_it() {
    let folder = folder();
    write_executable(&folder, "made", &server("first"));
    let watcher = dev(&folder);
    watcher.wait_for("first serves");
    folder.write("fresh", b"true");
    folder.write("skills/notes.txt", b"of no interest");
    watcher.wait_for("1 skill checked");
    fs::remove_file(folder.path("fresh")).expect("it is there");
    write_executable(&folder, "made", &server("second"));
    folder.write(
        "skills/pdf/SKILL.md",
        GOOD.replace("Open", "Take").as_bytes(),
    );
    // The first one was not started again in between.
    watcher.wait_for("built in");
    let next = watcher.wait_for("serves");
    assert_eq!(next, "second serves");
}

#[test]
fn dev_ends_when_it_is_told_to_also_while_it_builds() {
    let folder = folder();
    let fifo = Command::new("mkfifo").arg(folder.path("wait")).status();
    assert!(fifo.expect("mkfifo starts").success());
    let watcher = dev(&folder);
    watcher.wait_for("cargo waits");
    let pid = watcher.child.id().to_string();
    let told = Command::new("kill").arg(&pid).status();
    assert!(told.expect("kill starts").success());
    watcher.wait_for_end();
    assert!(!folder.path("built").exists(), "the build went on");
}
