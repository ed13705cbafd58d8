//! Pages shown in a code block that hold code blocks themselves: to Markdown, the outer block ends where the inner one does, and what
//! is code and what is text changes places for the rest of the file.

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
        let after = found
            .last()
            .map_or(base, |nested: &Nested| nested.outer.end);
        let candidates = blocks.iter().enumerate();
        let mut candidates = candidates.filter(|(_, block)| block.span.start >= after);
        let Some((outer, inner, closing)) = candidates.find_map(|(index, block)| {
            let next = blocks.get(index + 1)?;
            let is_closer = next.language.is_empty() && next.border != Border::Indentation;
            let (inner, closing) =
                inner(&source, base, block).filter(|_| is_closer && is_page(block))?;
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
    let is_sound = blocks.iter().all(|block| block.border != Border::OpenFence);
    (!found.is_empty() && is_sound).then_some((source, found))
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
        check("````md\n```sh\nls\n```\n````\n", 0, &["md"]);
    }
}
