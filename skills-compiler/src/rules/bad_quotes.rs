//! SK007: quotes that do not match, and what is wrong inside of them.

use std::ops::Range;

use crate::diagnostics::{Finding, Level, Patch};
use crate::rules::claim::{Claim, claim};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::rules::value::{PlainValue, key_end, quote};
use crate::syntax::{ErrorKind, FaultKind, ScalarStyle};

declare_rule! {
    /// A quoted value is not closed, goes on after its closing quote, holds an unknown escape, or uses curly quotes.
    ///
    /// ## Why
    ///
    /// A value that begins with a quote ends at the next quote of the same kind. If there is none, or if text follows it, the
    /// frontmatter does not parse and loaders drop the skill. Curly quotes are no quotes to YAML; they become part of the text.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: "Fills PDF forms. Use when the user says "fill this in"."
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: "Fills PDF forms. Use when the user says \"fill this in\"."
    /// ---
    /// Open the form and fill it.
    /// ```
    BAD_QUOTES = "SK007", "bad-quotes", Format, Deny, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for fault in &cx.skill.faults {
        if let (Some(Claim::Quotes(value)), FaultKind::Yaml(kind)) =
            (claim(cx.skill, fault), &fault.kind)
        {
            let note = "loaders drop a skill whose frontmatter does not parse";
            out.push(finding(cx, kind, &fault.span, value.as_ref()).note(note));
        }
    }
    curly(cx, out);
}

fn finding(
    cx: &SkillContext<'_>,
    kind: &ErrorKind,
    span: &Range<usize>,
    value: Option<&PlainValue>,
) -> Finding {
    use ErrorKind as Kind;
    let opening = value
        .filter(|value| value.span.contains(&span.start))
        .map_or(span.start, |value| value.span.start);
    let here = |span, message: &str| Finding::at(&BAD_QUOTES, cx.skill.document, span, message);
    match kind {
        Kind::InvalidTrailingSingleQuotedScalar
        | Kind::InvalidTrailingDoubleQuotedScalar
        | Kind::MappingValueNotAllowed => {
            let at = span.end.max(span.start);
            let finding = here(
                at..at + width(cx, at),
                "text follows the closing quote of this value",
            )
            .label("the value has ended before this");
            let finding = finding.related(
                cx.skill.document,
                span.start.min(opening)..span.start.min(opening) + 1,
                "it begins with this quote",
            );
            match value {
                Some(value) => finding.patch(
                    "escape the quotes inside, or quote all of it",
                    inner(value, value.text(cx.skill)),
                ),
                None => finding.help("escape the quotes inside"),
            }
        }
        Kind::UnclosedQuotedScalar
        | Kind::InvalidQuotedScalarIndent
        | Kind::DocumentIndicatorInQuotedScalar => unclosed(cx, span, value),
        _ => escape(cx, value, span.start, kind),
    }
}

/// A quote without an end, or one whose end stands on a line that is not indented.
fn unclosed(cx: &SkillContext<'_>, span: &Range<usize>, value: Option<&PlainValue>) -> Finding {
    let text = cx.skill.text;
    let here = |span, message: &str| Finding::at(&BAD_QUOTES, cx.skill.document, span, message);
    let quote = text.get(span.start..span.start + 1).unwrap_or("\"");
    let lines = lines_to_quote(cx, span, quote);
    if let Some(first) = lines.first().filter(|first| first.start > span.start) {
        let indents = lines.iter().map(|line| Patch::insert(line.start, "  "));
        return here(first.clone(), "this line of a quoted value is not indented")
            .related(
                cx.skill.document,
                span.start..span.start + 1,
                "the value begins with this quote",
            )
            .label("it has to be indented more than its key")
            .patch("indent it", indents);
    }
    let finding =
        here(span.start..span.start + 1, "this quote is never closed").label("opened here");
    match value {
        Some(value) => finding.patch("close it", [Patch::insert(value.span.end, quote)]),
        None => finding.help("close it at the end of the line"),
    }
}

/// The lines from the end of `span` to the one that closes the quote; none if a key comes first.
fn lines_to_quote(cx: &SkillContext<'_>, span: &Range<usize>, quote: &str) -> Vec<Range<usize>> {
    let end = cx
        .skill
        .fence
        .as_ref()
        .map_or(0, |fence| fence.frontmatter.end);
    let rest = cx.skill.text.get(span.end..end).unwrap_or_default();
    let mut lines = Vec::new();
    let mut start = span.end;
    for line in rest.split_inclusive('\n') {
        let text = line.trim_end_matches(['\n', '\r']);
        if is_key(text) {
            break;
        }
        lines.push(start..start + text.len());
        if text.contains(quote) {
            return lines;
        }
        start += line.len();
    }
    Vec::new()
}

/// Whether a line begins with a key of its own: one word. Prose with a colon in it has several.
fn is_key(line: &str) -> bool {
    let key = key_end(line).and_then(|end| line.get(..end));
    key.is_some_and(|key| !key.trim().contains(char::is_whitespace))
}

/// The edits that make one value of a text with too many quotes.
fn inner(value: &PlainValue, text: &str) -> Vec<Patch> {
    let Some(mark) = text.chars().next() else {
        return Vec::new();
    };
    let closed = text.len() > 1 && text.ends_with(mark);
    if !closed {
        return quote(&value.span, text);
    }
    let (escape, mut escaped) = (if mark == '"' { "\\" } else { "'" }, false);
    let mut patches = Vec::new();
    for (at, symbol) in text.char_indices().skip(1) {
        if symbol == mark && !escaped && at + 1 < text.len() {
            patches.push(Patch::insert(value.span.start + at, escape));
        }
        escaped = symbol == '\\' && mark == '"' && !escaped;
    }
    patches
}

/// A backslash in double quotes that begins no escape.
fn escape(
    cx: &SkillContext<'_>,
    value: Option<&PlainValue>,
    start: usize,
    kind: &ErrorKind,
) -> Finding {
    let rest = cx.skill.text.get(start..).unwrap_or_default();
    let at = bad_escape(rest).map_or(start, |at| start + at);
    let is_sign = matches!(
        kind,
        ErrorKind::UnknownQuotedScalarEscape | ErrorKind::InvalidQuotedScalarHexEscape
    );
    let len = if is_sign { 2 } else { 6 };
    let shown: String = cx
        .skill
        .text
        .get(at..)
        .unwrap_or_default()
        .chars()
        .take(len)
        .collect();
    let message = match kind {
        ErrorKind::UnknownQuotedScalarEscape => {
            format!("`{shown}` is not an escape that YAML knows")
        }
        ErrorKind::InvalidQuotedScalarHexEscape => {
            format!("`{shown}` has to be followed by hexadecimal digits")
        }
        _ => format!("`{shown}` is not a character"),
    };
    let finding = Finding::at(
        &BAD_QUOTES,
        cx.skill.document,
        at..at + shown.len(),
        message,
    )
    .label("in double quotes a backslash begins an escape");
    match value.and_then(|value| single_quotes(value, value.text(cx.skill))) {
        _ if !is_sign => finding.help("write the character itself"),
        Some(patches) => finding.patch("in single quotes a backslash is only itself", patches),
        None => finding.patch("write the backslash twice", [Patch::insert(at, "\\")]),
    }
}

/// The edits that turn double quotes into single ones, where that changes nothing else.
fn single_quotes(value: &PlainValue, text: &str) -> Option<Vec<Patch>> {
    let inside = text.strip_prefix('"')?.strip_suffix('"')?;
    let (first, last) = (value.span.start, value.span.end - 1);
    let quotes = vec![
        Patch::replace(first..first + 1, "'"),
        Patch::replace(last..last + 1, "'"),
    ];
    (!inside.contains(['"', '\'', '\n']) && !inside.contains("\\\\")).then_some(quotes)
}

/// The first backslash of a double-quoted value that begins no escape.
fn bad_escape(quoted: &str) -> Option<usize> {
    let mut symbols = quoted.char_indices().skip(1);
    while let Some((at, symbol)) = symbols.next() {
        let digits = match symbol {
            '"' => return None,
            '\\' => match symbols.next()?.1 {
                'x' => 2,
                'u' => 4,
                'U' => 8,
                known if "0abt\tnvfre \"/\\N_LP\n\r".contains(known) => continue,
                _ => return Some(at),
            },
            _ => continue,
        };
        let hex = quoted
            .get(at + 2..at + 2 + digits)
            .and_then(|hex| u32::from_str_radix(hex, 16).ok());
        if hex.and_then(char::from_u32).is_none() {
            return Some(at);
        }
    }
    None
}

/// A value that is meant to be quoted, but with quotes that YAML does not know.
fn curly(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for entry in cx
        .skill
        .frontmatter
        .iter()
        .flat_map(|frontmatter| &frontmatter.entries)
    {
        let written = cx
            .skill
            .text
            .get(entry.value.span.clone())
            .unwrap_or_default();
        let plain = matches!(
            entry.value.kind,
            crate::syntax::NodeKind::Scalar(_, ScalarStyle::Plain)
        );
        let Some(inside) = written
            .strip_prefix('\u{201c}')
            .and_then(|rest| rest.strip_suffix('\u{201d}'))
        else {
            continue;
        };
        if plain && !inside.contains(['\u{201c}', '\u{201d}', '"', '\\']) {
            let (start, end) = (entry.value.span.start, entry.value.span.end);
            let mut finding = Finding::at(
                &BAD_QUOTES,
                cx.skill.document,
                start..start + 3,
                "these curly quotes are part of the value",
            )
            .label("not a quote to YAML")
            .note("loaders show them; what they were meant to protect is not protected")
            .patch(
                "write straight quotes",
                [
                    Patch::replace(start..start + 3, "\""),
                    Patch::replace(end - 3..end, "\""),
                ],
            );
            finding.level = Level::Warn;
            out.push(finding);
        }
    }
}

fn width(cx: &SkillContext<'_>, at: usize) -> usize {
    cx.skill
        .text
        .get(at..)
        .and_then(|rest| rest.chars().next())
        .map_or(0, char::len_utf8)
}
