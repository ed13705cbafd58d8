//! The documentation: every command in it runs, every field in it exists.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::folder::{BAD, Folder};
use crate::process::{EXECUTABLE, findings, run};

fn workspace(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The lines of the `sh` blocks of a page.
fn commands(page: &str) -> Vec<String> {
    let blocks = page.split("```sh\n").skip(1);
    let blocks = blocks.filter_map(|block| block.split("```").next());
    blocks.flat_map(str::lines).map(str::to_owned).collect()
}

#[cfg(unix)]
#[test]
fn every_command_of_the_pages_runs() {
    let mut count = 0;
    for page in ["docs/cli.md", "docs/editors.md"] {
        let folder = Folder::of(BAD);
        for line in commands(&workspace(page)) {
            // What installs, and what does not end, has other tests.
            if !line.starts_with("cargo skills") || line.contains("--watch") {
                continue;
            }
            let line = line.replace("cargo skills", &format!("'{EXECUTABLE}' skills"));
            let output = Command::new("sh")
                .args(["-c", &line])
                .current_dir(folder.root())
                .stdin(Stdio::null())
                .output();
            let output = output.expect("sh starts");
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.code() < Some(2), "{line}: {stderr}");
            count += 1;
        }
    }
    assert!(count > 15, "{count} commands");
}

#[test]
fn every_field_of_the_json_is_documented() {
    let page = workspace("docs/cli.md");
    for finding in findings(&Folder::of(BAD), &[]) {
        for field in finding.as_object().expect("an object").keys() {
            assert!(page.contains(&format!("| `{field}` |")), "{field}");
        }
    }
}

#[test]
fn every_option_of_check_is_documented() {
    let (page, help) = (
        workspace("docs/cli.md"),
        run(&Folder::empty(), &["check", "--help"]).clean(),
    );
    let options = help
        .split_whitespace()
        .filter(|word| word.starts_with("--") && word.len() > 2);
    for option in options {
        let option = option.trim_end_matches(|symbol: char| !symbol.is_alphanumeric());
        assert!(
            ["--help", "--message"].contains(&option) || page.contains(option),
            "{option}"
        );
    }
}

#[test]
fn the_hook_and_the_action_run_what_there_is() {
    let folder = Folder::of(BAD);
    for file in [".pre-commit-hooks.yaml", "action.yml"] {
        let text = workspace(file);
        assert!(text.contains("check"), "{file}");
    }
    assert_eq!(
        run(&folder, &["check", "--format", "github", "skills"]).code,
        Some(1)
    );
}
