//! Text as a string of TOML that is read back as what it was.

use std::fmt::Write;

use skills_compiler::diagnostics::visible;

/// The text in quotes. What acts on whatever shows it is written as an escape, which TOML wants of some of it anyway.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => quoted.extend(['\\', letter]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            hidden if visible(hidden.encode_utf8(&mut [0; 4])).len() > hidden.len_utf8() => {
                // Writing to a string cannot fail.
                let _ = write!(quoted, "\\U{:08X}", u32::from(hidden));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use toml::de::DeTable;

    use super::*;

    #[test]
    fn every_letter_is_read_back() {
        let others = ['\u{feff}', '\u{fffd}', '\u{e0001}', '\u{1f600}', char::MAX];
        for letter in ('\0'..'\u{2100}').chain(others) {
            let text = format!("a{letter}b");
            let line = format!("key = {}", quoted(&text));
            assert_eq!(visible(&line), line, "{letter:?}");
            let table = DeTable::parse(&line).expect(&line);
            let read = table.get_ref()["key"].get_ref().as_str();
            assert_eq!(read, Some(&*text), "{letter:?}");
        }
        assert_eq!(
            quoted("a \"b\" \\ é\u{7f}\u{202e}"),
            "\"a \\\"b\\\" \\\\ é\\U0000007F\\U0000202E\""
        );
    }
}
