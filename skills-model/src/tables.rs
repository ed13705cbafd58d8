//! The tables as the compiler writes them: words one after the other, behind a head that says where each table is.

use alloc::vec::Vec;

use crate::bundle::FORMAT;
use crate::data::Place;
use crate::rows::{IS_EXECUTABLE, IS_FOR_MODELS, IS_TEXT};
use crate::table::Row;
use crate::{
    Directory, DirectoryRow, Index, IndexRow, Page, PageRow, Resource, ResourceRow, Scope,
    ScopeRow, Scopes, Skill, SkillRow,
};

/// The number of words in front of the first table: the format, the digest, where nine tables are, and where the bill of
/// materials is.
const HEAD: u32 = 1 + 8 + 9 * 2 + 2;

/// All tables of a bundle, to be written.
#[derive(Debug, Default)]
pub struct Tables {
    /// See [`Bundle::digest`](crate::Bundle::digest).
    pub digest: [u8; 32],
    /// See [`Bundle::skills`](crate::Bundle::skills).
    pub skills: Vec<SkillRow>,
    /// See [`Bundle::skills_by_name`](crate::Bundle::skills_by_name).
    pub skills_by_name: Vec<u32>,
    /// See [`Bundle::resources`](crate::Bundle::resources).
    pub resources: Vec<ResourceRow>,
    /// See [`Bundle::directories`](crate::Bundle::directories).
    pub directories: Vec<DirectoryRow>,
    /// The pages of all directories and all listings.
    pub pages: Vec<PageRow>,
    /// Which of the pages list the skills.
    pub skill_pages: Place,
    /// Which of the pages list the files.
    pub resource_pages: Place,
    /// Which of the pages list the prompts.
    pub prompt_pages: Place,
    /// See [`Bundle::indexes`](crate::Bundle::indexes).
    pub indexes: Vec<IndexRow>,
    /// See [`Bundle::scopes`](crate::Bundle::scopes).
    pub scopes: Vec<ScopeRow>,
    /// See [`Bundle::sbom`](crate::Bundle::sbom).
    pub sbom: Place,
}

impl Tables {
    /// The tables as [`Data`](crate::Data) takes them.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let skills = Extent::after(HEAD, self.skills.len(), Skill::WORDS);
        let by_name = Extent::after(skills.end(), self.skills_by_name.len(), u32::WORDS);
        let resources = Extent::after(by_name.end(), self.resources.len(), Resource::WORDS);
        let directories = Extent::after(resources.end(), self.directories.len(), Directory::WORDS);
        let pages = Extent::after(directories.end(), self.pages.len(), Page::WORDS);
        let indexes = Extent::after(pages.end(), self.indexes.len(), Index::WORDS);
        let scopes = Extent::after(indexes.end(), self.scopes.len(), Scope::WORDS);
        let flag = |is_set: bool, flag: u32| if is_set { flag } else { 0 };
        let mut words = Words(Vec::new());
        words.numbers([FORMAT]);
        words.digest(&self.digest);
        words.places([&skills, &by_name, &resources, &directories].map(Extent::all));
        words.places(
            [self.skill_pages, self.resource_pages, self.prompt_pages].map(|part| pages.part(part)),
        );
        words.places([indexes.all(), scopes.all(), self.sbom]);
        for row in &self.skills {
            words.places([
                row.path,
                row.uri,
                row.name,
                row.description,
                row.frontmatter,
                row.entry,
            ]);
            words.places([
                row.document,
                row.body,
                row.prompt,
                resources.part(row.resources),
            ]);
            words.digest(&row.digest);
            words.numbers([flag(row.is_for_models, IS_FOR_MODELS)]);
            words.places([row.archive.headers]);
            words.digest(&row.archive.digest);
            words.scopes(row.required);
            words.places([row.index_entry, row.old_index_entry]);
        }
        words.numbers(self.skills_by_name.iter().copied());
        for row in &self.resources {
            words.places([
                row.uri,
                row.path,
                row.name,
                row.media_type,
                row.entry,
                row.content,
                row.contents,
            ]);
            words.digest(&row.digest);
            words.numbers([flag(row.is_text, IS_TEXT) | flag(row.is_executable, IS_EXECUTABLE)]);
            words.places([row.gzip]);
            words.scopes(row.required);
        }
        for row in &self.directories {
            words.places([row.uri, pages.part(row.pages)]);
        }
        for row in &self.pages {
            words.places([row.cursor, row.items]);
        }
        for row in &self.indexes {
            words.places([row.path, row.document, row.gzip]);
            words.digest(&row.digest);
        }
        for row in &self.scopes {
            words.places([row.name]);
        }
        words.0
    }
}

/// Where a table is: its first word, its rows, and the words of a row.
struct Extent {
    start: u32,
    rows: u32,
    words: u32,
}

impl Extent {
    fn after(start: u32, rows: usize, words: u32) -> Self {
        Self {
            start,
            rows: rows as u32,
            words,
        }
    }

    const fn end(&self) -> u32 {
        self.start + self.rows * self.words
    }

    const fn all(&self) -> Place {
        (self.start, self.rows)
    }

    /// Some of the rows, the first given as a word.
    const fn part(&self, (first, rows): Place) -> Place {
        (self.start + first * self.words, rows)
    }
}

struct Words(Vec<u8>);

impl Words {
    fn numbers(&mut self, numbers: impl IntoIterator<Item = u32>) {
        for number in numbers {
            self.0.extend_from_slice(&number.to_le_bytes());
        }
    }

    fn places<const N: usize>(&mut self, places: [Place; N]) {
        self.numbers(places.into_iter().flat_map(|(start, len)| [start, len]));
    }

    fn scopes(&mut self, scopes: Scopes) {
        self.0.extend_from_slice(&scopes.bits().to_le_bytes());
    }

    fn digest(&mut self, digest: &[u8; 32]) {
        self.0.extend_from_slice(digest);
    }
}
