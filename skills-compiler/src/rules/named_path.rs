//! Paths of files that a text names in inline code and in commands, as an agent would read them.

use std::ops::Range;
use std::sync::LazyLock;

use crate::syntax::{CodeBlock, Outline};
use crate::words::Words;

/// The paths that a Markdown text names, with where they stand: words with a `/` and an extension, without `./`.
pub(super) fn mentions<'text>(
    text: &'text str,
    outline: &Outline,
) -> impl Iterator<Item = (&'text str, Range<usize>)> {
    let spans = outline.code_spans.iter().cloned();
    let blocks = outline.code_blocks.iter().filter(|block| is_shell(block));
    let blocks = blocks.map(|block| block.span.clone());
    spans
        .flat_map(|span| words(text, span))
        .chain(blocks.flat_map(|block| commands(text, block)))
}

fn is_shell(block: &CodeBlock) -> bool {
    matches!(
        block.language.as_str(),
        "sh" | "bash" | "shell" | "zsh" | "console"
    )
}

/// The words of inline code that are paths.
fn words(text: &str, span: Range<usize>) -> impl Iterator<Item = (&str, Range<usize>)> {
    let code = text.get(span.clone()).unwrap_or_default();
    // Most code is no path at all, and that takes no time to find out.
    let code = if code.contains('/') { code } else { "" };
    let mut start = span.start;
    code.split([' ', '`', '"', '\'', '\n', '(', ')', ',', ';'])
        .filter_map(move |word| {
            let at = start;
            start += word.len() + 1;
            path(word, at)
        })
}

/// The paths in a block that are run, or that a program is given to run.
fn commands(text: &str, block: Range<usize>) -> impl Iterator<Item = (&str, Range<usize>)> {
    const RUNNERS: [&str; 12] = [
        "python", "python3", "bash", "sh", "zsh", "node", "bun", "deno", "ruby", "perl", "source",
        "run",
    ];
    let source = text.get(block.clone()).unwrap_or_default();
    let mut start = block.start;
    source.split_inclusive('\n').filter_map(move |line| {
        let at = start;
        start += line.len();
        let command = line.trim_start_matches([' ', '\t', '>', '$']);
        let at = at + line.len() - command.len();
        let end = |from: usize| {
            command
                .get(from..)?
                .find(char::is_whitespace)
                .map(|end| from + end)
        };
        let first = command.get(..end(0).unwrap_or(command.len()))?;
        if !RUNNERS.contains(&first) {
            return path(first, at);
        }
        let second = first.len() + 1;
        path(
            command.get(second..end(second).unwrap_or(command.len()))?,
            at + second,
        )
    })
}

/// What clients and authors write for the directory of the skill, at the beginning of a path.
const ROOTS: [&str; 7] = [
    "${CLAUDE_SKILL_DIR}/",
    "$CLAUDE_SKILL_DIR/",
    "${SKILL_DIR}/",
    "$SKILL_DIR/",
    "${SKILL_ROOT}/",
    "{baseDir}/",
    "{skill_dir}/",
];

/// A path without the directory of the skill in front of it.
fn without_root(word: &str) -> Option<&str> {
    ROOTS.iter().find_map(|root| word.strip_prefix(root))
}

/// Whether a path that stands at an offset counts from the directory of the skill, because it says so.
pub(super) fn is_rooted(text: &str, at: usize) -> bool {
    let head = text.get(..at).unwrap_or_default();
    ROOTS.iter().any(|root| head.ends_with(root))
}

/// The paths in inline code and in commands that begin with `../`, with where they stand; whether a path counts from the
/// directory of the skill, because it says so.
pub(super) fn ways_out<'text>(
    text: &'text str,
    outline: &Outline,
) -> Vec<(&'text str, Range<usize>, bool)> {
    let spans = outline.code_spans.iter().cloned();
    let blocks = outline.code_blocks.iter().filter(|block| is_shell(block));
    let all = spans.chain(blocks.map(|block| block.span.clone()));
    let mut found = Vec::new();
    for span in all {
        let code = text.get(span.clone()).unwrap_or_default();
        let mut start = span.start;
        for word in code.split([' ', '`', '"', '\'', '\n', '(', ')', ',', ';']) {
            let inner = without_root(word);
            let path = inner
                .unwrap_or(word)
                .split([':', '#'])
                .next()
                .unwrap_or_default();
            let path = path.trim_end_matches('.');
            let at = start + word.len() - inner.unwrap_or(word).len();
            let is_plain = path.bytes().all(|byte| {
                byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/')
            });
            if path.starts_with("../") && is_plain {
                found.push((path, at..at + path.len(), inner.is_some()));
            }
            start += word.len() + 1;
        }
    }
    found
}

/// What a path has that stands for any file.
static SIGNS: LazyLock<Words> = LazyLock::new(|| {
    Words::new([
        "xxx", "XXX", "your", "foo", "example", "_name.", "path/to", "-name.",
    ])
});

/// A word as a path of a file: nothing if it is no plain one.
fn path(word: &str, at: usize) -> Option<(&str, Range<usize>)> {
    let path = word
        .strip_prefix("./")
        .or_else(|| without_root(word))
        .unwrap_or(word);
    let start = at + word.len() - path.len();
    let path = path.split([':', '#', '?']).next()?.trim_end_matches('.');
    let (_, name) = path.rsplit_once('/')?;
    let (stem, extension) = name.rsplit_once('.')?;
    let is_plain = || {
        path.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'/'))
    };
    let is_file = || !stem.is_empty() && !extension.is_empty() && !path.contains("..");
    // A directory of examples is one as any other.
    let named = path.strip_prefix("examples/").unwrap_or(path);
    let is_placeholder = || SIGNS.next(named, 0).is_some();
    (is_plain() && is_file() && !is_placeholder()).then_some((path, start..start + path.len()))
}
