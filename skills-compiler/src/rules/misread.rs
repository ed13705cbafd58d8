//! Text that was UTF-8 and was read as Latin-1: a character of it for each byte.

use std::ops::Range;

use super::claim::is_control;
use super::unseen::{is_bidi_control, is_carrier};

/// The whole run of such characters around an offset.
pub(super) fn run(text: &str, at: usize) -> Range<usize> {
    let is_byte = |symbol: char| matches!(symbol, '\u{80}'..='\u{ff}');
    let (head, tail) = text.split_at_checked(at).unwrap_or((text, ""));
    let after = tail.trim_start_matches(is_byte).len();
    head.trim_end_matches(is_byte).len()..text.len() - after
}

/// What a run was before; nothing if it is no UTF-8, or if that would be worse than what is there.
pub(super) fn meant(run: &str) -> Option<String> {
    let bytes: Option<Vec<_>> = run
        .chars()
        .map(|symbol| u8::try_from(symbol).ok())
        .collect();
    let meant = String::from_utf8(bytes?).ok()?;
    let is_plain =
        |symbol: char| !(is_control(symbol) || is_bidi_control(symbol) || is_carrier(symbol));
    (!meant.is_empty() && meant.chars().all(is_plain)).then_some(meant)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_bytes_becomes_what_it_was() {
        let text = "Parked: \u{f0}\u{9f}\u{93}\u{8b} tangents";
        let found = run(text, text.find('\u{93}').unwrap_or_default());
        assert_eq!(text.get(found.clone()), Some("\u{f0}\u{9f}\u{93}\u{8b}"));
        assert_eq!(meant(&text[found]).as_deref(), Some("📋"));
    }

    #[test]
    fn what_is_no_utf_8_or_hides_something_stays() {
        for run in [
            "\u{9b}",
            "é\u{80}",
            "\u{c2}\u{9b}",
            "\u{e2}\u{80}\u{ae}",
            "",
        ] {
            assert_eq!(meant(run), None, "{run:?}");
        }
    }
}
