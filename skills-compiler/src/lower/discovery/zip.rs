//! A .zip archive (APPNOTE.TXT 6.3) of files that are in the blob already: what stands between them is all that is made
//! here. There is no time in it, and of the modes only whether a file is executable.

use sha2::{Digest as _, Sha256};

/// One file of an archive.
#[derive(Debug)]
pub(super) struct Member<'a> {
    /// The path in the archive.
    pub(super) name: &'a str,
    /// The content as the archive holds it.
    pub(super) stream: &'a [u8],
    /// Whether that is a deflate stream and not the raw bytes.
    pub(super) is_deflated: bool,
    /// The CRC-32 of the raw bytes.
    pub(super) checksum: u32,
    /// The number of the raw bytes.
    pub(super) size: usize,
    pub(super) is_executable: bool,
}

const LOCAL_HEADER: u32 = u32::from_le_bytes(*b"PK\x03\x04");
const DIRECTORY_HEADER: u32 = u32::from_le_bytes(*b"PK\x01\x02");
const DIRECTORY_END: u32 = u32::from_le_bytes(*b"PK\x05\x06");

/// Version 2.0, the first with deflate.
const NEEDED: u16 = 20;
/// The same version, made on Unix: the external attributes are a mode.
const MADE_BY: u16 = (3 << 8) | NEEDED;
/// Names are UTF-8.
const FLAGS: u16 = 1 << 11;
/// The first day that the format knows: 1 January 1980.
const DATE: u16 = (1 << 5) | 1;
/// The modes of files, a regular one in each.
const PLAIN: u32 = 0o100_644;
const EXECUTABLE: u32 = 0o100_755;
/// From this number on a count means "see the extension for large archives", which is not written here.
const TOO_MANY: u16 = u16::MAX;

/// The local header of each member, one after the other, and the central directory; with the digest of the archive that they
/// and the streams make. `None` for what the plain format cannot hold.
pub(super) fn archive(members: &[Member<'_>]) -> Option<(Vec<u8>, [u8; 32])> {
    let count = u16::try_from(members.len()).ok()?;
    let (mut headers, mut directory) = (Fields::default(), Fields::default());
    let mut hasher = Sha256::new();
    let mut offset = 0;
    for member in members {
        let start = headers.0.len();
        headers.number(LOCAL_HEADER);
        headers.entry(member)?;
        headers.text(member.name);
        directory.number(DIRECTORY_HEADER);
        directory.shorts([MADE_BY]);
        directory.entry(member)?;
        directory.attributes(member, u32::try_from(offset).ok()?);
        directory.text(member.name);
        let header = headers.0.get(start..)?;
        hasher.update(header);
        hasher.update(member.stream);
        offset += header.len() + member.stream.len();
    }
    let size = directory.0.len();
    directory.number(DIRECTORY_END);
    // The number of this disk and of the one with the directory.
    directory.shorts([0, 0, count, count]);
    directory.number(u32::try_from(size).ok()?);
    directory.number(u32::try_from(offset).ok()?);
    // No comment.
    directory.shorts([0]);
    hasher.update(&directory.0);
    headers.0.extend(directory.0);
    (count < TOO_MANY).then(|| (headers.0, hasher.finalize().into()))
}

/// The fields of headers, little-endian.
#[derive(Default)]
struct Fields(Vec<u8>);

impl Fields {
    fn shorts<const N: usize>(&mut self, numbers: [u16; N]) {
        self.0
            .extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
    }

    fn number(&mut self, number: u32) {
        self.0.extend(number.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.0.extend(text.as_bytes());
    }

    /// What both headers of a member say, in the same order.
    fn entry(&mut self, member: &Member<'_>) -> Option<()> {
        let method = if member.is_deflated { 8 } else { 0 };
        // Between the method and the date stands the time of day.
        self.shorts([NEEDED, FLAGS, method, 0, DATE]);
        self.number(member.checksum);
        self.number(u32::try_from(member.stream.len()).ok()?);
        self.number(u32::try_from(member.size).ok()?);
        // No extra field.
        self.shorts([u16::try_from(member.name.len()).ok()?, 0]);
        Some(())
    }

    /// What only the directory says of a member.
    fn attributes(&mut self, member: &Member<'_>, offset: u32) {
        // No comment, the first disk, no internal attributes.
        self.shorts([0, 0, 0]);
        let mode = if member.is_executable {
            EXECUTABLE
        } else {
            PLAIN
        };
        self.number(mode << 16);
        self.number(offset);
    }
}
