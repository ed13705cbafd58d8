//! The places of a Markdown text that `#anchor` can lead to: headings, by the slugs that GitHub gives them, and ids in HTML.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use unicode_normalization::char::is_combining_mark;

use super::Outline;

/// The anchors of one text.
#[derive(Debug, Default)]
pub(crate) struct Anchors {
    slugs: BTreeSet<String>,
    /// How often a heading came to the same slug, so that the next one gets `-1`, `-2` and so on.
    seen: BTreeMap<String, usize>,
    /// The slugs without hyphens and case, once somebody has asked; nothing where several are alike.
    alike: OnceCell<BTreeMap<String, Option<String>>>,
}

impl Anchors {
    /// Collects the anchors of a text.
    pub(crate) fn of(text: &str, outline: &Outline) -> Self {
        let mut anchors = Self::default();
        for heading in &outline.headings {
            anchors.heading(&heading.text);
        }
        for span in &outline.html {
            anchors.html(text.get(span.clone()).unwrap_or_default());
        }
        anchors
    }

    /// Whether an anchor, decoded and without `#`, leads to a place.
    pub(crate) fn has(&self, anchor: &str) -> bool {
        let anchor = anchor.strip_prefix("user-content-").unwrap_or(anchor);
        matches!(anchor, "" | "top") || self.slugs.contains(&folded(anchor))
    }

    /// The only anchor that differs from this one in nothing but punctuation.
    pub(crate) fn alike(&self, anchor: &str) -> Option<&str> {
        let alike = self.alike.get_or_init(|| {
            let mut alike = BTreeMap::new();
            for slug in &self.slugs {
                alike
                    .entry(letters(slug))
                    .and_modify(|only| *only = None)
                    .or_insert_with(|| Some(slug.clone()));
            }
            alike
        });
        alike.get(&letters(anchor))?.as_deref()
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.slugs.len()
    }

    /// All anchors, ascending.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        self.slugs.iter().map(String::as_str)
    }

    fn heading(&mut self, text: &str) {
        // Other renderers than GitHub let authors choose: `## Setup {#setup}`.
        let (text, chosen) = match text.trim_end().strip_suffix('}') {
            Some(rest) => rest.rsplit_once("{#").unwrap_or((text, "")),
            None => (text, ""),
        };
        if !chosen.is_empty() {
            self.slugs.insert(folded(chosen));
        }
        let slug = slug(text.trim());
        let mut unique = slug.clone();
        let count = self.seen.entry(slug.clone()).or_default();
        while self.slugs.contains(&unique) {
            *count += 1;
            unique = format!("{slug}-{count}");
        }
        self.slugs.insert(unique);
    }

    /// The ids of tags, and the headings in blocks of HTML, which no Markdown parser sees.
    fn html(&mut self, html: &str) {
        for attribute in ["id", "ID", "name", "NAME"] {
            let values = html.match_indices(attribute);
            let values = values.filter_map(|(at, _)| value(html.get(at + attribute.len()..)?));
            self.slugs.extend(values.map(folded));
        }
        for line in html.lines() {
            let line = line.trim();
            match line.trim_start_matches('#') {
                text if text.starts_with(' ') && text.len() < line.len() => self.heading(text),
                _ if line.starts_with("<h") || line.starts_with("<H") => {
                    self.heading(&without_tags(line));
                }
                _ => {}
            }
        }
    }
}

/// The value that stands after the name of an attribute.
fn value(after: &str) -> Option<&str> {
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    match value.chars().next()? {
        quote @ ('"' | '\'') => value.get(1..)?.split(quote).next(),
        _ => value.split([' ', '\t', '\n', '>', '/']).next(),
    }
}

fn without_tags(html: &str) -> String {
    let parts = html.split('<');
    parts
        .map(|part| part.split_once('>').map_or(part, |(_, text)| text))
        .collect()
}

/// What GitHub makes of a heading: lower case, hyphens for spaces, and no punctuation.
fn slug(heading: &str) -> String {
    let symbols = heading.chars().flat_map(char::to_lowercase);
    let symbols = symbols.map(|symbol| if symbol == ' ' { '-' } else { symbol });
    symbols.filter(|&symbol| is_kept(symbol)).collect()
}

fn is_kept(symbol: char) -> bool {
    symbol.is_alphanumeric()
        || matches!(symbol, '-' | '_')
        || is_combining_mark(symbol) && symbol != EMOJI
}

/// Makes an emoji of the symbol before it. GitHub keeps it, and nobody can see it or write it into an anchor.
const EMOJI: char = '\u{fe0f}';

fn folded(anchor: &str) -> String {
    let symbols = anchor.chars().flat_map(char::to_lowercase);
    symbols.filter(|&symbol| symbol != EMOJI).collect()
}

fn letters(anchor: &str) -> String {
    let symbols = anchor.chars().flat_map(char::to_lowercase);
    symbols.filter(|symbol| symbol.is_alphanumeric()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::syntax::markdown::outline;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let anchors = Anchors::of(text, &outline(text, 0..text.len()));
        assert_eq!(anchors.all().collect::<Vec<_>>(), expected, "{text:?}");
    }

    #[test]
    fn headings_get_the_slugs_of_github() {
        check(
            "# Fill a `form.pdf` (2nd part)!",
            &["fill-a-formpdf-2nd-part"],
        );
        check("## Read & write", &["read--write"]);
        check("## ⚙️ Setup", &["-setup"]);
        check("## Überblick 日本語", &["überblick-日本語"]);
        check("## snake_case: *a* [b](c)", &["snake_case-a-b"]);
        check("Setext\n===", &["setext"]);
    }

    #[test]
    fn the_same_heading_gets_a_number() {
        check("# A\n# A\n# A", &["a", "a-1", "a-2"]);
        check("# A-1\n# A\n# A", &["a", "a-1", "a-2"]);
    }

    #[test]
    fn html_has_anchors_too() {
        check(
            "<a id=\"x\"></a> <a name='Y'></a>\n\n<h2>In HTML</h2>",
            &["in-html", "x", "y"],
        );
        check("<workflow>\n## Step 1\n</workflow>", &["step-1"]);
        check("# Heading {#chosen}", &["chosen", "heading"]);
    }
}
