//! Guesses at the encoding of text that is not UTF-8.

/// UTF-16, by its byte-order mark or because every other byte of its first characters is NUL.
pub(super) fn utf16(bytes: &[u8]) -> Option<&'static str> {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Some("UTF-16"),
        [0, first, 0, second, ..] if *first != 0 && *second != 0 => Some("UTF-16BE"),
        [first, 0, second, 0, ..] if *first != 0 && *second != 0 => Some("UTF-16LE"),
        _ => None,
    }
}

/// The common encoding of one byte for a character in which every byte is one.
pub(super) fn single_byte(bytes: &[u8]) -> &'static str {
    if bytes.iter().any(|byte| (0x80..0xa0).contains(byte)) {
        "WINDOWS-1252"
    } else {
        "ISO-8859-1"
    }
}

/// Whether it is UTF-8 but for single bytes, so that any conversion would spoil the rest.
pub(super) fn is_damaged_utf8(bytes: &[u8]) -> bool {
    bytes.utf8_chunks().any(|chunk| !chunk.valid().is_ascii())
}

/// How to convert a file.
pub(super) fn conversion(charset: &str, path: &str) -> String {
    format!("convert it: `iconv -f {charset} -t UTF-8 {path} > converted && mv converted {path}`")
}
