//! How documents are put into the gzip format (RFC 1952). The compiler does it for all files and the runtime for the indexes of
//! callers from whom some skills are hidden; the bytes are the same, because they make an `ETag` and a length.

/// How hard to search. On real skills the highest level saves 2% more and takes more than twice as long.
pub const LEVEL: u32 = 4;

/// "Unknown", so that the operating system of the build is not told.
pub const OPERATING_SYSTEM: u8 = 255;

/// What is stored in addition to a file has to save at least this part of every answer.
const LEAST_SAVING: usize = 16;

/// Whether so many bytes in the gzip format are worth being kept beside the raw ones.
#[must_use]
pub const fn is_worthwhile(compressed: usize, raw: usize) -> bool {
    compressed <= raw - raw / LEAST_SAVING
}
