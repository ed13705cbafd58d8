//! Which skills are found without an argument, and what is said of the search.

use std::fs;
use std::process::Command;

use crate::folder::Folder;
use crate::process::{command, done, run};

/// A skill of this name in which nothing is wrong.
fn skill(folder: &Folder, path: &str) {
    let name = path.rsplit('/').next().unwrap_or_default();
    let text = format!(
        "---\nname: {name}\ndescription: Keeps the {name} of the choir in order. Use when a singer asks for the {name}.\n---\nOpen the cupboard.\n"
    );
    folder.write(&format!("{path}/SKILL.md"), text.as_bytes());
}

#[cfg(unix)]
fn link(folder: &Folder, path: &str, target: &str) {
    let path = folder.path(path);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
    std::os::unix::fs::symlink(target, path).expect("a link");
}

fn summary(folder: &Folder, arguments: &[&str]) -> String {
    let shown = run(folder, &[&["check"], arguments].concat());
    shown.stdout.lines().last().unwrap_or_default().to_owned()
}

#[cfg(unix)]
#[test]
fn links_of_an_installer_are_followed_and_checked_once() {
    let folder = Folder::empty();
    skill(&folder, ".agents/skills/scores");
    skill(&folder, ".agents/skills/keys");
    link(
        &folder,
        ".claude/skills/scores",
        "../../.agents/skills/scores",
    );
    link(&folder, ".claude/skills/keys", "../../.agents/skills/keys");
    let expected = "2 skills checked in `.agents/skills`, nothing found; 2 copies in `.claude/skills` not checked again\n";
    assert_eq!(run(&folder, &["check", "-D", "warnings"]).clean(), expected);
    let named = run(&folder, &["check", ".claude/skills"]).clean();
    assert!(
        named.ends_with("2 skills checked in `.claude/skills`, nothing found\n"),
        "{named}"
    );
}

#[test]
fn what_git_writes_in_place_of_a_link_is_one() {
    let folder = Folder::empty();
    skill(&folder, ".agents/skills/scores");
    folder.write(".claude/skills/scores", b"../../.agents/skills/scores");
    assert_eq!(
        summary(&folder, &[]),
        "1 skill checked in `.agents/skills`, nothing found; 1 copy in `.claude/skills` not checked again"
    );
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_repository_is_denied() {
    let folder = Folder::empty();
    folder.write(".git/HEAD", b"");
    link(&folder, ".claude/skills/scores", "/usr");
    let shown = run(&folder, &["check"]).denied();
    assert!(
        shown.contains("leads out of the bundle, to `/usr`"),
        "{shown}"
    );
}

#[test]
fn skills_are_found_from_any_directory_of_the_repository() {
    let folder = Folder::empty();
    folder.write(".git/HEAD", b"");
    skill(&folder, ".github/skills/scores");
    skill(&folder, "packages/organ/skills/pipes");
    folder.write("packages/organ/src/pipe.rs", b"");
    folder.write("attic/box.txt", b"");
    let from = |place: &str| {
        let output = command(&folder, &["check"])
            .current_dir(folder.path(place))
            .output()
            .expect("it starts");
        String::from_utf8(output.stdout).expect("text")
    };
    let all = "2 skills checked in `.github/skills` and `packages/organ/skills`, nothing found\n";
    assert_eq!(from("."), all);
    assert_eq!(
        from("attic"),
        "2 skills checked in `../.github/skills` and `../packages/organ/skills`, nothing found\n"
    );
    assert_eq!(
        from("packages/organ"),
        "2 skills checked in `../../.github/skills` and `skills`, nothing found\n"
    );
}

#[test]
fn a_skill_at_the_top_of_a_clone_is_not_judged_by_the_name_of_the_clone() {
    let folder = Folder::empty();
    done(
        Command::new("git")
            .args(["init", "-q"])
            .current_dir(folder.root()),
    );
    let text = "---\nname: scores\ndescription: Keeps the scores of the choir. Use when a singer asks for a score.\n---\nOpen the cupboard. [Organ](skills/organ/pipes.md)\n";
    folder.write("SKILL.md", text.as_bytes());
    folder.write("skills/organ/pipes.md", b"# Pipes\n");
    let shown = run(&folder, &["check"]).clean();
    assert!(
        shown.ends_with("1 skill checked in `.`: 1 warning\n"),
        "{shown}"
    );
}

#[test]
fn the_list_says_of_each_skill_why_it_is_one_and_what_is_left_out() {
    let folder = Folder::empty();
    skill(&folder, "plugins/choir/skills/scores");
    folder.write(
        "plugins/choir/.claude-plugin/plugin.json",
        b"{\"name\": \"choir\"}",
    );
    skill(&folder, ".claude/skills/release");
    skill(&folder, "tests/fixtures/odd");
    skill(&folder, ".cursor/skills/release");
    folder.write(".gemini/skills/.gitkeep", b"");
    let expected = "\
.claude/skills/release: hosts look for skills in `.claude/skills`
plugins/choir/skills/scores: `plugins/choir/skills` is a folder of skills
.cursor/skills/release: not checked again, a copy of `.claude/skills/release`
tests/fixtures/odd: left out, `tests`: tests, templates, documentation and the like
.gemini/skills: no skill in it
";
    let shown = run(&folder, &["check", "--list"]).clean();
    let expected = expected.replace(
        "`plugins/choir/skills` is a folder of skills",
        "the plugin `choir` has it",
    );
    assert_eq!(shown, expected);
}

#[test]
fn two_plugins_are_two_installations() {
    let folder = Folder::empty();
    folder.write(
        ".claude-plugin/marketplace.json",
        br#"{"plugins": [{"name": "a", "source": "./a"}, {"name": "b", "source": "./b"}]}"#,
    );
    skill(&folder, "a/skills/init");
    skill(&folder, "b/skills/init");
    folder.write("b/skills/init/more.md", b"# More\n");
    let expected = "2 skills checked in `a/skills` and `b/skills`, nothing found\n";
    assert_eq!(run(&folder, &["check", "-D", "warnings"]).clean(), expected);
}

#[test]
fn shared_material_beside_skills_is_no_skill() {
    let folder = Folder::empty();
    skill(&folder, "skills/scores");
    folder.write("skills/_shared/halls.md", b"# Halls\n");
    folder.write("skills/shared/halls.md", b"# Halls\n");
    assert!(
        run(&folder, &["check"])
            .clean()
            .contains("1 skill checked in `skills`")
    );
    folder.write(
        "skills/organ/README.md",
        b"---\nname: organ\ndescription: Tunes the organ.\n---\n",
    );
    let shown = run(&folder, &["check"]).denied();
    assert!(
        shown.contains("SK001") && shown.contains("skills/organ"),
        "{shown}"
    );
}
