//! Rust as text: names, string literals and documentation.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::iter;

use skills_compiler::diagnostics::visible;

/// Words of Rust that no name can be without `r#`; those that cannot even with it get an underscore.
const WORDS: [&str; 46] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "do", "dyn",
    "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl", "in", "let",
    "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref", "return",
    "static", "struct", "trait", "true", "try", "type", "typeof", "unsafe", "use", "virtual",
    "where", "while",
];

/// A name in `snake_case` that Rust takes.
pub(super) fn snake(text: &str) -> String {
    let mut name = String::new();
    let mut previous = '_';
    for letter in text.chars() {
        let is_word = letter.is_ascii_alphanumeric();
        let begins = letter.is_ascii_uppercase() && previous.is_ascii_lowercase();
        if (begins || !is_word) && !name.is_empty() && !name.ends_with('_') {
            name.push('_');
        }
        if is_word {
            name.push(letter.to_ascii_lowercase());
        }
        previous = letter;
    }
    let name = name.trim_end_matches('_').to_owned();
    match name.chars().next() {
        None => "unnamed".to_owned(),
        Some(first) if first.is_ascii_digit() => format!("_{name}"),
        Some(_) if WORDS.contains(&&*name) => format!("r#{name}"),
        Some(_) if matches!(&*name, "self" | "super" | "crate" | "yield" | "unsized") => {
            format!("{name}_")
        }
        Some(_) => name,
    }
}

/// A name in `CamelCase`.
pub(super) fn camel(text: &str) -> String {
    let name = snake(text);
    let words = unraw(&name).split('_').flat_map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters)
    });
    let name: String = words.collect();
    if name.starts_with(|first: char| first.is_ascii_digit()) {
        format!("_{name}")
    } else {
        name
    }
}

/// Text as a string literal.
pub(super) fn literal(text: &str) -> String {
    format!("{text:?}")
}

/// Text as documentation. What does not fit into a comment, and what rustc warns of there, becomes an attribute.
pub(super) fn documentation(indent: &str, text: &str) -> String {
    let text = text.replace('\t', " ").replace("\r\n", "\n");
    let is_plain = |line: &str| visible(line) == line;
    if !text.lines().all(is_plain) {
        return format!("{indent}#[doc = {}]\n", literal(&text));
    }
    text.lines().fold(String::new(), |mut comment, line| {
        // Writing to a string cannot fail.
        let _ = writeln!(comment, "{}", format!("{indent}/// {line}").trim_end());
        comment
    })
}

/// The name, or the first with a number behind it that no other has.
pub(super) fn unique(names: &mut BTreeSet<String>, name: &str, separator: &str) -> String {
    let numbered = (2_u64..).map(|number| format!("{}{separator}{number}", unraw(name)));
    let mut candidates = iter::once(name.to_owned()).chain(numbered);
    let free = candidates.find(|candidate| names.insert(unraw(candidate).to_owned()));
    free.unwrap_or_default()
}

/// A name without the mark of one that is a word of Rust: `type` and `r#type` are the same.
fn unraw(name: &str) -> &str {
    name.trim_start_matches("r#")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_one_of_rust() {
        for (text, expected) in [
            ("maxResults", "max_results"),
            ("get-weather", "get_weather"),
            ("type", "r#type"),
            ("2fa", "_2fa"),
            ("é", "unnamed"),
            ("self", "self_"),
            ("HTTPServer", "httpserver"),
        ] {
            assert_eq!(snake(text), expected);
        }
        assert_eq!(camel("get-weather"), "GetWeather");
        assert_eq!(camel("type"), "Type");
    }

    #[test]
    fn names_that_are_one_to_rust_get_numbers() {
        let mut names = BTreeSet::new();
        let given = ["a", "a", "a_2", "r#type", "r#type", "type_2"];
        let names = given.map(|name| unique(&mut names, name, "_"));
        assert_eq!(names, ["a", "a_2", "a_2_2", "r#type", "type_2", "type_2_2"]);
    }

    #[test]
    fn what_no_comment_can_hold_is_an_attribute() {
        for (text, expected) in [
            ("", ""),
            ("a\r\n\n\tb", "/// a\n///\n///  b\n"),
            ("a\rb", "#[doc = \"a\\rb\"]\n"),
            ("a\n\u{202e}b", "#[doc = \"a\\n\\u{202e}b\"]\n"),
            ("a\0b", "#[doc = \"a\\0b\"]\n"),
        ] {
            assert_eq!(documentation("", text), expected);
        }
    }

    #[test]
    fn literals_show_nothing_that_hides() {
        for letter in ('\0'..'\u{3000}')
            .chain('\u{f000}'..'\u{10000}')
            .chain('\u{e0000}'..'\u{e1000}')
        {
            let text = literal(&letter.to_string());
            assert_eq!(visible(&text), text, "{letter:?}");
        }
    }
}
