//! What `dist` and `build --dist` refuse, replace and say of the source. A script stands in for cargo, so that nothing is compiled.
#![cfg(target_os = "linux")]

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::folder::{Folder, GOOD};
use crate::process::{Run, command, done};

/// Says what cargo would, and does in a build what a test has written down.
const CARGO: &str = "#!/bin/sh
here=$(dirname \"$0\")
case $1 in
    --version) echo 'cargo 1.2.3' ;;
    metadata) cat \"$here/metadata.json\" ;;
    build) echo \"$@\" >> \"$here/builds\"; sh \"$here/during\"; cat \"$here/messages.json\" ;;
esac
";

const SBOM: &[u8] = b"{\"bomFormat\":\"CycloneDX\"}";

const BUILD_SCRIPT: &[u8] =
    b"fn main() -> std::process::ExitCode {\n    skills_compiler::build(\"skills\")\n}\n";

/// A project in `project/` whose executable has a name, and what stands in for a build of it.
fn project(name: &str) -> Folder {
    let folder = Folder::empty();
    folder.write("project/Cargo.toml", b"[package]\nname = \"acme\"\n");
    folder.write("project/build.rs", BUILD_SCRIPT);
    folder.write("project/skills/pdf/SKILL.md", GOOD.as_bytes());
    stand_in(&folder, name, &folder.path("project/Cargo.toml"));
    folder
}

/// What stands in for a build of the package with a manifest.
fn stand_in(folder: &Folder, name: &str, manifest: &Path) {
    let place = folder.path("stand-in");
    let target = json!({ "name": name, "kind": ["bin"] });
    let manifest = fs::canonicalize(manifest).unwrap_or_else(|_| manifest.to_owned());
    let metadata = json!({
        "packages": [{ "manifest_path": manifest, "targets": [target] }],
        "workspace_root": folder.path("project"),
        "target_directory": place.join("target"),
    });
    let script =
        json!({ "reason": "build-script-executed", "package_id": "acme", "out_dir": place });
    let artifact = json!({
        "reason": "compiler-artifact",
        "package_id": "acme",
        "target": target,
        "executable": place.join("executable"),
        "fresh": false,
    });
    folder.write("stand-in/metadata.json", metadata.to_string().as_bytes());
    let messages = format!("{script}\n{artifact}\n");
    folder.write("stand-in/messages.json", messages.as_bytes());
    folder.write("stand-in/during", b"");
    folder.write("stand-in/executable", SBOM);
    folder.write("stand-in/sbom.cdx.json", SBOM);
    facts(folder, "https://github.com/acme/skills", &["pdf"]);
    folder.write("stand-in/cargo", CARGO.as_bytes());
    let executable = fs::Permissions::from_mode(0o755);
    fs::set_permissions(place.join("cargo"), executable).expect("it is there");
}

/// What the build script leaves.
fn facts(folder: &Folder, repository: &str, skills: &[&str]) {
    let skill = |path: &&str| {
        json!({
            "path": path,
            "uri": format!("skill://{path}/SKILL.md"),
            "name": "pdf",
            "description": "Fills forms",
            "digest": "sha256:00",
            "files": [],
            "notices": [],
        })
    };
    let facts = json!({
        "format": 1,
        "compiler": "0.1.0",
        "server": {
            "name": "acme",
            "version": "1.0.0",
            "description": "",
            "license": "",
            "authors": [],
            "repository": repository,
            "homepage": "",
        },
        "crates": null,
        "skills": skills.iter().map(skill).collect::<Vec<_>>(),
    });
    folder.write("stand-in/facts.json", facts.to_string().as_bytes());
}

/// `cargo skills`, with what stands in for cargo.
fn ship(folder: &Folder, arguments: &[&str]) -> Run {
    ship_from(folder, ".", arguments)
}

fn ship_from(folder: &Folder, place: &str, arguments: &[&str]) -> Run {
    let mut command = command(folder, arguments);
    command
        .current_dir(folder.path(place))
        .env("CARGO", folder.path("stand-in/cargo"))
        .env("XDG_CACHE_HOME", folder.path("home/.cache"));
    command.output().expect("it starts").into()
}

/// Ships, and says of what was written whether it is as its digests say.
#[track_caller]
fn shipped(folder: &Folder, arguments: &[&str], into: &str) {
    let run = ship(folder, arguments);
    assert_eq!(run.code, Some(0), "{run:?}");
    let mut check = Command::new("sha256sum");
    check.args(["--check", "--quiet", "SHA256SUMS"]);
    assert_eq!(done(check.current_dir(folder.path(into))), "");
}

/// Refuses to ship before anything is built, and says why.
#[track_caller]
fn refused(folder: &Folder, arguments: &[&str], why: &str) {
    let before = folder.contents();
    let run = ship(folder, arguments);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains(why), "{run:?}");
    assert!(!folder.path("stand-in/builds").exists(), "{run:?}");
    assert!(folder.contents() == before, "{run:?}");
}

/// Forgets that anything was built.
fn forget(folder: &Folder) {
    fs::remove_file(folder.path("stand-in/builds")).expect("it was built");
}

/// What the statement says was built.
fn definition(folder: &Folder, into: &str) -> Value {
    let statement = folder.read(&format!("{into}/provenance.intoto.json"));
    let statement: Value = serde_json::from_str(&statement).expect("it is JSON");
    statement["predicate"]["buildDefinition"].clone()
}

/// The commit that the statement names, and whether the tree differed from it.
fn source(folder: &Folder, into: &str) -> Option<(String, bool)> {
    let definition = definition(folder, into);
    let first = &definition["resolvedDependencies"][0];
    let digest = first["digest"]["gitCommit"].as_str()?.to_owned();
    Some((digest, first["annotations"]["dirty"] == true))
}

/// Git in a folder.
fn git(folder: &Folder, place: &str, line: &str) -> String {
    let mut git = Command::new("git");
    git.args(["-c", "user.name=Ann", "-c", "user.email=ann@example.com"]);
    git.args(line.split(' ')).current_dir(folder.path(place));
    git.env("GIT_CONFIG_GLOBAL", "/dev/null");
    done(&mut git).trim().to_owned()
}

/// Makes a repository of a folder. The digest of its first commit.
fn committed(folder: &Folder, place: &str) -> String {
    git(folder, place, "init --quiet");
    git(folder, place, "add --all");
    git(folder, place, "commit --quiet --message=first");
    git(folder, place, "rev-parse HEAD")
}

#[test]
fn a_folder_of_skills_names_its_own_source_and_what_was_asked_for() {
    let folder = Folder::empty();
    folder.write("home/.profile", b"");
    committed(&folder, "home");
    folder.write("team/skills/pdf/SKILL.md", GOOD.as_bytes());
    let commit = committed(&folder, "team");
    stand_in(&folder, "team", Path::new("/nowhere/Cargo.toml"));
    let arguments = [
        "build",
        "skills",
        "--release",
        "--features",
        "http,tls",
        "--dist",
        "out",
    ];
    // The second time, the executable and the folder are there.
    for _ in 0..2 {
        let run = ship_from(&folder, "team", &arguments);
        assert_eq!(run.code, Some(0), "{run:?}");
        assert_eq!(source(&folder, "team/out"), Some((commit.clone(), false)));
    }
    let asked = &definition(&folder, "team/out")["externalParameters"];
    assert_eq!(asked["features"], json!(["http", "tls"]));
}

#[test]
fn a_repository_that_does_not_have_the_source_is_not_its_source() {
    let folder = project("acme");
    folder.write(".gitignore", b"*\n!.gitignore\n");
    committed(&folder, ".");
    shipped(&folder, &["dist", "project", "-o", "out"], "out");
    assert_eq!(source(&folder, "out"), None);
}

#[test]
fn the_source_is_as_committed_however_its_place_is_written() {
    let folder = project("acme");
    let commit = Some((committed(&folder, "project"), false));
    symlink("project", folder.path("link")).expect("a link");
    for into in ["link/out", "project/skills/../out", "project/out/"] {
        shipped(&folder, &["dist", "project", "-o", into], "project/out");
        assert_eq!(source(&folder, "project/out"), commit, "{into}");
    }
    // What a killed run leaves.
    folder.write("project/.skills-a1B2c3/acme", b"");
    shipped(&folder, &["dist", "link", "-o", "link/out"], "project/out");
    assert_eq!(source(&folder, "project/out"), commit);
    folder.write("project/skills/more.txt", b"");
    shipped(&folder, &["dist", "link", "-o", "link/out"], "project/out");
    assert_eq!(
        source(&folder, "project/out").map(|(_, dirty)| dirty),
        Some(true)
    );
}

#[test]
fn what_an_executable_cannot_be_called_is_said_before_it_is_built() {
    for name in ["cards", "oci", "SHA256SUMS", "Cards"] {
        let folder = project(name);
        let why = format!("can be called `{name}`: another file or folder");
        refused(&folder, &["dist", "project", "-o", "out"], &why);
    }
    let folder = project("acme");
    let arguments = ["dist", "project", "-o", "out", "--bin", "oci"];
    refused(&folder, &arguments, "can be called `oci`");
}

#[test]
fn cards_of_skills_have_places_of_their_own() {
    let folder = project("acme");
    facts(&folder, "", &["a", "a.md/b"]);
    shipped(&folder, &["dist", "project", "-o", "out"], "out");
    assert!(folder.read("out/cards/a.md").contains("| Path | a |"));
    assert!(
        folder
            .read("out/cards/a.md_/b.md")
            .contains("| Path | a.md/b |")
    );
}

#[test]
fn an_executable_is_not_put_into_what_ships_nor_around_it() {
    let folder = project("acme");
    for (file, into) in [
        ("d/team", "d"),
        ("d", "d"),
        ("d", "d/team"),
        ("e/../d/x", "d"),
    ] {
        let arguments = ["build", "project", "--release", "-o", file, "--dist", into];
        refused(&folder, &arguments, "cannot be both for");
    }
    let arguments = ["build", "project", "--release", "--dist", "acme"];
    refused(&folder, &arguments, "cannot be both for");
}

#[test]
fn what_cannot_be_replaced_as_a_whole_is_refused_at_once() {
    let folder = project("acme");
    fs::create_dir_all(folder.path("empty/below")).expect("a folder");
    symlink("empty", folder.path("link")).expect("a link");
    folder.write("file", b"");
    for (into, why) in [
        ("link", "`link` is a link, and"),
        ("link/", "`link/` is a link, and"),
        ("file", "`file` is no folder, and"),
        (".", "`.` is the current directory, or one around it, and"),
        ("..", "`..` is the current directory, or one around it, and"),
        ("empty/..", "`empty/..` is the current directory, or"),
        ("/proc", "`/proc` is where a file system is mounted"),
    ] {
        refused(&folder, &["dist", "project", "-o", into], why);
    }
    assert!(folder.path("link").is_symlink());
}

#[test]
fn what_somebody_changed_is_named_and_stays() {
    let folder = project("acme");
    let arguments = ["dist", "project", "-o", "out"];
    let names = [
        "SHA256SUMS",
        "acme",
        "cards/pdf.md",
        "provenance.intoto.json",
        "server.json",
    ];
    for name in names {
        shipped(&folder, &arguments, "out");
        forget(&folder);
        let path = format!("out/{name}");
        let text = folder.read(&path);
        folder.write(&path, format!("{text}\n").as_bytes());
        let why = format!("`{name}` in it is not as `cargo skills dist` wrote it");
        refused(&folder, &arguments, &why);
        folder.write(&path, text.as_bytes());
    }
    // What is gone is no loss.
    fs::remove_file(folder.path("out/acme")).expect("it was written");
    shipped(&folder, &arguments, "out");
    forget(&folder);
    folder.write("out/acme.sigstore.json", b"{}");
    refused(&folder, &arguments, "with `acme.sigstore.json` in it");
    fs::remove_dir_all(folder.path("out")).expect("it was written");
    folder.write("out/mine.txt", b"");
    refused(&folder, &arguments, "with `mine.txt` in it");
}

#[test]
fn what_is_put_there_during_a_build_comes_back() {
    let folder = project("acme");
    let arguments = ["dist", "project", "-o", "out"];
    shipped(&folder, &arguments, "out");
    let line = format!("echo {{}} > '{}'", folder.path("out/mine.txt").display());
    folder.write("stand-in/during", line.as_bytes());
    let run = ship(&folder, &arguments);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.stderr.contains("with `mine.txt` in it"), "{run:?}");
    assert_eq!(folder.read("out/mine.txt"), "{}\n");
    assert!(folder.path("out/acme").is_file());
    let left = fs::read_dir(folder.root()).expect("it is a folder");
    let names = left.map(|entry| entry.expect("it can be read").file_name());
    let names: Vec<_> = names.collect();
    assert_eq!(names.len(), 3, "{names:?}");
}

#[test]
fn the_registry_knows_a_repository_by_any_of_its_addresses() {
    let folder = project("acme");
    let arguments = ["dist", "project", "-o", "out"];
    for end in ["", "/", ".git", ".git/"] {
        facts(
            &folder,
            &format!("https://github.com/acme/skills{end}"),
            &[],
        );
        shipped(&folder, &arguments, "out");
        let entry = folder.read("out/server.json");
        assert!(
            entry.contains("\"https://github.com/acme/skills\""),
            "{entry}"
        );
        assert!(entry.contains("\"io.github.acme/acme\""), "{entry}");
    }
    facts(&folder, "https://example.com/skills", &[]);
    let run = ship(&folder, &arguments);
    let why = "no server.json: the `repository` of Cargo.toml, https://example.com/skills, is not";
    assert!(run.stderr.contains(why), "{run:?}");
}
