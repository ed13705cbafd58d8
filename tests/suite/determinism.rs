//! The same tree gives the same bytes, wherever it lies and in whatever order it came to be.

use std::fs;
use std::path::{Path, PathBuf};

use crate::project::{Project, WORKSPACE};

const OUTPUTS: &[&str] = &["bundle.rs", "bundle.text", "bundle.bytes", "bundle.names"];

/// Every file of the repository's own skills, which have all that a tree can have.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(directory).expect("it is a directory") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.push(path);
        }
    }
    files.sort();
    files
}

fn put(project: &Project, files: &[PathBuf]) {
    let skills = project.root().join("skills");
    let _ = fs::remove_dir_all(&skills);
    for file in files {
        let to = project
            .root()
            .join(file.strip_prefix(WORKSPACE).expect("it is ours"));
        fs::create_dir_all(to.parent().expect("it is in a directory")).expect("it is made");
        fs::copy(file, to).expect("it is copied");
    }
}

/// Builds, and reads what the compiler wrote.
fn outputs(project: &Project) -> Vec<(&'static str, Vec<u8>)> {
    let messages = project.messages();
    let package = project.root().file_name().expect("it has a name");
    let package = format!("/{}#", package.to_str().expect("it is text"));
    let script = messages
        .iter()
        .filter(|message| message["reason"] == "build-script-executed")
        .find(|message| {
            let id = message["package_id"].as_str();
            id.is_some_and(|id| id.contains(&package))
        })
        .expect("the build script ran");
    let directory = Path::new(script["out_dir"].as_str().expect("it has a directory"));
    let read = |name| fs::read(directory.join(name)).expect("it was written");
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
    let mut files = files(&Path::new(WORKSPACE).join("skills"));
    let here = Project::new("same");
    put(&here, &files);
    let first = outputs(&here);
    assert!(first.iter().all(|(_, bytes)| !bytes.is_empty()));
    for (name, bytes) in &first {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains(WORKSPACE), "{name} holds a path of this machine");
    }

    files.reverse();
    let elsewhere = Project::new("a b/deeper/ünïcode/same-elsewhere");
    put(&elsewhere, &files);
    check(&first, &outputs(&elsewhere));

    put(&here, &files);
    check(&first, &outputs(&here));
}
