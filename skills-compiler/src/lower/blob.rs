//! The blob: every byte that the server can send, once, with tables pointing into it.

/// A piece of the text of the blob.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TextPart {
    /// Offset of the first byte.
    pub start: usize,
    /// Number of bytes.
    pub len: usize,
}

/// A piece of the bytes of the blob.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BytesPart {
    /// Offset of the first byte.
    pub start: usize,
    /// Number of bytes.
    pub len: usize,
}

/// All text and all other bytes of a bundle.
#[derive(Debug, Default)]
pub struct Blob {
    /// What is UTF-8: files and prepared JSON.
    pub text: String,
    /// What is not.
    pub bytes: Vec<u8>,
}

impl Blob {
    /// The most bytes of either kind: tables count them in 32 bits, and rustc takes no larger files.
    pub const MOST: usize = u32::MAX as usize;

    pub(crate) fn add_text(&mut self, text: &str) -> TextPart {
        let start = self.text.len();
        self.text.push_str(text);
        TextPart {
            start,
            len: text.len(),
        }
    }

    pub(super) fn add_bytes(&mut self, bytes: &[u8]) -> BytesPart {
        let start = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        BytesPart {
            start,
            len: bytes.len(),
        }
    }

    /// What stands at a place in the text.
    pub(super) fn text(&self, part: TextPart) -> &str {
        let range = part.start..part.start + part.len;
        self.text.get(range).unwrap_or_default()
    }

    /// What stands at a place in the bytes.
    pub(super) fn bytes(&self, part: BytesPart) -> &[u8] {
        let range = part.start..part.start + part.len;
        self.bytes.get(range).unwrap_or_default()
    }

    /// Adds a JSON array of items that are JSON already; the array and where each item came to lie.
    pub(super) fn add_array(&mut self, items: &[String]) -> (TextPart, Vec<TextPart>) {
        let start = self.text.len();
        self.text.push('[');
        let mut parts = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.text.push(',');
            }
            parts.push(self.add_text(item));
        }
        self.text.push(']');
        (
            TextPart {
                start,
                len: self.text.len() - start,
            },
            parts,
        )
    }
}

impl TextPart {
    /// The part from `offset` on.
    #[must_use]
    pub fn after(self, offset: usize) -> Self {
        let offset = offset.min(self.len);
        Self {
            start: self.start + offset,
            len: self.len - offset,
        }
    }

    /// The first `len` bytes of the part that starts at `offset`.
    #[must_use]
    pub fn inner(self, offset: usize, len: usize) -> Self {
        let rest = self.after(offset);
        Self {
            start: rest.start,
            len: len.min(rest.len),
        }
    }
}
