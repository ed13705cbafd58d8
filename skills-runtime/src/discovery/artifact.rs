//! What is served at a place: an index, an archive or one file, each in one or two encodings.

use bytes::Bytes;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use skills_model::{Archive, Content, Digest, Index, Resource, Skill};

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
    /// An index without what the caller may not see.
    Part {
        document: String,
        digest: Digest,
    },
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
    pub(super) fn at(catalog: Catalog, place: &Place) -> Option<Self> {
        let (kind, wanted) = match &place.target {
            Target::Index(path) => (index(catalog, &place.prefix, path)?, &None),
            Target::Archive { name, digest } => {
                let skill = offered(catalog, &place.prefix, name)?;
                (Kind::Archive(skill, skill.archive()?), digest)
            }
            Target::File { name, digest, path } => {
                let skill = offered(catalog, &place.prefix, name)?;
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

    /// What of the bundle it is, and the skill that it belongs to.
    pub(super) fn subject(&self) -> Option<(&'static str, Option<Skill>)> {
        match &self.kind {
            Kind::Index(index) => Some((index.path(), None)),
            Kind::Part { .. } => None,
            Kind::Archive(skill, _) => Some((root_uri(*skill), Some(*skill))),
            Kind::File(skill, file) => Some((file.uri(), Some(*skill))),
        }
    }

    /// The value of `Vary`, where there is a choice.
    pub(super) fn vary(&self) -> Option<&'static str> {
        self.gzip().map(|_| "accept-encoding")
    }

    pub(super) fn represented(&self, takes_gzip: bool) -> Representation {
        let digest = hexadecimal(self.digest());
        match self.gzip().filter(|_| takes_gzip) {
            Some(gzip) => Representation {
                pieces: vec![Bytes::from_static(gzip)],
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
            Kind::Index(_) | Kind::Part { .. } => "application/json".to_owned(),
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
            Kind::Part { digest, .. } => *digest,
            Kind::Archive(_, archive) => archive.digest(),
            Kind::File(_, file) => file.digest(),
        }
    }

    fn pieces(&self) -> Vec<Bytes> {
        let pieces = match &self.kind {
            Kind::Index(index) => vec![index.document().as_bytes()],
            Kind::Part { document, .. } => return vec![document.clone().into()],
            Kind::Archive(_, archive) => archive.pieces(),
            Kind::File(_, file) => vec![file.content().as_bytes()],
        };
        pieces.into_iter().map(Bytes::from_static).collect()
    }

    fn gzip(&self) -> Option<&'static [u8]> {
        match &self.kind {
            Kind::Index(index) => index.gzip(),
            Kind::Archive(..) | Kind::Part { .. } => None,
            Kind::File(_, file) => file.gzip(),
        }
    }
}

/// The index at a path, with those skills that the caller may see.
fn index(catalog: Catalog, prefix: &str, path: &str) -> Option<Kind> {
    let index = catalog.index(path)?;
    if catalog.is_whole() {
        return Some(Kind::Index(index));
    }
    let mut document: Value = serde_json::from_str(index.document()).ok()?;
    let skills = document.get_mut("skills")?.as_array_mut()?;
    skills.retain(|skill| {
        let name = skill.get("name").and_then(Value::as_str);
        name.is_some_and(|name| offered(catalog, prefix, name).is_some())
    });
    if skills.is_empty() && !prefix.is_empty() {
        return None;
    }
    let document = document.to_string();
    let digest = Digest::new(Sha256::digest(&document).into());
    Some(Kind::Part { document, digest })
}

/// The skill that the index of a prefix lists under a name: the only one of that name below the prefix.
fn offered(catalog: Catalog, prefix: &str, name: &str) -> Option<Skill> {
    let is_below = |skill: &Skill| {
        let rest = skill.path().strip_prefix(prefix);
        prefix.is_empty() || rest.is_some_and(|rest| rest.starts_with('/'))
    };
    let mut skills = catalog.named(name).filter(is_below);
    let skill = skills.next().filter(|skill| skill.is_offered())?;
    skills.next().is_none().then_some(skill)
}

/// A digest as it stands in URLs and entity tags.
fn hexadecimal(digest: Digest) -> String {
    let text = digest.to_string();
    text.rsplit(':').next().unwrap_or(&text).to_owned()
}
