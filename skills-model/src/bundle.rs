//! The tables of a compiled bundle. Order is part of the contract: lookups are binary searches.

use crate::{Bytes, Digest, Text};

/// Everything one server serves.
#[derive(Debug)]
pub struct Bundle {
    /// The server's name, by default the name of the package that embeds the bundle.
    pub name: &'static str,
    /// The server's version, by default the version of the package that embeds the bundle.
    pub version: &'static str,
    /// What a model should know before it uses the server (MCP `instructions`).
    pub instructions: &'static str,
    /// The version of `skills-compiler` that made the bundle.
    pub compiler: &'static str,
    /// The digest of the whole content: every path, mode and file digest in order. The same tree gives the same digest
    /// everywhere.
    pub digest: Digest,
    /// The skills, ascending by [`Skill::uri`].
    pub skills: &'static [Skill],
    /// Indices into `skills`, ascending by [`Skill::name`] and then by URI.
    pub skills_by_name: &'static [u32],
    /// The files of all skills, ascending by [`Resource::uri`]; each file once.
    pub resources: &'static [Resource],
    /// The directories of all skills, and the prefixes above them, ascending by [`Directory::uri`].
    pub directories: &'static [Directory],
    /// The pages that MCP's list methods answer with.
    pub listings: Listings,
}

/// One skill: a directory with a `SKILL.md`.
#[derive(Debug)]
pub struct Skill {
    /// The `<skill-path>`: organisational prefix and name, such as `acme/billing/refunds`, not percent-encoded.
    pub path: &'static str,
    /// The URI of its `SKILL.md`.
    pub uri: &'static str,
    /// The `name` of its frontmatter, which is also the last segment of `path`.
    pub name: &'static str,
    /// The `description` of its frontmatter, trimmed.
    pub description: &'static str,
    /// The whole frontmatter as a JSON object, verbatim in content (YAML 1.2 core values).
    pub frontmatter: Text,
    /// The entry of `skills/list` and `skills/get` as a JSON object: `uri`, `frontmatter`, `resources`.
    pub entry: Text,
    /// The `SKILL.md`, frontmatter included.
    pub document: Text,
    /// The Markdown after the frontmatter.
    pub body: Text,
    /// The name of the prompt that a user invokes the skill with: `name` where that is unique in the bundle, else `path`.
    /// `None` where the frontmatter says `user-invocable: false`.
    pub prompt: Option<&'static str>,
    /// Every file of the skill, its `SKILL.md` and the files of nested skills included: a part of
    /// [`Bundle::resources`].
    pub resources: &'static [Resource],
    /// The digest of the skill's content: the paths, modes and digests of its files in order.
    pub digest: Digest,
    /// The size of all its files, in bytes.
    pub size: u64,
}

/// One file of a skill.
#[derive(Debug)]
pub struct Resource {
    /// The URI that `resources/read` takes.
    pub uri: &'static str,
    /// The path below the bundle's root, with `/` between the segments, not percent-encoded.
    pub path: &'static str,
    /// The last segment of `path`.
    pub name: &'static str,
    /// The media type, such as `text/markdown`.
    pub media_type: &'static str,
    /// The bytes.
    pub content: Content,
    /// The digest of the raw bytes.
    pub digest: Digest,
    /// Whether the file was executable when the bundle was compiled; MCP cannot say so, `export` restores it.
    pub executable: bool,
    /// The MCP `Resource` object that describes the file, as JSON.
    pub entry: Text,
}

/// The bytes of a file, which MCP sends as text or in base64.
#[derive(Clone, Copy, Debug)]
pub enum Content {
    /// Valid UTF-8.
    Text(Text),
    /// Anything else.
    Blob(Bytes),
}

impl Content {
    /// The raw bytes, whichever kind they are.
    #[must_use]
    pub fn as_bytes(&self) -> &'static [u8] {
        match self {
            Self::Text(text) => text.as_str().as_bytes(),
            Self::Blob(bytes) => bytes.as_slice(),
        }
    }
}

impl Resource {
    /// The size of the raw bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.content.as_bytes().len() as u64
    }
}

/// One directory below the root of the bundle.
#[derive(Debug)]
pub struct Directory {
    /// The URI that `resources/directory/read` takes, without a trailing slash.
    pub uri: &'static str,
    /// Its direct children as MCP `Resource` objects, at least one page.
    pub pages: &'static [Page],
}

/// The listings that are the same for every caller, at least one page each.
#[derive(Debug)]
pub struct Listings {
    /// Pages of `skills/list`: arrays of skill entries.
    pub skills: &'static [Page],
    /// Pages of `resources/list`: arrays of MCP `Resource` objects.
    pub resources: &'static [Page],
    /// Pages of `prompts/list`: arrays of MCP `Prompt` objects.
    pub prompts: &'static [Page],
}

/// One page of a listing.
#[derive(Debug)]
pub struct Page {
    /// The cursor that asks for this page; empty for the first, which is asked for without one.
    pub cursor: &'static str,
    /// The items, as a JSON array.
    pub items: Text,
}
