//! What an API key looks like: `skl_ID_SECRET`, both of letters and digits. The id finds the key's record, and only a digest of
//! the whole is kept: 256 bits of chance need neither salt nor a slow function.

use std::fmt;

use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// What every API key begins with, so that those who scan for leaked secrets can tell.
pub(crate) const PREFIX: &str = "skl_";

/// The digest of a credential.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Fingerprint([u8; 32]);

impl Fingerprint {
    pub(crate) fn of(credential: &str) -> Self {
        Self(Sha256::digest(credential).into())
    }

    /// Whether both are the same; how long it takes says nothing of where they differ.
    pub(crate) fn is(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }

    pub(crate) fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        base16ct::lower::decode(text, &mut bytes).ok()?;
        Some(Self(bytes))
    }

    pub(crate) fn to_hex(self) -> String {
        base16ct::lower::encode_string(&self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Fingerprint(..)")
    }
}

/// The id in an API key.
pub(crate) fn id(key: &str) -> Option<&str> {
    let (id, secret) = key.strip_prefix(PREFIX)?.split_once('_')?;
    (!id.is_empty() && !secret.is_empty()).then_some(id)
}

/// A new API key and its id.
pub(crate) fn new() -> Result<(String, Zeroizing<String>), getrandom::Error> {
    let mut chance = Zeroizing::new([0_u8; 32]);
    getrandom::fill(&mut *chance)?;
    let secret = Zeroizing::new(base16ct::lower::encode_string(&*chance));
    let mut number = [0_u8; 5];
    getrandom::fill(&mut number)?;
    let id = base16ct::lower::encode_string(&number);
    let key = Zeroizing::new([PREFIX, &id, "_", &secret].concat());
    Ok((id, key))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_key_is_found_by_its_id_and_known_by_its_fingerprint() {
        let (first, key) = new().unwrap();
        let (second, other) = new().unwrap();
        assert_eq!(id(&key), Some(&*first));
        assert_ne!(first, second);
        let fingerprint = Fingerprint::from_hex(&Fingerprint::of(&key).to_hex()).unwrap();
        assert!(fingerprint.is(&Fingerprint::of(&key)));
        assert!(!fingerprint.is(&Fingerprint::of(&other)));
        assert_eq!(format!("{fingerprint:?}"), "Fingerprint(..)");
    }

    #[test]
    fn what_is_no_key_has_no_id() {
        for text in [
            "",
            "skl_",
            "skl_1",
            "skl__secret",
            "skl_1_",
            "other_1_secret",
        ] {
            assert_eq!(id(text), None, "{text}");
        }
    }
}
