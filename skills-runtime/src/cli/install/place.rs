//! Where the configurations are, on each system: nothing here looks at the disk.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::ValueEnum;

use super::host::{Host, Root};
use super::problem::Problem;

/// The systems that differ in where programs keep their settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum System {
    Linux,
    MacOs,
    Windows,
}

impl System {
    /// The one that this executable was compiled for; other Unixes do as Linux does.
    pub(super) const HERE: Self = if cfg!(windows) {
        Self::Windows
    } else if cfg!(target_os = "macos") {
        Self::MacOs
    } else {
        Self::Linux
    };
}

/// Who a server is installed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Scope {
    /// For you, in all projects
    User,
    /// For everybody who works in the current directory
    Project,
}

/// What decides where configurations are.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    pub(super) system: System,
    pub(super) home: Option<PathBuf>,
    /// The variables of [`VARIABLES`] that are set, and not to nothing.
    pub(super) variables: BTreeMap<&'static str, OsString>,
    /// The current directory; nothing if there is none and nobody needs one.
    pub(super) directory: PathBuf,
}

/// The variables of the environment that matter here.
pub(super) const VARIABLES: [&str; 5] = [
    "APPDATA",
    "CLAUDE_CONFIG_DIR",
    "CODEX_HOME",
    "PATH",
    "XDG_CONFIG_HOME",
];

/// A file of a host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) file: PathBuf,
    /// What is used instead where it is there.
    pub(super) older: Option<PathBuf>,
    /// The directory above it that is not the host's own.
    pub(super) base: PathBuf,
}

impl Surroundings {
    /// Where a host's configuration is.
    pub(super) fn place(&self, host: &Host, scope: Scope) -> Result<Place, Problem> {
        let (base, path) = match (scope, host.project) {
            (Scope::User, _) => (self.root(host.root)?, host.user),
            (Scope::Project, Some(path)) => (self.directory.clone(), path),
            (Scope::Project, None) => return Err(Problem::NoProject { host: host.name }),
        };
        let file = joined(&base, path);
        let older = host.older.filter(|_| scope == Scope::User);
        let (base, older) = match self.moved(host.root) {
            None if scope == Scope::User && matches!(host.root, Root::Variable(..)) => {
                let home = self.home()?;
                let older = older.map(|[_, below]| joined(&home, below));
                (home, older)
            }
            _ => {
                let older = older.map(|[below, _]| joined(&base, below));
                (base, older)
            }
        };
        Ok(Place { file, older, base })
    }

    /// What is there, one of these, where a host has been used.
    pub(super) fn traces(&self, host: &Host) -> Result<Vec<PathBuf>, Problem> {
        if let Some(root) = self.moved(host.root) {
            return Ok(vec![root]);
        }
        let root = self.root(host.root)?;
        let traces = host.traces.iter();
        Ok(traces.map(|trace| joined(&root, trace)).collect())
    }

    /// What VS Code needs to close a server off: on Linux two programs; nothing if it cannot.
    pub(super) const fn sandbox(&self) -> Option<&'static [&'static str]> {
        match self.system {
            System::MacOs => Some(&[]),
            System::Linux => Some(&["bwrap", "socat"]),
            System::Windows => None,
        }
    }

    fn root(&self, root: Root) -> Result<PathBuf, Problem> {
        match root {
            Root::Home => self.home(),
            Root::Settings => self.settings(),
            Root::Variable(_, below) => match self.moved(root) {
                Some(path) => Ok(path),
                None => Ok(joined(&self.home()?, below)),
            },
        }
    }

    /// Where a variable of its own has moved the configuration of a host.
    fn moved(&self, root: Root) -> Option<PathBuf> {
        let Root::Variable(name, _) = root else {
            return None;
        };
        let path = self.variables.get(name)?;
        Some(self.directory.join(path))
    }

    /// Where programs keep their settings.
    fn settings(&self) -> Result<PathBuf, Problem> {
        let (variable, below): (_, &[&str]) = match self.system {
            System::Linux => (Some("XDG_CONFIG_HOME"), &[".config"]),
            System::MacOs => (None, &["Library", "Application Support"]),
            System::Windows => (Some("APPDATA"), &["AppData", "Roaming"]),
        };
        match variable.and_then(|variable| self.variables.get(variable)) {
            Some(path) => Ok(self.directory.join(path)),
            None => Ok(joined(&self.home()?, below)),
        }
    }

    fn home(&self) -> Result<PathBuf, Problem> {
        self.home.clone().ok_or(Problem::NoHome)
    }
}

fn joined(base: &Path, path: &[&str]) -> PathBuf {
    path.iter()
        .fold(base.to_owned(), |path, name| path.join(name))
}

#[cfg(test)]
mod tests {
    use super::super::host::{Choice, HOSTS};
    use super::*;

    fn surroundings(system: System, variables: &[(&'static str, &str)]) -> Surroundings {
        Surroundings {
            system,
            home: Some("/home/u".into()),
            variables: variables
                .iter()
                .map(|(name, value)| (*name, (*value).into()))
                .collect(),
            directory: "/work".into(),
        }
    }

    fn file(choice: Choice, scope: Scope, surroundings: &Surroundings) -> String {
        let host = HOSTS.iter().find(|host| host.choice == choice).unwrap();
        let place = surroundings.place(host, scope).unwrap();
        place.file.to_string_lossy().replace('\\', "/")
    }

    #[test]
    fn each_system_has_its_own_place_for_settings() {
        for (system, desktop, code) in [
            (
                System::Linux,
                "/home/u/.config/Claude/claude_desktop_config.json",
                "/home/u/.config/Code/User/mcp.json",
            ),
            (
                System::MacOs,
                "/home/u/Library/Application Support/Claude/claude_desktop_config.json",
                "/home/u/Library/Application Support/Code/User/mcp.json",
            ),
            (
                System::Windows,
                "/home/u/AppData/Roaming/Claude/claude_desktop_config.json",
                "/home/u/AppData/Roaming/Code/User/mcp.json",
            ),
        ] {
            let here = surroundings(system, &[]);
            assert_eq!(file(Choice::ClaudeDesktop, Scope::User, &here), desktop);
            assert_eq!(file(Choice::Vscode, Scope::User, &here), code);
            assert_eq!(
                file(Choice::Cursor, Scope::User, &here),
                "/home/u/.cursor/mcp.json"
            );
        }
    }

    #[test]
    fn variables_move_what_their_hosts_move() {
        let moved = [
            ("APPDATA", "/roaming"),
            ("CLAUDE_CONFIG_DIR", "/claude"),
            ("CODEX_HOME", "codex"),
            ("XDG_CONFIG_HOME", "/xdg"),
        ];
        let linux = surroundings(System::Linux, &moved);
        let windows = surroundings(System::Windows, &moved);
        for (choice, expected) in [
            (Choice::ClaudeCode, "/claude/.claude.json"),
            (Choice::Codex, "/work/codex/config.toml"),
            (Choice::Vscode, "/xdg/Code/User/mcp.json"),
            (Choice::Gemini, "/home/u/.gemini/settings.json"),
        ] {
            assert_eq!(file(choice, Scope::User, &linux), expected);
        }
        assert_eq!(
            file(Choice::Vscode, Scope::User, &windows),
            "/roaming/Code/User/mcp.json"
        );
        let mac = surroundings(System::MacOs, &moved);
        assert!(file(Choice::Vscode, Scope::User, &mac).contains("Application Support"));
    }

    #[test]
    fn an_older_file_of_claude_code_is_below_its_directory() {
        let older = |variables: &[(&'static str, &str)], scope| {
            let place = surroundings(System::Linux, variables).place(&HOSTS[0], scope);
            place.unwrap().older
        };
        assert_eq!(
            older(&[], Scope::User),
            Some("/home/u/.claude/.config.json".into())
        );
        assert_eq!(
            older(&[("CLAUDE_CONFIG_DIR", "/claude")], Scope::User),
            Some("/claude/.config.json".into())
        );
        assert_eq!(older(&[], Scope::Project), None);
    }

    #[test]
    fn a_project_is_the_current_directory() {
        let here = surroundings(System::Linux, &[("CODEX_HOME", "/codex")]);
        for (choice, expected) in [
            (Choice::ClaudeCode, "/work/.mcp.json"),
            (Choice::Cursor, "/work/.cursor/mcp.json"),
            (Choice::Vscode, "/work/.vscode/mcp.json"),
            (Choice::Codex, "/work/.codex/config.toml"),
            (Choice::Gemini, "/work/.gemini/settings.json"),
        ] {
            assert_eq!(file(choice, Scope::Project, &here), expected);
        }
    }
}
