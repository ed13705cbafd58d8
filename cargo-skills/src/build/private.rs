//! What is built: a project of one's own, or a folder of skills with a package around it that nobody needs to see.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::{Order, script};
use crate::digest::sha256;
use crate::discovery::is_repository;
use crate::error::Error;
use crate::machine;
use crate::output::Output;
use crate::project::{self, Libraries, Name};
use crate::target;

/// What the server of a folder of skills can do unless something else is asked for.
pub(crate) const FEATURES: [&str; 5] = ["http", "install", "oauth", "sandbox", "tls"];

/// All that it could.
pub(crate) const KNOWN_FEATURES: [&str; 7] = [
    "http", "install", "oauth", "otel", "redis", "sandbox", "tls",
];

/// The variable that tells the build script of a private package where the skills are.
const DIRECTORY: &str = "SKILLS_DIRECTORY";

/// How much of the digest of its path tells one folder from others of its name.
const ID_DIGITS: usize = 16;

const BUILD_SCRIPT: &str = r#"//! Compiles a folder of skills that is somewhere else.

use std::process::ExitCode;

fn main() -> ExitCode {
    println!("cargo::rerun-if-env-changed=SKILLS_DIRECTORY");
    skills_compiler::build(std::env::var_os("SKILLS_DIRECTORY").unwrap_or_default())
}
"#;

const MAIN: &str = "//! A folder of skills as one executable.

use std::process::ExitCode;

skills_runtime::include_bundle!();

fn main() -> ExitCode {
    skills_runtime::run(&BUNDLE)
}
";

/// A package that becomes a server.
#[derive(Debug)]
pub(crate) struct Project {
    /// Where its manifest is.
    pub(crate) directory: PathBuf,
    pub(super) kind: Kind,
}

/// Whose package it is.
#[derive(Debug)]
pub(super) enum Kind {
    /// Somebody's own: cargo reports on it, and its target directory is its own.
    Own,
    /// One that was made around a folder of skills, with what all such packages share.
    Private {
        name: Name,
        /// The folder, as it was named.
        skills: PathBuf,
        features: Vec<String>,
        shared: PathBuf,
        libraries: Libraries,
    },
}

/// The folder of skills to build where a whole repository was named: the one that a search finds in it.
fn folder_of_skills(place: PathBuf) -> Result<PathBuf, Error> {
    if !is_repository(&place) {
        return Ok(place);
    }
    let found = target::search(&place);
    let folders = found.folders.iter();
    let folders: Vec<_> = folders.filter(|folder| !folder.skills.is_empty()).collect();
    match folders.as_slice() {
        [] => Ok(place),
        [folder] => Ok(found.top.join(&folder.path)),
        several => Err(Error::Folders {
            folders: several
                .iter()
                .map(|folder| found.shown(&folder.path))
                .collect(),
            path: place,
        }),
    }
}

/// How messages call a folder: as it was named, or by its path from here if it was found in what was named.
fn named_as(named: &Path, folder: &Path) -> PathBuf {
    let place = std::path::absolute(named).unwrap_or_else(|_| named.to_owned());
    if place == folder {
        return named.to_owned();
    }
    let real = fs::canonicalize(&place).unwrap_or(place);
    match folder.strip_prefix(&real) {
        Ok(below) if named == Path::new(".") => below.to_owned(),
        Ok(below) => named.join(below),
        Err(_) => folder.to_owned(),
    }
}

impl Project {
    /// What the order names.
    pub(crate) fn of(order: &Order) -> Result<Self, Error> {
        let failed = |source| Error::Read {
            path: order.directory.clone(),
            source,
        };
        if !fs::metadata(&order.directory).map_err(failed)?.is_dir() {
            return Err(failed(io::ErrorKind::NotADirectory.into()));
        }
        let place = std::path::absolute(&order.directory).map_err(failed)?;
        if place.join("Cargo.toml").is_file() {
            return Self::own(&place);
        }
        Self::around(&folder_of_skills(place)?, order)
    }

    /// Somebody's own.
    pub(crate) fn own(directory: &Path) -> Result<Self, Error> {
        let place = fs::canonicalize(directory).map_err(|source| Error::Read {
            path: directory.to_owned(),
            source,
        })?;
        Ok(Self {
            directory: place,
            kind: Kind::Own,
        })
    }

    /// A package around a folder of skills.
    fn around(skills: &Path, order: &Order) -> Result<Self, Error> {
        let named = order.into.as_deref().and_then(Path::file_stem);
        let named = named.and_then(|stem| Name::new(&stem.to_string_lossy()).ok());
        let name = named.unwrap_or_else(|| Name::near(skills));
        let shared = cache()?;
        let mut id = sha256(skills.as_os_str().as_encoded_bytes());
        id.truncate(ID_DIGITS);
        Ok(Self {
            directory: shared.join("packages").join(format!("{name}-{id}")),
            kind: Kind::Private {
                name,
                skills: named_as(&order.directory, skills),
                features: order.features.clone(),
                shared,
                libraries: Libraries::find(order.checkout.as_deref())?,
            },
        })
    }

    /// What the server will be called, where that is known before it is built.
    pub(super) fn server(&self) -> Option<&Name> {
        match &self.kind {
            Kind::Own => None,
            Kind::Private { name, .. } => Some(name),
        }
    }

    /// The folder of skills that it was made around, on which nobody else reports.
    pub(crate) fn skills(&self) -> Option<&Path> {
        match &self.kind {
            Kind::Own => None,
            Kind::Private { skills, .. } => Some(skills),
        }
    }

    /// The folder of skills that is compiled, as far as that is known without running anything.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        if let Some(skills) = self.skills() {
            return Some(skills.to_owned());
        }
        let manifest = machine::text(&self.directory.join("Cargo.toml"));
        let text = machine::text(&self.directory.join("build.rs"));
        let folder = script::folder(&manifest, &text)?;
        let folder = self.directory.join(folder);
        folder.is_dir().then_some(folder)
    }

    /// Writes down the package, as far as it is not there already.
    fn write(&self, name: &Name, features: &[String], libraries: &Libraries) -> Result<(), Error> {
        let manifest = project::manifest(name, features);
        let is_new = write_if_other(&self.directory.join("Cargo.toml"), &manifest)?;
        // In a file, so that what the build script asks cargo is answered in the same way.
        let settings = libraries.settings().join("\n") + "\n";
        write_if_other(&self.directory.join(".cargo/config.toml"), &settings)?;
        write_if_other(&self.directory.join("build.rs"), BUILD_SCRIPT)?;
        write_if_other(&self.directory.join("src/main.rs"), MAIN)?;
        let lock = self.directory.join("Cargo.lock");
        if is_new || !lock.is_file() {
            write_if_other(&lock, &project::lock(name))?;
        }
        Ok(())
    }

    /// Makes the package ready to be built, and keeps others from building until what is returned is dropped: private packages
    /// share one target directory, in which executables of one name have one place, and one folder has one package, whatever
    /// features are asked for.
    pub(crate) fn claim(&self, output: Output) -> Result<Option<File>, Error> {
        let Kind::Private {
            name,
            features,
            shared,
            libraries,
            ..
        } = &self.kind
        else {
            return Ok(None);
        };
        let path = shared.join("lock");
        let failed = |source| Error::Write {
            path: path.clone(),
            source,
        };
        fs::create_dir_all(shared).map_err(failed)?;
        let waiting = || output.tell("waiting for another build to end\n");
        let lock = machine::lock(&path, waiting).map_err(failed)?;
        self.write(name, features, libraries)?;
        Ok(Some(lock))
    }

    /// What the commands of cargo have to know beside the directory.
    pub(super) fn variables(&self) -> Result<Vec<(&'static str, PathBuf)>, Error> {
        Ok(match &self.kind {
            Kind::Own => Vec::new(),
            Kind::Private { skills, shared, .. } => {
                let skills = std::path::absolute(skills).map_err(|source| Error::Read {
                    path: skills.clone(),
                    source,
                })?;
                vec![
                    (DIRECTORY, skills),
                    ("CARGO_TARGET_DIR", shared.join("target")),
                ]
            }
        })
    }
}

/// Where private packages are, and what is compiled of them.
fn cache() -> Result<PathBuf, Error> {
    let cache = machine::cache_home().ok_or(Error::NoCache)?;
    Ok(cache.join("cargo-skills"))
}

/// Writes a file unless it is like this already, so that nothing is built again. Whether it wrote.
fn write_if_other(path: &Path, text: &str) -> Result<bool, Error> {
    if path.is_file() && machine::text(path) == text {
        return Ok(false);
    }
    let failed = |source| Error::Write {
        path: path.to_owned(),
        source,
    };
    fs::create_dir_all(path.parent().unwrap_or(path)).map_err(failed)?;
    machine::write(path, text.as_bytes()).map_err(failed)?;
    Ok(true)
}
