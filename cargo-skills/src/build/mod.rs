//! `build`: from a folder of skills, or a project of one's own, to one executable.

mod cargo;
mod interrupt;
mod place;
mod private;
mod script;
mod triple;

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

pub(crate) use cargo::{Built, Recipe, build as run, file_name, name};
pub(crate) use interrupt::Interrupt;
pub(crate) use place::place;
pub(crate) use private::{FEATURES, KNOWN_FEATURES, Project};
pub(crate) use triple::Triple;

use skills_compiler::diagnostics::visible;

use crate::check::{self, Fix, Verdict};
use crate::dist;
use crate::error::Error;
use crate::levels::Levels;
use crate::machine;
use crate::output::Output;
use crate::project::Name;
use crate::report::Format;

/// What to build, and where to.
#[derive(Clone, Debug)]
pub(crate) struct Order {
    /// A folder of skills, or of a project.
    pub(crate) directory: PathBuf,
    /// The file to write; named after the server, in the current directory, if it is not said.
    pub(crate) into: Option<PathBuf>,
    pub(crate) target: Option<String>,
    pub(crate) is_release: bool,
    /// What the server can do, of a folder of skills; a project says it itself.
    pub(crate) features: Vec<String>,
    pub(crate) checkout: Option<PathBuf>,
    pub(crate) is_offline: bool,
    /// Where to put what ships with the executable, if that is wanted.
    pub(crate) dist: Option<PathBuf>,
}

impl Order {
    /// Says what would be wrong in the end before minutes have gone into it.
    fn refuse_at_once(&self, project: &Project) -> Result<(), Error> {
        let name = project.server().map(Name::to_string);
        match self.place_of(name.as_deref()) {
            Some(path) => place::check(&path),
            None => Ok(()),
        }
    }

    /// Where the executable of a name goes, as far as its name is known.
    fn place_of(&self, name: Option<&str>) -> Option<PathBuf> {
        let usual = || name.map(|name| usual_place(OsStr::new(name)));
        self.into.clone().or_else(usual)
    }

    /// The same about what ships, for which the name of the executable has to be known.
    fn refuse_shipping(&self, project: &Project, recipe: &Recipe) -> Result<(), Error> {
        let Some(into) = &self.dist else {
            return Ok(());
        };
        let known = project.server().map(Name::to_string);
        let name = known.or_else(|| cargo::name(project, recipe));
        let placed = self.place_of(name.as_deref());
        dist::refuse_at_once(into, name.as_deref(), placed.as_deref())
    }

    /// The features that the server was asked to have; a project says itself what it has.
    fn asked(&self, project: &Project) -> &[String] {
        let is_made = project.skills().is_some();
        if is_made { &self.features } else { &[] }
    }

    fn recipe(&self) -> Result<Recipe, Error> {
        Ok(Recipe {
            triple: Some(Triple::choose(self.target.as_deref())?),
            profile: self.is_release.then(|| "release".to_owned()),
            is_offline: self.is_offline,
            is_reproducible: self.is_release,
            ..Recipe::default()
        })
    }
}

/// Checks the skills, builds the server and puts it where it is wanted.
pub(crate) fn build(order: &Order, output: Output) -> Result<Verdict, Error> {
    let project = Project::of(order)?;
    order.refuse_at_once(&project)?;
    let recipe = order.recipe()?;
    order.refuse_shipping(&project, &recipe)?;
    if check_first(&project, output)? == Verdict::Denied {
        return Ok(Verdict::Denied);
    }
    let lock = project.claim(output)?;
    let built = run(&project, &recipe, output)?;
    let name = built.executable.file_name().unwrap_or_default();
    let into = order.into.clone().unwrap_or_else(|| usual_place(name));
    place(&built.executable, &into)?;
    let shipment = dist::Shipment {
        project: &project,
        recipe: &recipe,
        built: &built,
        features: order.asked(&project),
        placed: Some(&into),
    };
    let shipped = order.dist.as_deref();
    let shipped = shipped.map(|into| dist::ship(&shipment, into, output));
    drop(lock);
    output.tell(&summary(&built, &recipe, &into)?);
    shipped.transpose()?;
    Ok(Verdict::Clean)
}

/// Says what is wrong with skills as `check` does, which is quicker than a build and knows what their folder is called. In a
/// project of one's own that is what fails the build, and cargo says the rest; where its build script may allow more than its
/// settings do, cargo says everything.
pub(crate) fn check_first(project: &Project, output: Output) -> Result<Verdict, Error> {
    let Some(folder) = project.folder() else {
        return Ok(Verdict::Clean);
    };
    let order = check::Order {
        paths: vec![folder],
        buffer: None,
        fix: Fix::No,
        format: Format::Human,
        is_everything: false,
        levels: Levels::default(),
    };
    if project.skills().is_none() {
        return check::check_for_others(&order, output);
    }
    check::check(&order, output).map(|(verdict, _)| verdict)
}

/// Where an executable goes that nobody has a place for: the current directory, in which the folder of skills may have its name.
fn usual_place(name: &OsStr) -> PathBuf {
    let path = PathBuf::from(name);
    if !path.is_dir() {
        return path;
    }
    let mut name = path.file_stem().unwrap_or(name).to_owned();
    name.push("-server");
    let mut other = PathBuf::from(name);
    if let Some(extension) = path.extension() {
        other.set_extension(extension);
    }
    other
}

/// What came of it, and what to do with it.
fn summary(built: &Built, recipe: &Recipe, into: &Path) -> Result<String, Error> {
    let bytes = machine::read(into).map_err(|source| Error::Read {
        path: into.to_owned(),
        source,
    })?;
    #[expect(clippy::cast_precision_loss, reason = "a size for people")]
    let megabytes = bytes.len() as f64 / 1e6;
    let linkage = if dist::is_static(&bytes) {
        "static"
    } else {
        "needs the system's C library"
    };
    let triple = recipe
        .triple
        .as_ref()
        .map_or("this machine", Triple::as_str);
    let mut text = format!(
        "{}: {megabytes:.1} MB, {linkage}, for {triple}, in {:.1} s\n",
        visible(&into.display().to_string()),
        built.duration.as_secs_f64(),
    );
    if recipe.profile.is_none() {
        text.push_str("  it is not optimised; `--release` makes the one to ship\n");
    }
    Ok(text)
}
