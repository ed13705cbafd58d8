//! What is served at a place: an index, an archive or one file, each in one or two encodings.

use bytes::Bytes;
use skills_model::{Archive, Content, Digest, Index, IndexFormat, Resource, Skill};

use super::indexes::{Indexes, Partial};
use super::path::{Place, Target};
use super::{FOR_EVER, FOR_NOW};
use crate::catalog::{Catalog, relative_path, root_uri};

/// What can be downloaded from one URL.
#[derive(Debug)]
pub(super) struct Artifact {
    kind: Kind,
    /// Whether the URL has the digest in it.
    is_versioned: bool,
}

#[derive(Debug)]
enum Kind {
    Index(Index),
    /// An index of what the caller sees.
    Partial(Partial),
    Archive(Skill, Archive),
    File(Skill, Resource),
}

/// An artifact in the encoding that a client gets.
#[derive(Debug)]
pub(super) struct Representation {
    pub(super) pieces: Vec<Bytes>,
    /// The entity tag, in quotes.
    pub(super) tag: String,
    pub(super) encoding: Option<&'static str>,
}

impl Artifact {
    pub(super) fn at(indexes: &Indexes, catalog: Catalog, place: &Place) -> Option<Self> {
        let Place { prefix, target } = place;
        let kind = match target {
            Target::Index(format) if catalog.is_whole() => {
                Kind::Index(catalog.index(&path(prefix, *format))?)
            }
            Target::Index(format) => Kind::Partial(indexes.find(catalog, prefix, *format)?),
            _ => return Self::of_skill(catalog, place),
        };
        Some(Self {
            kind,
            is_versioned: false,
        })
    }

    /// The archive or the file of a skill.
    fn of_skill(catalog: Catalog, Place { prefix, target }: &Place) -> Option<Self> {
        let (kind, wanted) = match target {
            Target::Index(_) => return None,
            Target::Archive { name, digest } => {
                let skill = catalog.offered(prefix, name)?;
                (Kind::Archive(skill, skill.archive()?), digest)
            }
            Target::File { name, digest, path } => {
                let skill = catalog.offered(prefix, name)?;
                let mut files = skill.resources().iter();
                let file = files.find(|file| relative_path(skill, *file) == path)?;
                (Kind::File(skill, file), digest)
            }
        };
        let artifact = Self {
            kind,
            is_versioned: wanted.is_some(),
        };
        let is_current = |digest: &String| hexadecimal(artifact.digest()) == *digest;
        wanted.as_ref().is_none_or(is_current).then_some(artifact)
    }

    /// The value of `Vary`, where there is a choice.
    pub(super) fn vary(&self) -> Option<&'static str> {
        self.gzip().map(|_| "accept-encoding")
    }

    pub(super) fn represented(&self, takes_gzip: bool) -> Representation {
        let digest = hexadecimal(self.digest());
        match self.gzip().filter(|_| takes_gzip) {
            Some(gzip) => Representation {
                pieces: vec![gzip],
                tag: format!("\"{digest}-gzip\""),
                encoding: Some("gzip"),
            },
            None => Representation {
                pieces: self.pieces(),
                tag: format!("\"{digest}\""),
                encoding: None,
            },
        }
    }

    /// The value of `Content-Type`.
    pub(super) fn media_type(&self) -> String {
        match &self.kind {
            Kind::Index(_) | Kind::Partial(_) => "application/json".to_owned(),
            Kind::Archive(..) => "application/zip".to_owned(),
            Kind::File(_, file) => match (file.content(), file.media_type()) {
                (Content::Text(_), text) if text.starts_with("text/") => {
                    format!("{text}; charset=utf-8")
                }
                (_, other) => other.to_owned(),
            },
        }
    }

    /// The value of `Cache-Control`.
    pub(super) const fn lifetime(&self) -> &'static str {
        if self.is_versioned { FOR_EVER } else { FOR_NOW }
    }

    fn digest(&self) -> Digest {
        match &self.kind {
            Kind::Index(index) => index.digest(),
            Kind::Partial(partial) => partial.digest,
            Kind::Archive(_, archive) => archive.digest(),
            Kind::File(_, file) => file.digest(),
        }
    }

    fn pieces(&self) -> Vec<Bytes> {
        let pieces = match &self.kind {
            Kind::Index(index) => vec![index.document().as_bytes()],
            Kind::Partial(partial) => return vec![partial.document.clone()],
            Kind::Archive(_, archive) => archive.pieces(),
            Kind::File(_, file) => vec![file.content().as_bytes()],
        };
        pieces.into_iter().map(Bytes::from_static).collect()
    }

    fn gzip(&self) -> Option<Bytes> {
        match &self.kind {
            Kind::Index(index) => index.gzip().map(Bytes::from_static),
            Kind::Partial(partial) => Some(partial.gzip.clone()).filter(|gzip| !gzip.is_empty()),
            Kind::Archive(..) => None,
            Kind::File(_, file) => file.gzip().map(Bytes::from_static),
        }
    }
}

/// What of the bundle is at a place, and the skill that it belongs to. An archive has the name of its skill.
pub(super) fn subject(catalog: Catalog, place: &Place) -> Option<(&'static str, Option<Skill>)> {
    if let Target::Index(format) = place.target {
        let index = catalog.index(&path(&place.prefix, format))?;
        return Some((index.path(), None));
    }
    match Artifact::of_skill(catalog, place)?.kind {
        Kind::Index(_) | Kind::Partial(_) => None,
        Kind::Archive(skill, _) => Some((root_uri(skill), Some(skill))),
        Kind::File(skill, file) => Some((file.uri(), Some(skill))),
    }
}

/// Where the index of a prefix is served.
fn path(prefix: &str, format: IndexFormat) -> String {
    match prefix {
        "" => format.path().to_owned(),
        prefix => [prefix, "/", format.path()].concat(),
    }
}

/// A digest as it stands in URLs and entity tags.
fn hexadecimal(digest: Digest) -> String {
    let text = digest.to_string();
    text.rsplit(':').next().unwrap_or(&text).to_owned()
}
