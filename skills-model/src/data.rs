//! What a bundle is made of: the text, the other bytes, and tables of numbers that say where in them everything is.

use core::fmt;

use crate::Digest;

/// A place in the text, in the bytes or in a table: the first item, and how many there are.
pub type Place = (u32, u32);

/// The number of bytes in a word of the tables: a `u32`, little-endian.
pub(crate) const WORD: usize = 4;

/// The three parts of a bundle, as the compiler wrote them.
///
/// The tables hold no pointers, so rustc takes them as they are, and the dynamic loader has nothing to relocate: with a
/// thousand skills a server builds and starts as fast as with one. What they say is read where it is asked for. A place
/// that does not exist, which the compiler never writes, reads as nothing.
#[derive(Clone, Copy)]
pub struct Data {
    text: &'static str,
    bytes: &'static [u8],
    tables: &'static [u8],
}

impl Data {
    /// Puts the parts together.
    #[must_use]
    pub const fn new(text: &'static str, bytes: &'static [u8], tables: &'static [u8]) -> Self {
        Self {
            text,
            bytes,
            tables,
        }
    }

    /// The word at an index of the tables.
    pub(crate) const fn word(&self, index: u32) -> u32 {
        match part(self.tables, index as usize * WORD, WORD).first_chunk::<WORD>() {
            Some(bytes) => u32::from_le_bytes(*bytes),
            None => 0,
        }
    }

    /// The place that two words say.
    pub(crate) const fn place(&self, index: u32) -> Place {
        (self.word(index), self.word(index + 1))
    }

    /// The text at the place that two words say.
    pub(crate) const fn text(&self, index: u32) -> &'static str {
        let (start, len) = self.place(index);
        match self.text.split_at_checked(start as usize) {
            Some((_, rest)) => match rest.split_at_checked(len as usize) {
                Some((text, _)) => text,
                None => "",
            },
            None => "",
        }
    }

    /// The bytes at the place that two words say.
    pub(crate) const fn bytes(&self, index: u32) -> &'static [u8] {
        let (start, len) = self.place(index);
        part(self.bytes, start as usize, len as usize)
    }

    /// The digest that stands in eight words.
    pub(crate) const fn digest(&self, index: u32) -> Digest {
        match part(self.tables, index as usize * WORD, 32).first_chunk::<32>() {
            Some(bytes) => Digest::new(*bytes),
            None => Digest::new([0; 32]),
        }
    }
}

impl fmt::Debug for Data {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            text,
            bytes,
            tables,
        } = self;
        let sizes = (text.len(), bytes.len(), tables.len());
        write!(formatter, "{sizes:?} bytes of text, other bytes and tables")
    }
}

const fn part(whole: &'static [u8], start: usize, len: usize) -> &'static [u8] {
    match whole.split_at_checked(start) {
        Some((_, rest)) => match rest.split_at_checked(len) {
            Some((part, _)) => part,
            None => &[],
        },
        None => &[],
    }
}
