//! The rows of the tables: how each is read, and beside it how the compiler writes it.

use core::fmt;

use crate::data::{Data, Place};
use crate::discovery::{Archive, ArchiveRow, IndexFormat};
use crate::table::sealed::Sealed;
use crate::table::{Row, Table};
use crate::{Digest, Scopes};

/// A type of rows: a handle to where the row stands.
macro_rules! row {
    ($(#[$documentation:meta])* $name:ident, $words:literal words, shown by $key:ident) => {
        $(#[$documentation])*
        #[derive(Clone, Copy)]
        pub struct $name {
            data: &'static Data,
            start: u32,
        }

        impl Sealed for $name {}

        impl Row for $name {
            const WORDS: u32 = $words;

            fn at(data: &'static Data, start: u32) -> Self {
                Self::new(data, start)
            }
        }

        impl $name {
            pub(crate) const fn new(data: &'static Data, start: u32) -> Self {
                Self { data, start }
            }

            const fn text(self, word: u32) -> &'static str {
                self.data.text(self.start + word)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.debug_tuple(stringify!($name)).field(&self.$key()).finish()
            }
        }
    };
}

pub(crate) use row;

row! {
    /// One skill: a directory with a `SKILL.md`.
    Skill, 45 words, shown by uri
}

impl Skill {
    /// The `<skill-path>`: organisational prefix and name, such as `acme/billing/refunds`, not percent-encoded.
    #[must_use]
    pub const fn path(self) -> &'static str {
        self.text(0)
    }

    /// The URI of its `SKILL.md`.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        self.text(2)
    }

    /// The `name` of its frontmatter, which is also the last segment of the path.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.text(4)
    }

    /// The `description` of its frontmatter, trimmed.
    #[must_use]
    pub const fn description(self) -> &'static str {
        self.text(6)
    }

    /// The whole frontmatter as a JSON object, verbatim in content (YAML 1.2 core values).
    #[must_use]
    pub const fn frontmatter(self) -> &'static str {
        self.text(8)
    }

    /// The entry of `skills/list` and `skills/get` as a JSON object: `uri`, `frontmatter`, `resources`.
    #[must_use]
    pub const fn entry(self) -> &'static str {
        self.text(10)
    }

    /// The `SKILL.md`, frontmatter included.
    #[must_use]
    pub const fn document(self) -> &'static str {
        self.text(12)
    }

    /// The Markdown after the frontmatter.
    #[must_use]
    pub const fn body(self) -> &'static str {
        self.text(14)
    }

    /// The MCP `Prompt` object that a user invokes the skill with, as far as it stands behind the name: how a prompt is called
    /// depends on who asks. `None` where the frontmatter says `user-invocable: false`.
    #[must_use]
    pub fn prompt(self) -> Option<&'static str> {
        some(self.text(16))
    }

    /// Whether models may choose the skill by themselves: not where the frontmatter says `disable-model-invocation: true`.
    #[must_use]
    pub const fn is_for_models(self) -> bool {
        self.data.word(self.start + 28) & IS_FOR_MODELS != 0
    }

    /// Every file of the skill, its `SKILL.md` and the files of nested skills included: a part of
    /// [`Bundle::resources`](crate::Bundle::resources).
    #[must_use]
    pub const fn resources(self) -> Table<Resource> {
        Table::new(self.data, self.data.place(self.start + 18))
    }

    /// The digest of the skill's content: the paths, modes and digests of its files in order.
    #[must_use]
    pub const fn digest(self) -> Digest {
        self.data.digest(self.start + 20)
    }

    /// The entry that stands for it in indexes of Agent Skills Discovery, as a JSON object. `None` where no index of this format can
    /// list it, because its name and description are not what the Agent Skills specification allows, no archive can hold it, or
    /// clients of the format cannot ask for its files.
    #[must_use]
    pub fn index_entry(self, format: IndexFormat) -> Option<&'static str> {
        some(match format {
            IndexFormat::Current => self.text(41),
            IndexFormat::Old => self.text(43),
        })
    }

    /// The archive of its files; none for a skill that is offered as its `SKILL.md` or not at all.
    #[must_use]
    pub const fn archive(self) -> Option<Archive> {
        let (data, word) = (self.data, self.start + 29);
        match data.place(word) {
            (_, 0) => None,
            _ => Some(Archive::new(self, data.bytes(word), data.digest(word + 2))),
        }
    }

    /// What a caller has to be granted to see the skill and its files.
    #[must_use]
    pub const fn required(self) -> Scopes {
        scopes(self.data, self.start + 39)
    }

    /// The size of all its files, in bytes.
    #[must_use]
    pub fn size(self) -> u64 {
        self.resources().iter().map(Resource::size).sum()
    }
}

/// What the compiler knows of a [`Skill`]; `resources` are counted from the first row of all.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "field for field what the row says")]
pub struct SkillRow {
    pub path: Place,
    pub uri: Place,
    pub name: Place,
    pub description: Place,
    pub frontmatter: Place,
    pub entry: Place,
    pub document: Place,
    pub body: Place,
    pub prompt: Place,
    pub resources: Place,
    pub digest: [u8; 32],
    pub is_for_models: bool,
    pub archive: ArchiveRow,
    pub required: Scopes,
    pub index_entry: Place,
    pub old_index_entry: Place,
}

/// Text that is there.
fn some(text: &'static str) -> Option<&'static str> {
    (!text.is_empty()).then_some(text)
}

/// A set of scopes in two words, the lower one first.
const fn scopes(data: &'static Data, word: u32) -> Scopes {
    Scopes::from_bits(data.word(word) as u64 | (data.word(word + 1) as u64) << 32)
}

/// The flags of a [`Skill`].
pub(crate) const IS_FOR_MODELS: u32 = 1;

row! {
    /// One file of a skill.
    Resource, 27 words, shown by uri
}

/// The flags of a [`Resource`].
pub(crate) const IS_TEXT: u32 = 1;
pub(crate) const IS_EXECUTABLE: u32 = 2;

/// What stands around a deflate stream in the gzip format where no name and no comment do (RFC 1952).
const GZIP_HEADER: usize = 10;
const GZIP_TRAILER: usize = 8;

impl Resource {
    /// The URI that `resources/read` takes.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        self.text(0)
    }

    /// The path below the bundle's root, with `/` between the segments, not percent-encoded.
    #[must_use]
    pub const fn path(self) -> &'static str {
        self.text(2)
    }

    /// The last segment of the path.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.text(4)
    }

    /// The media type, such as `text/markdown`.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        self.text(6)
    }

    /// The MCP `Resource` object that describes the file, as JSON.
    #[must_use]
    pub const fn entry(self) -> &'static str {
        self.text(8)
    }

    /// The bytes.
    #[must_use]
    pub const fn content(self) -> Content {
        if self.has(IS_TEXT) {
            Content::Text(self.text(10))
        } else {
            Content::Blob(self.data.bytes(self.start + 10))
        }
    }

    /// The MCP `ResourceContents` object as JSON: what `resources/read` answers with.
    #[must_use]
    pub const fn contents(self) -> &'static str {
        self.text(12)
    }

    /// The file as one member of the gzip format (RFC 1952); `None` where that would save little.
    #[must_use]
    pub const fn gzip(self) -> Option<&'static [u8]> {
        match self.data.bytes(self.start + 23) {
            [] => None,
            gzip => Some(gzip),
        }
    }

    /// The deflate stream (RFC 1951) in [`Resource::gzip`].
    pub(crate) fn deflated(self) -> Option<&'static [u8]> {
        let gzip = self.gzip()?;
        gzip.get(GZIP_HEADER..gzip.len().checked_sub(GZIP_TRAILER)?)
    }

    /// The size of the raw bytes.
    #[must_use]
    pub fn size(self) -> u64 {
        self.content().as_bytes().len() as u64
    }

    /// The digest of the raw bytes.
    #[must_use]
    pub const fn digest(self) -> Digest {
        self.data.digest(self.start + 14)
    }

    /// Whether the file was executable when the bundle was compiled; MCP cannot say so, `export` restores it.
    #[must_use]
    pub const fn is_executable(self) -> bool {
        self.has(IS_EXECUTABLE)
    }

    /// What a caller has to be granted to see the file.
    #[must_use]
    pub const fn required(self) -> Scopes {
        scopes(self.data, self.start + 25)
    }

    const fn has(self, flag: u32) -> bool {
        self.data.word(self.start + 22) & flag != 0
    }
}

/// What the compiler knows of a [`Resource`].
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "field for field what the row says")]
pub struct ResourceRow {
    pub uri: Place,
    pub path: Place,
    pub name: Place,
    pub media_type: Place,
    pub entry: Place,
    pub content: Place,
    pub contents: Place,
    pub digest: [u8; 32],
    pub is_text: bool,
    pub is_executable: bool,
    pub gzip: Place,
    pub required: Scopes,
}

/// The bytes of a file, which MCP sends as text or in base64.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// Valid UTF-8.
    Text(&'static str),
    /// Anything else.
    Blob(&'static [u8]),
}

impl Content {
    /// The raw bytes, whichever kind they are.
    #[must_use]
    pub const fn as_bytes(&self) -> &'static [u8] {
        match *self {
            Self::Text(text) => text.as_bytes(),
            Self::Blob(bytes) => bytes,
        }
    }
}

row! {
    /// One directory below the root of the bundle.
    Directory, 4 words, shown by uri
}

impl Directory {
    /// The URI that `resources/directory/read` takes, without a trailing slash.
    #[must_use]
    pub const fn uri(self) -> &'static str {
        self.text(0)
    }

    /// Its direct children as MCP `Resource` objects, at least one page.
    #[must_use]
    pub const fn pages(self) -> Table<Page> {
        Table::new(self.data, self.data.place(self.start + 2))
    }
}

/// What the compiler knows of a [`Directory`]; `pages` are counted from the first row of all.
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "field for field what the row says")]
pub struct DirectoryRow {
    pub uri: Place,
    pub pages: Place,
}

row! {
    /// One page of a listing.
    Page, 4 words, shown by cursor
}

impl Page {
    /// The cursor that asks for this page; empty for the first, which is asked for without one.
    #[must_use]
    pub const fn cursor(self) -> &'static str {
        self.text(0)
    }

    /// The items, as a JSON array.
    #[must_use]
    pub const fn items(self) -> &'static str {
        self.text(2)
    }
}

/// What the compiler knows of a [`Page`].
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "field for field what the row says")]
pub struct PageRow {
    pub cursor: Place,
    pub items: Place,
}
