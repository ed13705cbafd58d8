//! Lookups over a [`Bundle`]: what is served at a URI, which skill is meant by a name, which page a cursor asks for.
//! Pure functions of constant data; the messages of MCP and the terminal are made elsewhere.

mod nearest;
mod page;
mod search;
mod skill;

#[cfg(feature = "http")]
use skills_model::Index;
use skills_model::{Bundle, Directory, Resource, Row, Skill, Table};

pub(crate) use page::{Slice, page};
pub(crate) use skill::{file, relative_path, relative_uri, root_uri};

use crate::error::Error;

/// Answers questions about one bundle.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Catalog {
    bundle: &'static Bundle,
}

impl Catalog {
    pub(crate) const fn new(bundle: &'static Bundle) -> Self {
        Self { bundle }
    }

    pub(crate) const fn bundle(self) -> &'static Bundle {
        self.bundle
    }

    /// All skills, ascending by URI.
    pub(crate) const fn skills(self) -> Table<Skill> {
        self.bundle.skills
    }

    /// The file served at exactly this URI.
    pub(crate) fn resource(self, uri: &str) -> Result<Resource, Error> {
        self.file_at(uri).ok_or_else(|| {
            if self.directory_at(uri).is_some() {
                return Error::IsDirectory { uri: uri.into() };
            }
            Error::UnknownResource {
                uri: uri.into(),
                nearest: self.nearest_resource(uri),
            }
        })
    }

    /// The directory served at exactly this URI, which has no trailing slash.
    pub(crate) fn directory(self, uri: &str) -> Result<Directory, Error> {
        self.directory_at(uri).ok_or_else(|| {
            if self.file_at(uri).is_some() {
                return Error::NotADirectory { uri: uri.into() };
            }
            Error::UnknownDirectory { uri: uri.into() }
        })
    }

    /// The same, or nothing.
    pub(crate) fn file_at(self, uri: &str) -> Option<Resource> {
        find(self.bundle.resources, uri, Resource::uri)
    }

    /// The same, or nothing.
    pub(crate) fn directory_at(self, uri: &str) -> Option<Directory> {
        find(self.bundle.directories, uri, Directory::uri)
    }

    /// The index of Agent Skills Discovery that is served at exactly this path.
    #[cfg(feature = "http")]
    pub(crate) fn index(self, path: &str) -> Option<Index> {
        find(self.bundle.indexes, path, Index::path)
    }
}

/// The row with this key in a table that ascends by it.
fn find<T: Row>(table: Table<T>, key: &str, key_of: fn(T) -> &'static str) -> Option<T> {
    let row = table.get(table.partition_point(|row| key_of(row) < key))?;
    (key_of(row) == key).then_some(row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::BUNDLE;

    #[test]
    fn every_resource_and_directory_is_found_by_its_uri() {
        let catalog = Catalog::new(&BUNDLE);
        for resource in BUNDLE.resources {
            assert_eq!(
                catalog.resource(resource.uri()).unwrap().uri(),
                resource.uri()
            );
        }
        for directory in BUNDLE.directories {
            assert_eq!(
                catalog.directory(directory.uri()).unwrap().uri(),
                directory.uri()
            );
        }
    }

    #[test]
    fn a_directory_is_not_read_as_a_file_nor_a_file_listed_as_a_directory() {
        let catalog = Catalog::new(&BUNDLE);
        let read = catalog.resource("skill://commit-message/references");
        assert!(matches!(read, Err(Error::IsDirectory { .. })));
        let listed = catalog.directory("skill://commit-message/SKILL.md");
        assert!(matches!(listed, Err(Error::NotADirectory { .. })));
    }

    #[test]
    fn only_exact_uris_are_served() {
        let catalog = Catalog::new(&BUNDLE);
        for uri in [
            "",
            "skill://",
            "skill://commit-message/references/",
            "skill://commit-message//SKILL.md",
            "skill://commit-message/%53KILL.md",
            "skill://commit-message/references/../SKILL.md",
            "SKILL://commit-message/SKILL.md",
        ] {
            assert!(catalog.resource(uri).is_err(), "{uri}");
            assert!(catalog.directory(uri).is_err(), "{uri}");
        }
    }
}
