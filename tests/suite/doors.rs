//! The two doors as their users see them: real projects, real builds, and the whole text of them.

use serde_json::Value;

use crate::building::{Build, skill};
use crate::project::Project;
use crate::snapshot;

const MISSING: &str = "skills/notes/notes.md";

/// The line of the programs below on which their bundle stands.
const BUNDLE_LINE: u64 = 3;

/// A server that allows or changes something in its build script.
fn configured(name: &str, settings: &str) -> Project {
    Project::new(name).file("build.rs", configuration(settings))
}

fn configuration(settings: &str) -> String {
    format!(
        "fn main() -> std::process::ExitCode {{
    skills_compiler::configure(){settings}.build(\"skills\")
}}
"
    )
}

/// Three broken skills beside a good one, and a program that makes use of two of them.
fn broken(name: &str) -> Project {
    Project::new(name)
        .good_skill("refunds")
        .file(
            "skills/invoices/SKILL.md",
            skill("invoices", "Begin.").replace("Does", "Does:"),
        )
        .file("skills/meetings/skill.md", skill("meetings", "Begin."))
        .file(
            "skills/acme/trips/SKILL.md",
            skill("trips", "Begin.").replace("Use", "Use: Ü"),
        )
        .file(
            "src/main.rs",
            "//! A server that refers to its skills.

skills_runtime::include_bundle!();

fn main() -> std::process::ExitCode {
    println!(\"{}\", skills_macro::skill!(\"refunds\").name());
    println!(\"{}\", skills_macro::skill!(\"invoices\").name());
    skills_runtime::run(&BUNDLE)
}
",
        )
}

#[test]
fn a_build_script_and_one_line_make_a_server() {
    let project = Project::new("door-build-script")
        .good_skill("refunds")
        .good_skill("acme/trips");
    let build = project.builds();
    assert_eq!((build.success, build.stderr.as_str()), (true, ""));
    let list = project.run(&["list"]);
    assert!(
        list.contains("\nacme/trips ") && list.contains("\nrefunds "),
        "{list}"
    );
}

#[test]
fn a_macro_alone_makes_a_server() {
    let project = Project::new("door-macro")
        .good_skill("refunds")
        .good_skill("acme/trips")
        .file(
            "src/main.rs",
            "//! A server without a build script.

skills_macro::bundle!(\"skills\");

fn main() -> std::process::ExitCode {
    assert_eq!(skills_macro::skill!(\"trips\").path(), \"acme/trips\");
    skills_runtime::run(&BUNDLE)
}
",
        );
    project.remove("build.rs");
    let build = project.builds();
    assert_eq!((build.success, build.stderr.as_str()), (true, ""));
    let list = project.run(&["list"]);
    assert!(
        list.contains("\nacme/trips ") && list.contains("\nrefunds "),
        "{list}"
    );
}

#[test]
fn a_skill_of_another_directory_than_the_bundle_is_refused() {
    let project = Project::new("door-two-directories")
        .good_skill("refunds")
        .good_skill("trips")
        .file("others/trips/SKILL.md", skill("trips", "Begin."))
        .file(
            "src/main.rs",
            "//! A server of other skills than those that `skill!` knows.

skills_macro::bundle!(\"others\");

fn main() -> std::process::ExitCode {
    println!(\"{}\", skills_macro::skill!(\"refunds\").name());
    skills_runtime::run(&BUNDLE)
}
",
        );
    project.remove("build.rs");
    let build = project.builds();
    assert!(
        !build.success && build.stderr.contains("the bundle has others"),
        "{}",
        build.stderr
    );
}

#[test]
fn broken_skills_give_their_own_errors_and_nothing_else() {
    let build = broken("door-broken").builds();
    assert!(!build.success);
    snapshot::check("broken-skills.stderr", &build.stderr);
    for foreign in ["OUT_DIR", "/target/", "bundle.rs", "finding-", "$PROJECT"] {
        assert!(!build.stderr.contains(foreign), "{foreign}");
    }
}

#[test]
fn an_editor_sees_every_error_at_the_line_of_the_bundle() {
    let project = broken("door-editor");
    let messages = project.messages();
    let errors: Vec<&Value> = messages
        .iter()
        .filter(|message| message["reason"] == "compiler-message")
        .map(|message| &message["message"])
        .filter(|message| !message["spans"].as_array().is_none_or(Vec::is_empty))
        .collect();
    let codes: Vec<_> = errors
        .iter()
        .map(|error| error["message"].as_str().expect("a text").split(' ').next())
        .collect();
    assert_eq!(codes, [Some("[SK005]"), Some("[SK005]"), Some("[SK001]")]);
    for error in errors {
        assert_eq!(error["level"], "error");
        let span = outermost(&error["spans"][0]);
        assert_eq!(span["file_name"], "src/main.rs", "{error}");
        assert_eq!(span["line_start"], BUNDLE_LINE, "{error}");
    }
}

/// The place in the user's own code: editors follow a macro to where it is called.
fn outermost(span: &Value) -> &Value {
    match &span["expansion"]["span"] {
        Value::Null => span,
        outer => outermost(outer),
    }
}

#[test]
fn warnings_are_one_line_each_and_not_more_than_anybody_reads() {
    let project = configured("door-warnings", ".warn(\"missing-skill-md\")").good_skill("refunds");
    for number in 0..23 {
        project.write(&format!("skills/empty-{number:02}/notes.txt"), "Nothing.\n");
    }
    let build = project.builds();
    assert!(build.success, "{}", build.stderr);
    snapshot::check("warnings.stderr", &build.stderr);
}

#[test]
fn what_is_left_out_is_said() {
    let project = Project::new("door-left-out")
        .good_skill("refunds")
        .file("skills/refunds/scripts/run.pyc", "x")
        .file("skills/refunds/notes.md~", "Old.\n");
    let build = project.builds();
    assert!(build.success, "{}", build.stderr);
    snapshot::check("left-out.stderr", &build.stderr);
}

#[test]
fn a_rule_can_be_allowed() {
    let project = configured("door-allow", ".allow(\"missing-skill-md\")")
        .good_skill("refunds")
        .file(
            MISSING,
            "---\nname: notes\ndescription: Keeps notes. Use for notes.\n---\nKeep them.\n",
        );
    let build = project.builds();
    assert_eq!((build.success, build.stderr.as_str()), (true, ""));
    project.write("build.rs", configuration(".allow(\"SK001\")"));
    let build = project.builds();
    assert_eq!((build.success, build.stderr.as_str()), (true, ""));
    project.write("build.rs", configuration(""));
    assert!(!project.builds().success);
}

#[test]
fn a_build_script_that_makes_no_sense_fails() {
    let project = configured(
        "door-settings",
        ".allow(\"missing-skil-md\").warn(\"unquoted-colon\").deny(\"zzz\")",
    )
    .good_skill("refunds");
    let build = project.builds();
    assert!(!build.success);
    snapshot::check("settings.stderr", &errors(&build));
}

/// The errors of a build script that fails; cargo adds how it was called.
fn errors(build: &Build) -> String {
    let lines = build.stderr.lines();
    let errors = lines.filter(|line| line.starts_with("error: "));
    errors.flat_map(|line| [line, "\n"]).collect()
}

#[test]
fn a_directory_that_is_not_there_fails_the_build() {
    let project = Project::new("door-no-directory").file(
        "build.rs",
        configuration("").replace("\"skills\"", "\"skils\""),
    );
    let build = project.builds();
    assert!(!build.success);
    snapshot::check("no-directory.stderr", &errors(&build));
}
