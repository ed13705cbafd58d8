//! Real directories with everything in them that a file system allows: what is read, what is odd, and that compiling any
//! of it ends with findings.
#![cfg(unix)]
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test reads the disk, and panics when something is not as it should be"
)]

mod directory;

mod configured;
mod links;
mod odd;

use std::fs;
use std::os::unix::fs::PermissionsExt;

use directory::{DOCUMENT, Directory, codes, compile_all, files, skills};

#[test]
fn a_skill_is_served_below_the_directories_that_lead_to_it() {
    let directory = Directory::new("nested")
        .skill("acme/billing/refunds")
        .skill("pdf")
        .skill("pdf/forms")
        .file("pdf/forms/references/fields.md", "# Fields\n");
    let compilation = directory.compile();
    assert_eq!(codes(&compilation), ["SK309"], "one mentions no other");
    assert_eq!(
        skills(&compilation),
        ["acme/billing/refunds", "pdf", "pdf/forms"]
    );
    let counts: Vec<_> = compilation
        .plan
        .skills
        .iter()
        .map(|skill| skill.resources.1)
        .collect();
    assert_eq!(
        counts,
        [1, 3, 2],
        "a nested skill belongs to the one around it too"
    );
}

#[test]
fn the_root_itself_may_be_a_skill() {
    let directory =
        Directory::new("root-skill").file("SKILL.md", DOCUMENT.replace("NAME", "root-skill"));
    let compilation = directory.compile();
    assert_eq!(compilation.findings.len(), 0, "{:?}", compilation.findings);
    assert_eq!(skills(&compilation), ["root-skill"]);
}

#[test]
fn an_executable_file_stays_one() {
    let directory = Directory::new("executable")
        .skill("pdf")
        .file("pdf/scripts/run.sh", "#!/bin/sh\n");
    let script = directory.0.join("pdf/scripts/run.sh");
    fs::set_permissions(script, fs::Permissions::from_mode(0o755)).expect("they can be set");
    let compilation = directory.compile();
    let executable: Vec<_> = compilation
        .tree
        .files()
        .map(|(_, file)| file.executable)
        .collect();
    assert_eq!(executable, [false, true]);
}

#[test]
fn empty_directories_are_no_skills() {
    let directory = Directory::new("empty");
    let compilation = directory.compile();
    assert_eq!(
        (skills(&compilation).len(), files(&compilation.tree).len()),
        (0, 0)
    );
    fs::create_dir_all(directory.0.join("a/b")).expect("it is made");
    let tree = directory.compile().tree;
    assert_eq!(tree.directories().collect::<Vec<_>>(), ["a", "a/b"]);
}

#[test]
fn a_root_that_is_no_directory_is_an_error() {
    let directory = Directory::new("no-root").file("file", "x");
    assert!(compile_all(&directory.0.join("file")).is_err());
    assert!(compile_all(&directory.0.join("gone")).is_err());
}

#[test]
fn a_root_behind_a_link_is_read() {
    let directory = Directory::new("linked")
        .skill("real/pdf")
        .link("root", "real");
    let compilation = compile_all(&directory.0.join("root")).expect("it can be read");
    assert_eq!(skills(&compilation), ["pdf"]);
}
