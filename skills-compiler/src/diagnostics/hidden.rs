//! Text that must not reach a terminal or a log as it is: it may be invisible, act on what shows it, or be a secret.

use std::borrow::Cow;

use crate::syntax::hidden_secrets;

/// The text with everything that could act on a terminal or a log written out as an escape, and every secret covered.
#[must_use]
pub fn visible(text: &str) -> String {
    without_secrets(text)
        .chars()
        .fold(String::with_capacity(text.len()), |mut shown, symbol| {
            if is_hidden(symbol) {
                shown.extend(symbol.escape_unicode());
            } else {
                shown.push(symbol);
            }
            shown
        })
}

/// The same, but line breaks stay.
pub(super) fn visible_lines(text: &str) -> String {
    without_secrets(text)
        .split('\n')
        .map(visible)
        .collect::<Vec<_>>()
        .join("\n")
}

/// The text with `*` in place of every character of a secret, so that lines and columns stay: for what is escaped by other
/// means than [`visible`], such as JSON.
#[must_use]
pub fn without_secrets(text: &str) -> Cow<'_, str> {
    let found = hidden_secrets(text);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let (mut shown, mut done) = (String::with_capacity(text.len()), 0);
    for secret in found {
        shown.push_str(text.get(done..secret.start).unwrap_or_default());
        shown.extend(
            text.get(secret.clone())
                .unwrap_or_default()
                .chars()
                .map(|symbol| if symbol == '\n' { '\n' } else { '*' }),
        );
        done = secret.end;
    }
    shown.push_str(text.get(done..).unwrap_or_default());
    Cow::Owned(shown)
}

/// Controls, and the format characters that reorder or hide text.
pub(super) fn is_hidden(symbol: char) -> bool {
    symbol.is_control()
        || matches!(symbol,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}
