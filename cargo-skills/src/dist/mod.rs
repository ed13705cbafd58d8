//! `dist`: from a finished executable and the facts of its build to a directory that can be shipped.
//!
//! Everything is computed from bytes: the same executable and facts give the same directory, on any day and any machine.

mod card;
mod earlier;
mod elf;
mod error;
mod facts;
mod folder;
mod image;
mod mcpb;
mod place;
mod registry;
pub(crate) mod remap;
mod statement;
mod surroundings;

use std::path::{Path, PathBuf};

use memchr::memmem;
use skills_compiler::diagnostics::visible;
use skills_compiler::provenance::Provenance;

pub(crate) use elf::is_static;
pub(crate) use error::Error;
pub(crate) use place::refuse_at_once;

use earlier::STATEMENT;
use facts::Facts;
use folder::Folder;
use place::Place;
use surroundings::Surroundings;

use crate::build::{self, Built, Project, Recipe, Triple};
use crate::check::Verdict;
use crate::output::Output;

/// A finished executable, and how it was built.
#[derive(Clone, Debug)]
struct Executable {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What it is called, without `.exe`.
    pub(crate) name: String,
    /// The triple that it is for.
    pub(crate) target: String,
    /// The features that were asked for.
    pub(crate) features: Vec<String>,
    /// The profile, such as `release`.
    pub(crate) profile: String,
    /// Whether it needs no library of the system: see [`is_static`].
    pub(crate) is_static: bool,
    /// The directory of the project.
    pub(crate) project: PathBuf,
    /// The directory of what somebody wrote: the project, or the skills that a project was made around.
    pub(crate) source: PathBuf,
    /// The `OUT_DIR` of the project's build script, as cargo tells it in `build-script-executed`.
    pub(crate) out_dir: PathBuf,
}

/// What was written.
#[derive(Debug)]
struct Written {
    /// The files, by their paths below the directory, ascending.
    pub(crate) files: Vec<String>,
}

/// A server that was built, and what there is to know of it.
#[derive(Debug)]
pub(crate) struct Shipment<'a> {
    pub(crate) project: &'a Project,
    pub(crate) recipe: &'a Recipe,
    pub(crate) built: &'a Built,
    /// The features that were asked for, which a folder of skills does not have in its recipe.
    pub(crate) features: &'a [String],
    /// Where the executable was put as well.
    pub(crate) placed: Option<&'a Path>,
}

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

/// Builds the project that the order names, and writes what ships. What can be refused at once is not found out by building.
pub(crate) fn dist(order: Order, output: Output) -> Result<Verdict, crate::error::Error> {
    let project = Project::own(&order.project)?;
    let recipe = Recipe {
        triple: Some(Triple::choose(order.target.as_deref())?),
        profile: Some(order.profile),
        features: order.features,
        binary: order.binary,
        is_offline: false,
        is_reproducible: true,
        ..Recipe::default()
    };
    let name = build::name(&project, &recipe);
    refuse_at_once(&order.into, name.as_deref(), None)?;
    if build::check_first(&project, output)? == Verdict::Denied {
        return Ok(Verdict::Denied);
    }
    let shipment = Shipment {
        project: &project,
        recipe: &recipe,
        built: &build::run(&project, &recipe, output)?,
        features: &recipe.features,
        placed: None,
    };
    ship(&shipment, &order.into, output)?;
    Ok(Verdict::Clean)
}

/// Writes what ships with an executable that was built, and says so.
pub(crate) fn ship(
    shipment: &Shipment<'_>,
    into: &Path,
    output: Output,
) -> Result<(), crate::error::Error> {
    let executable = shipment.executable()?;
    let place = Place::of(into)?;
    let mut made = vec![place.real.clone()];
    if let Some(placed) = shipment.placed {
        made.push(place::resolved(placed).map_err(Error::writing(placed))?);
    }
    let surroundings = Surroundings::of(&executable.project, &executable.source, &made)?;
    let written = write(&executable, &surroundings, &place, output)?;
    let into = visible(&into.display().to_string());
    let count = written.files.len();
    output.print(&format!("{into} has {count} files\n"))
}

/// Writes everything that ships with an executable into a directory: all of it or nothing. A directory that is there is
/// replaced if all that is in it was written here, and refused otherwise. What cannot be made is left out, and told.
fn write(
    executable: &Executable,
    surroundings: &Surroundings,
    into: &Place,
    output: Output,
) -> Result<Written, Error> {
    place::is_no_name_of_ours(&executable.file_name())?;
    let bytes = surroundings::read(&executable.path)?;
    let sbom = surroundings::read(&executable.out_dir.join(Provenance::SBOM_FILE));
    let sbom = sbom.map_err(|_| Error::no_facts(executable))?;
    if memmem::find(&bytes, &sbom).is_none() {
        return Err(Error::OtherExecutable {
            path: executable.path.clone(),
        });
    }
    let facts = Facts::read(executable)?;
    let mut left_out = Vec::new();
    let mut folder = Folder::beside(into)?;
    folder.program(&executable.file_name(), &bytes)?;
    folder.file(Provenance::SBOM_FILE, &sbom)?;
    for skill in &facts.skills {
        let card = card::card(skill, &facts);
        folder.file(&card::place(&skill.path), card.as_bytes())?;
    }
    let package = mcpb::package(executable, &facts, &bytes)?;
    let package_digest = folder.file(&format!("{}.mcpb", executable.name), &package)?;
    match registry::entry(executable, &facts, &package_digest) {
        Ok(entry) => drop(folder.file("server.json", entry.as_bytes())?),
        Err(reason) => left_out.push(format!("server.json: {reason}")),
    }
    match image::image(executable, &facts, &bytes, surroundings.revision())? {
        Ok(image) => image.put(&mut folder)?,
        Err(reason) => left_out.push(format!("oci/: {reason}")),
    }
    let statement = statement::statement(executable, &facts, surroundings, folder.files());
    folder.file(STATEMENT, statement.as_bytes())?;
    let paths = remap::of_here(&executable.project);
    for path in remap::left(&bytes, &paths) {
        left_out.push(format!(
            "same bytes from elsewhere: the executable has the path `{}` in it",
            path.display()
        ));
    }
    for line in &left_out {
        output.tell(&format!("note: no {}\n", visible(line)));
    }
    let files = folder.finish(into)?;
    Ok(Written { files })
}

impl Shipment<'_> {
    /// The executable and how it was built, if its build left facts.
    fn executable(&self) -> Result<Executable, Error> {
        let Self {
            project,
            recipe,
            built,
            features,
            placed: _,
        } = *self;
        let directory = project.directory.clone();
        let Some(out_dir) = built.out_dir.clone() else {
            return Err(Error::NoFacts { project: directory });
        };
        let triple = recipe.triple.as_ref();
        Ok(Executable {
            is_static: is_static(&surroundings::read(&built.executable)?),
            path: built.executable.clone(),
            name: built.name.clone(),
            target: triple.map_or_else(String::new, Triple::to_string),
            features: features.to_vec(),
            profile: recipe.profile.clone().unwrap_or_else(|| "dev".to_owned()),
            source: project.skills().unwrap_or(&directory).to_owned(),
            project: directory,
            out_dir,
        })
    }
}

impl Executable {
    /// What the file is called.
    pub(crate) fn file_name(&self) -> String {
        build::file_name(&self.name, &self.target)
    }
}
