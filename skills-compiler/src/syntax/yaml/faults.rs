//! What is wrong with a document on the way to its tree: the errors of the parser, and legal YAML that not every loader of
//! skills accepts.

use std::ops::Range;

use granit_parser::{ErrorKind, Event, ScalarStyle, ScanError, Span};

use super::builder::Builder;
use super::recovery::{is_quote_error, line_starts, misread_line};
use super::{Node, NodeKind};
use crate::syntax::{Construct, Fault, FaultKind};

impl<'source> Builder<'source> {
    pub(super) fn document_start(&mut self, directive: bool, second: bool, span: &Span) {
        if directive {
            self.unportable(Construct::Directive, self.range(span));
        } else if second {
            self.unportable(Construct::SecondDocument, self.range(span));
        }
    }

    /// Directives without a version, which the parser does not report as events.
    pub(super) fn directives(&mut self) {
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

    /// Records anchors, aliases and tags, none of which all loaders of skills accept.
    pub(super) fn properties(&mut self, event: &Event<'source>, span: &Span) {
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

    /// Records a quoted value with a line that is not indented more than its key, which begins at `key`. The parser lets it
    /// pass, and so do loaders in Python; YAML does not, and loaders in JavaScript refuse it.
    pub(super) fn quoted_lines(&mut self, key: usize, value: &Node) {
        let is_quoted = matches!(
            value.kind,
            NodeKind::Scalar(_, ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted)
        );
        if !is_quoted || self.flow.is_some() {
            return;
        }
        let before = self.source.get(..key - self.base).unwrap_or_default();
        let column = before.len() - before.rfind('\n').map_or(0, |newline| newline + 1);
        let written = self
            .source
            .get(value.span.start - self.base..value.span.end - self.base)
            .unwrap_or_default();
        let is_outside = |&start: &usize| {
            let line = written.get(start..).unwrap_or_default();
            let text = line.trim_start_matches(' ');
            line.len() - text.len() <= column && !text.starts_with(['\n', '\r'])
        };
        if let Some(start) = line_starts(written).skip(1).find(is_outside) {
            self.faults.push(Fault {
                kind: FaultKind::Yaml(ErrorKind::InvalidQuotedScalarIndent),
                span: value.span.start..value.span.start + start,
            });
        }
    }

    /// The word that begins with `sign` and stands in front of `at`, on the same line.
    pub(super) fn before(&self, at: usize, sign: char) -> Option<Range<usize>> {
        let line = self.source.get(..at - self.base)?;
        let start = line.rfind(sign)?;
        let len = line
            .get(start..)?
            .find(char::is_whitespace)
            .unwrap_or(line.len() - start);
        Some(self.base + start..self.base + start + len)
    }

    pub(super) fn unportable(&mut self, construct: Construct, span: Range<usize>) {
        self.faults.push(Fault {
            kind: FaultKind::Unportable(construct),
            span,
        });
    }

    /// The parser's error, at the place that an author would look for it: the parser notices an open quote or bracket
    /// only at the next key, and a line that is no entry only at the colon of the line below.
    pub(super) fn error(&self, error: &ScanError) -> Fault {
        let offset = error
            .marker()
            .byte_offset()
            .unwrap_or(0)
            .min(self.source.len());
        if let Some(line) = self.directive_line(error.kind()) {
            return Fault {
                kind: FaultKind::Unportable(Construct::Directive),
                span: self.moved(line),
            };
        }
        let at = self.base + offset;
        match error.kind() {
            ErrorKind::UnknownAnchor => Fault {
                kind: FaultKind::Unportable(Construct::Alias),
                span: at..at,
            },
            kind if is_quote_error(kind) => {
                let rest = self.source.get(self.last..offset).unwrap_or_default();
                let start = rest
                    .find(['"', '\''])
                    .map_or(at, |quote| self.base + self.last + quote);
                Fault {
                    kind: FaultKind::Yaml(kind.clone()),
                    span: start..at,
                }
            }
            ErrorKind::MappingValueNotAllowed if self.flow.is_none() => {
                match misread_line(self.source, offset) {
                    Some(line) => Fault {
                        kind: FaultKind::Yaml(ErrorKind::SimpleKeyExpected),
                        span: self.moved(line),
                    },
                    None => Fault {
                        kind: FaultKind::Yaml(ErrorKind::MappingValueNotAllowed),
                        span: at..at,
                    },
                }
            }
            kind => {
                let start = self.flow.filter(|&start| start < at).unwrap_or(at);
                Fault {
                    kind: FaultKind::Yaml(kind.clone()),
                    span: start..at,
                }
            }
        }
    }

    /// The directive that an error is about: directives need a `---` after them, which a frontmatter cannot have.
    pub(super) fn directive_line(&self, error: &ErrorKind) -> Option<Range<usize>> {
        if !matches!(
            error,
            ErrorKind::ExpectedDocumentStart | ErrorKind::MissingDocumentEndBeforeDirective
        ) {
            return None;
        }
        let start = line_starts(self.source)
            .find(|&start| self.source.get(start..).is_some_and(is_directive))?;
        let line = self
            .source
            .get(start..)
            .unwrap_or_default()
            .lines()
            .next()
            .unwrap_or_default();
        Some(start..start + line.len())
    }
}

fn is_directive(line: &str) -> bool {
    line.starts_with("%YAML ") || line.starts_with("%TAG ")
}

/// The offset of the first `\uD8xx` to `\uDFxx` in a double-quoted scalar.
pub(super) fn surrogate_escape(written: &str) -> Option<usize> {
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
