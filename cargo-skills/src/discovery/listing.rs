//! What is known of a repository before anything of it is checked: where files are called `SKILL.md`, where links lead, what
//! manifests of plugins say. Paths count from the top of the repository and have `/` between their segments; `""` is the top.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use skills_compiler::source::{RepositoryFiles, is_below};

/// What a walk found.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listing {
    /// The directories with a `SKILL.md`.
    pub(crate) documents: BTreeSet<String>,
    /// The directories with a file whose name differs from that in nothing but case.
    pub(crate) misnamed: BTreeSet<String>,
    /// The symbolic links to directories, and those that lead nowhere, with the directory of the repository that they lead to.
    pub(crate) links: BTreeMap<String, Option<String>>,
    /// The folders that are called as folders of skills are, and whether there is anything in them but links.
    pub(crate) hosts: BTreeMap<String, bool>,
    /// The manifests of plugins and marketplaces, by the directory that they are about.
    pub(crate) manifests: Vec<Manifest>,
    /// All files.
    pub(crate) files: Arc<RepositoryFiles>,
    /// The directories that were not looked into.
    pub(crate) unsearched: BTreeSet<String>,
    /// Whether there was too much to look at all of it.
    pub(crate) is_cut: bool,
}

/// The manifest of a plugin or of a marketplace.
#[derive(Clone, Debug)]
pub(crate) struct Manifest {
    /// The directory that it is about.
    pub(crate) directory: String,
    /// Whether it lists plugins.
    pub(crate) is_marketplace: bool,
    /// Its text.
    pub(crate) text: String,
}

/// Whether a path is a directory or lies in it.
pub(crate) fn is_at_or_below(path: &str, directory: &str) -> bool {
    path == directory || is_below(path, directory)
}

/// A path below a directory.
pub(crate) fn join(directory: &str, path: &str) -> String {
    match (directory, path) {
        ("", path) => path.to_owned(),
        (directory, "") => directory.to_owned(),
        (directory, path) => format!("{directory}/{path}"),
    }
}

/// The part of a path below a directory that it is or lies in.
pub(crate) fn below<'path>(path: &'path str, directory: &str) -> &'path str {
    let rest = path.strip_prefix(directory).unwrap_or(path);
    rest.strip_prefix('/').unwrap_or(rest)
}

/// The directory that a path lies in.
pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// The last segment of a path.
pub(crate) fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}
