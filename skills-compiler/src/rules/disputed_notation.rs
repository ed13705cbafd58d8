//! SK031: characters and notations of the frontmatter that loaders read in different ways.

use std::ops::Range;

use super::value::EDITS;
use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::{Entry, Fence, Node, NodeKind, ScalarStyle};

declare_rule! {
    /// The frontmatter has a tab, a `---` inside of a value, or another notation that loaders do not read alike.
    ///
    /// ## Why
    ///
    /// All of it is legal, and no loader is to be relied on for it: those in Python refuse a tab outside of quotes and end a line
    /// at U+2028, the `skills` installer wants nothing behind the first `---`, and the reference validator takes any `---` for the
    /// end of the frontmatter, so that a value is cut there. Blocks (`|` and `>`) with a number in their header, with long
    /// lines of blanks, or with a `+` at the end of the frontmatter have other values with other loaders.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms --- use it when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms -- use it when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    DISPUTED_NOTATION = "SK031", "disputed-notation", Format, Warn, Check::Skill(check)
}

/// How many places of one notation are pointed at.
const MARKED: usize = 8;

/// What loaders do not read alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Notation {
    BlanksAfterFence,
    Dashes,
    DocumentEnd,
    Tab,
    LineSeparator,
    BlockIndentation,
    KeptLineBreaks,
    LineOfBlanks,
    CommentAboveValue,
}

impl Notation {
    const ALL: [Self; 9] = [
        Self::BlanksAfterFence,
        Self::Dashes,
        Self::DocumentEnd,
        Self::Tab,
        Self::LineSeparator,
        Self::BlockIndentation,
        Self::KeptLineBreaks,
        Self::LineOfBlanks,
        Self::CommentAboveValue,
    ];

    /// What stands there, who reads it how, and what to do.
    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::BlanksAfterFence => (
                "blanks stand behind the `---` that opens the frontmatter",
                "the `skills` installer sees no frontmatter then, and drops the skill",
                "remove them",
            ),
            Self::Dashes => (
                "`---` stands inside of the frontmatter",
                "the reference validator takes it for the end of the frontmatter, and cuts the value there",
                "write `--` or `—`",
            ),
            Self::DocumentEnd => (
                "`...` stands on a line of its own",
                "it ends the document, and what follows is refused by some loaders and read by others",
                "remove the line",
            ),
            Self::Tab => (
                "a tab stands in the frontmatter",
                "loaders in Python refuse a tab outside of quotes, others take it for a blank",
                "write a blank",
            ),
            Self::LineSeparator => (
                "a character that ends a line to some loaders stands in the frontmatter",
                "U+0085, U+2028 and U+2029 are line breaks to YAML 1.1, and text to YAML 1.2",
                "write a blank",
            ),
            Self::BlockIndentation => (
                "the header of a block has a number",
                "loaders disagree on how many of the blanks in front of the text belong to it",
                "remove the number, and begin the text without more blanks than the lines below",
            ),
            Self::KeptLineBreaks => (
                "a `+` keeps the line breaks at the end of the frontmatter",
                "some loaders cut the frontmatter off in front of its last line break, others behind it",
                "remove the `+`",
            ),
            Self::LineOfBlanks => (
                "a line of blanks stands where it may belong to the text of a block",
                "loaders disagree on whether the blanks do, and some refuse them",
                "remove the blanks",
            ),
            Self::CommentAboveValue => (
                "a comment stands between a key and its value",
                "the reference validator fails where the value is not on the line of its key",
                "move the comment above the key",
            ),
        }
    }

    /// The text to write in place of what stands there, where that changes nothing for those who can read it.
    const fn replacement(self) -> Option<&'static str> {
        match self {
            Self::BlanksAfterFence | Self::KeptLineBreaks | Self::LineOfBlanks => Some(""),
            Self::Tab => Some(" "),
            _ => None,
        }
    }
}

type Places = Vec<(Notation, Range<usize>)>;

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let (Some(fence), Some(frontmatter)) = (&cx.skill.fence, &cx.skill.frontmatter) else {
        return;
    };
    // What does not parse has worse to be told of.
    if !cx.skill.faults.is_empty() {
        return;
    }
    let (text, mut scalars) = (cx.skill.text, Vec::new());
    let mut places = of_characters(text, fence);
    for entry in &frontmatter.entries {
        collect(entry, &mut scalars);
    }
    places.extend(
        scalars
            .iter()
            .filter_map(|entry| comment_above(text, entry)),
    );
    let scalars: Vec<_> = scalars.iter().map(|entry| &entry.value).collect();
    let blocks: Vec<_> = blocks(text, fence, &scalars).collect();
    for block in &blocks {
        of_block(text, block, &mut places);
    }
    let is_text = |at: usize| {
        let in_quotes = |node: &&Node| is_quoted(node) && node.span.contains(&at);
        scalars.iter().any(in_quotes) || blocks.iter().any(|block| is_content(text, block, at))
    };
    places.retain(|(notation, place)| *notation != Notation::Tab || !is_text(place.start));
    for notation in Notation::ALL {
        let mut of_this = places.iter().filter(|(other, _)| *other == notation);
        if let Some((_, first)) = of_this.next() {
            let others: Vec<_> = of_this.map(|(_, place)| place.clone()).collect();
            out.push(finding(cx, notation, first, &others));
        }
    }
}

fn finding(
    cx: &SkillContext<'_>,
    notation: Notation,
    first: &Range<usize>,
    others: &[Range<usize>],
) -> Finding {
    let (message, note, help) = notation.words();
    let document = cx.skill.document;
    let finding = Finding::at(&DISPUTED_NOTATION, document, first.clone(), message).note(note);
    let finding = others.iter().take(MARKED).fold(finding, |finding, place| {
        finding.related(document, place.clone(), "here too")
    });
    let replace = |text: &str| -> Vec<_> {
        let places = std::iter::once(first).chain(others);
        places
            .map(|place| Patch::replace(place.clone(), text))
            .collect()
    };
    match notation.replacement() {
        Some(text) if others.len() < EDITS => finding.patch(help, replace(text)),
        _ => finding.help(help),
    }
}

/// The entries with a scalar, among an entry and what it holds. Lists have no place in a portable frontmatter.
fn collect<'entry>(entry: &'entry Entry, scalars: &mut Vec<&'entry Entry>) {
    match &entry.value.kind {
        NodeKind::Scalar(..) => scalars.push(entry),
        NodeKind::Mapping(entries, _) => entries.iter().for_each(|entry| collect(entry, scalars)),
        NodeKind::Sequence(..) | NodeKind::Faulty => {}
    }
}

/// The comment between a key and a value on a later line; one behind the header of a block is between them too.
fn comment_above(text: &str, entry: &Entry) -> Option<(Notation, Range<usize>)> {
    let (start, value) = (entry.key_span.end, entry.value.span.start);
    let header = if is_block(&entry.value) {
        text.get(value..)?.find('\n').unwrap_or_default()
    } else {
        0
    };
    let at = start + text.get(start..value + header)?.find('#')?;
    let is_below = text.get(start..value)?.contains('\n');
    is_below.then_some((Notation::CommentAboveValue, at..at + 1))
}

/// What can be told without knowing the values.
fn of_characters(text: &str, fence: &Fence) -> Places {
    let range = fence.frontmatter.clone();
    let written = text.get(range.clone()).unwrap_or_default();
    let at = |notation, pattern: &'static str| {
        let found = written.match_indices(pattern);
        found.map(move |(at, found)| {
            let start = range.start + at;
            (notation, start..start + found.len())
        })
    };
    let opening = text.get(..fence.frontmatter.start).unwrap_or_default();
    let opening = opening.trim_end_matches(['\r', '\n']);
    let blanks = opening.trim_end_matches([' ', '\t']).len()..opening.len();
    let ends = lines(text, fence.frontmatter.clone())
        .filter(|line| text.get(line.clone()).is_some_and(is_document_end));
    let mut places = Vec::new();
    places.extend((!blanks.is_empty()).then_some((Notation::BlanksAfterFence, blanks)));
    places.extend(at(Notation::Dashes, "---"));
    places.extend(ends.map(|line| (Notation::DocumentEnd, line.start..line.start + 3)));
    places.extend(at(Notation::Tab, "\t"));
    for separator in ["\u{85}", "\u{2028}", "\u{2029}"] {
        places.extend(at(Notation::LineSeparator, separator));
    }
    places
}

fn is_document_end(line: &str) -> bool {
    line.strip_prefix("...")
        .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r']))
}

/// The lines of a part of a text, without their line feeds.
fn lines(text: &str, range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let mut start = range.start;
    let part = text.get(range).unwrap_or_default();
    part.split_inclusive('\n').map(move |line| {
        let begin = start;
        start += line.len();
        begin..begin + line.trim_end_matches('\n').len()
    })
}

/// A block scalar in the file.
struct Block {
    /// The header, `|` or `>` with what follows it.
    header: Range<usize>,
    /// The lines of text, with the blank lines behind them.
    lines: Vec<Range<usize>>,
    /// Whether nothing follows it in the frontmatter.
    is_last: bool,
}

fn blocks(text: &str, fence: &Fence, scalars: &[&Node]) -> impl Iterator<Item = Block> {
    let blocks = scalars.iter().filter(|node| is_block(node));
    blocks.map(move |node| {
        let frontmatter = fence.frontmatter.end;
        let after = text.get(node.span.end..frontmatter).unwrap_or_default();
        let next = node.span.end + (after.len() - after.trim_start().len());
        let mut lines: Vec<_> = lines(text, node.span.start..next).collect();
        // The last piece is the indentation of what follows.
        if next < frontmatter {
            lines.pop();
        }
        let header = if lines.is_empty() {
            node.span.clone()
        } else {
            lines.remove(0)
        };
        Block {
            header,
            lines,
            is_last: next == frontmatter,
        }
    })
}

fn of_block(text: &str, block: &Block, places: &mut Places) {
    let header = text.get(block.header.clone()).unwrap_or_default();
    let indicators = header.split([' ', '\t', '\r']).next().unwrap_or_default();
    for (at, symbol) in indicators.char_indices() {
        let place = block.header.start + at..block.header.start + at + symbol.len_utf8();
        match symbol {
            '0'..='9' => places.push((Notation::BlockIndentation, place)),
            '+' if block.is_last => places.push((Notation::KeptLineBreaks, place)),
            _ => {}
        }
    }
    let line = |line: &Range<usize>| {
        text.get(line.clone())
            .unwrap_or_default()
            .trim_end_matches('\r')
    };
    let is_blank = |line: &str| line.trim().is_empty();
    let first = block.lines.iter().position(|place| !is_blank(line(place)));
    let indent = first.and_then(|first| block.lines.get(first)).map(line);
    let indent = indent.map_or(0, |line| line.len() - line.trim_start_matches(' ').len());
    for (index, place) in block.lines.iter().enumerate() {
        let blanks = line(place);
        let is_first = first.is_none_or(|first| index < first) && !blanks.is_empty();
        if is_blank(blanks) && (is_first || blanks.len() > indent || blanks.contains('\t')) {
            places.push((Notation::LineOfBlanks, place.clone()));
        }
    }
}

/// Whether an offset is in the text of a block, and not in front of it.
fn is_content(text: &str, block: &Block, at: usize) -> bool {
    block
        .lines
        .iter()
        .filter(|line| line.contains(&at))
        .any(|line| {
            text.get(line.start..at)
                .is_some_and(|before| !before.trim().is_empty())
        })
}

const fn is_block(node: &Node) -> bool {
    matches!(
        node.kind,
        NodeKind::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded)
    )
}

const fn is_quoted(node: &Node) -> bool {
    matches!(
        node.kind,
        NodeKind::Scalar(_, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted)
    )
}
