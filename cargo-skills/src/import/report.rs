//! What became of everything, for people and for the project. What a configuration says stays within its item.

use std::fmt::Write;
use std::path::Path;

use skills_compiler::diagnostics::visible;

use super::Mapped;
use super::reader::Left;

/// The report, in Markdown.
pub(super) fn report(configuration: &Path, mapped: &Mapped, left: &Left) -> String {
    let name = configuration.file_name().unwrap_or_default();
    let mut text = format!("# What became of {}\n", code(&name.to_string_lossy()));
    for (title, items) in [
        ("Mapped", &mapped.done),
        ("To do", &mapped.to_do),
        ("Not mapped", &left.lines()),
    ] {
        if items.is_empty() {
            continue;
        }
        // Writing to a string cannot fail.
        let _ = write!(text, "\n## {title}\n\n");
        for item in items {
            let _ = writeln!(text, "- {}", visible(item));
        }
    }
    text
}

/// Text of a configuration between as many backticks as it takes, on one line.
pub(super) fn code(text: &str) -> String {
    let text = visible(text);
    if text.trim().is_empty() {
        return format!("`{text:?}`");
    }
    let rows = text.split(|letter| letter != '`').map(str::len);
    match rows.max().unwrap_or_default() {
        0 => format!("`{text}`"),
        longest => {
            let fence = "`".repeat(longest + 1);
            format!("{fence} {text} {fence}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_cannot_end_its_code() {
        for (text, expected) in [
            ("a", "`a`"),
            ("", "`\"\"`"),
            ("a`b", "`` a`b ``"),
            ("```", "```` ``` ````"),
            ("a\n# b", "`a\\u{a}# b`"),
        ] {
            assert_eq!(code(text), expected);
        }
    }
}
