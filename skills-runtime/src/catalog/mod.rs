//! Lookups over a [`Bundle`]: what is served at a URI, which skill is meant by a name, which page a cursor asks for.
//! Pure functions of constant data; the messages of MCP and the terminal are made elsewhere.

mod guide;
#[cfg(feature = "http")]
mod index;
mod nearest;
mod page;
mod prompt;
mod search;
mod skill;

use skills_model::{Bundle, Directory, Resource, Row, Scopes, Skill, Table};

#[cfg(feature = "http")]
pub(crate) use nearest::nearest;
pub(crate) use page::Slice;
pub(crate) use prompt::Prompt;
pub(crate) use search::Found;
pub(crate) use skill::{file, relative_path, relative_uri, root_uri};

use crate::error::Error;
use crate::guard::Permit;

/// Answers questions about one bundle, as far as a permit goes: what it does not cover is not there.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Catalog {
    bundle: &'static Bundle,
    permit: Permit,
}

impl Catalog {
    pub(crate) const fn new(bundle: &'static Bundle, permit: Permit) -> Self {
        Self { bundle, permit }
    }

    /// What it is a view of.
    pub(crate) const fn bundle(self) -> &'static Bundle {
        self.bundle
    }

    /// Whether all of the bundle can be seen.
    pub(crate) const fn is_whole(self) -> bool {
        let all = Scopes::first(self.bundle.scopes.len());
        self.permit.covers(all)
    }

    /// The scopes of the bundle that are granted: callers who have the same see the same.
    pub(crate) const fn granted(self) -> Scopes {
        self.permit.of(Scopes::first(self.bundle.scopes.len()))
    }

    /// Whether what is answered is for this caller alone: where callers are told apart, and where it is not for everybody.
    pub(crate) const fn is_personal(self) -> bool {
        self.permit.is_personal() || !self.granted().is_empty()
    }

    /// The name of the server.
    pub(crate) const fn server_name(self) -> &'static str {
        self.bundle.server.name
    }

    /// All skills, ascending by URI.
    pub(crate) fn skills(self) -> impl DoubleEndedIterator<Item = Skill> + Clone {
        let skills = self.bundle.skills.iter();
        skills.filter(move |skill| self.permit.covers(skill.required()))
    }

    /// All skills, those of one name side by side: ascending by name, and then by URI.
    fn by_name(self) -> Vec<Skill> {
        let order = self.bundle.skills_by_name.iter();
        let skills = order.filter_map(|index| self.bundle.skills.get(index as usize));
        skills
            .filter(|skill| self.permit.covers(skill.required()))
            .collect()
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
        let found = find(self.bundle.resources, uri, Resource::uri);
        found.filter(|file| self.permit.covers(file.required()))
    }

    /// The same, or nothing.
    pub(crate) fn directory_at(self, uri: &str) -> Option<Directory> {
        let found = find(self.bundle.directories, uri, Directory::uri);
        found.filter(|directory| self.is_whole() || self.has_files_below(*directory))
    }

    /// Whether there is a file in a directory, at any depth.
    fn has_files_below(self, directory: Directory) -> bool {
        let resources = self.bundle.resources;
        let start = [directory.uri(), "/"].concat();
        let first = resources.partition_point(|file| file.uri() < &*start);
        let files = resources.iter().skip(first);
        let mut below = files.take_while(|file| file.uri().starts_with(&start));
        below.any(|file| self.permit.covers(file.required()))
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
        let catalog = Catalog::new(&BUNDLE, Permit::owner());
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
        let catalog = Catalog::new(&BUNDLE, Permit::owner());
        let read = catalog.resource("skill://commit-message/references");
        assert!(matches!(read, Err(Error::IsDirectory { .. })));
        let listed = catalog.directory("skill://commit-message/SKILL.md");
        assert!(matches!(listed, Err(Error::NotADirectory { .. })));
    }

    #[test]
    fn only_exact_uris_are_served() {
        let catalog = Catalog::new(&BUNDLE, Permit::owner());
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
