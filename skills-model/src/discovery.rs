//! What Agent Skills Discovery serves beside the files: the indexes, and of each archive what stands between its files.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::Digest;
use crate::data::{Data, Place};
use crate::rows::{Skill, row};
use crate::table::Row;
use crate::table::sealed::Sealed;

row! {
    /// One index of skills, a JSON document.
    Index, 14 words, shown by path
}

impl Index {
    /// The path at which it is served, without a leading slash and not percent-encoded.
    #[must_use]
    pub const fn path(self) -> &'static str {
        self.text(0)
    }

    /// The document.
    #[must_use]
    pub const fn document(self) -> &'static str {
        self.text(2)
    }

    /// The document as one member of the gzip format (RFC 1952); `None` where that would save little.
    #[must_use]
    pub const fn gzip(self) -> Option<&'static [u8]> {
        match self.data.bytes(self.start + 4) {
            [] => None,
            gzip => Some(gzip),
        }
    }

    /// The digest of the document.
    #[must_use]
    pub const fn digest(self) -> Digest {
        self.data.digest(self.start + 6)
    }
}

/// The versions of the format of indexes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum IndexFormat {
    /// Agent Skills Discovery 0.2.0.
    Current,
    /// 0.1.0, which `npx skills` reads up to its version 1.5.6.
    Old,
}

impl IndexFormat {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Current, Self::Old];

    /// Where an index of this format is served, below its prefix.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Current => ".well-known/agent-skills/index.json",
            Self::Old => ".well-known/skills/index.json",
        }
    }

    /// How the document begins. The address of the schema is how a client knows the version ("Versioning").
    #[must_use]
    pub const fn opening(self) -> &'static str {
        match self {
            Self::Current => {
                "{\"$schema\":\"https://schemas.agentskills.io/discovery/0.2.0/schema.json\",\"skills\":["
            }
            Self::Old => "{\"skills\":[",
        }
    }

    /// The document with these entries.
    #[must_use]
    pub fn document(self, entries: &[&str]) -> String {
        [self.opening(), &entries.join(","), "]}"].concat()
    }
}

/// What the compiler knows of an [`Index`].
#[derive(Clone, Copy, Debug)]
#[expect(missing_docs, reason = "field for field what the row says")]
pub struct IndexRow {
    pub path: Place,
    pub document: Place,
    pub gzip: Place,
    pub digest: [u8; 32],
}

/// The .zip archive of a skill, which is put together from the files of the skill when it is sent.
#[derive(Clone, Copy, Debug)]
pub struct Archive {
    skill: Skill,
    headers: &'static [u8],
    digest: Digest,
}

/// The size of a local header without the name (APPNOTE.TXT 4.3.7), to which nothing else is added.
const LOCAL_HEADER: usize = 30;

impl Archive {
    pub(crate) const fn new(skill: Skill, headers: &'static [u8], digest: Digest) -> Self {
        Self {
            skill,
            headers,
            digest,
        }
    }

    /// The digest of the whole archive.
    #[must_use]
    pub const fn digest(self) -> Digest {
        self.digest
    }

    /// The archive in pieces, none of them empty: each file behind its local header, and the central directory.
    #[must_use]
    pub fn pieces(self) -> Vec<&'static [u8]> {
        let files = self.skill.resources();
        let directory = self.skill.path().len() + 1;
        let mut rest = self.headers;
        let mut pieces = Vec::with_capacity(2 * files.len() + 1);
        for file in files {
            let name = file.path().len().saturating_sub(directory);
            let Some((header, after)) = rest.split_at_checked(LOCAL_HEADER + name) else {
                break;
            };
            let content = file.content();
            let content = file.deflated().unwrap_or(content.as_bytes());
            pieces.extend(
                [header, content]
                    .into_iter()
                    .filter(|piece| !piece.is_empty()),
            );
            rest = after;
        }
        pieces.push(rest);
        pieces
    }
}

/// What the compiler knows of an [`Archive`]: where all its headers are, one after the other.
#[derive(Clone, Copy, Debug, Default)]
#[expect(missing_docs, reason = "field for field what the row says")]
pub struct ArchiveRow {
    pub headers: Place,
    pub digest: [u8; 32],
}
