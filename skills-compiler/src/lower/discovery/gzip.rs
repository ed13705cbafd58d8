//! Files in the gzip format (RFC 1952), deterministic to the byte: no name, no time, no operating system.

use std::io::Write as _;

use flate2::{Compression, GzBuilder};
use sha2::{Digest as _, Sha256};
use skills_model::gzip::{LEVEL, OPERATING_SYSTEM, is_worthwhile};

use crate::lower::media_type;
use crate::source::SourceFile;

/// The size of what stands in front of the deflate stream where there is no name and no comment, and behind it.
const HEADER: usize = 10;
const TRAILER: usize = 8;

/// What can be computed of a file by itself.
#[derive(Debug)]
pub(in crate::lower) struct Packed {
    /// The SHA-256 of the raw bytes.
    pub(in crate::lower) digest: [u8; 32],
    /// The CRC-32 of the raw bytes.
    pub(in crate::lower) checksum: u32,
    /// The file in the gzip format; empty where that would save little.
    pub(in crate::lower) gzip: Vec<u8>,
}

impl Packed {
    pub(in crate::lower) fn new(file: &SourceFile) -> Self {
        let name = file.path.rsplit('/').next().unwrap_or_default();
        let is_text = std::str::from_utf8(&file.bytes).is_ok();
        let gzip = if is_text || !is_compressed(media_type::of_file(name, false)) {
            gzip(&file.bytes)
        } else {
            Vec::new()
        };
        let mut checksum = flate2::Crc::new();
        checksum.update(&file.bytes);
        Self {
            digest: Sha256::digest(&file.bytes).into(),
            checksum: checksum.sum(),
            gzip,
        }
    }
}

/// Bytes in the gzip format; nothing where that would save little.
pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzBuilder::new()
        .operating_system(OPERATING_SYSTEM)
        .write(Vec::new(), Compression::new(LEVEL));
    // Writing to a vector cannot fail.
    let gzip = match encoder.write_all(bytes) {
        Ok(()) => encoder.finish().unwrap_or_default(),
        Err(_) => Vec::new(),
    };
    if is_worthwhile(gzip.len(), bytes.len()) {
        gzip
    } else {
        Vec::new()
    }
}

/// The deflate stream in what [`gzip`] made, if it made something.
pub(super) fn deflated(gzip: &[u8]) -> Option<&[u8]> {
    gzip.get(HEADER..gzip.len().checked_sub(TRAILER)?)
}

/// Whether a format is compressed in itself, so that trying would only take time.
fn is_compressed(media_type: &str) -> bool {
    let (kind, subtype) = media_type.split_once('/').unwrap_or_default();
    match kind {
        "image" => matches!(subtype, "png" | "jpeg" | "gif" | "webp" | "avif"),
        "audio" => subtype != "wav",
        "video" => true,
        "font" => subtype.starts_with("woff"),
        _ => matches!(
            subtype,
            "zip" | "gzip" | "x-gzip" | "x-bzip2" | "x-xz" | "zstd" | "x-7z-compressed"
        ),
    }
}
