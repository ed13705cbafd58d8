//! Text that is never shown: debugging output leaves it out, and its memory is wiped.

use std::fmt;

#[cfg(feature = "oauth")]
use bytes::Bytes;
use zeroize::Zeroizing;

/// A secret.
#[derive(Clone)]
pub(crate) struct Secret(Zeroizing<String>);

impl Secret {
    /// The text, for where it has to be used.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// The text for a request: it is wiped when the last part of the request is dropped.
    #[cfg(feature = "oauth")]
    pub(crate) fn into_bytes(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

#[cfg(feature = "oauth")]
impl AsRef<[u8]> for Secret {
    fn as_ref(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(..)")
    }
}
