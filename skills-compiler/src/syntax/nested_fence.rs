//! Pages shown in a code block that hold code blocks themselves: to Markdown, the outer block ends where the inner one does, and what
//! is code and what is text changes places for the rest of the file.

use std::borrow::Cow;
use std::ops::Range;

use super::markdown::{Border, CodeBlock, Nested, Outline, read};

/// How many such blocks of one file are followed: each is one more reading.
const MOST: usize = 32;

/// The text with the inner blocks blanked out, byte for byte, and where they were. Nothing if there is none, or if the rest of the
/// file is not well-formed after that: then something else is meant.
pub(super) fn without(
    source: &str,
    base: usize,
    outline: &Outline,
) -> Option<(String, Vec<Nested>)> {
    let mut source = source.to_owned();
    let mut found = Vec::new();
    let mut blocks = outline.code_blocks.clone();
    while found.len() < MOST {
        // The same block may hold another one.
        let after = found
            .last()
            .map_or(base, |nested: &Nested| nested.outer.start);
        let candidates = blocks.iter().enumerate();
        let mut candidates = candidates.filter(|(_, block)| block.span.start >= after);
        let Some((outer, inner, closing)) = candidates.find_map(|(index, block)| {
            let next = blocks.get(index + 1)?;
            let is_fenced = next.border != Border::Indentation;
            let (inner, closing) =
                inner(&source, base, block).filter(|_| is_fenced && is_page(block))?;
            Some((block.span.start, inner, closing))
        }) else {
            break;
        };
        let fence = fence(source.get(outer - base..)?).len();
        for line in [inner.clone(), closing] {
            let line = line.start - base..line.end - base;
            let blanks = " ".repeat(line.len());
            source.replace_range(line, &blanks);
        }
        found.push(Nested {
            outer: outer..outer + fence,
            inner,
        });
        blocks = read(&source, base).code_blocks;
    }
    found.dedup_by(|later, earlier| later.outer == earlier.outer);
    // A block that still has an opening fence in it was never closed, and others stand below it.
    let is_outer = |block: &CodeBlock| {
        let mut outers = found.iter().map(|nested| nested.outer.start);
        outers.any(|start| start == block.span.start)
    };
    let is_whole = |block: &CodeBlock| !is_outer(block) || inner(&source, base, block).is_none();
    let is_sound = blocks
        .iter()
        .all(|block| block.border != Border::OpenFence && is_whole(block));
    (!found.is_empty() && is_sound).then_some((source, found))
}

/// The text with lines blanked out, byte for byte, that are a tag right above a fence: to Markdown, the fence would be a part of HTML.
pub(super) fn without_tags(source: &str) -> Cow<'_, str> {
    let mut found = Cow::Borrowed(source);
    for (end, _) in source.match_indices("\n```") {
        let head = source.get(..end).unwrap_or_default();
        let start = head.rfind('\n').map_or(0, |newline| newline + 1);
        let line = head.get(start..).unwrap_or_default().trim();
        let name = line
            .strip_prefix('<')
            .and_then(|line| line.strip_suffix('>'));
        let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        let is_tag = name.is_some_and(|name| !name.is_empty() && name.bytes().all(is_part));
        // An opening fence, and not the one that closes a block with a tag as its last line.
        let rest = source.get(end + 4..).unwrap_or_default();
        if is_tag && rest.starts_with(char::is_alphabetic) {
            let blanks = " ".repeat(end - start);
            found.to_mut().replace_range(start..end, &blanks);
        }
    }
    found
}

/// Whether a closed block shows a page, which may have blocks of its own.
fn is_page(block: &CodeBlock) -> bool {
    let language = block.language.to_ascii_lowercase();
    let is_page = matches!(&*language, "" | "markdown" | "md" | "mdx" | "text" | "txt");
    block.border == Border::Fences && is_page
}

/// The line in a block that opens another one, and the last line of the block, which was meant to close that.
fn inner(source: &str, base: usize, block: &CodeBlock) -> Option<(Range<usize>, Range<usize>)> {
    let text = source.get(block.span.start - base..block.span.end - base)?;
    let outer = fence(text);
    let mut start = block.span.start;
    let mut inner = None;
    let mut last = None;
    for line in text.split_inclusive('\n') {
        let trimmed = line.trim_start();
        let at = start + line.len() - trimmed.len();
        let span = at..at + trimmed.trim_end().len();
        let names_a_language = trimmed
            .get(fence(trimmed).len()..)?
            .starts_with(char::is_alphabetic);
        if at > block.span.start && trimmed.starts_with(outer) {
            if names_a_language {
                inner.get_or_insert(span.clone());
            }
            last = Some(span);
        }
        start += line.len();
    }
    inner.zip(last).filter(|(inner, last)| inner != last)
}

/// The fence that a line begins with.
fn fence(line: &str) -> &str {
    let end = line
        .find(|symbol| !matches!(symbol, '`' | '~'))
        .unwrap_or(line.len());
    line.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, nested: usize, languages: &[&str]) {
        let outline = read(text, 0);
        let without = without(text, 0, &outline);
        let (read_again, count) = without.map_or((outline.code_blocks, 0), |(text, nested)| {
            (read(&text, 0).code_blocks, nested.len())
        });
        let found: Vec<_> = read_again.iter().map(|block| &*block.language).collect();
        assert_eq!((count, found.as_slice()), (nested, languages), "{text}");
    }

    #[test]
    fn a_page_that_holds_a_block_reaches_to_its_own_fence() {
        check("```md\n# A\n```sh\nls\n```\nB\n```\n\n## C\n", 1, &["md"]);
        check(
            "```md\n```sh\nls\n```\n```\n\nx\n\n```\ntree\n```\n",
            1,
            &["md", ""],
        );
        check("```md\n# A\n```\n\n```sh\nls\n```\n", 0, &["md", "sh"]);
        let two = "```md\n```sh\nls\n```\nx\n```py\ny\n```\n```\n\nz\n";
        check(two, 1, &["md"]);
        let unclosed = "```md\n# A\n```sh\nls\n```\n\n```py\ny\n```\n";
        check(unclosed, 0, &["md", "py"]);
        check("````md\n```sh\nls\n```\n````\n", 0, &["md"]);
    }
}
