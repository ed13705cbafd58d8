//! A message as one line, whatever its reader takes for the end of one.

use std::io;

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::Formatter;
use skills_model::LINE_BREAKS;

/// Writes a message as JSON without any line break.
pub(super) fn write(writer: &mut Vec<u8>, message: &impl Serialize) -> serde_json::Result<()> {
    message.serialize(&mut Serializer::with_formatter(writer, OnOneLine))
}

/// Compact JSON, in which the line breaks of Unicode are escaped as well as those of ASCII.
struct OnOneLine;

impl Formatter for OnOneLine {
    fn write_string_fragment<W: ?Sized + io::Write>(
        &mut self,
        writer: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((before, escape, after)) = split(rest) {
            writer.write_all(before.as_bytes())?;
            writer.write_all(escape.as_bytes())?;
            rest = after;
        }
        writer.write_all(rest.as_bytes())
    }
}

/// The text around its first line break, and what stands for that.
fn split(text: &str) -> Option<(&str, &'static str, &str)> {
    // Their first bytes in UTF-8; most texts have neither.
    let first = memchr::memchr2(0xc2, 0xe2, text.as_bytes())?;
    let (head, tail) = text.split_at_checked(first)?;
    let at = tail.find(LINE_BREAKS.map(|(character, _)| character))?;
    let (_, from) = tail.split_at_checked(at)?;
    let before = text.get(..head.len() + at)?;
    LINE_BREAKS
        .iter()
        .find_map(|(character, escape)| Some((before, *escape, from.strip_prefix(*character)?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_for_every_reader() {
        let text = "é a\nb\u{85}c\u{2028}\u{2029}d\u{e9}\u{a0}";
        let mut line = Vec::new();
        write(&mut line, &[text]).unwrap();
        let line = String::from_utf8(line).unwrap();
        assert_eq!(
            line,
            ["[\"é a\\nb", "u0085c", "u2028", "u2029dé\u{a0}\"]"].join("\\")
        );
        let [read]: [String; 1] = serde_json::from_str(&line).unwrap();
        assert_eq!(read, text);
    }
}
