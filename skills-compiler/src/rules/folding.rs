//! What a path is to a file system that does not tell case or Unicode forms apart.

use unicode_normalization::UnicodeNormalization;

/// The text by which macOS and Windows would find the path: composed and in lower case.
pub(super) fn folded(path: &str) -> String {
    if path.is_ascii() {
        return path.to_ascii_lowercase();
    }
    // Upper case first, because letters such as `ß` and `ς` have several lower-case forms.
    path.nfc()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .nfc()
        .collect()
}
