//! Constant slicing, so that generated tables can point into one blob instead of repeating its bytes.

/// `len` items of `whole` from `start` on; a build error when they do not exist.
#[must_use]
pub const fn part<T>(whole: &'static [T], start: usize, len: usize) -> &'static [T] {
    whole.split_at(start).1.split_at(len).0
}

/// `len` bytes of `whole` from `start` on; a build error when they do not exist or cut a character.
#[must_use]
pub const fn text_part(whole: &'static str, start: usize, len: usize) -> &'static str {
    whole.split_at(start).1.split_at(len).0
}
