//! `install` and `uninstall` as processes, in homes of their own: what stands in the files of hosts before and after.

mod copies;
mod files;
mod hosts;
mod manual;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::installation::TARGET;
use crate::server::EXECUTABLE;

/// The hosts, where each has its file below a home on this system, and what marks that it is used.
const HOSTS: [(&str, &str); 9] = [
    ("claude-code", ".claude.json"),
    (
        "claude-desktop",
        ".config/Claude/claude_desktop_config.json",
    ),
    ("cursor", ".cursor/mcp.json"),
    ("vscode", ".config/Code/User/mcp.json"),
    ("codex", ".codex/config.toml"),
    ("gemini", ".gemini/settings.json"),
    ("qwen", ".qwen/settings.json"),
    ("opencode", ".config/opencode/opencode.json"),
    ("copilot", ".copilot/mcp-config.json"),
];

/// What hosts look at, too, when they look for their files.
const VARIABLES: [&str; 4] = [
    "XDG_CONFIG_HOME",
    "CLAUDE_CONFIG_DIR",
    "CODEX_HOME",
    "NO_COLOR",
];

/// A home with nothing in it.
struct Home(PathBuf);

/// What the executable said.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Home {
    fn new(name: &str) -> Self {
        let home = Path::new(TARGET).join("install").join(name);
        // What an earlier run left.
        let _ = fs::remove_dir_all(&home);
        fs::create_dir_all(&home).expect("a folder below target/");
        Self(home)
    }

    fn path(&self, path: &str) -> PathBuf {
        self.0.join(path)
    }

    /// Writes a file.
    fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let file = self.path(path);
        fs::create_dir_all(file.parent().expect("a path in the home")).expect("a folder");
        fs::write(file, content).expect("a file below target/");
        self
    }

    fn read(&self, path: &str) -> String {
        let bytes = fs::read(self.path(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        String::from_utf8(bytes).expect("it is text")
    }

    /// The executable as somebody starts it who lives here; the home is also the project.
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(EXECUTABLE);
        command
            .args(arguments)
            .current_dir(&self.0)
            .env("HOME", &self.0)
            .stdin(Stdio::null());
        for variable in VARIABLES {
            command.env_remove(variable);
        }
        command
    }

    fn run(&self, arguments: &[&str]) -> Said {
        let Output {
            status,
            stdout,
            stderr,
        } = self.command(arguments).output().expect("it starts");
        Said {
            code: status.code(),
            out: String::from_utf8(stdout).expect("it is text"),
            err: String::from_utf8(stderr).expect("it is text"),
        }
    }

    /// What it says when all is well.
    fn done(&self, arguments: &[&str]) -> String {
        let Said { code, out, err } = self.run(arguments);
        assert!(code == Some(0) && err.is_empty(), "{arguments:?}: {err}");
        out
    }

    /// What it says when it refuses, after having changed nothing.
    fn refused(&self, arguments: &[&str]) -> String {
        let before = self.everything();
        let Said { code, err, .. } = self.run(arguments);
        assert_eq!(code, Some(1), "{arguments:?}: {err}");
        assert_eq!(self.everything(), before, "{arguments:?}");
        err
    }

    /// Every file and directory with what is in it.
    fn everything(&self) -> Vec<(PathBuf, Option<Vec<u8>>)> {
        let mut everything = Vec::new();
        collect(&self.0, &mut everything);
        everything.sort();
        everything
    }
}

fn collect(folder: &Path, everything: &mut Vec<(PathBuf, Option<Vec<u8>>)>) {
    for entry in fs::read_dir(folder).expect("it is a directory") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            everything.push((path.clone(), None));
            collect(&path, everything);
        } else {
            let bytes = fs::read(&path).expect("it can be read");
            everything.push((path, Some(bytes)));
        }
    }
}
