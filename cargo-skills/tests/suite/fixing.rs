//! `--fix`: what it repairs, what it leaves alone, and that nothing is ever worse for it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use crate::folder::{BAD, Folder, GOOD};
use crate::process::{findings, run};

/// Larger fixtures are about size, which no repair changes.
const MOST_BYTES: usize = 600_000;

fn fixtures() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../skills-compiler/tests/fixtures");
    let entries = fs::read_dir(folder).expect("there are fixtures");
    let paths = entries.map(|entry| entry.expect("a fixture").path());
    let mut paths: Vec<_> = paths
        .filter(|path| path.extension().is_some_and(|end| end == "skill"))
        .collect();
    paths.sort();
    paths
}

fn by_file(folder: &Folder) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for finding in findings(folder, &[]) {
        let path = finding["path"].as_str().expect("a path").to_owned();
        *counts.entry(path).or_default() += 1;
    }
    counts
}

#[test]
fn no_file_of_any_fixture_is_worse_for_it_and_twice_is_once() {
    let (mut repaired, mut tried) = (0, 0);
    for path in fixtures() {
        let text = fs::read_to_string(&path).expect("a fixture is text");
        let folder = Folder::of(&text);
        let original = folder.contents();
        if original.values().map(Vec::len).sum::<usize>() > MOST_BYTES {
            continue;
        }
        tried += 1;
        let before = by_file(&folder);
        let fixed = run(&folder, &["check", "--fix", "--quiet"]);
        assert!(fixed.code < Some(2), "{}: {fixed:?}", path.display());
        let (once, after) = (folder.contents(), by_file(&folder));
        for (file, count) in &after {
            let most = before.get(file).copied().unwrap_or_default();
            assert!(
                *count <= most,
                "{}: {file} has {count} findings instead of {most}",
                path.display()
            );
        }
        repaired += before.values().sum::<usize>() - after.values().sum::<usize>();
        assert!(
            original.keys().eq(once.keys()),
            "{}: no file comes or goes",
            path.display()
        );
        assert_eq!(
            run(&folder, &["check", "--fix", "--dry-run", "-q"]).stdout,
            "",
            "{}",
            path.display()
        );
        run(&folder, &["check", "--fix"]);
        assert!(
            once == folder.contents(),
            "{}: twice is more than once",
            path.display()
        );
    }
    assert!(
        tried > 30 && repaired > 50,
        "{repaired} findings of {tried} fixtures are repaired"
    );
}

#[test]
fn what_is_certain_is_done_and_told() {
    let folder = Folder::of(BAD);
    let shown = run(&folder, &["check", "--fix"]).denied();
    assert!(
        shown.ends_with("\n1 skill checked in `skills`: 1 error; 1 finding in 1 file repaired\n"),
        "{shown}"
    );
    assert!(
        shown.contains("error[SK205]") && !shown.contains("error[SK005]"),
        "{shown}"
    );
    let text = folder.read("skills/pdf/SKILL.md");
    assert_eq!(
        text,
        BAD.replace(
            "Use when: the user asks about PDFs, forms",
            "\"Use when: the user asks about PDFs, forms\""
        )
    );
}

#[test]
fn a_repair_that_reveals_another_fault_goes_on_with_that() {
    let hidden = "---\nname: pdf\ndescription: Use when: forms\nallowed_tools: Read\n---\nDo it.\n";
    let folder = Folder::of(hidden);
    assert_eq!(run(&folder, &["check", "--fix", "-q"]).clean(), "");
    let text = folder.read("skills/pdf/SKILL.md");
    assert_eq!(
        text,
        "---\nname: pdf\ndescription: \"Use when: forms\"\nallowed-tools: Read\n---\nDo it.\n"
    );
}

#[test]
fn a_repair_that_makes_another_file_worse_is_not_done_and_others_are() {
    let skill = |name: &str| {
        format!("---\nname: {name}\ndescription: Writes a report. Use when asked.\n---\nDo it.\n")
    };
    let folder = Folder::empty();
    // Spelt as its directory is, this would be the second skill of that name, which is said at the other one.
    folder.write("skills/a/report/SKILL.md", skill("Report").as_bytes());
    folder.write("skills/z/report/SKILL.md", skill("report").as_bytes());
    folder.write("skills/b/letter/SKILL.md", skill("Letter").as_bytes());
    folder.write("skills/pdf/SKILL.md", BAD.as_bytes());
    let shown = run(&folder, &["check", "--fix", "--format", "short"]).denied();
    assert_eq!(shown.matches("error[SK101]").count(), 1, "{shown}");
    assert_eq!(folder.read("skills/a/report/SKILL.md"), skill("Report"));
    assert_eq!(folder.read("skills/z/report/SKILL.md"), skill("report"));
    assert_eq!(folder.read("skills/b/letter/SKILL.md"), skill("letter"));
    assert!(
        folder
            .read("skills/pdf/SKILL.md")
            .contains("description: \"Use")
    );
}

#[test]
fn what_the_author_has_to_decide_is_left_alone() {
    for text in [
        // Either the name or the directory is wrong.
        "=== pdf/SKILL.md\n---\nname: pdf-forms\ndescription: Fills PDF forms. Use when there is a form.\n---\nDo it.\n",
        // Only the author knows what it is for.
        "=== pdf/SKILL.md\n---\nname: pdf\n---\nDo it.\n",
        "=== pdf/SKILL.md\n# PDF forms\n",
        // Perhaps an address.
        "=== pdf/SKILL.md\n---\nname: pdf\ndescription: Fills PDF forms. Use when there is a form.\n---\n[x](www.example.com/y.md)\n",
    ] {
        let folder = Folder::of(text);
        let before = folder.contents();
        let shown = run(&folder, &["check", "--fix"]).stdout;
        assert!(
            shown.contains("1 skill checked in `skills`: 1 ") && !shown.contains("repair"),
            "{shown}"
        );
        assert!(before == folder.contents(), "{text}");
    }
}

#[test]
fn a_dry_run_is_a_diff_that_can_be_applied() {
    let folder = Folder::of(BAD);
    let run = run(&folder, &["check", "--fix", "--dry-run"]);
    assert_eq!(
        (run.code, run.stderr.as_str()),
        (Some(1), "1 finding in 1 file would be repaired\n")
    );
    assert_eq!(
        run.stdout,
        "--- a/skills/pdf/SKILL.md\n+++ b/skills/pdf/SKILL.md\n@@ -1,5 +1,5 @@\n ---\n name: pdf\n\
         -description: Use when: the user asks about PDFs, forms\n\
         +description: \"Use when: the user asks about PDFs, forms\"\n ---\n Read [how](references/how.md).\n"
    );
    assert_eq!(folder.read("skills/pdf/SKILL.md"), BAD);
}

#[test]
fn only_the_files_that_were_named_are_repaired() {
    let word = BAD.replace("name: pdf", "name: word");
    let folder = Folder::of(&format!("=== pdf/SKILL.md\n{BAD}=== word/SKILL.md\n{word}"));
    run(&folder, &["check", "--fix", "skills/word/SKILL.md"]);
    assert_eq!(folder.read("skills/pdf/SKILL.md"), BAD);
    assert!(
        folder
            .read("skills/word/SKILL.md")
            .contains("description: \"Use")
    );
}

#[cfg(unix)]
#[test]
fn permissions_and_links_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = Folder::of(BAD);
    let path = folder.path("skills/pdf/SKILL.md");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).expect("it is ours");
    fs::create_dir(folder.path("skills/word")).expect("it can be made");
    symlink("../pdf/SKILL.md", folder.path("skills/word/SKILL.md")).expect("it can be made");
    run(&folder, &["check", "--fix"]);
    let mode = fs::metadata(&path)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o640);
    let link = fs::symlink_metadata(folder.path("skills/word/SKILL.md"));
    assert!(link.expect("it is there").is_symlink());
    assert!(
        folder
            .read("skills/pdf/SKILL.md")
            .contains("description: \"Use")
    );
    let files = fs::read_dir(folder.path("skills/pdf")).expect("it can be read");
    assert_eq!(files.count(), 1, "nothing is left beside it");
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_is_an_error_that_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::of(BAD);
    let skill = folder.path("skills/pdf");
    fs::set_permissions(&skill, fs::Permissions::from_mode(0o555)).expect("it is ours");
    let may_write = fs::File::create_new(skill.join("probe")).is_ok();
    let run = run(&folder, &["check", "--fix"]);
    fs::set_permissions(&skill, fs::Permissions::from_mode(0o755)).expect("it is ours");
    // Root may write everywhere.
    if !may_write {
        assert!(run.refused().contains("cannot be written\n  why: "));
        assert_eq!(folder.read("skills/pdf/SKILL.md"), BAD);
    }
}

#[test]
fn nothing_to_repair_is_nothing_to_write() {
    let folder = Folder::of(GOOD);
    let modified = || {
        fs::metadata(folder.path("skills/pdf/SKILL.md")).and_then(|metadata| metadata.modified())
    };
    let before = modified().expect("a time");
    assert_eq!(
        run(&folder, &["check", "--fix"]).clean(),
        "1 skill checked in `skills`, nothing found\n"
    );
    assert_eq!(before, modified().expect("a time"));
}

#[cfg(unix)]
#[test]
fn what_a_link_shows_a_second_time_is_repaired_where_it_is() {
    let text = "---\nname: pdf\ndescription: Fills PDF forms. Use when the user has a form to fill.\n\
                allowed-tools: Read, Grep\n---\nOpen the form and fill it.\n";
    let folder = Folder::of(text);
    fs::create_dir(folder.path(".agents")).expect("it can be made");
    std::os::unix::fs::symlink("../skills", folder.path(".agents/skills")).expect("a link");
    let fixed = run(&folder, &["check", "--fix", "."]);
    assert!(
        fixed.stdout.contains("; 1 finding in 1 file repaired\n"),
        "{fixed:?}"
    );
    let text = folder.read("skills/pdf/SKILL.md");
    assert!(text.contains("allowed-tools: Read Grep\n"), "{text}");
}

#[test]
fn a_repair_that_is_left_out_is_told_of() {
    // Inside of the fence that is missing stands another fault.
    let text = "name: pdf\ndescription: Fills PDF forms. Use when the user has a form to fill.\n\
                metadata: 5\nlicense: [MIT]\n---\nOpen the form and fill it.\n";
    let folder = Folder::of(text);
    let fixed = run(&folder, &["check", "--fix"]);
    let end = "; 0 findings in 0 files repaired, and 1 not: that would bring other findings to light, or a file cannot be written\n";
    assert!(fixed.stdout.ends_with(end), "{fixed:?}");
    assert_eq!(folder.read("skills/pdf/SKILL.md"), text);
}

#[test]
fn a_repair_that_leaves_warnings_where_an_error_was_is_done() {
    let text = "\n---\nname: pdf\ndescription: Fills PDF forms. Use when the user has a form to fill.\n\
                author: acme\n---\nSee [a](gone.md) and [b](lost.md).\n";
    let folder = Folder::of(text);
    let warned = ["check", "--fix", "-W", "broken-link"];
    let fixed = run(&folder, &warned);
    assert_eq!(fixed.code, Some(0), "{fixed:?}");
    assert!(folder.read("skills/pdf/SKILL.md").starts_with("---\nname"));
}

#[test]
fn directories_that_are_named_twice_are_checked_and_repaired_once() {
    let folder = Folder::of(BAD);
    let fixed = run(
        &folder,
        &["check", "--fix", "skills", "skills/pdf", "skills/../skills"],
    );
    assert!(
        fixed
            .stdout
            .ends_with("\n1 skill checked in `skills`: 1 error; 1 finding in 1 file repaired\n"),
        "{fixed:?}"
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_keeps_no_other_from_being_repaired() {
    use std::os::unix::fs::PermissionsExt;
    let word = BAD.replace("name: pdf", "name: word");
    let folder = Folder::of(&format!("=== pdf/SKILL.md\n{BAD}=== word/SKILL.md\n{word}"));
    let path = folder.path("skills/pdf/SKILL.md");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).expect("it is ours");
    let fixed = run(&folder, &["check", "--fix"]);
    assert_eq!(fixed.code, Some(2), "{fixed:?}");
    assert!(fixed.stderr.contains("read-only"), "{fixed:?}");
    assert!(
        fixed.stdout.contains("; 1 finding in 1 file repaired"),
        "what was done is told: {fixed:?}"
    );
    assert_eq!(folder.read("skills/pdf/SKILL.md"), BAD);
    assert!(
        folder
            .read("skills/word/SKILL.md")
            .contains("description: \"Use")
    );
}
