//! A project of cargo: built for release, with what cargo says of the build.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Deserialize;

use super::remap::{left, of_machine, of_project};
use super::surroundings::{cargo, read, rustc, said};
use super::{Error, Executable, is_static};
use crate::output::Output;

/// What to build, and where to put what ships.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// The directory of the project.
    pub(crate) project: PathBuf,
    /// The directory for what ships.
    pub(crate) into: PathBuf,
    /// The triple to build for, if not this machine's.
    pub(crate) target: Option<String>,
    pub(crate) features: Vec<String>,
    pub(crate) profile: String,
    /// Which executable, where the project has several.
    pub(crate) binary: Option<String>,
}

/// What is read of a message of cargo.
#[derive(Debug, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Message {
    CompilerArtifact {
        package_id: String,
        target: Target,
        executable: Option<PathBuf>,
    },
    BuildScriptExecuted {
        package_id: String,
        out_dir: PathBuf,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

/// What is read of `cargo metadata`.
#[derive(Debug, Deserialize)]
struct Metadata {
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

/// Builds a project so that the same source gives the same bytes wherever it lies.
pub(crate) fn build(order: &Order, output: Output) -> Result<Executable, Error> {
    let project = directory(&order.project)?;
    let metadata = ["metadata", "--format-version=1", "--no-deps"];
    let metadata = said(&cargo(), metadata, &project)?;
    let Metadata {
        workspace_root: root,
        target_directory: directory,
    } = parsed(&project, &metadata)?;
    let target = match &order.target {
        Some(target) => target.clone(),
        None => host(&project)?,
    };
    let building = Building {
        order,
        project,
        target,
        output,
    };
    let mut flags = of_machine(&building.project)?;
    let executable = building.run(&flags)?;
    let paths = [root.clone(), directory.clone()];
    if left(&read(&executable.path)?, &paths).is_empty() {
        return Ok(executable);
    }
    flags.extend(of_project(&root, &directory));
    building.run(&flags)
}

/// What is being built.
struct Building<'a> {
    order: &'a Order,
    project: PathBuf,
    /// The triple. It is always given, because flags are then for the executable only, and not for macros and build scripts.
    target: String,
    output: Output,
}

impl Building<'_> {
    /// Builds with these flags.
    fn run(&self, flags: &[String]) -> Result<Executable, Error> {
        let program = cargo();
        let output = self.command(&program, flags).output();
        let program = program.to_string_lossy().into_owned();
        let built = output.map_err(|source| Error::Start { program, source })?;
        if !built.status.success() {
            let project = self.project.clone();
            return Err(Error::Build { project });
        }
        let messages = String::from_utf8_lossy(&built.stdout);
        // Programs that cargo runs may print lines of their own.
        let messages = messages.lines().filter(|line| line.starts_with('{'));
        let messages: Vec<_> = messages
            .filter_map(|line| serde_json::from_str(line).ok())
            .collect();
        self.executable(&messages)
    }

    fn command(&self, program: &OsStr, flags: &[String]) -> Command {
        let Order {
            features,
            profile,
            binary,
            ..
        } = self.order;
        let mut command = Command::new(program);
        command
            .args(["build", "--message-format=json-render-diagnostics"])
            .args(["--profile", profile, "--target", &self.target])
            .current_dir(&self.project)
            .stdin(Stdio::null())
            .stderr(Stdio::inherit());
        if self.output.is_quiet() {
            command.arg("--quiet");
        }
        if !features.is_empty() {
            command.args(["--features", &features.join(",")]);
        }
        if let Some(binary) = binary {
            command.args(["--bin", binary]);
        }
        add_flags(&mut command, flags);
        command
    }

    /// The executable among what was built.
    fn executable(&self, messages: &[Message]) -> Result<Executable, Error> {
        let found = messages.iter().filter_map(|message| match message {
            Message::CompilerArtifact {
                package_id,
                target,
                executable: Some(path),
            } if target.kind.iter().any(|kind| kind == "bin") => {
                Some((package_id, &target.name, path))
            }
            _ => None,
        });
        let found: Vec<_> = found.collect();
        let project = self.project.clone();
        let [(package, name, path)] = found.as_slice() else {
            let names = found.into_iter().map(|(_, name, _)| name.clone());
            let names = names.collect();
            return Err(Error::Executables { project, names });
        };
        let out_dir = messages.iter().find_map(|message| match message {
            Message::BuildScriptExecuted {
                package_id,
                out_dir,
            } if package_id == *package => Some(out_dir.clone()),
            _ => None,
        });
        let Some(out_dir) = out_dir else {
            return Err(Error::NoFacts { project });
        };
        Ok(Executable {
            is_static: is_static(&read(path)?),
            path: (*path).clone(),
            name: (*name).clone(),
            target: self.target.clone(),
            features: self.order.features.clone(),
            profile: self.order.profile.clone(),
            project,
            out_dir,
        })
    }
}

/// Flags beside those that the user gives: of the places for them, cargo reads only the first that is there.
fn add_flags(command: &mut Command, flags: &[String]) {
    if let Some(given) = super::surroundings::variable("CARGO_ENCODED_RUSTFLAGS") {
        let all = given.split('\u{1f}').filter(|flag| !flag.is_empty());
        let all = all.chain(flags.iter().map(String::as_str));
        command.env(
            "CARGO_ENCODED_RUSTFLAGS",
            all.collect::<Vec<_>>().join("\u{1f}"),
        );
    } else if let Some(given) = super::surroundings::variable("RUSTFLAGS") {
        let all = given.split_whitespace();
        let all = all.chain(flags.iter().map(String::as_str));
        command.env(
            "CARGO_ENCODED_RUSTFLAGS",
            all.collect::<Vec<_>>().join("\u{1f}"),
        );
    } else {
        let quoted: Vec<_> = flags.iter().map(|flag| format!("{flag:?}")).collect();
        let setting = format!("build.rustflags=[{}]", quoted.join(","));
        command.args(["--config", &setting]);
    }
}

/// The triple of this machine.
fn host(project: &Path) -> Result<String, Error> {
    let version = said(&rustc(), ["-vV"], project)?;
    let mut lines = version.lines();
    let host = lines.find_map(|line| line.strip_prefix("host: "));
    Ok(host.unwrap_or_default().to_owned())
}

fn directory(path: &Path) -> Result<PathBuf, Error> {
    std::fs::canonicalize(path).map_err(|source| Error::Read {
        path: path.to_owned(),
        source,
    })
}

fn parsed(project: &Path, text: &str) -> Result<Metadata, Error> {
    serde_json::from_str(text).map_err(|source| Error::Facts {
        path: project.to_owned(),
        source,
    })
}
