//! cargo, as it is started and as it reports.

use std::ffi::OsString;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use serde::Deserialize;

use super::interrupt::Interrupt;
use super::private::{Kind, Project};
use super::triple::Triple;
use crate::dist::remap;
use crate::error::Error;
use crate::machine::{self, now};
use crate::output::Output;
use crate::progress::Progress;
use crate::project::{Libraries, quoted};

/// How to build.
#[derive(Clone, Debug, Default)]
pub(crate) struct Recipe {
    /// What for; for this machine, with its libraries, if it is not said.
    pub(crate) triple: Option<Triple>,
    /// The profile of cargo; `dev` if it is not said.
    pub(crate) profile: Option<String>,
    /// Features of the package.
    pub(crate) features: Vec<String>,
    /// Which executable, where the package has several.
    pub(crate) binary: Option<String>,
    pub(crate) is_offline: bool,
    /// Whether the same source has to give the same bytes wherever it lies.
    pub(crate) is_reproducible: bool,
    /// What ends the build before its time.
    pub(crate) interrupt: Interrupt,
}

/// What was built.
#[derive(Debug)]
pub(crate) struct Built {
    pub(crate) executable: PathBuf,
    /// What it is called, without `.exe`.
    pub(crate) name: String,
    /// The `OUT_DIR` of the package's build script, if it has one.
    pub(crate) out_dir: Option<PathBuf>,
    pub(crate) duration: Duration,
    /// Whether it differs from what was there before.
    pub(crate) is_new: bool,
}

/// A message of cargo, as far as it matters here.
#[derive(Debug, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
enum Message {
    CompilerArtifact {
        package_id: String,
        target: Target,
        executable: Option<PathBuf>,
        fresh: bool,
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
    packages: Vec<Package>,
    workspace_root: PathBuf,
    target_directory: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Package {
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

/// What the file of a project's executable will be called, as far as cargo tells without a build. Where it does not, the build
/// says what there is to say.
pub(crate) fn name(project: &Project, recipe: &Recipe) -> Option<String> {
    let name = match &recipe.binary {
        Some(binary) => binary.clone(),
        None => only_binary(project)?,
    };
    let triple = recipe.triple.as_ref().map_or("", Triple::as_str);
    Some(file_name(&name, triple))
}

/// The one executable that the package of a project has.
fn only_binary(project: &Project) -> Option<String> {
    let manifest = project.directory.join("Cargo.toml");
    let mut packages = metadata(project, &["--no-deps"]).ok()?.packages.into_iter();
    let package = packages.find(|package| package.manifest_path == manifest)?;
    let mut names = package.targets.into_iter().filter(Target::is_executable);
    let name = names.next()?.name;
    names.next().is_none().then_some(name)
}

/// What the file of an executable is called on the systems of a triple.
pub(crate) fn file_name(name: &str, triple: &str) -> String {
    let suffix = if triple.contains("windows") {
        ".exe"
    } else {
        ""
    };
    format!("{name}{suffix}")
}

/// Builds the executable of a project.
pub(crate) fn build(project: &Project, recipe: &Recipe, output: Output) -> Result<Built, Error> {
    let mut flags: Vec<_> = recipe
        .triple
        .iter()
        .flat_map(Triple::flags)
        .map(|&flag| flag.to_owned())
        .collect();
    if !recipe.is_reproducible {
        return run(project, recipe, &flags, output);
    }
    flags.extend(remap::of_machine(&project.directory)?);
    if let Kind::Private {
        libraries: Libraries::Checkout(checkout),
        ..
    } = &project.kind
    {
        flags.push(remap::of_libraries(checkout));
    }
    let built = run(project, recipe, &flags, output)?;
    let Metadata {
        workspace_root,
        target_directory,
        ..
    } = metadata(project, &["--no-deps"])?;
    let bytes = machine::read(&built.executable).map_err(|source| Error::Read {
        path: built.executable.clone(),
        source,
    })?;
    if remap::left(&bytes, &[workspace_root.clone(), target_directory.clone()]).is_empty() {
        return Ok(built);
    }
    flags.extend(remap::of_project(&workspace_root, &target_directory));
    run(project, recipe, &flags, output)
}

/// One run of cargo.
fn run(
    project: &Project,
    recipe: &Recipe,
    flags: &[String],
    output: Output,
) -> Result<Built, Error> {
    let start = now();
    let mut cargo = command(project, recipe, flags, output)?;
    // Of somebody's own project, cargo shows its progress itself.
    let is_shown = project.skills().is_some() && output.has_audience();
    let mut progress = is_shown.then(|| Steps::start(project, recipe, output));
    let mut child = cargo.spawn().map_err(unstarted)?;
    recipe.interrupt.concerns(Some(child.id()));
    let mut messages = Vec::new();
    let lines = child.stdout.take().map(BufReader::new);
    for line in lines.into_iter().flat_map(BufRead::lines) {
        // Programs that cargo runs may print lines of their own.
        let Ok(message) = serde_json::from_str(&line.map_err(unstarted)?) else {
            continue;
        };
        if let (Message::CompilerArtifact { target, .. }, Some(progress)) =
            (&message, &mut progress)
        {
            progress.done(target);
        }
        messages.push(message);
    }
    // Once it is waited for, another process may have its number.
    recipe.interrupt.concerns(None);
    let status = child.wait().map_err(unstarted)?;
    drop(progress);
    if !status.success() {
        return Err(Error::NotBuilt {
            project: project.directory.clone(),
        });
    }
    built(project, messages, start.elapsed())
}

/// What a build has done of all that it has to do.
#[derive(Debug)]
struct Steps {
    progress: Progress,
    done: usize,
    /// Near enough: cargo compiles a few things twice, and leaves out what no feature wants. Nothing where cargo does not tell,
    /// because a build that goes wrong says so itself.
    total: Option<usize>,
}

impl Steps {
    fn start(project: &Project, recipe: &Recipe, output: Output) -> Self {
        let progress = Progress::start(output);
        progress.step("fetching what is to be compiled");
        let mut arguments: Vec<_> = (recipe.triple.iter())
            .flat_map(|triple| ["--filter-platform", triple.as_str()])
            .collect();
        if recipe.is_offline {
            arguments.push("--offline");
        }
        let total = metadata(project, &arguments).ok().map(|metadata| {
            let targets = metadata.packages.iter().flat_map(|one| &one.targets);
            let libraries = targets.filter(|target| target.is_compiled_for_others());
            // And the executable.
            libraries.count() + 1
        });
        progress.step("compiling");
        Self {
            progress,
            done: 0,
            total,
        }
    }

    fn done(&mut self, target: &Target) {
        self.done += 1;
        let done = self.done;
        let total = self.total.map(|total| total.max(done));
        let of_all = total.map_or_else(String::new, |total| format!(" of about {total}"));
        let last = &target.name;
        let step = format!("compiling, {done}{of_all} done, the last one {last}");
        self.progress.step(step);
    }
}

impl Target {
    fn is_executable(&self) -> bool {
        self.kind.iter().any(|kind| kind == "bin")
    }

    /// Whether cargo compiles it where its package is a dependency.
    fn is_compiled_for_others(&self) -> bool {
        const KINDS: [&str; 4] = ["custom-build", "lib", "proc-macro", "rlib"];
        self.kind.iter().any(|kind| KINDS.contains(&&**kind))
    }
}

/// The one executable among what was built.
fn built(project: &Project, messages: Vec<Message>, duration: Duration) -> Result<Built, Error> {
    let (mut executables, mut out_dirs) = (Vec::new(), Vec::new());
    for message in messages {
        match message {
            Message::CompilerArtifact {
                package_id,
                target,
                executable: Some(executable),
                fresh,
            } if target.is_executable() => {
                executables.push((package_id, target.name, executable, fresh));
            }
            Message::BuildScriptExecuted {
                package_id,
                out_dir,
            } => out_dirs.push((package_id, out_dir)),
            _ => {}
        }
    }
    let names = executables
        .iter()
        .map(|(_, name, ..)| name.clone())
        .collect();
    let mut executables = executables.into_iter();
    let (Some((package, name, executable, fresh)), None) = (executables.next(), executables.next())
    else {
        return Err(Error::Executables {
            project: project.directory.clone(),
            names,
        });
    };
    let out_dir = out_dirs.into_iter().find(|(of, _)| *of == package);
    Ok(Built {
        executable,
        name,
        out_dir: out_dir.map(|(_, out_dir)| out_dir),
        duration,
        is_new: !fresh,
    })
}

fn command(
    project: &Project,
    recipe: &Recipe,
    flags: &[String],
    output: Output,
) -> Result<Command, Error> {
    let mut cargo = Command::new(machine::cargo());
    cargo
        .args(["build", "--message-format=json-render-diagnostics"])
        .args(["--profile", recipe.profile.as_deref().unwrap_or("dev")])
        .current_dir(&project.directory)
        .envs(project.variables()?)
        .stdin(Stdio::null())
        .stdout(Stdio::piped());
    if recipe.is_offline {
        cargo.arg("--offline");
    }
    // What there is to say of the skills of a folder has been said.
    if project.skills().is_some() || output.is_quiet() {
        cargo.arg("--quiet");
    }
    if !recipe.features.is_empty() {
        cargo.args(["--features", &recipe.features.join(",")]);
    }
    if let Some(binary) = &recipe.binary {
        cargo.args(["--bin", binary]);
    }
    if let Some(triple) = &recipe.triple {
        // With a triple, flags are for the executable only, and not for macros and build scripts.
        cargo.args(["--target", triple.as_str()]);
        add_flags(&mut cargo, triple, flags);
    }
    Ok(cargo)
}

/// Flags for rustc, beside those of the environment: of the places for them, cargo reads only the first that is there.
fn add_flags(cargo: &mut Command, triple: &Triple, flags: &[String]) {
    // One that is set to nothing is the first that is there, too.
    let said =
        |name| machine::is_set(name).then(|| machine::text_variable(name).unwrap_or_default());
    let encoded = said("CARGO_ENCODED_RUSTFLAGS");
    let plain = || {
        said("RUSTFLAGS").map(|flags| flags.split_whitespace().collect::<Vec<_>>().join("\u{1f}"))
    };
    if let Some(theirs) = encoded.or_else(plain) {
        let theirs = theirs.split('\u{1f}').filter(|flag| !flag.is_empty());
        let all: Vec<_> = theirs.chain(flags.iter().map(String::as_str)).collect();
        cargo.env(
            "CARGO_ENCODED_RUSTFLAGS",
            OsString::from(all.join("\u{1f}")),
        );
    } else if !flags.is_empty() {
        let flags: Vec<_> = flags.iter().map(|flag| quoted(flag)).collect();
        let flags = flags.join(", ");
        cargo.args(["--config", &format!("target.{triple}.rustflags=[{flags}]")]);
    }
}

/// What a project consists of, and where it keeps what.
fn metadata(project: &Project, arguments: &[&str]) -> Result<Metadata, Error> {
    let output = Command::new(machine::cargo())
        .args(["metadata", "--format-version=1", "--quiet"])
        .args(arguments)
        .current_dir(&project.directory)
        .envs(project.variables()?)
        .output();
    Ok(serde_json::from_slice(&output.map_err(unstarted)?.stdout)?)
}

fn unstarted(source: std::io::Error) -> Error {
    Error::Start {
        program: "cargo".into(),
        source,
    }
}
