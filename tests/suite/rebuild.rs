//! What makes cargo build again: any change below the directory of skills, and nothing else.

use std::fs;

use crate::building::skill;
use crate::project::Project;

/// Builds, and says whether the server was made anew.
fn rebuilds(project: &Project) -> bool {
    let messages = project.messages();
    let server = messages
        .iter()
        .find(|message| {
            message["reason"] == "compiler-artifact" && message["target"]["kind"][0] == "bin"
        })
        .expect("the build succeeds");
    server["fresh"] == false
}

#[track_caller]
fn check(project: &Project, expected: bool) {
    assert_eq!(rebuilds(project), expected);
    assert!(!rebuilds(project), "touching nothing rebuilds nothing");
}

#[test]
fn editing_adding_and_deleting_a_file_builds_again() {
    let project = Project::new("rebuild-build-script")
        .good_skill("refunds")
        .file("skills/refunds/references/limits.md", "# Limits\n");
    check(&project, true);

    project.write("skills/refunds/SKILL.md", skill("refunds", "Begin anew."));
    check(&project, true);
    assert!(project.run(&["show", "refunds"]).contains("Begin anew."));

    project.write("skills/refunds/references/words.md", "# Words\n");
    check(&project, true);
    assert!(project.run(&["show", "refunds"]).contains("words.md"));

    project.remove("skills/refunds/references/words.md");
    check(&project, true);
    assert!(!project.run(&["show", "refunds"]).contains("words.md"));

    project.write("skills/trips/SKILL.md", skill("trips", "Begin."));
    check(&project, true);
    assert!(project.run(&["list"]).contains("\ntrips "));

    fs::remove_dir_all(project.folder().join("skills/trips")).expect("it is removed");
    check(&project, true);
    assert!(!project.run(&["list"]).contains("\ntrips "));
}

#[test]
fn a_repaired_skill_builds_and_a_file_outside_of_the_skills_changes_nothing() {
    let project = Project::new("rebuild-repair").file(
        "skills/refunds/SKILL.md",
        skill("refunds", "Begin.").replace("Does", "Does:"),
    );
    for _ in 0..2 {
        let build = project.builds();
        assert!(!build.success && build.stderr.contains("SK005"));
    }
    project.write("skills/refunds/SKILL.md", skill("refunds", "Begin."));
    check(&project, true);
    project.write("NOTES.md", "Nothing.\n");
    check(&project, false);
}

#[test]
fn the_macro_sees_an_edit_and_a_deletion() {
    let project = Project::new("rebuild-macro")
        .good_skill("refunds")
        .file("skills/refunds/references/limits.md", "# Limits\n")
        .file(
            "src/main.rs",
            "//! A server without a build script.

skills_macro::bundle!(\"skills\");

fn main() -> std::process::ExitCode {
    skills_runtime::run(&BUNDLE)
}
",
        );
    project.remove("build.rs");
    check(&project, true);
    confused(&project);
    check(&project, true);

    project.write("skills/refunds/SKILL.md", skill("refunds", "Begin anew."));
    check(&project, true);
    assert!(project.run(&["show", "refunds"]).contains("Begin anew."));

    project.remove("skills/refunds/references/limits.md");
    check(&project, true);
    assert!(!project.run(&["show", "refunds"]).contains("limits.md"));
}

#[test]
fn settings_are_read_when_they_change_and_named_in_what_is_reported() {
    let project = Project::new("rebuild-settings")
        .file(
            "skills/refunds/SKILL.md",
            skill("refunds", "See [this](missing.md)."),
        )
        .file(
            "skills.toml",
            "[server]\nname = \"acme\"\n[lints]\nbroken-link = \"warn\"\n",
        );
    let build = project.builds();
    assert!(build.success, "{}", build.stderr);
    assert!(build.stderr.contains("[SK205]"), "{}", build.stderr);
    assert!(project.run(&["about"]).contains("acme"));

    project.write("skills.toml", "[lints]\nbroken-link = \"deny\"\n");
    let build = project.builds();
    assert!(!build.success);
    let source = "`broken-link` is denied by `[lints]` in skills.toml:2";
    assert!(build.stderr.contains(source), "{}", build.stderr);

    project.write("skills.toml", "[lints]\nbroken-lnk = \"deny\"\n");
    let build = project.builds();
    assert!(
        build.stderr.contains("--> skills.toml:2:1"),
        "{}",
        build.stderr
    );

    project.write("skills.toml", "[lints]\nbroken-link = \"warn\"\n");
    check(&project, true);
    let strict = project
        .cargo("build")
        .env("SKILLS_LINTS", "-D warnings")
        .output();
    let strict = strict.expect("cargo runs");
    let stderr = String::from_utf8_lossy(&strict.stderr);
    assert!(!strict.status.success());
    assert!(
        stderr.contains("is denied by `-D warnings` in SKILLS_LINTS"),
        "{stderr}"
    );
    confused(&project);
    check(&project, true);
}

/// What the environment asks for in vain is said as that.
fn confused(project: &Project) {
    let mut build = project.cargo("build");
    let output = build.env("SKILLS_LINTS", "-D brokn-link").output();
    let output = output.expect("cargo runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    let problem = "SKILLS_LINTS: no rule is called `brokn-link`; did you mean `broken-link`?";
    assert!(
        !output.status.success() && stderr.contains(problem),
        "{stderr}"
    );
    assert!(!stderr.contains("cannot be compiled:"), "{stderr}");
}
