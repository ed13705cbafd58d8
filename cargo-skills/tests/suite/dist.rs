//! `cargo skills dist`: real projects in two directories, and judges whom nobody here wrote; `tests/dist` has what they need.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use crate::folder::{Folder, GOOD};
use crate::process::{Run, command, done};

/// What pip and npm install of the pins in `tests/dist`, once.
static JUDGES: LazyLock<PathBuf> = LazyLock::new(|| {
    let pins = ["requirements.txt", "package.json", "package-lock.json"];
    let pins = pins.map(|name| (name, fs::read(source(name)).expect("pins are readable")));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("dist");
    let stamp = folder.join("installed");
    let all: Vec<_> = pins.iter().flat_map(|(_, pins)| pins.clone()).collect();
    if fs::read(&stamp).is_ok_and(|installed| installed == all) {
        return folder;
    }
    // What another version left behind would be mixed with this one.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder below target/");
    for (name, pins) in pins {
        fs::write(folder.join(name), pins).expect("a folder below target/");
    }
    let pip = "python3 -m pip install --quiet --disable-pip-version-check --target packages --requirement requirements.txt";
    let npm = "npm ci --ignore-scripts --no-audit --no-fund --silent";
    for line in [pip, npm] {
        done(Command::new("sh").args(["-c", line]).current_dir(&folder));
    }
    fs::write(stamp, all).expect("a stamp below target/");
    folder
});

fn source(file: &str) -> PathBuf {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/dist");
    tests.join(file)
}

/// A program of Debian; the machine's own, or one that is unpacked below `target/`.
fn debian(program: &str) -> Command {
    let installed = Path::new("/usr/bin").join(program);
    if installed.is_file() {
        return Command::new(installed);
    }
    let below = Path::new(env!("CARGO_TARGET_TMPDIR")).join("debian");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/clients/debian.sh");
    let mut unpack = Command::new("sh");
    unpack.arg(script).arg(below.join("state"));
    done(unpack.arg(below.join(program)).arg(program));
    let root = below.join(program).join("root");
    let libraries = fs::read_dir(root.join("usr/lib")).into_iter().flatten();
    let libraries = libraries.map(|entry| entry.expect("it can be read").path());
    let libraries = std::env::join_paths(libraries.filter(|path| path.is_dir()));
    let mut command = Command::new(root.join("usr/bin").join(program));
    command.env("LD_LIBRARY_PATH", libraries.expect("plain paths"));
    command
}

/// A project with two skills below `place` in a folder; it is static, so that there can be an image.
fn project(place: &str) -> Folder {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let root = fs::canonicalize(root).expect("the workspace is there");
    let manifest = format!(
        "[package]
name = \"acme-skills\"
version = \"1.2.3+4\"
edition = \"2024\"
description = \"Skills of Acme\"
license = \"MIT\"
authors = [\"Ann <ann@example.com>\"]
repository = \"https://github.com/acme/skills\"

[dependencies]
skills-runtime = {{ path = '{root}/skills-runtime' }}

[build-dependencies]
skills-compiler = {{ path = '{root}/skills-compiler' }}

[profile.dev]
debug = false
incremental = false

[workspace]
",
        root = root.display()
    );
    let folder = Folder::empty();
    let lock = fs::read(root.join("Cargo.lock")).expect("there is one");
    let write = |path: &str, bytes: &[u8]| folder.write(&format!("{place}/{path}"), bytes);
    write("Cargo.toml", manifest.as_bytes());
    write("Cargo.lock", &lock);
    write(
        "build.rs",
        b"fn main() -> std::process::ExitCode {\n    skills_compiler::build(\"skills\")\n}\n",
    );
    write(
        "src/main.rs",
        b"skills_runtime::include_bundle!();\n\nfn main() -> std::process::ExitCode {\n    skills_runtime::run(&BUNDLE)\n}\n",
    );
    write("skills/pdf/SKILL.md", GOOD.as_bytes());
    let trips = GOOD.replace("name: pdf", "name: trips\nlicense: MIT");
    let allowed = "<!-- skills: allow(broken-link) reason=\"it is made | later\" -->";
    let trips = format!("{trips}\nSee [this](gone.md).\n\n{allowed}\n");
    write("skills/acme/trips/SKILL.md", trips.as_bytes());
    folder
}

/// The target directory of projects at one place.
fn target(place: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("dist-projects-{place}"))
}

/// Takes the dependencies that were compiled at one place to another one, so that they are compiled once.
fn take(from: &str, to: &str) {
    let (from, to) = (target(from), target(to));
    // What is there may be of another version.
    let _ = fs::remove_dir_all(&to);
    done(Command::new("cp").arg("-a").args([from, to]));
}

/// Ships the project at a place in a folder.
fn dist(folder: &Folder, place: &str) -> Run {
    let arguments = ["dist", "--profile", "dev", "-o", "out", place];
    let mut command = command(folder, &arguments);
    let name = place.rsplit('/').next().expect("it has a last part");
    command
        .env("CARGO_TARGET_DIR", target(name))
        .env("CARGO_NET_OFFLINE", "true")
        .env("RUSTFLAGS", "-C target-feature=+crt-static")
        .env_remove("CARGO_ENCODED_RUSTFLAGS");
    command.output().expect("it starts").into()
}

/// What was written, by path.
fn written(folder: &Folder) -> BTreeMap<String, Vec<u8>> {
    let out = folder.path("out");
    let files = folder.contents().into_iter().filter_map(|(path, bytes)| {
        let path = path.strip_prefix(&out).ok()?;
        Some((path.to_str().expect("plain paths").to_owned(), bytes))
    });
    files.collect()
}

fn json(files: &BTreeMap<String, Vec<u8>>, path: &str) -> Value {
    serde_json::from_slice(&files[path]).expect("it is JSON")
}

#[cfg(target_os = "linux")]
#[test]
fn what_ships_is_the_same_from_two_directories_and_as_its_readers_want_it() {
    let here = project("here");
    let run = dist(&here, "here");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(!run.stderr.contains("note: "), "{run:?}");
    take("here", "there");
    // Newer than what was built, so that it is built again.
    let there = project("far/away/there");
    let run = dist(&there, "far/away/there");
    assert_eq!(run.code, Some(0), "{run:?}");
    let (files, others) = (written(&here), written(&there));
    for (path, bytes) in &files {
        assert!(others.get(path) == Some(bytes), "{path} differs");
    }
    assert_eq!(files.len(), others.len());

    let out = here.path("out");
    let mut judge = Command::new("python3");
    judge.arg(source("judge.py")).arg(&out).arg("acme-skills");
    judge.env("PYTHONPATH", JUDGES.join("packages"));
    assert_eq!(done(judge.env("PYTHONDONTWRITEBYTECODE", "1")), "");
    packages(&here, &files);
    images(&here, &files);

    let statement = json(&files, "provenance.intoto.json");
    let build = &statement["predicate"]["buildDefinition"];
    assert_eq!(build["externalParameters"]["profile"], "dev");
    let card = String::from_utf8_lossy(&files["cards/acme/trips.md"]);
    assert!(card.contains("Allowed: it is made \\| later"), "{card}");
    assert!(card.contains("| Licence | MIT |"), "{card}");
    let sbom = done(Command::new(out.join("acme-skills")).arg("sbom"));
    assert_eq!(sbom.as_bytes(), files["sbom.cdx.json"]);

    replaced(&here);
}

/// The MCP bundle, by the tool of those who defined it; and the entry for the registry.
fn packages(folder: &Folder, files: &BTreeMap<String, Vec<u8>>) {
    let unpacked = folder.path("unpacked");
    let cli = JUDGES.join("node_modules/@anthropic-ai/mcpb/dist/cli/cli.js");
    let mcpb = |arguments: &[&Path]| {
        let mut command = Command::new("node");
        command.arg(&cli).args(arguments);
        done(command.env_remove("CI").env_remove("FORCE_COLOR"))
    };
    mcpb(&[
        Path::new("unpack"),
        &folder.path("out/acme-skills.mcpb"),
        &unpacked,
    ]);
    mcpb(&[Path::new("validate"), &unpacked.join("manifest.json")]);
    let executable = unpacked.join("server/acme-skills");
    assert_eq!(
        fs::read(&executable).expect("it is there"),
        files["acme-skills"]
    );
    let server = json(files, "server.json");
    assert_eq!(server["name"], "io.github.acme/acme-skills");
    assert_eq!(
        server["packages"][0]["identifier"],
        "https://github.com/acme/skills/releases/download/v1.2.3+4/acme-skills.mcpb"
    );
}

/// The image, by programs that move and unpack images.
fn images(folder: &Folder, files: &BTreeMap<String, Vec<u8>>) {
    let layout = folder.path("out/oci");
    let mut skopeo = debian("skopeo");
    let image = format!("oci:{}:1.2.3_4", layout.display());
    skopeo.args(["inspect", "--config", &image]);
    let config: Value = serde_json::from_str(&done(&mut skopeo)).expect("it is JSON");
    assert_eq!(config["config"]["User"], "65532:65532");
    assert_eq!(config["config"]["Entrypoint"][0], "/acme-skills");
    let labels = &config["config"]["Labels"];
    assert_eq!(
        labels["io.modelcontextprotocol.server.name"],
        "io.github.acme/acme-skills"
    );
    assert_eq!(labels["org.opencontainers.image.version"], "1.2.3+4");

    let bundle = folder.path("bundle");
    let mut umoci = debian("umoci");
    umoci.args(["unpack", "--rootless", "--image"]);
    umoci.arg(format!("{}:1.2.3_4", layout.display()));
    done(umoci.arg(&bundle));
    let executable = fs::read(bundle.join("rootfs/acme-skills")).expect("it is there");
    assert_eq!(executable, files["acme-skills"]);
}

/// What was written is written again; what somebody else put there stays.
fn replaced(folder: &Folder) {
    let before = written(folder);
    assert_eq!(dist(folder, "here").code, Some(0));
    assert!(written(folder) == before);
    folder.write("out/SHA256SUMS.sigstore.json", b"{}");
    let run = dist(folder, "here");
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.contains("with `SHA256SUMS.sigstore.json` in it"),
        "{run:?}"
    );
    assert_eq!(written(folder).len(), before.len() + 1);
    let left = fs::read_dir(folder.root()).expect("it is a directory");
    let names = left.map(|entry| entry.expect("it can be read").file_name());
    assert!(
        !names
            .into_iter()
            .any(|name| name.to_string_lossy().starts_with(".skills-"))
    );
}

#[test]
fn what_is_no_project_of_skills_is_refused_with_advice() {
    let folder = Folder::empty();
    let run = dist(&folder, "nowhere");
    assert_eq!(run.code, Some(2));
    assert!(run.stderr.contains("`nowhere` cannot be read"), "{run:?}");
    folder.write(
        "plain/Cargo.toml",
        b"[package]\nname = \"plain\"\nversion = \"1.0.0\"\n[workspace]\n",
    );
    folder.write("plain/src/main.rs", b"fn main() {}\n");
    let run = dist(&folder, "plain");
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.contains("compile the skills in build.rs"),
        "{run:?}"
    );
    assert!(!folder.path("out").exists());
}
