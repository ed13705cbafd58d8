//! The clients of `tests/clients`, installed below `target/` once and again when what is pinned changes.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;

/// Where tests may write.
pub(crate) const TARGET: &str = env!("CARGO_TARGET_TMPDIR");

/// What `package-lock.json` pins, with the scripts that use it beside its `node_modules`.
static JAVASCRIPT: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = folder(
        "javascript",
        &["package.json", "package-lock.json"],
        |folder| {
            let mut npm = Command::new("npm");
            // Nothing of the packages runs before a test runs it.
            npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
                .current_dir(folder);
            run(&mut npm);
        },
    );
    for script in [
        "as.mjs",
        "client.mjs",
        "host.mjs",
        "hostile.mjs",
        "oauth.mjs",
        "sdk.mjs",
    ] {
        fs::copy(source().join(script), folder.join(script)).expect("scripts can be copied");
    }
    folder
});

/// What `requirements.txt` pins.
static PYTHON: LazyLock<PathBuf> = LazyLock::new(|| packages("python", "requirements.txt"));

/// What `fastmcp.txt` pins, by itself, so that neither decides which versions the other gets.
static FASTMCP: LazyLock<PathBuf> = LazyLock::new(|| packages("fastmcp", "fastmcp.txt"));

/// A folder with the packages of a requirements file.
fn packages(name: &str, requirements: &str) -> PathBuf {
    folder(name, &[requirements], |folder| {
        let mut pip = Command::new("python3");
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
        ])
        .args(["--target", "packages", "--requirement", requirements])
        .current_dir(folder);
        run(&mut pip);
    })
}

/// A script of `tests/clients` in the Node.js that the Inspector needs.
pub(crate) fn javascript(script: &str) -> Command {
    let mut command = node();
    command.arg(JAVASCRIPT.join(script));
    command
}

/// A file of an npm package in the same Node.js.
pub(crate) fn package(file: &str) -> Command {
    javascript(&format!("node_modules/{file}"))
}

/// One of the YAML packages as the reader of a JSON list of texts, with the script that the corpus is read with.
pub(crate) fn yaml_package(name: &str) -> Command {
    let mut command = node();
    command
        .arg(source().join("../corpus/load.mjs"))
        .arg(name)
        .arg(&*JAVASCRIPT);
    command
}

/// A script of `tests/clients` in Python.
pub(crate) fn python(script: &str) -> Command {
    python_with(&PYTHON, script)
}

/// The same with `FastMCP`.
pub(crate) fn fastmcp(script: &str) -> Command {
    python_with(&FASTMCP, script)
}

fn python_with(installed: &Path, script: &str) -> Command {
    let mut command = Command::new("python3");
    command
        .arg(source().join(script))
        .env("PYTHONPATH", installed.join("packages"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    command
}

/// Runs a command that succeeds; what it says, if it does not, is in the panic.
pub(crate) fn run(command: &mut Command) -> String {
    let output = command.output();
    let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let Output {
        status,
        stdout,
        stderr,
    } = &output;
    let (stdout, stderr) = (
        String::from_utf8_lossy(stdout),
        String::from_utf8_lossy(stderr),
    );
    assert!(
        status.success(),
        "{command:?}: {status}\n{stdout}\n{stderr}"
    );
    stdout.into_owned()
}

/// Runs a command that reads `input` and succeeds.
pub(crate) fn run_with(command: &mut Command, input: &str) -> String {
    let file = Path::new(TARGET).join(format!("input-{:?}", std::thread::current().id()));
    fs::write(&file, input).expect("a file below target/");
    command.stdin(fs::File::open(&file).expect("what was written"));
    let output = run(command);
    fs::remove_file(file).expect("what was written");
    output
}

/// Whatever it might want from the network, it finds nobody there but the server.
pub(crate) fn offline(command: &mut Command) {
    command
        .env("NO_PROXY", "127.0.0.1")
        .env("no_proxy", "127.0.0.1");
    for variable in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"] {
        command.env(variable, "http://127.0.0.1:9");
    }
}

/// The pinned Node.js where it exists for this machine, otherwise the one that there is.
fn node() -> Command {
    let architecture = match std::env::consts::ARCH {
        "x86_64" => "x64",
        "aarch64" => "arm64",
        other => other,
    };
    let system = std::env::consts::OS;
    let package = format!("node_modules/node-{system}-{architecture}/bin/node");
    let pinned = JAVASCRIPT.join(package);
    let mut command = Command::new(if pinned.is_file() {
        &*pinned
    } else {
        "node".as_ref()
    });
    // What is read from pipes has no colours, although scripts are told to show some where `CI` is set.
    command
        .env("NO_COLOR", "1")
        .env_remove("FORCE_COLOR")
        .env_remove("CI");
    command
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients")
}

/// A folder with these files in which `install` has succeeded.
fn folder(name: &str, files: &[&str], install: impl FnOnce(&Path)) -> PathBuf {
    let folder = Path::new(TARGET).join(name);
    let pins: Vec<_> = files
        .iter()
        .map(|file| fs::read_to_string(source().join(file)).expect("pins are readable"))
        .collect();
    let (stamp, pins_text) = (folder.join("installed"), pins.concat());
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == pins_text) {
        return folder;
    }
    // What another version left behind would be mixed with this one.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder below target/");
    for (file, text) in files.iter().zip(&pins) {
        fs::write(folder.join(file), text).expect("pins can be copied");
    }
    install(&folder);
    fs::write(stamp, pins_text).expect("a stamp below target/");
    folder
}
