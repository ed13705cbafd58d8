//! Running `cargo-skills`: through a pipe, and at a terminal.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::folder::Folder;

pub(crate) const EXECUTABLE: &str = env!("CARGO_BIN_EXE_cargo-skills");

/// Runs its arguments at a terminal of their own and passes on what appears there.
const TERMINAL: &str = "
import os, pty, sys
status = pty.spawn(sys.argv[1:])
sys.exit(os.waitstatus_to_exitcode(status))
";

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("it is text");
        Self {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}

impl Run {
    /// What it printed, when nothing is denied.
    pub(crate) fn clean(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (Some(0), ""), "{self:?}");
        self.stdout
    }

    /// What it printed, when something is denied.
    pub(crate) fn denied(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (Some(1), ""), "{self:?}");
        self.stdout
    }

    /// What it complained about, when it could not do what it was told.
    pub(crate) fn refused(self) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (Some(2), ""), "{self:?}");
        self.stderr
    }
}

/// All that a program said that has to succeed.
pub(crate) fn done(command: &mut Command) -> String {
    let output = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said).into_owned();
    assert!(output.status.success(), "{command:?}: {said}");
    said
}

/// The executable in a folder, as cargo would start it.
pub(crate) fn command(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = Command::new(EXECUTABLE);
    command
        .arg("skills")
        .args(arguments)
        .current_dir(folder.root())
        .stdin(Stdio::null());
    plain(&mut command);
    command
}

fn plain(command: &mut Command) {
    for variable in [
        "NO_COLOR",
        "CLICOLOR",
        "CLICOLOR_FORCE",
        "CI",
        "SKILLS_LINTS",
    ] {
        command.env_remove(variable);
    }
}

pub(crate) fn run(folder: &Folder, arguments: &[&str]) -> Run {
    let output = command(folder, arguments).output();
    output.expect("it starts").into()
}

/// A run that reads `input`.
pub(crate) fn run_with(folder: &Folder, arguments: &[&str], input: &str) -> Run {
    let mut child = command(folder, arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stdin = child.stdin.take().expect("it is piped");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    child.wait_with_output().expect("it ends").into()
}

/// What appears at a terminal, and the exit code.
pub(crate) fn at_a_terminal(
    folder: &Folder,
    arguments: &[&str],
    environment: &[(&str, &str)],
) -> (Option<i32>, String) {
    let mut command = Command::new("python3");
    command
        .args(["-c", TERMINAL, EXECUTABLE])
        .args(arguments)
        .current_dir(folder.root())
        .stdin(Stdio::null());
    plain(&mut command);
    let output = command
        .env("TERM", "xterm")
        .envs(environment.iter().copied())
        .output()
        .expect("python3 starts");
    let shown = String::from_utf8(output.stdout).expect("it is text");
    (output.status.code(), shown.replace("\r\n", "\n"))
}

/// The findings of `check --format json`.
pub(crate) fn findings(folder: &Folder, arguments: &[&str]) -> Vec<Value> {
    let run = run(
        folder,
        &[&["check", "--format", "json"], arguments].concat(),
    );
    assert!(run.code < Some(2), "{run:?}");
    let lines = run.stdout.lines();
    lines
        .map(|line| serde_json::from_str(line).expect(line))
        .collect()
}
