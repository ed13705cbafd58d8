//! The card of a skill: what it is for, where it comes from, what is in it and what was found in it, for whoever decides about it.

use std::fmt::Write as _;

use skills_compiler::diagnostics::visible;

use super::facts::{Facts, Notice, Skill};

/// What stands where a skill does not say.
const UNSAID: &str = "not said";

/// The card as Markdown.
pub(super) fn card(skill: &Skill, facts: &Facts) -> String {
    let Skill {
        path,
        uri,
        name,
        description,
        version,
        license,
        author,
        digest,
        files,
        notices,
    } = skill;
    let said = |text: &Option<String>| text.as_deref().map_or(UNSAID.to_owned(), plain);
    let server = format!("{} {}", facts.server.name, facts.server.version);
    let mut card = format!(
        "# {}\n\n{}\n\n| | |\n|---|---|\n",
        plain(name),
        plain(description)
    );
    // Writing to a String cannot fail.
    for (key, value) in [
        ("Served by", plain(&server)),
        ("Path", plain(path)),
        ("URI", plain(uri)),
        ("Version", said(version)),
        ("Author", said(author)),
        ("Licence", said(license)),
        ("Digest", plain(digest)),
    ] {
        let _ = writeln!(card, "| {key} | {value} |");
    }
    card.push_str("\n## Files\n\n| File | Bytes | Digest |\n|---|--:|---|\n");
    for file in files {
        let (path, digest) = (plain(&file.path), plain(&file.digest));
        let _ = writeln!(card, "| {path} | {} | {digest} |", file.size);
    }
    card.push_str("\n## Findings\n\n");
    if notices.is_empty() {
        card.push_str("None.\n");
    }
    for notice in notices {
        let _ = writeln!(card, "{}", finding(notice));
    }
    card
}

fn finding(notice: &Notice) -> String {
    let Notice {
        code,
        rule,
        message,
        path,
        line,
        reason,
    } = notice;
    let line = line.map_or(String::new(), |line| format!(":{line}"));
    let fate = match reason {
        Some(reason) => format!("Allowed: {}", plain(reason)),
        None => "A warning.".to_owned(),
    };
    format!(
        "- {code} ({rule}) in {}{line}: {}. {fate}",
        plain(path),
        plain(message)
    )
}

/// Text in which nothing is Markdown, in one line.
fn plain(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().collect();
    let mut plain = String::with_capacity(text.len());
    for symbol in visible(&words.join(" ")).chars() {
        if matches!(
            symbol,
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '&' | '#'
        ) {
            plain.push('\\');
        }
        plain.push(symbol);
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_skill_is_markdown() {
        assert_eq!(plain("a\n\n# b | [c](d) <e>"), r"a \# b \| \[c\](d) \<e\>");
    }
}
