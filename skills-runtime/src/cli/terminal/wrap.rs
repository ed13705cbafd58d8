//! Setting text to a width, counted in the columns that a terminal gives each character.

use unicode_width::UnicodeWidthStr;

/// The columns that a text takes.
pub(in crate::cli) fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// The words of a text in lines of at most `columns`; a longer word has a line of its own.
pub(in crate::cli) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    let mut room = 0;
    for word in text.split_whitespace() {
        let needed = width(word);
        match lines.last_mut() {
            Some(line) if needed < room => {
                line.push(' ');
                line.push_str(word);
                room -= needed + 1;
            }
            _ => {
                lines.push(word.to_owned());
                room = columns.saturating_sub(needed);
            }
        }
    }
    lines
}

/// The beginning of a text on one line of at most `columns`, with an ellipsis where something is left out.
pub(in crate::cli) fn shorten(text: &str, columns: usize) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if width(&line) <= columns {
        return line;
    }
    let mut short = String::new();
    for character in line.chars() {
        short.push(character);
        // One column is for the ellipsis.
        if width(&short) >= columns {
            short.pop();
            break;
        }
    }
    short.push('…');
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_set_in_lines_of_the_width() {
        assert_eq!(wrap("", 10), Vec::<String>::new());
        assert_eq!(
            wrap("one two  three\nfour", 9),
            ["one two", "three", "four"]
        );
        assert_eq!(wrap("one unbreakable", 5), ["one", "unbreakable"]);
        assert_eq!(wrap("日本 日本", 6), ["日本", "日本"]);
    }

    #[test]
    fn a_long_text_is_cut_to_its_beginning() {
        assert_eq!(shorten("one\ntwo", 7), "one two");
        assert_eq!(shorten("one two three", 7), "one tw…");
        assert_eq!(shorten("日本日本", 5), "日本…");
    }
}
