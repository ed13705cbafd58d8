//! How the compiler writes tables down: rows of literals, from which constant functions make the real tables.
//!
//! A row is literals only, and a loop makes the table: that costs rustc next to nothing, however many rows there are.
#![expect(
    clippy::indexing_slicing,
    reason = "evaluated by rustc, to which an index out of bounds is an error of the build"
)]

use crate::{Bytes, Content, Digest, Directory, Page, Resource, Skill, Text};

/// A place in the blob, or in a table: the first item and how many there are.
pub type Place = (usize, usize);

/// A row for a [`Resource`].
#[derive(Debug)]
#[expect(missing_docs, reason = "field for field the type that it becomes")]
pub struct ResourceRow {
    pub uri: &'static str,
    pub path: &'static str,
    pub name: &'static str,
    pub media_type: &'static str,
    pub is_text: bool,
    pub content: Place,
    pub digest: &'static [u8; 32],
    pub executable: bool,
    pub entry: Place,
}

/// A row for a [`Skill`].
#[derive(Debug)]
#[expect(missing_docs, reason = "field for field the type that it becomes")]
pub struct SkillRow {
    pub path: &'static str,
    pub uri: &'static str,
    pub name: &'static str,
    pub description: &'static str,
    pub frontmatter: Place,
    pub entry: Place,
    pub document: Place,
    pub body: Place,
    pub prompt: Option<&'static str>,
    pub resources: Place,
    pub digest: &'static [u8; 32],
    pub size: u64,
}

/// A row for a [`Directory`]: its URI, and its pages among all pages of directories.
pub type DirectoryRow = (&'static str, Place);

/// A row for a [`Page`]: its cursor and its items.
pub type PageRow = (&'static str, Place);

/// The table of files.
#[must_use]
pub const fn resources<const N: usize>(
    rows: &[ResourceRow; N],
    text: &'static &'static str,
    bytes: &'static &'static [u8],
) -> [Resource; N] {
    let mut table = [const { NO_RESOURCE }; N];
    let mut index = 0;
    while index < N {
        let row = &rows[index];
        table[index] = Resource {
            uri: row.uri,
            path: row.path,
            name: row.name,
            media_type: row.media_type,
            content: if row.is_text {
                Content::Text(Text::new(text, row.content))
            } else {
                Content::Blob(Bytes::new(bytes, row.content))
            },
            digest: Digest::new(*row.digest),
            executable: row.executable,
            entry: Text::new(text, row.entry),
        };
        index += 1;
    }
    table
}

/// The table of skills.
#[must_use]
pub const fn skills<const N: usize>(
    rows: &[SkillRow; N],
    text: &'static &'static str,
    resources: &'static [Resource],
) -> [Skill; N] {
    let mut table = [const { NO_SKILL }; N];
    let mut index = 0;
    while index < N {
        let row = &rows[index];
        table[index] = Skill {
            path: row.path,
            uri: row.uri,
            name: row.name,
            description: row.description,
            frontmatter: Text::new(text, row.frontmatter),
            entry: Text::new(text, row.entry),
            document: Text::new(text, row.document),
            body: Text::new(text, row.body),
            prompt: row.prompt,
            resources: part_at(resources, row.resources),
            digest: Digest::new(*row.digest),
            size: row.size,
        };
        index += 1;
    }
    table
}

/// A table of pages.
#[must_use]
pub const fn pages<const N: usize>(rows: &[PageRow; N], text: &'static &'static str) -> [Page; N] {
    let mut table = [const { NO_PAGE }; N];
    let mut index = 0;
    while index < N {
        let (cursor, items) = rows[index];
        table[index] = Page {
            cursor,
            items: Text::new(text, items),
        };
        index += 1;
    }
    table
}

/// The table of directories.
#[must_use]
pub const fn directories<const N: usize>(
    rows: &[DirectoryRow; N],
    pages: &'static [Page],
) -> [Directory; N] {
    let mut table = [const { NO_DIRECTORY }; N];
    let mut index = 0;
    while index < N {
        let (uri, place) = rows[index];
        table[index] = Directory {
            uri,
            pages: part_at(pages, place),
        };
        index += 1;
    }
    table
}

const fn part_at<T>(whole: &'static [T], (start, len): Place) -> &'static [T] {
    whole.split_at(start).1.split_at(len).0
}

const NO_TEXT: Text = Text::new(&"", (0, 0));

const NO_DIGEST: Digest = Digest::new([0; 32]);

const NO_RESOURCE: Resource = Resource {
    uri: "",
    path: "",
    name: "",
    media_type: "",
    content: Content::Text(NO_TEXT),
    digest: NO_DIGEST,
    executable: false,
    entry: NO_TEXT,
};

const NO_SKILL: Skill = Skill {
    path: "",
    uri: "",
    name: "",
    description: "",
    frontmatter: NO_TEXT,
    entry: NO_TEXT,
    document: NO_TEXT,
    body: NO_TEXT,
    prompt: None,
    resources: &[],
    digest: NO_DIGEST,
    size: 0,
};

const NO_PAGE: Page = Page {
    cursor: "",
    items: NO_TEXT,
};

const NO_DIRECTORY: Directory = Directory {
    uri: "",
    pages: &[],
};
