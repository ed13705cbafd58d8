//! The outline of a Markdown text: where its headings, links, images and code stand.

use std::ops::Range;

use pulldown_cmark::{
    CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Options, Parser, RefDefs, Tag, TagEnd,
};

use super::{comment, nested_fence};

/// What rules want to know of a Markdown text. Offsets count from the start of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outline {
    /// The headings in order.
    pub headings: Vec<Heading>,
    /// The links and images in order.
    pub links: Vec<Link>,
    /// The fenced and indented code blocks in order.
    pub code_blocks: Vec<CodeBlock>,
    /// The code blocks that were meant to hold another one and, to Markdown, end where that one does.
    pub nested: Vec<Nested>,
    /// The inline code spans in order, backticks included.
    pub code_spans: Vec<Range<usize>>,
    /// The HTML blocks and inline tags in order, comments included.
    pub html: Vec<Range<usize>>,
    /// The comments in order: `<!-- .. -->`, and definitions that nothing can refer to, such as `[//]: # (..)`.
    pub comments: Vec<Range<usize>>,
}

impl Outline {
    /// Whether an offset is in a code block or a code span.
    #[must_use]
    pub fn is_code(&self, at: usize) -> bool {
        let block = self
            .code_blocks
            .partition_point(|block| block.span.end <= at);
        let span = self.code_spans.partition_point(|span| span.end <= at);
        self.code_blocks
            .get(block)
            .is_some_and(|block| block.span.contains(&at))
            || self
                .code_spans
                .get(span)
                .is_some_and(|span| span.contains(&at))
    }
}

/// A code block in whose text another one begins with a fence that is no shorter than its own. All else in the outline is as
/// the author meant it: the outer block reaches to its own closing fence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Nested {
    /// The opening fence of the outer block.
    pub outer: Range<usize>,
    /// The fence of the inner block.
    pub inner: Range<usize>,
}

/// A heading.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heading {
    /// 1 to 6.
    pub level: u8,
    /// Its text without markup.
    pub text: String,
    /// The whole heading.
    pub span: Range<usize>,
}

/// A link or an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// How it is written.
    pub kind: LinkKind,
    /// Where it leads, unescaped.
    pub destination: String,
    /// Where the destination is written, which for a reference is in its definition.
    pub span: Range<usize>,
}

/// How a link is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkKind {
    /// `[text](destination)` or by reference
    Link,
    /// `![text](destination)` or by reference
    Image,
    /// `<https://example.com>`
    Autolink,
}

/// A code block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CodeBlock {
    /// The first word after the fence; empty where there is none.
    pub language: String,
    /// The whole block, fences included.
    pub span: Range<usize>,
    /// What surrounds it.
    pub border: Border,
}

/// What surrounds a code block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Border {
    /// Nothing: the block is indented.
    Indentation,
    /// A fence before and after it.
    Fences,
    /// A fence before it, and none after it: the block reaches to the end of what it stands in.
    OpenFence,
}

/// Reads the outline of `text[range]`.
pub(super) fn outline(text: &str, range: Range<usize>) -> Outline {
    let source = text.get(range.clone()).unwrap_or_default();
    let source = nested_fence::without_tags(source);
    let outline = read(&source, range.start);
    let Some((source, nested)) = nested_fence::without(&source, range.start, &outline) else {
        return with_comments(text, range, outline);
    };
    let outline = read(&source, range.start);
    with_comments(text, range, Outline { nested, ..outline })
}

fn with_comments(text: &str, range: Range<usize>, mut outline: Outline) -> Outline {
    outline.comments = comment::find(text, range, &outline);
    outline
}

/// Reads the outline of a text that begins at `base` of its file.
pub(super) fn read(source: &str, base: usize) -> Outline {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS;
    let mut reader = Reader {
        source,
        base,
        outline: Outline::default(),
        heading: None,
        code_end: None,
    };
    let mut events = Parser::new_ext(source, options).into_offset_iter();
    while let Some((event, span)) = events.next() {
        reader.event(event, span, events.reference_definitions());
    }
    reader.outline
}

struct Reader<'source> {
    source: &'source str,
    base: usize,
    outline: Outline,
    heading: Option<Heading>,
    /// Inside of a code block, where its text ends as far as it was read.
    code_end: Option<usize>,
}

impl Reader<'_> {
    fn event(&mut self, event: Event<'_>, span: Range<usize>, definitions: &RefDefs<'_>) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => self.open_heading(level, span),
            Event::End(TagEnd::Heading(_)) => self.outline.headings.extend(self.heading.take()),
            Event::Start(Tag::Link {
                link_type,
                dest_url,
                id,
                ..
            }) => {
                let kind = match link_type {
                    LinkType::Autolink | LinkType::Email => LinkKind::Autolink,
                    _ => LinkKind::Link,
                };
                let defined = defined(link_type, &id, definitions);
                self.link(kind, &dest_url, defined.unwrap_or(span));
            }
            Event::Start(Tag::Image {
                link_type,
                dest_url,
                id,
                ..
            }) => {
                let defined = defined(link_type, &id, definitions);
                self.link(LinkKind::Image, &dest_url, defined.unwrap_or(span));
            }
            Event::Start(Tag::CodeBlock(kind)) => self.code_block(&kind, span),
            Event::Start(Tag::HtmlBlock) | Event::InlineHtml(_) => {
                self.outline.html.push(self.moved(span));
            }
            Event::Code(text) => {
                self.heading_text(&text);
                self.outline.code_spans.push(self.moved(span));
            }
            Event::End(TagEnd::CodeBlock) => self.close_code_block(),
            Event::Text(text) => {
                self.heading_text(&text);
                self.code_end = self.code_end.map(|_| span.end);
            }
            Event::SoftBreak | Event::HardBreak => self.heading_text(" "),
            _ => {}
        }
    }

    fn open_heading(&mut self, level: HeadingLevel, span: Range<usize>) {
        self.heading = Some(Heading {
            level: level as u8,
            text: String::new(),
            span: self.moved(span),
        });
    }

    fn heading_text(&mut self, text: &str) {
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(text);
        }
    }

    /// A link whose destination is written somewhere in `span`.
    fn link(&mut self, kind: LinkKind, destination: &CowStr<'_>, span: Range<usize>) {
        let span = self.destination(destination, span);
        self.outline.links.push(Link {
            kind,
            destination: destination.to_string(),
            span: self.moved(span),
        });
    }

    /// Where the destination is written inside `span`; the whole of `span` if it is written with escapes.
    fn destination(&self, destination: &str, span: Range<usize>) -> Range<usize> {
        let written = self.source.get(span.clone()).unwrap_or_default();
        let from = written
            .rfind("](")
            .or_else(|| written.find("]:"))
            .unwrap_or(0);
        let found = written
            .get(from..)
            .and_then(|tail| tail.find(destination))
            .filter(|_| !destination.is_empty());
        found.map_or(span.clone(), |at| {
            span.start + from + at..span.start + from + at + destination.len()
        })
    }

    fn code_block(&mut self, kind: &CodeBlockKind<'_>, span: Range<usize>) {
        let (info, border) = match kind {
            CodeBlockKind::Fenced(info) => (info.as_ref(), Border::Fences),
            CodeBlockKind::Indented => ("", Border::Indentation),
        };
        // Until text is read, the opening fence is what the block consists of.
        let block = self.source.get(span.clone()).unwrap_or_default();
        self.code_end = Some(span.start + block.find('\n').map_or(block.len(), |end| end + 1));
        let language = info.split([' ', ',']).next().unwrap_or_default().to_owned();
        self.outline.code_blocks.push(CodeBlock {
            language,
            span: self.moved(span),
            border,
        });
    }

    /// A closing fence is what a fenced block has after its text.
    fn close_code_block(&mut self) {
        let (Some(end), Some(block)) = (self.code_end.take(), self.outline.code_blocks.last_mut())
        else {
            return;
        };
        let rest = self.source.get(end..block.span.end - self.base);
        let is_closed = rest.is_some_and(|rest| rest.contains(['`', '~']));
        if block.border == Border::Fences && !is_closed {
            block.border = Border::OpenFence;
        }
    }

    fn moved(&self, span: Range<usize>) -> Range<usize> {
        span.start + self.base..span.end + self.base
    }
}

/// Where the destination of a link by reference is written: in the definition that its label names.
fn defined(kind: LinkType, label: &str, definitions: &RefDefs<'_>) -> Option<Range<usize>> {
    match kind {
        LinkType::Reference | LinkType::Collapsed | LinkType::Shortcut => {
            Some(definitions.get(label)?.span.clone())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reference_is_where_its_own_label_is_defined() {
        let text = "[a][one] ![b][Two] [one][]\n\n[one]: same.md\n[two]: same.md\n";
        let links = outline(text, 0..text.len()).links;
        let places: Vec<_> = links.iter().map(|link| link.span.start).collect();
        let one = text.find("same.md").unwrap();
        let two = text.rfind("same.md").unwrap();
        assert_eq!(places, [one, two, one]);
    }

    #[track_caller]
    fn check(text: &str, expected: &[Border]) {
        let outline = outline(text, 0..text.len());
        let borders: Vec<_> = outline
            .code_blocks
            .iter()
            .map(|block| block.border)
            .collect();
        assert_eq!(borders, expected, "{text:?}");
    }

    #[test]
    fn fences_are_seen_to_be_open_or_closed() {
        check("```\na\n```", &[Border::Fences]);
        check("```\n```", &[Border::Fences]);
        check("~~~~ x\na\n~~~~~\n", &[Border::Fences]);
        check("- a\n  ```\n  a\n  ```\n", &[Border::Fences]);
        check("> ```\n> a\n> ```\n", &[Border::Fences]);
        check("    a\n", &[Border::Indentation]);
        for open in [
            "```",
            "```\n",
            "```\na",
            "```\na\n\n",
            "````\na\n```\n",
            "~~~\na\n```",
            "> ```\n> a\n\nb",
        ] {
            check(open, &[Border::OpenFence]);
        }
        check("- ```\n  a\n```\n", &[Border::OpenFence, Border::OpenFence]);
    }
}
