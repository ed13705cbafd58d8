//! The shape of the workspace: who may depend on whom, and what every crate and file has in common.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

const WORKSPACE: &str = env!("CARGO_MANIFEST_DIR");

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(WORKSPACE)
        .output()
        .expect("cargo starts");
    assert!(output.status.success());
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("it is JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

/// The edges of one package that are there for its users: its dependencies of the kinds `normal` and `build`.
fn edges(package: &Value) -> impl Iterator<Item = (&str, &str, &str)> {
    let dependencies = package["dependencies"].as_array().expect("dependencies");
    dependencies.iter().filter_map(|dependency| {
        let kind = dependency["kind"].as_str().unwrap_or("normal");
        (kind != "dev").then(|| (text(&package["name"]), kind, text(&dependency["name"])))
    })
}

#[test]
fn the_borders_between_the_crates_hold() {
    let packages = packages();
    let members: BTreeSet<_> = packages
        .iter()
        .map(|package| text(&package["name"]))
        .collect();
    let between: BTreeSet<_> = packages
        .iter()
        .flat_map(edges)
        .filter(|(_, _, to)| members.contains(to))
        .collect();
    let expected = BTreeSet::from([
        ("cargo-skills", "normal", "skills-compiler"),
        ("skills-compiler", "normal", "skills-model"),
        ("skills-macro", "normal", "skills-compiler"),
        ("skills-runtime", "normal", "skills-model"),
        ("skills-server", "build", "skills-compiler"),
        ("skills-server", "normal", "skills-runtime"),
    ]);
    assert_eq!(between, expected);
}

#[test]
fn the_model_depends_on_nothing() {
    let packages = packages();
    let model = packages
        .iter()
        .find(|package| package["name"] == "skills-model")
        .expect("there is a model");
    assert_eq!(edges(model).count(), 0);
    let library = fs::read_to_string(Path::new(WORKSPACE).join("skills-model/src/lib.rs"));
    assert!(library.expect("it is there").contains("\n#![no_std]\n"));
}

#[test]
fn every_crate_inherits_what_the_workspace_says() {
    for package in packages() {
        let path = text(&package["manifest_path"]);
        let manifest = fs::read_to_string(path).expect("it is there");
        for line in [
            "edition.workspace = true",
            "license.workspace = true",
            "repository.workspace = true",
            "rust-version.workspace = true",
            "version.workspace = true",
            "[lints]\nworkspace = true",
        ] {
            assert!(
                manifest.contains(&format!("\n{line}\n")),
                "{path} lacks {line}"
            );
        }
    }
}

/// The lint is only denied in the runtime; what is expected there is counted here.
#[test]
fn one_file_has_unsafe_code_and_no_other_may() {
    let mut sources = Vec::new();
    collect(Path::new(WORKSPACE), &mut sources);
    let allows = |path: &PathBuf| {
        let source = fs::read_to_string(path).expect("it is there");
        ["expect(unsafe_code", "allow(unsafe_code"]
            .iter()
            .any(|text| source.contains(text))
    };
    sources.retain(|path| {
        path.starts_with(Path::new(WORKSPACE).join("skills-runtime")) && allows(path)
    });
    assert_eq!(
        sources,
        [Path::new(WORKSPACE).join("skills-runtime/src/allocator.rs")]
    );
    for root in [
        "cargo-skills/src/main.rs",
        "skills-compiler/src/lib.rs",
        "skills-macro/src/lib.rs",
        "skills-model/src/lib.rs",
        "src/main.rs",
    ] {
        let source = fs::read_to_string(Path::new(WORKSPACE).join(root)).expect("it is there");
        assert!(source.contains("\n#![forbid(unsafe_code)]\n"), "{root}");
    }
}

#[test]
fn every_source_file_opens_with_what_lives_in_it() {
    let mut sources = Vec::new();
    collect(Path::new(WORKSPACE), &mut sources);
    assert!(sources.len() > 50, "{sources:?}");
    for path in sources {
        let source = fs::read_to_string(&path).expect("it is there");
        assert!(source.starts_with("//! "), "{}", path.display());
    }
}

/// The sources that we wrote: not those of packages that tests install, nor what is built.
fn collect(directory: &Path, sources: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(directory).expect("it is a directory") {
        let path = entry.expect("it can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() && !name.starts_with('.') && name != "target" && name != "node_modules" {
            collect(&path, sources);
        } else if path.is_file() && name.ends_with(".rs") {
            sources.push(path);
        }
    }
}

#[test]
fn the_readme_can_be_read_in_one_go() {
    let readme = fs::read_to_string(Path::new(WORKSPACE).join("README.md"));
    assert!(readme.expect("there is one").lines().count() <= 150);
}
