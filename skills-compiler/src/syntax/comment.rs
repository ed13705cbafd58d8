//! Comments in Markdown: what a page shows to a model, and to nobody who reads it rendered.

use std::ops::Range;

use memchr::memmem;

use super::Outline;

/// The longest name of a definition that is taken for a comment, in bytes, with its indentation.
const MAX_LABEL: usize = 64;

/// All comments of `text[range]`, ascending. What stands in code is no comment.
pub(super) fn find(text: &str, range: Range<usize>, outline: &Outline) -> Vec<Range<usize>> {
    let in_html = outline.html.iter().flat_map(|html| in_html(text, html));
    let mut found: Vec<_> = in_html
        .chain(definitions(text, range).filter(|comment| !outline.is_code(comment.start)))
        .collect();
    found.sort_unstable_by_key(|comment| comment.start);
    found
}

/// The comments in a piece of HTML. One that is not closed reaches to the end.
fn in_html<'text>(
    text: &'text str,
    html: &Range<usize>,
) -> impl Iterator<Item = Range<usize>> + use<'text> {
    let end = html.end;
    let mut from = html.start;
    std::iter::from_fn(move || {
        let start = from + text.get(from..end)?.find("<!--")?;
        let length = text.get(start..end)?.find("-->");
        from = length.map_or(end, |length| start + length + "-->".len());
        Some(start..from)
    })
}

/// The lines that define a reference to nothing: `[//]: # (..)`, `[comment]: <> (..)`.
fn definitions(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> + '_ {
    let source = text.get(range.clone()).unwrap_or_default();
    memmem::find_iter(source.as_bytes(), "]: ").filter_map(move |bracket| {
        let near = source
            .as_bytes()
            .get(bracket.saturating_sub(MAX_LABEL)..bracket)?;
        let line = near
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |newline| newline + 1);
        let is_line = line > 0 || near.len() == bracket;
        let label = near.get(line..)?.trim_ascii_start();
        let start = bracket - label.len();
        let rest = source.get(bracket + "]: ".len()..)?;
        let says = rest
            .strip_prefix("# ")
            .or_else(|| rest.strip_prefix("<> "))?;
        let is_comment = is_line && label.starts_with(b"[") && says.starts_with(['(', '"', '\'']);
        let end = rest.find('\n').unwrap_or(rest.len());
        let end = bracket + "]: ".len() + rest.get(..end)?.trim_end().len();
        is_comment.then_some(range.start + start..range.start + end)
    })
}

#[cfg(test)]
mod tests {
    use crate::syntax::markdown::outline;

    fn check(text: &str, expected: &[&str]) {
        let comments = outline(text, 0..text.len()).comments;
        let found: Vec<_> = comments.into_iter().map(|span| &text[span]).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn comments_are_found_outside_of_code() {
        check("a <!-- b --> c <!--d-->", &["<!-- b -->", "<!--d-->"]);
        check("<!-- a\n\nb -->\n", &["<!-- a\n\nb -->"]);
        check("`<!-- a -->`\n\n```\n<!-- b -->\n```\n", &[]);
        check("<!-- never closed\n", &["<!-- never closed\n"]);
    }

    #[test]
    fn definitions_of_nothing_are_comments() {
        check(
            "[//]: # (a b)\n\n[//]: # (c)\n",
            &["[//]: # (a b)", "[//]: # (c)"],
        );
        check(
            "[comment]: <> (a)\n[x]: #y\n[z]: # \n",
            &["[comment]: <> (a)"],
        );
        check("    [//]: # (a)\n", &[]);
    }
}
