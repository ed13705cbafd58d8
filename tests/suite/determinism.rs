//! The same tree gives the same bytes, wherever it lies and in whatever order it came to be.

use std::fs;
use std::path::Path;

use crate::project::Project;
use crate::tree::{FILES, File, folder};

const OUTPUTS: &[&str] = &[
    "bundle.rs",
    "bundle.text",
    "bundle.bytes",
    "bundle.tables",
    "bundle.names",
    "sbom.cdx.json",
    "facts.json",
];

/// Makes the project's skills those of this repository, which have all that skills can have.
fn put<'a>(project: &Project, files: impl Iterator<Item = &'a File>) {
    fs::remove_dir_all(project.folder().join("skills")).expect("it is removed");
    for File { path, bytes } in files {
        project.write(&format!("skills/{path}"), bytes);
        let to = project.folder().join("skills").join(path);
        let permissions = fs::metadata(folder().join(path))
            .expect("it is there")
            .permissions();
        fs::set_permissions(to, permissions).expect("they can be set");
    }
}

/// Builds, and reads what the compiler wrote.
fn outputs(messages: &[serde_json::Value]) -> Vec<(&'static str, Vec<u8>)> {
    let script = messages
        .iter()
        .filter(|message| message["reason"] == "build-script-executed")
        .filter_map(|message| message["out_dir"].as_str())
        .find(|directory| Path::new(directory).join("bundle.rs").is_file())
        .expect("the build script ran");
    let read = |name| fs::read(Path::new(script).join(name)).expect("it was written");
    OUTPUTS.iter().map(|name| (*name, read(name))).collect()
}

#[track_caller]
fn check(left: &[(&str, Vec<u8>)], right: &[(&str, Vec<u8>)]) {
    for ((name, left), (_, right)) in left.iter().zip(right) {
        assert!(left == right, "{name} differs");
    }
}

#[test]
fn the_same_tree_gives_the_same_bundle_from_any_directory_and_in_any_order() {
    let project = Project::new("same");
    put(&project, FILES.iter());
    let first = outputs(&project.messages());
    for (name, bytes) in &first {
        let text = String::from_utf8_lossy(bytes);
        let paths = [project.folder(), Path::new(env!("CARGO_MANIFEST_DIR"))];
        for path in paths {
            assert!(
                !text.contains(&*path.to_string_lossy()),
                "{name} holds a path"
            );
        }
    }

    put(&project, FILES.iter().rev());
    check(&first, &outputs(&project.messages()));

    let elsewhere = project
        .folder()
        .join("../a directory/for ünïcode/and depth");
    let _ = fs::remove_dir_all(&elsewhere);
    fs::create_dir_all(elsewhere.parent().expect("it has one")).expect("it is made");
    let again = Project::new("same-elsewhere");
    put(&again, FILES.iter().rev());
    let manifest = fs::read(project.folder().join("Cargo.toml")).expect("it is there");
    again.write("Cargo.toml", manifest);
    fs::rename(again.folder(), &elsewhere).expect("it can be moved");
    let output = again
        .cargo("build")
        .arg("--message-format=json")
        .current_dir(&elsewhere)
        .output()
        .expect("cargo starts");
    let lines = String::from_utf8(output.stdout).expect("it is text");
    let messages: Vec<_> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("a message is JSON"))
        .collect();
    check(&first, &outputs(&messages));
}
