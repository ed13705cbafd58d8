//! What makes two builds of one project in two directories the same: paths of the machine get names that are the same everywhere.

use std::path::{Path, PathBuf};

use memchr::memmem;

use super::Error;
use super::surroundings::said;
use crate::machine::{cargo_home, entries, rustc};

/// The flags for rustc that keep the paths of this machine out of what it builds: of the sources that cargo downloaded, and of
/// those of the standard library. They are the same for all projects, so that what was compiled for one serves the others.
pub(crate) fn of_machine(project: &Path) -> Result<Vec<String>, Error> {
    let mut flags = Vec::new();
    if let Some(home) = cargo_home() {
        flags.push(flag(&home, "/cargo"));
        let sources = home.join("registry/src");
        // One for each registry, with a name that depends on where it is reached. Of several that fit, rustc takes the last.
        let mut registries = entries(&sources).unwrap_or_default();
        registries.sort();
        let registries = registries.iter().map(|(name, _)| sources.join(name));
        flags.extend(registries.map(|registry| flag(&registry, "/cargo/registry")));
    }
    let sysroot = said(&rustc(), ["--print=sysroot"], project)?;
    let sources = Path::new(sysroot.trim_end()).join("lib/rustlib/src/rust");
    flags.push(flag(&sources, "/rustc"));
    Ok(flags)
}

/// The flags for a workspace and its target directory. Where there is no debugging information, nothing of them is in an
/// executable, and these flags would only have everything compiled again.
pub(crate) fn of_project(workspace: &Path, target: &Path) -> Vec<String> {
    vec![flag(workspace, "/project"), flag(target, "/target")]
}

/// The flag for a checkout that the libraries come from.
pub(crate) fn of_libraries(checkout: &Path) -> String {
    flag(checkout, "/skills")
}

fn flag(path: &Path, name: &str) -> String {
    format!("--remap-path-prefix={}={name}", path.display())
}

/// Which of the paths are in an executable.
pub(crate) fn left<'a>(
    bytes: &[u8],
    paths: impl IntoIterator<Item = &'a PathBuf>,
) -> Vec<&'a PathBuf> {
    let is_left = |path: &&PathBuf| {
        let text = path.as_os_str().as_encoded_bytes();
        // A path such as `/` or `/src` may be in there for other reasons.
        path.components().count() > 2 && memmem::find(bytes, text).is_some()
    };
    paths.into_iter().filter(is_left).collect()
}

/// The paths of this machine that should not be in an executable of a project.
pub(super) fn of_here(project: &Path) -> Vec<PathBuf> {
    let project = std::path::absolute(project).ok();
    [project, cargo_home()].into_iter().flatten().collect()
}
