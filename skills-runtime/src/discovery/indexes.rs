//! The indexes of callers from whom some skills are hidden: what the compiler would have made of the skills that they see. They are made
//! when they are first asked for and kept for the next one, within bounds.

use std::collections::VecDeque;
use std::io::Write as _;
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use flate2::{Compression, GzBuilder};
use sha2::{Digest as _, Sha256};
use skills_model::gzip::{LEVEL, OPERATING_SYSTEM, is_worthwhile};
use skills_model::{Digest, IndexFormat, Scopes};

use crate::catalog::Catalog;

/// The most indexes that are kept, and the most bytes of them: 1,000 skills are about 400 KB.
const MOST: usize = 64;
const MOST_BYTES: usize = 8 * 1024 * 1024;

/// The indexes of one bundle that are kept, the last one made last.
#[derive(Debug, Default)]
pub(crate) struct Indexes(Mutex<VecDeque<(Key, Partial)>>);

/// For whom an index is, and which it is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    granted: Scopes,
    prefix: String,
    format: IndexFormat,
}

/// An index of some of the skills.
#[derive(Clone, Debug)]
pub(super) struct Partial {
    pub(super) document: Bytes,
    pub(super) digest: Digest,
    /// The document in the gzip format; empty where that would save little.
    pub(super) gzip: Bytes,
}

impl Indexes {
    /// The index of a prefix, if the caller sees one.
    pub(super) fn find(
        &self,
        catalog: Catalog,
        prefix: &str,
        format: IndexFormat,
    ) -> Option<Partial> {
        let key = Key {
            granted: catalog.granted(),
            prefix: prefix.to_owned(),
            format,
        };
        if let Some(partial) = self.kept(&key) {
            return Some(partial);
        }
        let partial = Partial::new(catalog.index_document(prefix, format)?);
        self.keep(key, partial.clone());
        Some(partial)
    }

    fn kept(&self, key: &Key) -> Option<Partial> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().find(|(other, _)| other == key);
        found.map(|(_, partial)| partial.clone())
    }

    /// Keeps an index in place of the oldest ones.
    fn keep(&self, key: Key, partial: Partial) {
        if partial.bytes() > MOST_BYTES {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // Another request may have made the same meanwhile.
        kept.retain(|(other, _)| *other != key);
        kept.push_back((key, partial));
        let mut bytes: usize = kept.iter().map(|(_, partial)| partial.bytes()).sum();
        while kept.len() > MOST || bytes > MOST_BYTES {
            let oldest = kept.pop_front();
            bytes -= oldest.map_or(bytes, |(_, partial)| partial.bytes());
        }
    }
}

impl Partial {
    fn new(document: String) -> Self {
        Self {
            digest: Digest::new(Sha256::digest(&document).into()),
            gzip: gzip(document.as_bytes()).into(),
            document: document.into(),
        }
    }

    fn bytes(&self) -> usize {
        self.document.len() + self.gzip.len()
    }
}

/// As the compiler does it, to the byte.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzBuilder::new()
        .operating_system(OPERATING_SYSTEM)
        .write(Vec::new(), Compression::new(LEVEL));
    let written = encoder.write_all(bytes);
    let gzip = written.and_then(|()| encoder.finish());
    // Writing to a vector cannot fail.
    gzip.ok()
        .filter(|gzip| is_worthwhile(gzip.len(), bytes.len()))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: usize) -> Key {
        Key {
            granted: Scopes::NONE,
            prefix: number.to_string(),
            format: IndexFormat::Current,
        }
    }

    #[test]
    fn the_oldest_make_room() {
        let indexes = Indexes::default();
        for number in 0..MOST + 3 {
            indexes.keep(key(number), Partial::new(number.to_string()));
            indexes.keep(key(number), Partial::new(number.to_string()));
        }
        assert!((0..3).all(|number| indexes.kept(&key(number)).is_none()));
        let newest = indexes.kept(&key(MOST + 2)).unwrap();
        assert_eq!(newest.document, (MOST + 2).to_string());
        assert!(indexes.kept(&key(3)).is_some());
    }

    #[test]
    fn large_ones_leave_room_for_no_others() {
        let partial = |bytes: usize| Partial {
            document: vec![0; bytes].into(),
            digest: Digest::new([0; 32]),
            gzip: Bytes::new(),
        };
        let indexes = Indexes::default();
        indexes.keep(key(1), partial(MOST_BYTES));
        assert!(indexes.kept(&key(1)).is_some());
        indexes.keep(key(2), partial(1));
        assert!(indexes.kept(&key(1)).is_none() && indexes.kept(&key(2)).is_some());
        indexes.keep(key(3), partial(MOST_BYTES + 1));
        assert!(indexes.kept(&key(3)).is_none() && indexes.kept(&key(2)).is_some());
    }
}
