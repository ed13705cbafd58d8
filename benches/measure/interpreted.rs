//! Peers in other languages, with what they need installed below cargo's `target/tmp`. A machine without the language, or
//! without a way to what is pinned, is told so and does without the peer.

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::workload::write;

/// A server of one resource, and how it is started.
#[derive(Clone, Debug)]
pub(crate) struct Program {
    pub(crate) name: &'static str,
    pub(crate) path: PathBuf,
    pub(crate) arguments: Vec<String>,
}

const FASTMCP: &str = include_str!("../../tests/clients/fastmcp.txt");
const PACKAGE: &str = include_str!("../peers/javascript/package.json");
const LOCK: &str = include_str!("../peers/javascript/package-lock.json");
const SCRIPT: &str = include_str!("../peers/javascript/serve.mjs");

/// Those that this machine can run.
pub(crate) fn programs() -> Vec<Program> {
    let peers = [("fastmcp", python()), ("typescript", javascript())];
    let mut found = Vec::new();
    for (name, program) in peers {
        match program {
            Ok(program) => found.push(program),
            Err(error) => println!("Left out: {name}, because {error}"),
        }
    }
    found
}

/// `FastMCP`, the pinned version of the tests.
fn python() -> Result<Program, Box<dyn Error>> {
    let folder = folder("peer-python", &[("requirements.txt", FASTMCP)], &|folder| {
        let mut pip = Command::new("python3");
        pip.args(["-m", "pip", "install", "--quiet", "--target", "packages"])
            .args(["--requirement", "requirements.txt"])
            .current_dir(folder);
        pip
    })?;
    let packages = folder.join("packages");
    Ok(Program {
        name: "fastmcp",
        path: "env".into(),
        arguments: vec![
            format!("PYTHONPATH={}", packages.display()),
            "PYTHONDONTWRITEBYTECODE=1".into(),
            "python3".into(),
            peer("python/serve.py"),
            peer("SKILL.md"),
        ],
    })
}

/// The official SDK for TypeScript.
fn javascript() -> Result<Program, Box<dyn Error>> {
    let files = [
        ("package.json", PACKAGE),
        ("package-lock.json", LOCK),
        ("serve.mjs", SCRIPT),
    ];
    let folder = folder("peer-javascript", &files, &|folder| {
        let mut npm = Command::new("npm");
        npm.args(["ci", "--silent", "--ignore-scripts"])
            .args(["--no-audit", "--no-fund"])
            .current_dir(folder);
        npm
    })?;
    let script = folder.join("serve.mjs");
    Ok(Program {
        name: "typescript",
        path: "node".into(),
        arguments: vec![script.to_string_lossy().into_owned(), peer("SKILL.md")],
    })
}

fn peer(file: &str) -> String {
    format!("{}/benches/peers/{file}", env!("CARGO_MANIFEST_DIR"))
}

/// A folder with these files, in which a command has succeeded.
fn folder(
    name: &str,
    files: &[(&str, &str)],
    install: &dyn Fn(&Path) -> Command,
) -> Result<PathBuf, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let stamp = folder.join("installed");
    let pins: String = files.iter().map(|(_, text)| *text).collect();
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == pins) {
        return Ok(folder);
    }
    // What another version left behind would be mixed with this one.
    let _ = fs::remove_dir_all(&folder);
    for (file, text) in files {
        write(&folder.join(file), text.as_bytes())?;
    }
    let mut command = install(&folder);
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command.stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{program} does not start: {error}"))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        let last = text.lines().last().unwrap_or_default();
        return Err(format!("{program} failed: {last}").into());
    }
    write(&stamp, pins.as_bytes())?;
    Ok(folder)
}
