//! Where the links of a skill lead, as far as the text of a link tells.

use crate::syntax::Link;

/// A kind of link destination.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    /// A path below the file or the skill: decoded, with `/` between the segments, without `?query` and `#anchor`.
    Relative(String),
    /// A path on one machine or one site; what it is called.
    Absolute(&'static str),
    /// Something no rule looks for: an address with a scheme, a place in the same file, or a placeholder.
    Elsewhere,
}

impl Destination {
    /// Reads the destination of a link.
    pub(super) fn of(link: &Link) -> Self {
        let text = link.destination.trim();
        if text.is_empty() || text.starts_with(['#', '?', '@']) || text.starts_with("//") {
            return Self::Elsewhere;
        }
        let absolute = absolute(text);
        // Most links are addresses; whether something else is a placeholder takes longer to find out.
        if absolute.is_none() && has_scheme(text) || is_placeholder(text) {
            return Self::Elsewhere;
        }
        if let Some(kind) = absolute {
            return Self::Absolute(kind);
        }
        Self::Relative(without_line(&decoded(path_of(text))).replace('\\', "/"))
    }
}

/// The part of a destination in front of `?query` and `#anchor`.
pub(super) fn path_of(destination: &str) -> &str {
    destination.split(['#', '?']).next().unwrap_or_default()
}

/// Whether the path of a file says that it is filled in first, so that its links are those of another place.
pub(super) fn is_template(path: &str) -> bool {
    let path = path.to_ascii_lowercase();
    path.contains("template") || path.contains(".tmpl") || path.contains("boilerplate")
}

/// The destination that leads from a directory to a path.
pub(super) fn relative(directory: &str, path: &str) -> String {
    let from: Vec<_> = directory
        .split('/')
        .filter(|segment| !segment.is_empty())
        .collect();
    let to: Vec<_> = path.split('/').collect();
    let shared = from
        .iter()
        .zip(&to)
        .take_while(|(left, right)| left == right)
        .count();
    let up = from.iter().skip(shared).map(|_| "..".to_owned());
    up.chain(to.iter().skip(shared).map(|segment| encoded(segment)))
        .collect::<Vec<_>>()
        .join("/")
}

/// The directory of a file, without the `/`; empty for the root.
pub(super) fn directory_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

fn absolute(text: &str) -> Option<&'static str> {
    match text.as_bytes() {
        [b'/', ..] => Some("an absolute path"),
        [b'~'] | [b'~', b'/' | b'\\', ..] => Some("a path in somebody's home directory"),
        [drive, b':', b'/' | b'\\', ..] if drive.is_ascii_alphabetic() => {
            Some("an absolute Windows path")
        }
        [b'\\', b'\\', ..] => Some("a Windows network path"),
        _ => text
            .get(..5)
            .is_some_and(|scheme| scheme.eq_ignore_ascii_case("file:"))
            .then_some("a `file:` address"),
    }
}

/// `scheme:` of RFC 3986, but not the `name.md:12` of a line in a file.
fn has_scheme(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, rest)| {
        let is_scheme = scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'));
        let is_line =
            scheme.contains('.') && rest.starts_with(|first: char| first.is_ascii_digit());
        is_scheme && !is_line && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
    })
}

/// Whether the author shows the form of a link and means no file: `{name}.md`, `path/to/file`, `...`, `URL`.
fn is_placeholder(text: &str) -> bool {
    const SIGNS: [&str; 15] = [
        "foo/bar", "your-", "YOUR_", "...", "…", "XXX", "xxx", "YYYY", "NNN", "URL", "TODO",
        "path/to/", "-url", "_url", "%s",
    ];
    const WORDS: [&str; 31] = [
        "url",
        "uri",
        "link",
        "links",
        "href",
        "path",
        "file",
        "filename.md",
        "src",
        "image",
        "target",
        "destination",
        "source",
        "here",
        "tbd",
        "./file.md",
        "file.md",
        "doc.md",
        "document.md",
        "page.md",
        "path.md",
        "link.md",
        "other.md",
        "./path",
        "relative/path.md",
        "relative-path",
        "image.png",
        "image.jpg",
        "img.png",
        "screenshot.png",
        "name.md",
    ];
    // `f[x](a, b)`, `[x](y)` and the like are notations of other kinds.
    let is_notation =
        !text.contains(['.', '/']) && (text.len() < 3 || text.contains([',', '=', ';', '+']));
    is_notation
        || text.contains(['{', '}', '<', '>', '$', '*', '|', '[', ']'])
        || SIGNS.iter().any(|sign| text.contains(sign))
        || WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// A path without the `:12` or `:12-20` that names lines.
fn without_line(path: &str) -> &str {
    match path.rsplit_once(':') {
        Some((file, lines))
            if lines
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'-') =>
        {
            file
        }
        _ => path,
    }
}

/// A path with its `%20` and the like decoded; as it is if that gives no text.
pub(super) fn decoded(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path;
    while let Some((before, after)) = rest.split_once('%') {
        bytes.extend_from_slice(before.as_bytes());
        let byte = after
            .get(..2)
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(byte.unwrap_or(b'%'));
        rest = if byte.is_some() {
            after.get(2..).unwrap_or_default()
        } else {
            after
        };
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).unwrap_or_else(|_| path.to_owned())
}

/// A segment of a path as it can stand in a link.
fn encoded(segment: &str) -> String {
    let mut encoded = String::with_capacity(segment.len());
    for symbol in segment.chars() {
        match symbol {
            ' ' => encoded.push_str("%20"),
            '(' => encoded.push_str("%28"),
            ')' => encoded.push_str("%29"),
            '%' => encoded.push_str("%25"),
            '#' => encoded.push_str("%23"),
            '?' => encoded.push_str("%3F"),
            '<' => encoded.push_str("%3C"),
            '>' => encoded.push_str("%3E"),
            symbol => encoded.push(symbol),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::resolved;
    use crate::syntax::LinkKind;

    fn check(destination: &str, expected: &Destination) {
        let link = Link {
            kind: LinkKind::Link,
            destination: destination.to_owned(),
            span: 0..0,
        };
        assert_eq!(Destination::of(&link), *expected, "{destination:?}");
    }

    #[test]
    fn destinations_are_told_apart() {
        check("a%20b.md?x#y", &Destination::Relative("a b.md".to_owned()));
        check(
            "src\\a.md:12-20",
            &Destination::Relative("src/a.md".to_owned()),
        );
        check("a.md:7", &Destination::Relative("a.md".to_owned()));
        check("100%.md", &Destination::Relative("100%.md".to_owned()));
        for other in [
            "",
            "#a",
            "//x/y",
            "https://x",
            "mailto:a@b",
            "{x}.md",
            "$X/y",
            "skill://a",
            "URL",
            "path/to/x.md",
        ] {
            check(other, &Destination::Elsewhere);
        }
        check("/x", &Destination::Absolute("an absolute path"));
        check("C:\\x", &Destination::Absolute("an absolute Windows path"));
        check("FILE:///x", &Destination::Absolute("a `file:` address"));
    }

    #[test]
    fn paths_are_resolved_and_made_relative() {
        assert_eq!(
            resolved("pdf/references", "../a/./b.md").as_deref(),
            Some("pdf/a/b.md")
        );
        assert_eq!(resolved("pdf", "../../x"), None);
        assert_eq!(relative("pdf/references", "pdf/a b.md"), "../a%20b.md");
        assert_eq!(relative("", "a/b.md"), "a/b.md");
    }
}
