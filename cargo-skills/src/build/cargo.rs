//! cargo, as it is started and as it reports.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::private::{Kind, Project};
use super::triple::Triple;
use crate::error::Error;
use crate::output::Output;
use crate::progress::Progress;
use crate::project::quoted;

/// How to build.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    /// What for; for this machine, with its libraries, if it is not said.
    pub(crate) triple: Option<Triple>,
    pub(crate) is_release: bool,
    pub(crate) is_offline: bool,
}

/// What was built.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) executable: PathBuf,
    pub(crate) duration: Duration,
}

/// A message of cargo, as far as it matters here.
#[derive(Debug, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Message {
    CompilerArtifact {
        manifest_path: PathBuf,
        target: Target,
        executable: Option<PathBuf>,
        fresh: bool,
    },
    #[serde(other)]
    Other,
}

#[derive(Debug, Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

/// Builds the executable of a project.
pub(crate) fn build(project: &Project, recipe: &Recipe, output: Output) -> Result<Built, Error> {
    let start = now();
    let mut cargo = command(project, recipe)?;
    let failed = |source| Error::Start {
        program: "cargo".into(),
        source,
    };
    let mut child = cargo.spawn().map_err(failed)?;
    let progress = matches!(project.kind, Kind::Private { .. }).then(|| Progress::start(output));
    let mut executables = BTreeSet::new();
    let mut compiled = 0;
    let messages = child.stdout.take().map(BufReader::new);
    for line in messages.into_iter().flat_map(BufRead::lines) {
        let line = line.map_err(failed)?;
        let Ok(Message::CompilerArtifact {
            manifest_path,
            target,
            executable,
            fresh,
        }) = serde_json::from_str(&line)
        else {
            continue;
        };
        if !fresh {
            compiled += 1;
        }
        if let Some(progress) = &progress {
            progress.step(format!(
                "compiling, {compiled} done, the last one {}",
                target.name
            ));
        }
        let is_ours = manifest_path.parent() == Some(&project.directory);
        if is_ours && target.kind.iter().any(|kind| kind == "bin") {
            executables.extend(executable);
        }
    }
    let status = child.wait().map_err(failed)?;
    drop(progress);
    if !status.success() {
        return Err(Error::NotBuilt);
    }
    Ok(Built {
        executable: only(executables, &project.directory)?,
        duration: start.elapsed(),
    })
}

/// The one executable of a package.
fn only(executables: BTreeSet<PathBuf>, directory: &Path) -> Result<PathBuf, Error> {
    let mut all = executables.into_iter();
    match (all.next(), all.next()) {
        (Some(executable), None) => Ok(executable),
        (first, _) => Err(Error::NoExecutable {
            path: directory.join("Cargo.toml"),
            how_many: if first.is_some() { "several" } else { "none" },
        }),
    }
}

fn command(project: &Project, recipe: &Recipe) -> Result<Command, Error> {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut cargo = Command::new(program);
    cargo
        .args(["build", "--message-format=json-render-diagnostics"])
        .current_dir(&project.directory)
        .envs(project.variables()?)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    if recipe.is_release {
        cargo.arg("--release");
    }
    if recipe.is_offline {
        cargo.arg("--offline");
    }
    if let Kind::Private { libraries, .. } = &project.kind {
        // What there is to say of the skills has been said.
        cargo.arg("--quiet");
        for setting in libraries.settings() {
            cargo.args(["--config", &setting]);
        }
    }
    if let Some(triple) = &recipe.triple {
        cargo.args(["--target", triple.as_str()]);
        add_flags(&mut cargo, triple);
    }
    Ok(cargo)
}

/// Flags for rustc, beside those of the environment, which cargo would take alone.
fn add_flags(cargo: &mut Command, triple: &Triple) {
    let flags = triple.flags();
    if flags.is_empty() {
        return;
    }
    let encoded = std::env::var_os("CARGO_ENCODED_RUSTFLAGS");
    let plain = std::env::var("RUSTFLAGS").ok().map(|flags| {
        let flags: Vec<_> = flags.split_whitespace().collect();
        OsString::from(flags.join("\u{1f}"))
    });
    if let Some(mut theirs) = encoded.or(plain) {
        for flag in flags {
            theirs.push("\u{1f}");
            theirs.push(flag);
        }
        cargo.env("CARGO_ENCODED_RUSTFLAGS", theirs);
    } else {
        let flags: Vec<_> = flags.iter().map(|flag| quoted(Path::new(flag))).collect();
        let setting = format!("target.{triple}.rustflags=[{}]", flags.join(","));
        cargo.args(["--config", &setting]);
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a person is told how long it took"
)]
fn now() -> Instant {
    Instant::now()
}
