//! Pieces of the blob: the one text and the one run of bytes that hold everything a bundle can send.
//!
//! A piece points to the static that holds the blob, and not into the blob. rustc hashes what a pointer in a table leads
//! to, and would hash the whole blob once for each; with a thousand skills that takes minutes.

use core::fmt;
use core::ops::Deref;

use crate::rows::Place;

/// A piece of the text of the blob; it is used like a `&'static str`.
#[derive(Clone, Copy)]
pub struct Text {
    whole: &'static &'static str,
    place: Place,
}

impl Text {
    /// The piece at a place.
    #[must_use]
    pub const fn new(whole: &'static &'static str, place: Place) -> Self {
        Self { whole, place }
    }

    /// All of a text.
    #[must_use]
    pub const fn all(whole: &'static &'static str) -> Self {
        Self::new(whole, (0, whole.len()))
    }

    /// The text, which lives as long as the program; empty if the place does not exist, which the compiler never writes.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let (start, len) = self.place;
        self.whole.get(start..start + len).unwrap_or_default()
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), formatter)
    }
}

/// A piece of the bytes of the blob; it is used like a `&'static [u8]`.
#[derive(Clone, Copy)]
pub struct Bytes {
    whole: &'static &'static [u8],
    place: Place,
}

impl Bytes {
    /// The piece at a place.
    #[must_use]
    pub const fn new(whole: &'static &'static [u8], place: Place) -> Self {
        Self { whole, place }
    }

    /// All of some bytes.
    #[must_use]
    pub const fn all(whole: &'static &'static [u8]) -> Self {
        Self::new(whole, (0, whole.len()))
    }

    /// The bytes, which live as long as the program; none if the place does not exist, which the compiler never writes.
    #[must_use]
    pub fn as_slice(self) -> &'static [u8] {
        let (start, len) = self.place;
        self.whole.get(start..start + len).unwrap_or_default()
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        self.as_slice()
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "[{} bytes]", self.len())
    }
}
