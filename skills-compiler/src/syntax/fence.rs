//! The frontmatter fence: the two `---` lines at the top of a `SKILL.md`.
//!
//! Both are anchored to whole lines. Splitting at the first `---` anywhere, as some loaders do, cuts values in two.

use std::ops::Range;

use super::{Fault, FaultKind};

/// Where the frontmatter and the body lie, in bytes from the start of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fence {
    /// The lines between the fences.
    pub frontmatter: Range<usize>,
    /// Everything after the closing fence.
    pub body: Range<usize>,
}

/// How a file without frontmatter begins instead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    /// With nothing: the file is empty or blank.
    Nothing,
    /// With blank lines or spaces, and a fence after them.
    BlankLines,
    /// With a Markdown heading.
    Heading,
    /// With a fenced code block.
    CodeFence,
    /// With TOML frontmatter, `+++`.
    Toml,
    /// With an XML or HTML tag.
    Tag,
    /// With keys and values, but no fence above them.
    BareKeys,
    /// With a line of dashes that is not exactly `---`.
    WrongDashes,
    /// With lines that end in a lone carriage return, so that the whole file is one line.
    LoneCarriageReturns,
    /// With a fence, but Markdown up to the next one.
    Markdown,
    /// With other text.
    Text,
}

/// Finds the fence in the text of a file.
pub(super) fn find(text: &str) -> Result<Fence, Fault> {
    let start = if text.starts_with('\u{feff}') {
        '\u{feff}'.len_utf8()
    } else {
        0
    };
    let mut lines = lines(text, start);
    let first = lines.next().unwrap_or(start..start);
    if !is_fence(text.get(first.clone()).unwrap_or_default()) {
        return Err(missing(text, first));
    }
    let opened = next_line(text, first.end);
    for line in lines {
        if is_fence(text.get(line.clone()).unwrap_or_default()) {
            let fence = Fence {
                frontmatter: opened..line.start,
                body: next_line(text, line.end)..text.len(),
            };
            return match markdown_line(text, &fence.frontmatter) {
                Some(markdown) => Err(not_frontmatter(text, first, opened, markdown)),
                None => Ok(fence),
            };
        }
    }
    Err(Fault {
        kind: FaultKind::UnclosedFrontmatter(almost_closing(text, opened)),
        span: first,
    })
}

/// The first line of what should be frontmatter that no YAML can have: a code fence, a table, or bold text at the margin.
fn markdown_line(text: &str, frontmatter: &Range<usize>) -> Option<Range<usize>> {
    let is_markdown = |line: &str| {
        let starts = ["```", "| ", "**"];
        starts.iter().any(|start| line.starts_with(start))
    };
    lines(text, frontmatter.start)
        .take_while(|line| line.start < frontmatter.end)
        .find(|line| text.get(line.clone()).is_some_and(is_markdown))
}

/// The second fence belongs to the text: the frontmatter is not closed, or there is none.
fn not_frontmatter(
    text: &str,
    first: Range<usize>,
    opened: usize,
    markdown: Range<usize>,
) -> Fault {
    let above = text.get(opened..markdown.start).unwrap_or_default();
    let is_key = |line: &str| {
        let key = line
            .split_once(':')
            .filter(|(_, rest)| rest.is_empty() || rest.starts_with([' ', '\t']));
        let is_word = |key: &str| {
            key.starts_with(|first: char| first.is_ascii_lowercase())
                && key
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        };
        key.is_some_and(|(key, _)| is_word(key))
    };
    if above.trim_start().lines().next().is_some_and(is_key) {
        return Fault {
            kind: FaultKind::UnclosedFrontmatter(None),
            span: first,
        };
    }
    Fault {
        kind: FaultKind::MissingFrontmatter(Opening::Markdown),
        span: markdown,
    }
}

/// A fence is exactly three dashes; blanks may follow.
fn is_fence(line: &str) -> bool {
    line.trim_end_matches([' ', '\t', '\r']) == "---"
}

fn missing(text: &str, first: Range<usize>) -> Fault {
    let line = text.get(first.clone()).unwrap_or_default();
    let rest = text.get(first.start..).unwrap_or_default();
    let opening = match line.trim_start() {
        _ if rest.trim().is_empty() => Opening::Nothing,
        _ if rest.trim_start().starts_with("---\n") || rest.trim_start().starts_with("---\r\n") => {
            Opening::BlankLines
        }
        _ if line.contains('\r') && line.starts_with("---\r") => Opening::LoneCarriageReturns,
        dashes if dashes.starts_with("--") => Opening::WrongDashes,
        heading if heading.starts_with('#') => Opening::Heading,
        fence if fence.starts_with("```") || fence.starts_with("~~~") => Opening::CodeFence,
        toml if toml.starts_with("+++") => Opening::Toml,
        tag if tag.starts_with('<') => Opening::Tag,
        keys if keys.starts_with("name:") || keys.starts_with("description:") => Opening::BareKeys,
        _ => Opening::Text,
    };
    Fault {
        kind: FaultKind::MissingFrontmatter(opening),
        span: first,
    }
}

/// The first line after `from` that looks like a fence written wrongly.
fn almost_closing(text: &str, from: usize) -> Option<Range<usize>> {
    lines(text, from).find(|line| {
        let line = text.get(line.clone()).unwrap_or_default().trim();
        let dashes = !line.is_empty()
            && line.len() >= 2
            && line.chars().all(|symbol| matches!(symbol, '-' | '—' | '–'));
        dashes || line == "..." || line == "+++" || line.ends_with("---")
    })
}

/// The lines of `text` from `start` on, without their ends.
fn lines(text: &str, start: usize) -> impl Iterator<Item = Range<usize>> {
    let rest = text.get(start..).unwrap_or_default();
    rest.split_inclusive('\n').scan(start, |offset, line| {
        let begin = *offset;
        *offset += line.len();
        Some(begin..begin + line.trim_end_matches(['\n', '\r']).len())
    })
}

/// The offset of the line after the one that ends at `end`.
fn next_line(text: &str, end: usize) -> usize {
    let rest = text.get(end..).unwrap_or_default();
    end + rest.find('\n').map_or(rest.len(), |newline| newline + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, frontmatter: &str, body: &str) {
        let fence = find(text).expect("a fence");
        assert_eq!(
            (&text[fence.frontmatter], &text[fence.body]),
            (frontmatter, body)
        );
    }

    fn check_missing(text: &str, opening: Opening) {
        assert_eq!(
            find(text).expect_err("no fence").kind,
            FaultKind::MissingFrontmatter(opening),
            "{text:?}"
        );
    }

    #[test]
    fn a_fence_is_found_whatever_its_line_ends_are() {
        check("---\na: b\n---\nbody\n", "a: b\n", "body\n");
        check("---  \r\na: b\r\n---\r\nbody", "a: b\r\n", "body");
        check("\u{feff}---\na: b\n---", "a: b\n", "");
        check("---\n---\n", "", "");
    }

    #[test]
    fn dashes_inside_a_value_do_not_close_it() {
        check(
            "---\ndescription: A --- B\n---\nbody --- more\n",
            "description: A --- B\n",
            "body --- more\n",
        );
    }

    #[test]
    fn what_stands_in_place_of_a_fence_is_named() {
        check_missing("", Opening::Nothing);
        check_missing(" \n\n", Opening::Nothing);
        check_missing("\n---\na: b\n---\n", Opening::BlankLines);
        check_missing("# Title\n", Opening::Heading);
        check_missing("```yaml\n", Opening::CodeFence);
        check_missing("+++\n", Opening::Toml);
        check_missing("<skill>\n", Opening::Tag);
        check_missing("name: x\n", Opening::BareKeys);
        check_missing("----\n", Opening::WrongDashes);
        check_missing("---\rname: x\r---\r", Opening::LoneCarriageReturns);
        check_missing("Hello\n", Opening::Text);
        check_missing("---\n\n## name: x\n\n| a | b |\n---\n", Opening::Markdown);
    }

    #[test]
    fn an_unclosed_fence_points_at_the_line_that_was_meant_to_close_it() {
        let fault = find("---\na: b\n...\nbody\n").expect_err("no fence");
        assert_eq!(
            fault,
            Fault {
                kind: FaultKind::UnclosedFrontmatter(Some(9..12)),
                span: 0..3
            }
        );
    }
}
