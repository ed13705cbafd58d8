//! Text of a skill inside a message.

/// How many characters of it a message shows.
const SHOWN: usize = 100;

/// The text, cut where it is too long for a message.
pub(super) fn brief(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
