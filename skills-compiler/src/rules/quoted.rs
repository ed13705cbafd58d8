//! Which text of a Markdown file shows another file and is not meant for the agent.

use crate::syntax::Outline;

/// Languages in which documentation shows files: manifests, settings and other skills.
const FILES: &[&str] = &[
    "json", "jsonc", "markdown", "md", "toml", "xml", "yaml", "yml",
];

/// Whether a place stands in a block of code that shows a file.
pub(super) fn is_quoted(outline: &Outline, at: usize) -> bool {
    let after = outline
        .code_blocks
        .partition_point(|block| block.span.start <= at);
    let block = after
        .checked_sub(1)
        .and_then(|index| outline.code_blocks.get(index));
    block.is_some_and(|block| {
        block.span.contains(&at)
            && FILES
                .iter()
                .any(|file| block.language.eq_ignore_ascii_case(file))
    })
}

/// Whether a place stands in a block or span of code.
pub(super) fn is_code(outline: &Outline, at: usize) -> bool {
    let blocks = outline.code_blocks.iter().map(|block| &block.span);
    blocks
        .chain(&outline.code_spans)
        .any(|span| span.contains(&at))
}
