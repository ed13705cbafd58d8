//! What an editor holds and has not saved.

use crate::folder::{BAD, Folder, GOOD};
use crate::process::{run, run_with};

const FORM: [&str; 3] = ["check", "--format", "short"];

fn check(folder: &Folder, path: &str, buffer: &str) -> crate::process::Run {
    let arguments = [&FORM[..], &["-", "--stdin-path", path]].concat();
    run_with(folder, &arguments, buffer)
}

#[test]
fn a_buffer_stands_for_the_file_that_it_is() {
    let folder = Folder::of(GOOD);
    let shown = check(&folder, "skills/pdf/SKILL.md", BAD).denied();
    assert!(
        shown.starts_with("skills/pdf/SKILL.md:3:22: error[SK005] "),
        "{shown}"
    );
    assert_eq!(check(&folder, "skills/pdf/SKILL.md", GOOD).clean(), "");
    assert_eq!(
        folder.read("skills/pdf/SKILL.md"),
        GOOD,
        "the file is left alone"
    );
}

#[test]
fn the_other_files_of_the_skill_are_known() {
    let folder = Folder::of(GOOD);
    folder.write("skills/pdf/how.md", b"# How\n");
    let (with_link, without) = (
        format!("{GOOD}[How](how.md)\n"),
        format!("{GOOD}[How](hwo.md)\n"),
    );
    assert_eq!(
        check(&folder, "skills/pdf/SKILL.md", &with_link).clean(),
        ""
    );
    assert_eq!(
        check(&folder, "skills/pdf/SKILL.md", &without).code,
        Some(1)
    );
    let shown = check(&folder, "skills/pdf/how.md", "[Gone](gone.md)\n").denied();
    assert!(
        shown.starts_with("skills/pdf/how.md:1:8: error[SK205] "),
        "{shown}"
    );
}

#[test]
fn a_buffer_needs_no_file_and_no_folder() {
    let folder = Folder::empty();
    assert_eq!(check(&folder, "skills/pdf/SKILL.md", GOOD).clean(), "");
    let shown = check(&folder, "skills/word/SKILL.md", GOOD).denied();
    assert!(shown.contains("error[SK102]"), "{shown}");
    assert_eq!(check(&folder, "skills/pdf/SKILL.md", "").code, Some(1));
}

#[test]
fn a_buffer_has_to_say_what_it_is() {
    let folder = Folder::of(GOOD);
    assert!(
        run(&folder, &["check", "-"])
            .refused()
            .contains("--stdin-path")
    );
    assert!(
        run(&folder, &["check", "--stdin-path", "x"])
            .refused()
            .contains("`-`")
    );
    let fix = ["check", "-", "--stdin-path", "skills/pdf/SKILL.md", "--fix"];
    assert!(
        run(&folder, &fix)
            .refused()
            .contains("standard input is none")
    );
    let more = [
        "check",
        "-",
        "skills",
        "--stdin-path",
        "skills/pdf/SKILL.md",
    ];
    assert!(run(&folder, &more).refused().contains("alone"));
}
