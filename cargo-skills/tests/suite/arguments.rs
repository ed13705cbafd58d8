//! What is typed: paths, levels, exit codes, help and completions.

use std::fs;

use crate::folder::{BAD, Folder, GOOD, ODD};
use crate::process::{command, findings, run};

fn codes(folder: &Folder, arguments: &[&str]) -> Vec<String> {
    let findings = findings(folder, arguments);
    let codes = findings.iter().map(|finding| finding["code"].as_str());
    codes.map(|code| code.expect("a code").to_owned()).collect()
}

#[test]
fn the_exit_code_says_how_it_went() {
    let (good, odd, bad) = (Folder::of(GOOD), Folder::of(ODD), Folder::of(BAD));
    assert_eq!(
        run(&good, &["check"]).clean(),
        "1 skill checked in `skills`, nothing found\n"
    );
    assert!(
        run(&odd, &["check"])
            .clean()
            .ends_with("1 skill checked in `skills`: 1 warning\n")
    );
    assert!(
        run(&bad, &["check"])
            .denied()
            .ends_with("1 skill checked in `skills`: 2 errors; `--fix` repairs 1 of them\n")
    );
    let none = run(&Folder::empty(), &["check", "--format", "short"]).denied();
    assert_eq!(none, ".:1:1: error[SK708] there is no skill in `.`\n");
    assert!(
        run(&good, &["check", "nowhere"])
            .refused()
            .starts_with("error: `nowhere` cannot be read\n  why: ")
    );
    assert!(run(&good, &["chekc"]).refused().contains("'check'"));
    assert!(
        run(&good, &["check", "--dry-run"])
            .refused()
            .contains("--fix")
    );
}

#[test]
fn cargo_s_first_word_may_be_there_or_not() {
    let folder = Folder::of(GOOD);
    let direct = std::process::Command::new(crate::process::EXECUTABLE)
        .arg("check")
        .current_dir(folder.root())
        .output();
    assert!(direct.expect("it starts").status.success());
    assert_eq!(run(&folder, &["check"]).code, Some(0));
}

#[test]
fn levels_are_set_by_name_and_code_and_the_later_one_wins() {
    let odd = Folder::of(ODD);
    assert_eq!(run(&odd, &["check", "-D", "warnings"]).code, Some(1));
    let allowed = run(&odd, &["check", "-A", "warnings"]).clean();
    assert_eq!(allowed, "1 skill checked in `skills`, nothing found\n");
    let output = command(&odd, &["check"])
        .env("SKILLS_LINTS", "-D warnings")
        .output();
    assert_eq!(output.expect("it starts").status.code(), Some(1));
    assert_eq!(run(&odd, &["check", "--deny", "SK205"]).code, Some(1));
    assert_eq!(
        run(&odd, &["check", "-Dwarnings", "-Abroken-link"]).code,
        Some(0)
    );
    assert_eq!(
        run(&odd, &["check", "-A", "broken-link", "-D", "sk205"]).code,
        Some(1)
    );
    assert_eq!(
        run(&odd, &["check", "-D", "broken-link", "-W", "SK205"]).code,
        Some(0)
    );
    let bad = Folder::of(BAD);
    assert_eq!(
        codes(&bad, &["--allow", "broken-link,name-format"]),
        ["SK005"]
    );
    let refusal = run(&bad, &["check", "-A", "broken-lnk"]).refused();
    assert!(refusal.contains("did you mean `broken-link`?"), "{refusal}");
    let refusal = run(&bad, &["check", "-A", "unquoted-colon"]).refused();
    assert!(refusal.contains("cannot be `allow`"), "{refusal}");
}

#[test]
fn a_path_is_a_folder_of_skills_a_skill_or_a_file() {
    let folder = Folder::of(&format!(
        "=== pdf/SKILL.md\n{BAD}=== pdf/notes/more.md\n[x](y.md)\n"
    ));
    let path = |arguments: &[&str], index: usize| {
        findings(&folder, arguments)[index]["path"]
            .as_str()
            .expect("a path")
            .to_owned()
    };
    assert_eq!(codes(&folder, &["skills"]), ["SK005", "SK205", "SK205"]);
    assert_eq!(
        codes(&folder, &["skills/pdf/"]),
        ["SK005", "SK205", "SK205"]
    );
    assert_eq!(codes(&folder, &["skills/pdf/SKILL.md"]), ["SK005", "SK205"]);
    assert_eq!(codes(&folder, &["skills/pdf/notes/more.md"]), ["SK205"]);
    let both = ["skills/pdf/notes/more.md", "./skills/pdf/SKILL.md"];
    assert_eq!(codes(&folder, &both), ["SK005", "SK205", "SK205"]);
    let absolute = folder.path("skills/pdf");
    for arguments in [
        &[][..],
        &["skills"],
        &["./skills/pdf/SKILL.md"],
        &[absolute.to_str().expect("text")],
    ] {
        assert_eq!(path(arguments, 0), "skills/pdf/SKILL.md", "{arguments:?}");
    }
    folder.write("loose.md", b"x");
    let refusal = run(&folder, &["check", "loose.md"]).refused();
    assert!(
        refusal.contains("`loose.md` belongs to no skill"),
        "{refusal}"
    );
}

#[test]
fn a_path_elsewhere_is_shown_as_it_was_given() {
    let (here, there) = (Folder::of(GOOD), Folder::of(BAD));
    let given = there.path("skills/pdf");
    let given = given.to_str().expect("text");
    let file = format!("{given}/SKILL.md");
    for argument in [given, &file] {
        let shown = run(&here, &["check", "--format", "short", argument]).denied();
        assert!(
            shown.starts_with(&format!("{file}:3:22: error[SK005] ")),
            "{shown}"
        );
    }
}

#[test]
fn skills_are_found_where_they_usually_are() {
    for place in ["skills", ".claude/skills", ".agents/skills"] {
        let folder = Folder::empty();
        folder.write(&format!("{place}/pdf/SKILL.md"), BAD.as_bytes());
        let findings = findings(&folder, &[]);
        assert_eq!(findings[0]["path"], format!("{place}/pdf/SKILL.md"));
    }
    let folder = Folder::of(BAD);
    let inside = command(&folder, &["check", "--format", "short"])
        .current_dir(folder.path("skills/pdf"))
        .output();
    let shown = String::from_utf8(inside.expect("it starts").stdout).expect("it is text");
    assert!(shown.starts_with("SKILL.md:3:22: "), "{shown}");
}

#[cfg(unix)]
#[test]
fn a_folder_that_may_not_be_read_is_an_error_that_says_so() {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;
    let folder = Folder::of(GOOD);
    let mut command = command(&folder, &["check", "skills"]);
    let closed = fs::Permissions::from_mode(0o000);
    fs::set_permissions(folder.path("skills"), closed).expect("it is ours");
    // Root may read everything, so that somebody else has to try, where root can let them.
    if fs::read_dir(folder.path("skills")).is_ok() {
        let open = fs::Permissions::from_mode(0o755);
        fs::set_permissions(folder.root(), open).expect("it is ours");
        command.uid(65534);
    }
    let output = command.output();
    let open = fs::Permissions::from_mode(0o755);
    fs::set_permissions(folder.path("skills"), open).expect("it is ours");
    if let Ok(output) = output {
        let refusal = crate::process::Run::from(output).refused();
        assert!(
            refusal.contains("skills` cannot be read\n  why: "),
            "{refusal}"
        );
    }
}

#[test]
fn help_teaches_by_examples() {
    let folder = Folder::empty();
    let help = run(&folder, &["--help"]).clean();
    for part in [
        "Usage: cargo skills ",
        "Examples:\n",
        "Exit codes:\n",
        "NO_COLOR",
    ] {
        assert!(help.contains(part), "{part}: {help}");
    }
    for command in ["check", "explain", "rules", "new-skill", "completions"] {
        assert!(
            help.contains(&format!("\n  {command} ")),
            "{command}: {help}"
        );
        let help = run(&folder, &[command, "--help"]).clean();
        assert!(
            help.contains(&format!("Usage: cargo skills {command}")),
            "{help}"
        );
    }
    let version = run(&folder, &["--version"]).clean();
    assert_eq!(
        version,
        concat!("cargo-skills ", env!("CARGO_PKG_VERSION"), "\n")
    );
}

#[test]
fn completions_are_made_for_the_shells() {
    let folder = Folder::empty();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = run(&folder, &["completions", shell]).clean();
        assert!(script.contains("new-skill"), "{shell}: {script}");
    }
}
