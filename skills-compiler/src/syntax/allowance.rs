//! Comments that allow a rule: `<!-- skills: allow(rule, other-rule) reason="why" -->`.

use std::ops::Range;

use super::Outline;

/// The most of a comment that is read, in bytes.
const MAX_COMMENT: usize = 4096;

/// A comment that allows rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// The whole comment.
    pub span: Range<usize>,
    /// The rules, each with where it stands.
    pub rules: Vec<(String, Range<usize>)>,
    /// Why; nothing if the comment does not say.
    pub reason: Option<String>,
    /// Whether the comment is written as it should be.
    pub is_well_formed: bool,
}

/// The allowances of a Markdown text. What stands in code is no comment.
pub(super) fn find(text: &str, outline: &Outline) -> Vec<Allowance> {
    let comments = outline.comments.iter().cloned();
    comments.filter_map(|span| read(text, span)).collect()
}

fn read(text: &str, span: Range<usize>) -> Option<Allowance> {
    let comment = text
        .get(span.clone())
        .filter(|comment| comment.len() <= MAX_COMMENT)?;
    let inner = comment.strip_prefix("<!--")?.strip_suffix("-->")?;
    let words = inner.trim_start().strip_prefix("skills:")?;
    let start = span.end - "-->".len() - words.len();
    let parsed = parse(words, start);
    let is_well_formed = parsed.is_some();
    let (rules, reason) = parsed.unwrap_or_default();
    Some(Allowance {
        span,
        rules,
        reason,
        is_well_formed,
    })
}

type Parsed = (Vec<(String, Range<usize>)>, Option<String>);

/// `allow(a, b) reason="..."`; `at` is where the text starts.
fn parse(text: &str, at: usize) -> Option<Parsed> {
    let (names, rest) = text
        .trim_start()
        .strip_prefix("allow")?
        .trim_start()
        .strip_prefix('(')?
        .split_once(')')?;
    let start = at + text.len() - rest.len() - 1 - names.len();
    let mut rules = Vec::new();
    let mut offset = start;
    for part in names.split(',') {
        let name = part.trim();
        let begin = offset + part.len() - part.trim_start().len();
        offset += part.len() + 1;
        if name.is_empty() {
            return None;
        }
        rules.push((name.to_owned(), begin..begin + name.len()));
    }
    let rest = rest.trim();
    if rest.is_empty() {
        return Some((rules, None));
    }
    let reason = rest
        .strip_prefix("reason")?
        .trim_start()
        .strip_prefix('=')?
        .trim_start();
    let reason = reason.strip_prefix('"')?.strip_suffix('"')?.trim();
    Some((rules, (!reason.is_empty()).then(|| reason.to_owned())))
}
