//! `--watch`: a change is seen, and nothing else is.

use std::fs;
use std::time::Duration;

use crate::folder::{BAD, Folder, GOOD};
use crate::process::{command, run};
use crate::watcher::Watcher;

/// Much longer than a check of its own would take to follow a check.
const QUIET: Duration = Duration::from_secs(1);

fn watch(folder: &Folder, arguments: &[&str]) -> Watcher {
    Watcher::start(command(
        folder,
        &[&["check", "--watch"], arguments].concat(),
    ))
}

#[test]
fn a_change_is_checked_and_reading_is_none() {
    let folder = Folder::of(GOOD);
    let watcher = watch(&folder, &[]);
    watcher.report("1 skill checked in `skills`, nothing found");
    let more = watcher.lines.recv_timeout(QUIET);
    assert!(more.is_err(), "nothing has changed, but {more:?} is said");
    folder.write("skills/pdf/SKILL.md", BAD.as_bytes());
    watcher.report("1 skill checked in `skills`: 2 errors");
    // Saved as editors save: beside it, and then in its place.
    folder.write("skills/pdf/.SKILL.md.swp", GOOD.as_bytes());
    let saved = fs::rename(
        folder.path("skills/pdf/.SKILL.md.swp"),
        folder.path("skills/pdf/SKILL.md"),
    );
    saved.expect("it can be renamed");
    watcher.report("1 skill checked in `skills`, nothing found");
    folder.write(
        "skills/word/SKILL.md",
        GOOD.replace("pdf", "word").as_bytes(),
    );
    watcher.wait_for("2 skills checked");
}

#[test]
fn formats_for_programs_can_be_watched() {
    let folder = Folder::of(GOOD);
    let watcher = watch(&folder, &["--format", "short", "skills/pdf/SKILL.md"]);
    watcher.wait_for("waiting for changes");
    folder.write("skills/pdf/SKILL.md", BAD.as_bytes());
    watcher.report("skills/pdf/SKILL.md:3:22: error[SK005]");
}

#[test]
fn what_is_gone_for_a_while_is_no_end() {
    let folder = Folder::of(GOOD);
    let watcher = watch(&folder, &[]);
    watcher.report("nothing found");
    fs::remove_file(folder.path("skills/pdf/SKILL.md")).expect("it can be removed");
    watcher.report("0 skills checked");
    folder.write("skills/pdf/SKILL.md", GOOD.as_bytes());
    watcher.report("1 skill checked in `skills`, nothing found");
}

#[test]
fn a_folder_that_comes_back_is_watched_like_the_one_before() {
    let folder = Folder::of(GOOD);
    let [here, away] = ["skills", "away"].map(|path| folder.path(path));
    let watcher = watch(&folder, &["skills"]);
    watcher.report("1 skill checked in `skills`, nothing found");
    fs::rename(&here, &away).expect("it can be renamed");
    watcher.wait_for("`skills` cannot be read");
    fs::rename(&away, &here).expect("it can be renamed");
    watcher.report("1 skill checked in `skills`, nothing found");
    folder.write("skills/pdf/SKILL.md", BAD.as_bytes());
    watcher.report("1 skill checked in `skills`: 2 errors");
    // Another one in its place, as `git checkout` may put it there.
    fs::rename(&here, &away).expect("it can be renamed");
    folder.write("skills/pdf/SKILL.md", GOOD.as_bytes());
    watcher.wait_for("1 skill checked in `skills`, nothing found");
    folder.write("skills/pdf/SKILL.md", BAD.as_bytes());
    watcher.wait_for("1 skill checked in `skills`: 2 errors");
}

#[test]
fn what_leads_to_a_folder_may_lead_elsewhere() {
    let folder = Folder::empty();
    folder.write("one/skills/pdf/SKILL.md", GOOD.as_bytes());
    folder.write("two/skills/pdf/SKILL.md", BAD.as_bytes());
    std::os::unix::fs::symlink("one", folder.path("current")).expect("a link");
    let watcher = watch(&folder, &["current/skills"]);
    watcher.report("1 skill checked in `current/skills`, nothing found");
    // As releases are switched: the new link takes the place of the old one.
    std::os::unix::fs::symlink("two", folder.path("next")).expect("a link");
    fs::rename(folder.path("next"), folder.path("current")).expect("it can be renamed");
    watcher.report("1 skill checked in `current/skills`: 2 errors");
    fs::remove_dir_all(folder.path("two")).expect("it can be removed");
    watcher.wait_for("`current/skills` cannot be read");
    folder.write("two/skills/pdf/SKILL.md", GOOD.as_bytes());
    watcher.wait_for("1 skill checked in `current/skills`, nothing found");
}

#[test]
fn a_report_into_the_folder_is_no_reason_for_another_one() {
    let folder = Folder::of(GOOD);
    let watcher = watch(&folder, &["skills"]);
    watcher.report("1 skill checked in `skills`, nothing found");
    folder.write("skills/findings.sarif", b"{}");
    // It is there now, which is a change; what is in it is none.
    watcher.report("1 skill checked");
    folder.write("skills/findings.sarif", b"{ }");
    let more = watcher.lines.recv_timeout(QUIET);
    assert!(more.is_err(), "{more:?} is said");
}

#[test]
fn what_configures_the_skills_from_above_is_watched_and_nothing_else_there() {
    let folder = Folder::of(GOOD);
    folder.write("Cargo.toml", b"[package]\nname = \"acme\"\n");
    let watcher = watch(&folder, &["skills"]);
    watcher.report("1 skill checked in `skills`, nothing found");
    folder.write("notes.txt", b"of no interest");
    let more = watcher.lines.recv_timeout(QUIET);
    assert!(more.is_err(), "{more:?} is said");
    folder.write("skills.toml", b"[lints]\nno-license = \"warn\"\n");
    watcher.report("1 skill checked in `skills`: 1 warning");
}

#[test]
fn nobody_watches_what_is_not_there_or_what_is_repaired() {
    let folder = Folder::of(GOOD);
    assert!(
        run(&folder, &["check", "--watch", "nowhere"])
            .refused()
            .contains("`nowhere` cannot be read")
    );
    assert!(
        run(&folder, &["check", "--watch", "--fix"])
            .refused()
            .contains("--fix")
    );
}
