//! Source trees written as one text, for the examples in rule documentation and for tests.
//!
//! A line `=== PATH [FLAG..]` begins a file; a text without one is the `SKILL.md` of the skill it names. Flags:
//! `escaped` (`\xNN`, `\u{N}` and `\r` in the content stand for what they say), `executable`, `link:TARGET` (the file is
//! a copy that a link inside the tree made), `padded:BYTES` (lines follow until the content has that size), `lines:COUNT`
//! (short lines follow until it has so many), `copies:COUNT` (so many files, with their number where path and content have
//! `{n}`, or after the path), and, for paths without content, `directory`, `junk`, `escapes:TARGET`, `dangles:TARGET`,
//! `cycle:TARGET`, `special`, `unreadable`, `not-utf8`, `size:BYTES`.

use crate::source::{Junk, Linked, OddityKind, SourceFile, SourceTree, ancestors, resolved};

/// A short line of content without meaning.
const LINE: &str = "- and so on\n";

/// A line of content without meaning.
const PADDING: &str =
    "and so on for many lines, none of which says anything that a rule could be about\n";

/// Reads a tree from its text.
#[must_use]
pub fn tree(text: &str) -> SourceTree {
    let tree = SourceTree::new("skills", "skills");
    if !text.starts_with("=== ") {
        let name = text
            .lines()
            .find_map(|line| line.strip_prefix("name:"))
            .map_or("example", str::trim);
        return tree.with_file(&format!("{name}/SKILL.md"), text);
    }
    text.split("\n=== ")
        .enumerate()
        .fold(tree, |tree, (index, part)| {
            let part = if index == 0 {
                part.strip_prefix("=== ").unwrap_or(part)
            } else {
                part
            };
            let (header, content) = part.split_once('\n').unwrap_or((part, ""));
            add(tree, header, content)
        })
}

fn add(tree: SourceTree, header: &str, content: &str) -> SourceTree {
    let mut words = header.split(' ');
    let path = unescape(words.next().unwrap_or_default());
    let path = String::from_utf8_lossy(&path).into_owned();
    let flags: Vec<_> = words.collect();
    if let Some(kind) = flags.iter().find_map(|flag| oddity(flag)) {
        return tree.with_oddity(&path, kind);
    }
    let detail = |word: &str| {
        flags
            .iter()
            .find_map(|flag| flag.strip_prefix(word)?.strip_prefix(':'))
    };
    if flags.contains(&"junk") {
        let name = path.rsplit('/').next().unwrap_or_default();
        let junk = Junk::of(name, flags.contains(&"directory"));
        return match junk {
            Some(junk) => tree.with_skipped(&path, junk),
            None => tree,
        };
    }
    if flags.contains(&"directory") {
        return match detail("link") {
            Some(target) => tree.with_link(&path, target),
            None => tree.with_directory(&path),
        };
    }
    if let Some(label) = path.strip_prefix("../") {
        return tree.with_configuration(label, content);
    }
    let newline = if content.is_empty() || content.ends_with('\n') {
        ""
    } else {
        "\n"
    };
    let content = format!("{content}{newline}");
    let mut bytes = if flags.contains(&"escaped") {
        unescape(&content)
    } else {
        content.into_bytes()
    };
    let size = detail("padded")
        .and_then(|size| size.parse().ok())
        .unwrap_or_default();
    while bytes.len() < size {
        bytes.extend_from_slice(PADDING.as_bytes());
    }
    let lines = detail("lines")
        .and_then(|count| count.parse().ok())
        .unwrap_or_default();
    for _ in bytes.split(|byte| *byte == b'\n').skip(1).count()..lines {
        bytes.extend_from_slice(LINE.as_bytes());
    }
    let (executable, link) = (
        flags.contains(&"executable"),
        detail("link").map(|target| Linked {
            target: target.to_owned(),
            original: resolved(ancestors(&path).next().unwrap_or_default(), target)
                .unwrap_or_default(),
        }),
    );
    match detail("copies").and_then(|count| count.parse::<usize>().ok()) {
        None => tree.with(SourceFile {
            path,
            bytes,
            executable,
            link,
        }),
        Some(count) => (1..=count).fold(tree, |tree, number| {
            let number = number.to_string();
            let numbered = |text: &str| text.replace("{n}", &number);
            tree.with(SourceFile {
                path: if path.contains("{n}") {
                    numbered(&path)
                } else {
                    format!("{path}{number}")
                },
                bytes: match std::str::from_utf8(&bytes) {
                    Ok(text) => numbered(text).into_bytes(),
                    Err(_) => bytes.clone(),
                },
                executable,
                link: link.clone(),
            })
        }),
    }
}

fn oddity(flag: &str) -> Option<OddityKind> {
    let (word, detail) = flag.split_once(':').unwrap_or((flag, ""));
    Some(match word {
        "escapes" => OddityKind::LinkEscapes(detail.to_owned()),
        "dangles" => OddityKind::LinkDangles(detail.to_owned()),
        "cycle" => OddityKind::LinkCycle(detail.to_owned()),
        "special" => OddityKind::Special("a named pipe"),
        "unreadable" => OddityKind::Unreadable("permission denied".to_owned()),
        "not-utf8" => OddityKind::NameNotUtf8,
        "size" => OddityKind::TooLarge(detail.parse().unwrap_or_default()),
        "too-deep" => OddityKind::TooDeep,
        "too-much" => OddityKind::TooMuch(detail.parse().unwrap_or_default()),
        "too-many-copies" => OddityKind::TooManyCopies(detail.parse().unwrap_or_default()),
        "too-many" => OddityKind::TooMany(detail.parse().unwrap_or_default()),
        _ => return None,
    })
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        bytes.extend_from_slice(before.as_bytes());
        rest = escape(after, &mut bytes).unwrap_or_else(|| {
            bytes.push(b'\\');
            after
        });
    }
    bytes.extend_from_slice(rest.as_bytes());
    bytes
}

/// Decodes one escape after its backslash and returns what follows it.
fn escape<'text>(after: &'text str, bytes: &mut Vec<u8>) -> Option<&'text str> {
    if let Some(rest) = after.strip_prefix('r') {
        bytes.push(b'\r');
        return Some(rest);
    }
    if let Some(rest) = after.strip_prefix('x') {
        bytes.push(u8::from_str_radix(rest.get(..2)?, 16).ok()?);
        return rest.get(2..);
    }
    let (digits, rest) = after.strip_prefix("u{")?.split_once('}')?;
    let symbol = char::from_u32(u32::from_str_radix(digits, 16).ok()?)?;
    bytes.extend_from_slice(symbol.encode_utf8(&mut [0; 4]).as_bytes());
    Some(rest)
}
