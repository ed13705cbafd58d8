//! Frontmatter as a tree that remembers where every key and value stands.
//!
//! The YAML parser (granit-parser, events with byte offsets) stops at its first error. To report them all, the entry with
//! the error is blanked out, byte for byte so that no offset moves, and the rest is parsed again.

use std::ops::Range;

use granit_parser::{
    ErrorKind, Event, Options, Parser, ScalarStyle, ScanError, Span, StructureStyle,
};

use super::{Construct, Fault, FaultKind, Scalar};

/// The largest frontmatter that is parsed. Real ones are a few hundred bytes.
const MAX_BYTES: usize = 64 * 1024;

/// The deepest nesting of sequences and mappings.
const MAX_DEPTH: usize = 32;

/// How many entries are blanked out before the rest is given up.
const MAX_FAULTS: usize = 16;

/// The mapping at the top of a `SKILL.md`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Frontmatter {
    /// The top-level entries in the order they were written.
    pub entries: Vec<Entry>,
    /// All comments.
    pub comments: Vec<Comment>,
}

/// A key with its value.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key as text.
    pub key: String,
    /// What the key is, if it is not text: `1: x` has a number.
    pub key_value: Scalar,
    /// Where the key stands, quotes included.
    pub key_span: Range<usize>,
    /// The value.
    pub value: Node,
}

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// Where it stands, quotes or block indicator included.
    pub span: Range<usize>,
    /// What it is.
    pub kind: NodeKind,
}

/// The kinds of value.
#[derive(Clone, Debug, PartialEq)]
pub enum NodeKind {
    /// A single value, with the notation it was written in.
    Scalar(Scalar, ScalarStyle),
    /// A list; whether it was written as `[..]`.
    Sequence(Vec<Node>, bool),
    /// A mapping; whether it was written as `{..}`.
    Mapping(Vec<Entry>, bool),
    /// A value that could not be parsed, and about which a fault says why. Rules say nothing more of it.
    Faulty,
}

/// A `# comment`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Where it stands, `#` included.
    pub span: Range<usize>,
    /// The text after the `#`.
    pub text: String,
}

impl Frontmatter {
    /// The top-level entry with this key.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    /// The text of a top-level entry, if it has one.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.value.as_text()
    }
}

impl Node {
    /// The text, if the value is text.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Scalar(Scalar::Text(text), _) => Some(text),
            _ => None,
        }
    }

    /// The word for the kind of value, for messages.
    #[must_use]
    pub const fn describe(&self) -> &'static str {
        match &self.kind {
            NodeKind::Scalar(scalar, _) => scalar.kind(),
            NodeKind::Sequence(..) => "a list",
            NodeKind::Mapping(..) => "a mapping",
            NodeKind::Faulty => "not valid YAML",
        }
    }
}

/// Parses `text[range]`, which stands between the fences. Without a tree there is at least one fault.
pub(super) fn parse(text: &str, range: Range<usize>) -> (Option<Frontmatter>, Vec<Fault>) {
    let source = text.get(range.clone()).unwrap_or_default();
    if source.len() > MAX_BYTES {
        let kind = FaultKind::FrontmatterTooLarge(source.len());
        return (
            None,
            vec![Fault {
                kind,
                span: range.start..range.start,
            }],
        );
    }
    let mut source = source.to_owned();
    let mut faults = Vec::new();
    let mut blanked = Vec::new();
    loop {
        let mut builder = Builder {
            base: range.start,
            source: &source,
            faults: Vec::new(),
            comments: Vec::new(),
        };
        match builder.document() {
            Ok(entries) => {
                let comments = std::mem::take(&mut builder.comments);
                faults.append(&mut builder.faults);
                faults.sort_by_key(|fault| fault.span.start);
                let entries = entries.map(|entries| mark_faulty(entries, &blanked));
                return (
                    entries.map(|entries| Frontmatter { entries, comments }),
                    faults,
                );
            }
            Err(fault) => {
                let at = fault.span.start - range.start;
                if !faults.contains(&fault) {
                    faults.push(fault);
                }
                let Some(entry) = (faults.len() < MAX_FAULTS)
                    .then(|| blank_entry(&mut source, at))
                    .flatten()
                else {
                    return (None, faults);
                };
                blanked.push(entry.start + range.start..entry.end + range.start);
            }
        }
    }
}

/// Blanks out the value of the top-level entry around `at`. Returns the entry's bytes, or nothing when there is no
/// entry or it was blank already.
fn blank_entry(source: &mut String, at: usize) -> Option<Range<usize>> {
    let starts = line_starts(source)
        .filter(|&start| is_entry_start(source.get(start..).unwrap_or_default()));
    let start = starts.take_while(|&start| start <= at).last()?;
    let end = line_starts(source)
        .find(|&line| line > start && is_entry_start(source.get(line..).unwrap_or_default()))
        .unwrap_or(source.len());
    let entry = source.get(start..end)?;
    let (kept, opening) = match entry.find(':') {
        Some(colon) if entry.get(..colon)?.chars().all(is_key_character) => (colon + 1, ""),
        _ => (0, "#"),
    };
    let rest = entry.get(kept..)?;
    let blank: String = rest
        .bytes()
        .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
        .collect();
    let blank = format!(
        "{opening}{}",
        blank.get(opening.len()..).unwrap_or_default()
    );
    if blank == rest || blank.len() != rest.len() {
        return None;
    }
    source.replace_range(start + kept..end, &blank);
    Some(start..end)
}

fn line_starts(source: &str) -> impl Iterator<Item = usize> + '_ {
    let after_newlines = source.match_indices('\n').map(|(newline, _)| newline + 1);
    std::iter::once(0)
        .chain(after_newlines)
        .filter(|&start| start < source.len())
}

/// Whether a line begins a top-level entry: not blank, not a comment, not indented, not an item of a list.
fn is_entry_start(line: &str) -> bool {
    !line.starts_with([' ', '\t', '\n', '\r', '#'])
        && !line.starts_with("- ")
        && !line.starts_with("-\n")
}

fn is_key_character(symbol: char) -> bool {
    symbol.is_alphanumeric() || matches!(symbol, '-' | '_' | '.' | ' ')
}

fn mark_faulty(mut entries: Vec<Entry>, blanked: &[Range<usize>]) -> Vec<Entry> {
    for entry in &mut entries {
        if blanked
            .iter()
            .any(|range| range.contains(&entry.key_span.start))
        {
            entry.value.kind = NodeKind::Faulty;
        }
    }
    entries
}

/// Builds the tree of one document from the parser's events.
struct Builder<'source> {
    /// The offset of `source` in the file.
    base: usize,
    source: &'source str,
    faults: Vec<Fault>,
    comments: Vec<Comment>,
}

type Events<'source> = Parser<'source, granit_parser::StrInput<'source>>;

impl<'source> Builder<'source> {
    /// The entries of the top-level mapping; `Ok(None)` when the document is something else, which is then a fault.
    fn document(&mut self) -> Result<Option<Vec<Entry>>, Fault> {
        let mut options = Options::default();
        options.emit_unresolved_aliases = true;
        options.block_nesting_limit = MAX_DEPTH;
        options.flow_nesting_limit = MAX_DEPTH;
        let mut events = Parser::new_from_str_with_options(self.source, options);
        let mut root = None;
        while let Some((event, span)) = self.next(&mut events)? {
            match event {
                Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => {}
                Event::DocumentStart(_, version) => {
                    self.document_start(version.is_some(), root.is_some(), &span);
                }
                _ if root.is_some() => {}
                event => root = Some(self.node(event, &span, &mut events)?),
            }
        }
        self.directives();
        Ok(self.top_level(root))
    }

    fn document_start(&mut self, directive: bool, second: bool, span: &Span) {
        if directive {
            self.unportable(Construct::Directive, self.range(span));
        } else if second {
            self.unportable(Construct::SecondDocument, self.range(span));
        }
    }

    /// Directives without a version, which the parser does not report as events.
    fn directives(&mut self) {
        if self
            .faults
            .iter()
            .any(|fault| fault.kind == FaultKind::Unportable(Construct::Directive))
        {
            return;
        }
        if let Some(start) = line_starts(self.source)
            .find(|&start| self.source.get(start..).is_some_and(is_directive))
        {
            let line = self
                .source
                .get(start..)
                .unwrap_or_default()
                .lines()
                .next()
                .unwrap_or_default();
            self.unportable(
                Construct::Directive,
                self.base + start..self.base + start + line.len(),
            );
        }
    }

    fn top_level(&mut self, root: Option<Node>) -> Option<Vec<Entry>> {
        let node = match root {
            Some(Node {
                kind: NodeKind::Mapping(entries, _),
                ..
            }) => return Some(entries),
            Some(node) => node,
            None => Node {
                span: self.base..self.base,
                kind: NodeKind::Scalar(Scalar::Null, ScalarStyle::Plain),
            },
        };
        self.faults.push(Fault {
            kind: FaultKind::NotAMapping(node.describe()),
            span: node.span,
        });
        None
    }

    /// The next event that is not a comment.
    fn next(
        &mut self,
        events: &mut Events<'source>,
    ) -> Result<Option<(Event<'source>, Span)>, Fault> {
        loop {
            match events.next() {
                None => return Ok(None),
                Some(Err(error)) => return Err(self.error(&error)),
                Some(Ok((Event::Comment(text, _), span))) => {
                    let span = self.range(&span);
                    self.comments.push(Comment {
                        span,
                        text: text.into_owned(),
                    });
                }
                Some(Ok(next)) => return Ok(Some(next)),
            }
        }
    }

    fn node(
        &mut self,
        event: Event<'source>,
        span: &Span,
        events: &mut Events<'source>,
    ) -> Result<Node, Fault> {
        self.properties(&event, span);
        let start = self.range(span);
        let kind = match event {
            Event::Scalar(text, style, ..) => return Ok(self.scalar(&text, style, start)),
            Event::SequenceStart(style, ..) => self.sequence(style, events)?,
            Event::MappingStart(style, ..) => self.mapping(style, events)?,
            _ => (NodeKind::Faulty, start.end),
        };
        Ok(Node {
            span: start.start..kind.1.max(start.end),
            kind: kind.0,
        })
    }

    /// Records anchors, aliases and tags, none of which all loaders of skills accept.
    fn properties(&mut self, event: &Event<'source>, span: &Span) {
        let range = self.range(span);
        let (anchor, tag) = match event {
            Event::Alias(_) | Event::UnresolvedAlias(_) => {
                return self.unportable(Construct::Alias, range);
            }
            Event::Scalar(_, _, anchor, tag) => (*anchor, tag),
            Event::SequenceStart(_, anchor, tag) | Event::MappingStart(_, anchor, tag) => {
                (*anchor, tag)
            }
            _ => return,
        };
        if anchor != 0 {
            let span = self
                .before(range.start, '&')
                .unwrap_or_else(|| range.clone());
            self.unportable(Construct::Anchor, span);
        }
        if tag.is_some() {
            let span = span
                .tag_span()
                .map(|span| self.range(&span))
                .or_else(|| self.before(range.start, '!'));
            self.unportable(Construct::Tag, span.unwrap_or(range));
        }
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, span: Range<usize>) -> Node {
        let span = if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            self.block(span)
        } else {
            span
        };
        let written = self
            .source
            .get(span.start - self.base..span.end - self.base)
            .unwrap_or_default();
        if style == ScalarStyle::DoubleQuoted
            && let Some(escape) = surrogate_escape(written)
        {
            self.unportable(
                Construct::SurrogateEscape,
                span.start + escape..span.start + escape + 6,
            );
        }
        let value = match style {
            ScalarStyle::Plain => Scalar::of_plain(text),
            _ => Scalar::Text(text.to_owned()),
        };
        Node {
            span,
            kind: NodeKind::Scalar(value, style),
        }
    }

    fn sequence(
        &mut self,
        style: StructureStyle,
        events: &mut Events<'source>,
    ) -> Result<(NodeKind, usize), Fault> {
        let mut items = Vec::<Node>::new();
        while let Some((event, span)) = self.next(events)? {
            if matches!(event, Event::SequenceEnd) {
                let end = self.end(style, &span, items.last().map(|item| item.span.end));
                return Ok((
                    NodeKind::Sequence(items, style == StructureStyle::Flow),
                    end,
                ));
            }
            items.push(self.node(event, &span, events)?);
        }
        Ok((NodeKind::Faulty, 0))
    }

    fn mapping(
        &mut self,
        style: StructureStyle,
        events: &mut Events<'source>,
    ) -> Result<(NodeKind, usize), Fault> {
        let mut entries = Vec::<Entry>::new();
        while let Some((event, span)) = self.next(events)? {
            if matches!(event, Event::MappingEnd) {
                let end = self.end(
                    style,
                    &span,
                    entries.last().map(|entry| entry.value.span.end),
                );
                return Ok((
                    NodeKind::Mapping(entries, style == StructureStyle::Flow),
                    end,
                ));
            }
            let key = self.node(event, &span, events)?;
            let Some((event, span)) = self.next(events)? else {
                break;
            };
            let value = self.node(event, &span, events)?;
            self.entry(key, value, &mut entries);
        }
        Ok((NodeKind::Faulty, 0))
    }

    fn entry(&mut self, key: Node, value: Node, entries: &mut Vec<Entry>) {
        let written = self
            .source
            .get(key.span.start - self.base..key.span.end - self.base)
            .unwrap_or_default();
        let (key_value, block) = match key.kind {
            NodeKind::Scalar(value, style) => (
                value,
                matches!(style, ScalarStyle::Literal | ScalarStyle::Folded),
            ),
            _ => return self.unportable(Construct::ComplexKey, key.span),
        };
        if block {
            return self.unportable(Construct::ComplexKey, key.span);
        }
        let text = match &key_value {
            Scalar::Text(text) => text.clone(),
            _ => written.to_owned(),
        };
        if text == "<<" {
            self.unportable(Construct::MergeKey, key.span.clone());
        }
        if let Some(first) = entries.iter().find(|entry| entry.key == text) {
            let kind = FaultKind::DuplicateKey(first.key_span.clone(), text.clone());
            self.faults.push(Fault {
                kind,
                span: key.span.clone(),
            });
        }
        entries.push(Entry {
            key: text,
            key_value,
            key_span: key.span,
            value,
        });
    }

    /// Where a collection ends: at its bracket, or with its last item.
    fn end(&self, style: StructureStyle, span: &Span, last: Option<usize>) -> usize {
        match style {
            StructureStyle::Flow => self.range(span).end,
            StructureStyle::Block => last.unwrap_or_else(|| self.range(span).start),
        }
    }

    /// The span of a block scalar with its indicator and without the line ends after it; the parser's is its lines alone.
    fn block(&self, span: Range<usize>) -> Range<usize> {
        let head = self
            .source
            .get(..span.start - self.base)
            .unwrap_or_default()
            .trim_end();
        let line = head.rfind('\n').map_or(0, |newline| newline + 1);
        let header = head.get(line..).unwrap_or_default();
        let header = header.split(" #").next().unwrap_or_default();
        let start = header
            .rfind(['|', '>'])
            .map_or(span.start, |indicator| self.base + line + indicator);
        let end = self
            .source
            .get(..span.end - self.base)
            .unwrap_or_default()
            .trim_end()
            .len()
            + self.base;
        start..end.max(start)
    }

    /// The word that begins with `sign` and stands in front of `at`, on the same line.
    fn before(&self, at: usize, sign: char) -> Option<Range<usize>> {
        let line = self.source.get(..at - self.base)?;
        let start = line.rfind(sign)?;
        let len = line
            .get(start..)?
            .find(char::is_whitespace)
            .unwrap_or(line.len() - start);
        Some(self.base + start..self.base + start + len)
    }

    fn unportable(&mut self, construct: Construct, span: Range<usize>) {
        self.faults.push(Fault {
            kind: FaultKind::Unportable(construct),
            span,
        });
    }

    fn error(&self, error: &ScanError) -> Fault {
        let at = self.base
            + error
                .marker()
                .byte_offset()
                .unwrap_or(0)
                .min(self.source.len());
        let kind = match error.kind() {
            ErrorKind::UnknownAnchor => FaultKind::Unportable(Construct::Alias),
            kind => FaultKind::Yaml(kind.clone()),
        };
        Fault { kind, span: at..at }
    }

    /// A span of the parser in bytes of the file.
    fn range(&self, span: &Span) -> Range<usize> {
        let range = span.byte_range().unwrap_or(0..0);
        let end = range.end.min(self.source.len());
        self.base + range.start.min(end)..self.base + end
    }
}

fn is_directive(line: &str) -> bool {
    line.starts_with("%YAML ") || line.starts_with("%TAG ")
}

/// The offset of the first `\uD8xx` to `\uDFxx` in a double-quoted scalar.
fn surrogate_escape(written: &str) -> Option<usize> {
    written.match_indices("\\u").map(|(at, _)| at).find(|&at| {
        let escaped = written
            .get(..at)
            .unwrap_or_default()
            .bytes()
            .rev()
            .take_while(|&byte| byte == b'\\')
            .count()
            % 2
            == 1;
        let first = written
            .get(at + 2..at + 4)
            .unwrap_or_default()
            .to_ascii_lowercase();
        !escaped
            && first.starts_with('d')
            && matches!(first.as_bytes().get(1), Some(b'8'..=b'9' | b'a'..=b'f'))
    })
}
