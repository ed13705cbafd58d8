//! Text of others on its way to a person: skills, clients and the names in them may hold sequences that move a cursor,
//! recolour a terminal or reverse what is read. They are shown as what they are.

use std::borrow::Cow;
use std::fmt::Write;

/// The text with everything escaped that a terminal would obey, except line breaks and tabs.
pub(crate) fn printable(text: &str) -> Cow<'_, str> {
    let is_kept = |character| matches!(character, '\n' | '\t') || !is_obeyed(character);
    if text.chars().all(is_kept) {
        return Cow::Borrowed(text);
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_kept(character) {
            escaped.push(character);
        } else if character != '\r' {
            // A carriage return is left out: it belongs to a line break, or it would only hide what it overwrites.
            push_escaped(&mut escaped, character);
        }
    }
    Cow::Owned(escaped)
}

/// The first `limit` characters of the text on one line, with everything escaped that a terminal would obey.
pub(crate) fn escape_line(text: &str, limit: usize) -> String {
    let mut escaped = String::with_capacity(text.len().min(limit));
    for (index, character) in text.chars().enumerate() {
        if index == limit {
            escaped.push('…');
            break;
        }
        match character {
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            character if is_obeyed(character) => push_escaped(&mut escaped, character),
            character => escaped.push(character),
        }
    }
    escaped
}

/// The first `limit` characters of a text.
pub(crate) fn excerpt(text: &str, limit: usize) -> Cow<'_, str> {
    match text.char_indices().nth(limit) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text.into(),
    }
}

/// JSON in which those characters are escaped as JSON does; `serde_json` leaves those above U+007E as they are.
pub(crate) fn printable_json(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        if character == '\n' || !is_obeyed(character) {
            escaped.push(character);
            continue;
        }
        for unit in character.encode_utf16(&mut [0; 2]) {
            // Writing to a string cannot fail.
            let _ = write!(escaped, "\\u{unit:04x}");
        }
    }
    escaped
}

/// Whether a terminal or the eye obeys a character instead of showing it.
fn is_obeyed(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            // Bidirectional controls, which reorder what is shown.
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Line and paragraph separators, and invisible characters that spell a hidden text.
            | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'
        )
}

fn push_escaped(text: &mut String, character: char) {
    text.extend(character.escape_unicode());
}

/// `1 file`, `2 files`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{plural}")
}

/// A number of bytes in the unit that a person would choose.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if bytes < 1024 {
        return format!("{bytes} B");
    }
    // In tenths, so that no floating point is needed.
    let mut tenths = bytes * 10 / 1024;
    let mut units = UNITS.iter();
    let mut unit = units.next();
    while tenths >= 10_240 {
        tenths /= 1024;
        unit = units.next();
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, unit.unwrap_or(&"PiB"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown_instead() {
        assert_eq!(printable("a\u{1b}[31mb"), r"a\u{1b}[31mb");
        assert_eq!(
            printable("\u{9b}31m\u{7f}\u{202e}"),
            r"\u{9b}31m\u{7f}\u{202e}"
        );
        assert_eq!(printable("one\r\ntwo\tthree"), "one\ntwo\tthree");
        assert_eq!(printable("日本 é 👩‍🚀"), "日本 é 👩‍🚀");
    }

    #[test]
    fn a_line_stays_one_line_of_limited_length() {
        assert_eq!(escape_line("a\nb\r\t\u{0}", 100), r"a\nb\r\t\u{0}");
        assert_eq!(escape_line("abcdef", 3), "abc…");
    }

    #[test]
    fn an_excerpt_has_a_limited_length() {
        assert_eq!(excerpt("äöü", 3), "äöü");
        assert_eq!(excerpt("äöüß", 3), "äöü…");
    }

    #[test]
    fn escaped_json_means_the_same() {
        let text = "\u{9b}\u{202e}\u{e0041}é";
        let json = printable_json(&serde_json::to_string(text).unwrap());
        assert_eq!(json, r#""\u009b\u202e\udb40\udc41é""#);
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
    }

    #[test]
    fn sizes_are_for_people() {
        assert_eq!(size(0), "0 B");
        assert_eq!(size(1023), "1023 B");
        assert_eq!(size(1536), "1.5 KiB");
        assert_eq!(size(16 * 1024 * 1024), "16.0 MiB");
        assert_eq!(count(1, "file"), "1 file");
        assert_eq!(count(2, "file"), "2 files");
    }
}
