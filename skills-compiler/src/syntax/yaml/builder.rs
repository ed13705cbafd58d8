//! From the parser's events to the tree of one document.

use std::collections::BTreeMap;
use std::ops::Range;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span, StructureStyle};

use super::faults::surrogate_escape;
use super::{Comment, Entry, Node, NodeKind};
use crate::syntax::{Construct, Fault, FaultKind, Scalar};

/// The deepest nesting of sequences and mappings.
const MAX_DEPTH: usize = 32;

/// Builds the tree of one document from the parser's events.
pub(super) struct Builder<'source> {
    /// The offset of `source` in the file.
    pub(super) base: usize,
    pub(super) source: &'source str,
    pub(super) faults: Vec<Fault>,
    pub(super) comments: Vec<Comment>,
    /// Where the last event ended, in bytes of `source`.
    pub(super) last: usize,
    /// Where the outermost flow collection that is still open begins, in bytes of the file.
    pub(super) flow: Option<usize>,
}

type Events<'source> = Parser<'source, granit_parser::StrInput<'source>>;

impl<'source> Builder<'source> {
    pub(super) fn new(base: usize, source: &'source str) -> Self {
        Self {
            base,
            source,
            faults: Vec::new(),
            comments: Vec::new(),
            last: 0,
            flow: None,
        }
    }

    /// The entries of the top-level mapping; `Ok(None)` when the document is something else, which is then a fault.
    pub(super) fn document(&mut self) -> Result<Option<Vec<Entry>>, Fault> {
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
                    self.last = span.end - self.base;
                    self.comments.push(Comment {
                        span,
                        text: text.into_owned(),
                    });
                }
                Some(Ok(next)) => {
                    self.last = self.range(&next.1).end - self.base;
                    return Ok(Some(next));
                }
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
            Event::SequenceStart(style, ..) => {
                let outer = self.open(style, start.start);
                let sequence = self.sequence(style, events)?;
                self.flow = outer;
                sequence
            }
            Event::MappingStart(style, ..) => {
                let outer = self.open(style, start.start);
                let mapping = self.mapping(style, events)?;
                self.flow = outer;
                mapping
            }
            _ => (NodeKind::Faulty, start.end),
        };
        Ok(Node {
            span: start.start..kind.1.max(start.end),
            kind: kind.0,
        })
    }

    /// Remembers where a flow collection begins, unless it stands in another one. Returns what was remembered before.
    fn open(&mut self, style: StructureStyle, at: usize) -> Option<usize> {
        let outer = self.flow;
        if style == StructureStyle::Flow {
            self.flow = outer.or(Some(at));
        }
        outer
    }

    fn scalar(&mut self, text: &str, style: ScalarStyle, span: Range<usize>) -> Node {
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
        let span = if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            self.block(span)
        } else {
            span
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
        let mut keys = BTreeMap::new();
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
            entries.extend(self.entry(key, value, &mut keys));
        }
        Ok((NodeKind::Faulty, 0))
    }

    /// One entry of a mapping; nothing where the key is none that JSON could have. `keys` are those before it.
    fn entry(
        &mut self,
        key: Node,
        value: Node,
        keys: &mut BTreeMap<String, Range<usize>>,
    ) -> Option<Entry> {
        let written = self
            .source
            .get(key.span.start - self.base..key.span.end - self.base)
            .unwrap_or_default();
        let NodeKind::Scalar(key_value, style) = key.kind else {
            self.unportable(Construct::ComplexKey, key.span);
            return None;
        };
        if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded)
            || self.is_explicit(key.span.start)
        {
            self.unportable(Construct::ComplexKey, key.span.clone());
        }
        self.quoted_lines(key.span.start, &value);
        let text = match &key_value {
            Scalar::Text(text) => text.clone(),
            _ => written.to_owned(),
        };
        if text == "<<" {
            self.unportable(Construct::MergeKey, key.span.clone());
        }
        match keys.get(&text) {
            Some(first) => {
                let kind = FaultKind::DuplicateKey(first.clone(), text.clone());
                self.faults.push(Fault {
                    kind,
                    span: key.span.clone(),
                });
            }
            None => {
                keys.insert(text.clone(), key.span.clone());
            }
        }
        Some(Entry {
            key: text,
            key_value,
            key_span: key.span,
            value,
        })
    }

    /// Whether a `?` announces the key.
    fn is_explicit(&self, key: usize) -> bool {
        let before = self
            .source
            .get(..key - self.base)
            .unwrap_or_default()
            .trim_end();
        before
            .strip_suffix('?')
            .is_some_and(|before| before.is_empty() || before.ends_with([' ', '\n', '{', '[', ',']))
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

    pub(super) fn moved(&self, range: Range<usize>) -> Range<usize> {
        self.base + range.start..self.base + range.end
    }

    /// A span of the parser in bytes of the file.
    pub(super) fn range(&self, span: &Span) -> Range<usize> {
        let range = span.byte_range().unwrap_or(0..0);
        let end = range.end.min(self.source.len());
        self.base + range.start.min(end)..self.base + end
    }
}
