//! Which text of a Markdown file shows another file and is not meant for the agent.

use crate::syntax::{CodeBlock, Outline};

/// Languages in which documentation shows files: manifests, settings and other skills.
const FILES: &[&str] = &[
    "json", "jsonc", "markdown", "md", "toml", "xml", "yaml", "yml",
];

/// Whether a place stands in a block of code that shows a file.
pub(super) fn is_quoted(outline: &Outline, at: usize) -> bool {
    block_at(outline, at).is_some_and(|block| {
        FILES
            .iter()
            .any(|file| block.language.eq_ignore_ascii_case(file))
    })
}

/// Whether a place stands in a block or span of code.
pub(super) fn is_code(outline: &Outline, at: usize) -> bool {
    let spans = &outline.code_spans;
    let after = spans.partition_point(|span| span.start <= at);
    let span = after.checked_sub(1).and_then(|index| spans.get(index));
    span.is_some_and(|span| span.contains(&at)) || block_at(outline, at).is_some()
}

fn block_at(outline: &Outline, at: usize) -> Option<&CodeBlock> {
    let blocks = &outline.code_blocks;
    let after = blocks.partition_point(|block| block.span.start <= at);
    let block = after.checked_sub(1).and_then(|index| blocks.get(index))?;
    block.span.contains(&at).then_some(block)
}
