//! The file of API keys: TOML, a table `[[key]]` for each, read at start and at SIGHUP and written anew by each change.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::token::{self, Fingerprint};
use crate::error::Error;
use crate::files::{self, Content};

/// What the file begins with.
const HEAD: &str = "# API keys of a skills server, written by `keys new` and `keys revoke`. The keys themselves are not in here:\n\
                    # `sha256` is what is left of them.\n";

/// The API keys that there are.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keys {
    #[serde(default)]
    key: Vec<Key>,
    /// The position of each by its id.
    #[serde(skip)]
    by_id: HashMap<String, usize>,
}

/// What is kept of an API key.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Key {
    /// What it is called here and in logs.
    pub(crate) id: Arc<str>,
    /// Who has it. One principal can have several, so that a new one is known before the old one ends.
    pub(crate) principal: Arc<str>,
    /// The digest of the key, in hexadecimal digits.
    sha256: Hexadecimal,
    /// How much it may ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tier: Option<Arc<str>>,
    /// What it may see, beside what everybody may.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) scopes: Vec<String>,
    /// When it was made.
    #[serde(with = "humantime_serde")]
    pub(crate) created: SystemTime,
    /// When it begins to be valid; at once by default.
    #[serde(
        default,
        with = "humantime_serde",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) not_before: Option<SystemTime>,
    /// When it ends to be valid; never by default.
    #[serde(
        default,
        with = "humantime_serde",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) not_after: Option<SystemTime>,
    /// When it was revoked.
    #[serde(
        default,
        with = "humantime_serde",
        skip_serializing_if = "Option::is_none"
    )]
    pub(crate) revoked: Option<SystemTime>,
}

/// A digest as the file has it.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(try_from = "String", into = "String")]
struct Hexadecimal(Fingerprint);

impl TryFrom<String> for Hexadecimal {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let fingerprint = Fingerprint::from_hex(&text);
        let fingerprint = fingerprint.ok_or("not a SHA-256 digest in 64 hexadecimal digits")?;
        Ok(Self(fingerprint))
    }
}

impl From<Hexadecimal> for String {
    fn from(hexadecimal: Hexadecimal) -> Self {
        hexadecimal.0.to_hex()
    }
}

/// How a key is at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Valid,
    NotYet,
    Expired,
    Revoked,
}

impl State {
    /// The word for it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::NotYet => "not yet",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

impl Key {
    /// How it is now.
    pub(crate) fn state(&self, now: SystemTime) -> State {
        match self {
            Self {
                revoked: Some(_), ..
            } => State::Revoked,
            Self {
                not_before: Some(start),
                ..
            } if now < *start => State::NotYet,
            Self {
                not_after: Some(end),
                ..
            } if now >= *end => State::Expired,
            _ => State::Valid,
        }
    }
}

impl Keys {
    /// The record of a key, if it is one of these.
    pub(crate) fn find(&self, key: &str) -> Option<&Key> {
        let record = self.key.get(*self.by_id.get(token::id(key)?)?)?;
        record.sha256.0.is(&Fingerprint::of(key)).then_some(record)
    }

    /// All keys, in the order of the file.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Key> {
        self.key.iter()
    }

    /// How long until the first of the keys that are valid ends to be so; nothing if none ever does.
    pub(crate) fn ends_in(&self, now: SystemTime) -> Option<Duration> {
        let valid = self.key.iter().filter(|key| key.state(now) == State::Valid);
        let ends = valid.filter_map(|key| key.not_after?.duration_since(now).ok());
        ends.min()
    }

    fn indexed(mut self, path: &Path) -> Result<Self, Error> {
        for (position, key) in self.key.iter().enumerate() {
            if self.by_id.insert(key.id.to_string(), position).is_some() {
                return Err(Error::Policy {
                    path: path.to_owned(),
                    problem: format!("two keys have the id {:?}; remove one of them", key.id),
                });
            }
        }
        Ok(self)
    }
}

/// Reads the file.
pub(crate) fn read(path: &Path) -> Result<Keys, Error> {
    files::toml::<Keys>(path, Content::Secrets)?.indexed(path)
}

/// What a key is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewKey {
    pub(crate) principal: String,
    pub(crate) tier: Option<String>,
    pub(crate) scopes: Vec<String>,
    pub(crate) not_before: Option<SystemTime>,
    pub(crate) not_after: Option<SystemTime>,
}

/// Adds a new key to the file, which is made if it is not there; the key, which is told once.
pub(crate) fn store(
    path: &Path,
    new: NewKey,
    now: SystemTime,
) -> Result<(Arc<str>, Zeroizing<String>), Error> {
    let _lock = locked(path)?;
    let mut keys = if path.exists() {
        read(path)?
    } else {
        Keys::default()
    };
    let (id, key) = token::new().map_err(|error| Error::System {
        action: "get random numbers",
        source: std::io::Error::other(error.to_string()),
    })?;
    let id: Arc<str> = id.into();
    keys.key.push(Key {
        id: Arc::clone(&id),
        principal: new.principal.into(),
        sha256: Hexadecimal(Fingerprint::of(&key)),
        tier: new.tier.map(Into::into),
        scopes: new.scopes,
        created: now,
        not_before: new.not_before,
        not_after: new.not_after,
        revoked: None,
    });
    write(path, &keys)?;
    Ok((id, key))
}

/// Marks a key as revoked. It stays in the file, so that logs can be understood later.
pub(crate) fn revoke(path: &Path, id: &str, now: SystemTime) -> Result<(), Error> {
    let _lock = locked(path)?;
    let mut keys = read(path)?;
    let Some(key) = keys.key.iter_mut().find(|key| &*key.id == id) else {
        let known: Vec<_> = keys.key.iter().map(|key| &*key.id).collect();
        return Err(Error::Policy {
            path: path.to_owned(),
            problem: format!("no key has the id {id:?}; there are: {}", known.join(", ")),
        });
    };
    key.revoked.get_or_insert(now);
    write(path, &keys)
}

/// Two that change the file at once would each forget what the other did.
fn locked(path: &Path) -> Result<File, Error> {
    files::lock(path).map_err(|source| Error::File {
        action: "lock",
        path: path.to_owned(),
        source,
    })
}

/// Writes the file anew, beside the old one until it is whole.
fn write(path: &Path, keys: &Keys) -> Result<(), Error> {
    let text = toml::to_string(keys).map_err(|error| Error::Policy {
        path: path.to_owned(),
        problem: error.to_string(),
    })?;
    let mut new: PathBuf = path.to_owned();
    new.as_mut_os_string().push(".new");
    let result = files::create_private(&new).and_then(|mut file| {
        file.write_all(HEAD.as_bytes())?;
        file.write_all(text.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&new, path)
    });
    result.map_err(|source| Error::File {
        action: "write",
        path: path.to_owned(),
        source,
    })
}
