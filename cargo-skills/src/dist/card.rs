//! The card of a skill: what it is for, where it comes from, what is in it and what was found in it, for whoever decides about it.

use std::fmt::Write as _;
use std::path::Path;

use skills_compiler::diagnostics::visible;

use super::facts::{Facts, Notice, Skill};

/// What stands where a skill does not say.
const UNSAID: &str = "not said";

/// Where the card of a skill is. No folder is called like a card: of the skills `a` and `a.md/b`, the second one is below `a.md_`,
/// and any below a folder of that name is below `a.md__`.
pub(super) fn place(skill: &str) -> String {
    let (folders, name) = skill.rsplit_once('/').unwrap_or(("", skill));
    let mut place = "cards/".to_owned();
    for folder in folders.split('/').filter(|folder| !folder.is_empty()) {
        place.push_str(folder);
        // Not everywhere are `.MD` and `.md` two.
        let ending = Path::new(folder.trim_end_matches('_')).extension();
        if ending.is_some_and(|ending| ending.eq_ignore_ascii_case("md")) {
            place.push('_');
        }
        place.push('/');
    }
    place + name + ".md"
}

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
    fn no_card_is_where_another_one_has_a_folder() {
        for (skill, expected) in [
            ("pdf", "cards/pdf.md"),
            ("acme/trips", "cards/acme/trips.md"),
            ("a.md/b", "cards/a.md_/b.md"),
            ("a.md_/b", "cards/a.md__/b.md"),
            ("x/A.MD/a.md", "cards/x/A.MD_/a.md.md"),
        ] {
            assert_eq!(place(skill), expected);
        }
    }

    #[test]
    fn nothing_of_a_skill_is_markdown() {
        assert_eq!(plain("a\n\n# b | [c](d) <e>"), r"a \# b \| \[c\](d) \<e\>");
    }
}
