//! What tests do with a project and cargo: change files, build, and read what cargo and rustc say.

use std::fs;

use serde_json::Value;

use crate::project::Project;

/// With what cargo's lines about its own work begin.
const ACCOUNTS: &[&str] = &[
    "Adding",
    "Blocking",
    "Compiling",
    "Finished",
    "Locking",
    "Removing",
    "Running",
    "Updating",
];

/// What a build came to.
#[derive(Debug)]
pub(crate) struct Build {
    pub(crate) success: bool,
    /// All that was said, without cargo's account of its work; the project's directory is `$PROJECT`.
    pub(crate) stderr: String,
    stdout: String,
}

impl Project {
    /// With a skill that nothing can be said against.
    pub(crate) fn good_skill(self, path: &str) -> Self {
        let name = path.rsplit('/').next().expect("a path has a last segment");
        self.skill(path, &skill(name, "Begin."))
    }

    /// Writes a file of a project that is in use.
    pub(crate) fn write(&self, path: &str, bytes: impl AsRef<[u8]>) {
        let path = self.folder().join(path);
        fs::create_dir_all(path.parent().expect("a file is in a directory")).expect("it is made");
        fs::write(path, bytes).expect("it is written");
    }

    /// Removes a file.
    pub(crate) fn remove(&self, path: &str) {
        fs::remove_file(self.folder().join(path)).expect("it is removed");
    }

    /// Builds as a person does.
    pub(crate) fn builds(&self) -> Build {
        self.build_with(&[])
    }

    /// Builds, and returns what cargo tells programs about it.
    pub(crate) fn messages(&self) -> Vec<Value> {
        let output = self.build_with(&["--message-format=json"]);
        let lines = output.stdout.lines();
        lines
            .map(|line| serde_json::from_str(line).expect("a message is JSON"))
            .collect()
    }

    /// What the server prints when it is built and run with these arguments.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = self
            .cargo("run")
            .env_remove("OUT_DIR")
            .args(["--quiet", "--"])
            .args(arguments)
            .output()
            .expect("cargo starts");
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{stderr}");
        String::from_utf8(output.stdout).expect("it is text")
    }

    fn build_with(&self, arguments: &[&str]) -> Build {
        let output = self
            .cargo("build")
            .args(arguments)
            .env("CARGO_TERM_COLOR", "never")
            // It would be that of this package's own build script.
            .env_remove("OUT_DIR")
            .output()
            .expect("cargo starts");
        let folder = self.folder().to_string_lossy();
        Build {
            success: output.status.success(),
            stderr: said(&String::from_utf8_lossy(&output.stderr)).replace(&*folder, "$PROJECT"),
            stdout: String::from_utf8(output.stdout).expect("it is text"),
        }
    }
}

/// What cargo and rustc said, without cargo's account of what it was doing.
fn said(stderr: &str) -> String {
    let is_account = |line: &&str| {
        let verb = line.split_whitespace().next().unwrap_or_default();
        line.starts_with("   ") && ACCOUNTS.contains(&verb)
    };
    let lines = stderr.lines().filter(|line| !is_account(line));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// A `SKILL.md` that nothing can be said against.
pub(crate) fn skill(name: &str, body: &str) -> String {
    format!(
        "---
name: {name}
description: Does what {name} stands for. Use when the user asks for it by that name.
---

# How to do it

{body}
"
    )
}
