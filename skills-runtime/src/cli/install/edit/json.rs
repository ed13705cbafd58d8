//! JSON, in the dialect that the host reads. The parser says where everything is; the text is cut and put together here, so
//! that it stays as its author wrote it.

use jsonc_parser::ast::{Object, ObjectProp, Value as Node};
use jsonc_parser::common::Ranged;
use jsonc_parser::tokens::{Token, TokenAndRange};
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::splice::{Splice, apply, blank_end, blank_start, break_before, ends_line, indentation};
use super::style::{Style, quoted};
use super::{Body, Dialect, Entry, Reading, Slot};
use crate::cli::install::problem::Fault;

impl Dialect {
    /// What the parser takes beside plain JSON.
    const fn options(self) -> ParseOptions {
        ParseOptions {
            // So that they are found where they are not allowed, too.
            allow_comments: true,
            allow_trailing_commas: matches!(self, Self::Jsonc),
            allow_loose_object_property_names: false,
            allow_missing_commas: false,
            allow_single_quoted_strings: false,
            allow_hexadecimal_numbers: false,
            allow_unary_plus_numbers: false,
            allow_bare_decimal_point_numbers: false,
            allow_non_finite_numbers: false,
            allow_extended_string_escapes: false,
        }
    }

    /// Whether the host reads a text that the parser took. For strict JSON, a parser that knows nothing else has the last word.
    fn confirm(self, text: &str, tokens: &[TokenAndRange]) -> Result<(), Fault> {
        if self != Self::Strict {
            return Ok(());
        }
        if let Some(comment) = tokens.iter().find(|token| is_comment(&token.token)) {
            let what = "comments are not allowed: the host reads strict JSON";
            return Err(Fault::new(text, comment.range.start, what));
        }
        if text.trim_ascii().is_empty() {
            return Ok(());
        }
        let read: Result<IgnoredAny, _> = serde_json::from_str(text);
        read.map(drop).map_err(|error| {
            let what = format!("{}: the host reads strict JSON", reason(&error));
            Fault::new(text, offset(text, error.line(), error.column()), what)
        })
    }
}

/// The message of an error without the place, which is told in front of it.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let end = text.rfind(" at line ").unwrap_or(text.len());
    text.get(..end).unwrap_or(&text).to_owned()
}

/// The offset of a place that is counted from 1, the column in bytes.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let lines = text.split_inclusive('\n').take(line.saturating_sub(1));
    let start: usize = lines.map(str::len).sum();
    let offset = (start + column.saturating_sub(1)).min(text.len());
    let mut before = (0..=offset).rev();
    before
        .find(|offset| text.is_char_boundary(*offset))
        .unwrap_or(0)
}

/// A text and where everything is in it.
struct Document<'a> {
    text: &'a str,
    /// Nothing in a text without a value.
    root: Option<Object<'a>>,
    /// Comments included.
    tokens: Vec<TokenAndRange<'a>>,
    style: Style<'a>,
}

impl<'a> Document<'a> {
    fn parse(text: &'a str, dialect: Dialect) -> Result<Self, Fault> {
        let collect = CollectOptions {
            comments: CommentCollectionStrategy::AsTokens,
            tokens: true,
        };
        let parsed = parse_to_ast(text, &collect, &dialect.options()).map_err(|error| {
            let what = error.kind().to_string().to_lowercase();
            Fault::new(text, error.range().start, what)
        })?;
        dialect.confirm(text, parsed.tokens.as_deref().unwrap_or_default())?;
        let root = match parsed.value {
            None => None,
            Some(Node::Object(root)) => Some(root),
            Some(other) => return Err(Fault::new(text, other.start(), "this is no object")),
        };
        Ok(Self {
            text,
            style: Style::of(text, root.as_ref()),
            root,
            tokens: parsed.tokens.unwrap_or_default(),
        })
    }

    /// The object that holds the servers.
    fn container(&self, slot: Slot) -> Result<Option<&ObjectProp<'a>>, Fault> {
        match &self.root {
            None => Ok(None),
            Some(root) => self.member(root, slot.container),
        }
    }

    /// The entry and the object that holds it.
    fn entry(&self, slot: Slot) -> Result<Option<(&Object<'a>, &ObjectProp<'a>)>, Fault> {
        let Some(container) = self.container(slot)? else {
            return Ok(None);
        };
        let servers = self.object(container)?;
        let entry = self.member(servers, slot.name)?;
        Ok(entry.map(|entry| (servers, entry)))
    }

    fn object<'b>(&self, member: &'b ObjectProp<'a>) -> Result<&'b Object<'a>, Fault> {
        member.value.as_object().ok_or_else(|| {
            let what = format!("`{}` is no object", member.name.as_str());
            Fault::new(self.text, member.value.start(), what)
        })
    }

    /// The member of this name. Of two, nobody knows which one counts.
    fn member<'b>(
        &self,
        object: &'b Object<'a>,
        key: &str,
    ) -> Result<Option<&'b ObjectProp<'a>>, Fault> {
        let mut members = object.properties.iter();
        let first = members.find(|member| member.name.as_str() == key);
        match members.find(|member| member.name.as_str() == key) {
            None => Ok(first),
            Some(second) => Err(Fault::new(
                self.text,
                second.start(),
                format!("`{key}` is there for the second time"),
            )),
        }
    }

    /// The token after an offset that is no comment.
    fn next(&self, offset: usize) -> Option<&TokenAndRange<'a>> {
        let mut tokens = self.tokens.iter();
        tokens.find(|token| token.range.start >= offset && !is_comment(&token.token))
    }

    /// The last token before an offset.
    fn previous(&self, offset: usize) -> Option<&TokenAndRange<'a>> {
        let mut tokens = self.tokens.iter().rev();
        tokens.find(|token| token.range.end <= offset)
    }

    /// The comma after an offset, if it comes next.
    fn comma(&self, offset: usize) -> Option<&TokenAndRange<'a>> {
        self.next(offset)
            .filter(|token| token.token == Token::Comma)
    }

    /// Where the comments end that follow an offset on the same line.
    fn after_comments(&self, offset: usize) -> usize {
        let following = self
            .tokens
            .iter()
            .filter(|token| token.range.start >= offset);
        let mut end = offset;
        for token in following.take_while(|token| is_comment(&token.token)) {
            let between = self.text.get(end..token.range.start);
            if between.is_some_and(|between| between.contains('\n')) {
                break;
            }
            end = token.range.end;
        }
        end
    }

    /// What is to be inserted so that an object gets another member.
    fn addition(
        &self,
        object: &Object,
        key: &str,
        value: impl FnOnce(&Style, &str) -> String,
    ) -> Vec<Splice> {
        let Style { newline, unit, .. } = self.style;
        let outer = indentation(self.text, object.start());
        let Some(last) = object.properties.last() else {
            let inside = object.start() + 1;
            let mut comments = self.tokens.iter().filter(|token| {
                is_comment(&token.token) && (inside..object.end()).contains(&token.range.start)
            });
            let anchor = comments.next_back().map_or(inside, |token| token.range.end);
            let indent = format!("{outer}{unit}");
            let member = format!(
                "{newline}{indent}{}: {}",
                quoted(key),
                value(&self.style, &indent)
            );
            let rest = self.text.get(anchor..object.end()).unwrap_or_default();
            let close = if rest.contains('\n') {
                String::new()
            } else {
                format!("{newline}{outer}")
            };
            return vec![Splice::insert(anchor, member + &close)];
        };
        let comma = self.comma(last.end()).map(|comma| comma.range.end);
        let anchor = self.after_comments(comma.unwrap_or(last.end()));
        let is_compact = !self.is_on_lines(object) && !self.ends_with_a_line_comment(anchor);
        let style = Style {
            is_compact,
            ..self.style
        };
        let indent = self.inner(object, outer);
        let lead = if is_compact {
            " ".to_owned()
        } else {
            format!("{newline}{indent}")
        };
        let mut member = format!("{lead}{}: {}", quoted(key), value(&style, &indent));
        if comma.is_some() {
            member.push(',');
            return vec![Splice::insert(anchor, member)];
        }
        vec![
            Splice::insert(last.end(), ","),
            Splice::insert(anchor, member),
        ]
    }

    /// Whether the members of an object stand on lines of their own.
    fn is_on_lines(&self, object: &Object) -> bool {
        let first = object.properties.first();
        let end = first.map_or(object.end(), Ranged::start);
        let head = self.text.get(object.start()..end);
        head.is_some_and(|head| head.contains('\n'))
    }

    /// What the members of an object are indented by.
    fn inner(&self, object: &Object, outer: &str) -> String {
        let first = object.properties.first().map(Ranged::start);
        let is_first_on_its_line = |start: &usize| {
            let blank = blank_start(self.text, *start);
            break_before(self.text, blank).is_some()
        };
        match first.filter(is_first_on_its_line) {
            Some(start) => indentation(self.text, start).to_owned(),
            None => format!("{outer}{}", self.style.unit),
        }
    }

    /// Whether an entry is all that there is between the key of its container and the closing brace. A comment may be a server
    /// that somebody has switched off, so that it counts like another entry.
    fn holds_only(&self, container: &ObjectProp, servers: &Object, entry: &ObjectProp) -> bool {
        let mut comments = self.tokens.iter().filter(|token| {
            let start = token.range.start;
            is_comment(&token.token)
                && (container.start()..container.end()).contains(&start)
                && !(entry.start()..entry.end()).contains(&start)
        });
        servers.properties.len() == 1 && comments.next().is_none()
    }

    fn ends_with_a_line_comment(&self, offset: usize) -> bool {
        let previous = self.previous(offset);
        previous.is_some_and(|token| matches!(token.token, Token::CommentLine(_)))
    }

    /// What is to be cut so that an object loses a member. Comments around it stay.
    fn subtraction(&self, member: &ObjectProp) -> Vec<Splice> {
        let (start, end) = (member.start(), member.end());
        let mut cuts = Vec::new();
        let next = self.comma(end).map(|comma| comma.range);
        if let Some(comma) = next {
            cuts.push(Splice::cut(comma.start..comma.end));
        } else {
            let mut before = self.tokens.iter().rev();
            let before = before.find(|token| token.range.end <= start && !is_comment(&token.token));
            if let Some(comma) = before.filter(|token| token.token == Token::Comma) {
                cuts.push(Splice::cut(comma.range.start..comma.range.end));
            }
        }
        let tail = next.map_or(end, |comma| comma.end);
        let (blank_before, blank_after) =
            (blank_start(self.text, start), blank_end(self.text, tail));
        let broken = break_before(self.text, blank_before);
        let rest = self.text.get(blank_after..).unwrap_or_default();
        // A comment before the comma would come to stand behind one that ends the line above.
        let before_comma = next.and_then(|comma| self.text.get(end..comma.start));
        let is_bare = before_comma.is_none_or(|between| between.trim().is_empty());
        let is_alone = is_bare
            && (ends_line(self.text, blank_after)
                || (rest.starts_with('}') && !self.ends_with_a_line_comment(blank_before)));
        match broken {
            Some(broken) if is_alone => {
                cuts.push(Splice::cut(broken..end));
                if ends_line(self.text, blank_after) {
                    cuts.push(Splice::cut(tail..blank_after));
                }
            }
            None if next.is_none() => cuts.push(Splice::cut(blank_before..end)),
            _ => {
                cuts.push(Splice::cut(start..end));
                cuts.push(Splice::cut(tail..blank_after));
            }
        }
        cuts
    }
}

fn is_comment(token: &Token) -> bool {
    matches!(token, Token::CommentLine(_) | Token::CommentBlock(_))
}

/// What the text says.
pub(super) fn read(text: &str, slot: Slot, dialect: Dialect) -> Result<Reading, Fault> {
    let document = Document::parse(text, dialect)?;
    let entry = document.entry(slot)?.map(|(_, entry)| Entry {
        value: entry.value.clone().into(),
        text: entry.value.text(text).to_owned(),
    });
    let value = document.root.map(|root| Node::Object(root).into());
    Ok(Reading {
        value: value.unwrap_or_else(|| Value::Object(serde_json::Map::new())),
        entry,
    })
}

/// An entry with its name, which is indented like the brace that closes it.
pub(super) fn lines(name: &str, entry: &str) -> String {
    let indent = match entry.rfind('\n') {
        Some(_) => indentation(entry, entry.trim_end_matches('}').len()),
        None => "",
    };
    format!("{indent}{}: {entry}", quoted(name))
}

/// The text with the entry.
pub(super) fn set(text: &str, slot: Slot, body: Body, dialect: Dialect) -> Result<String, Fault> {
    let document = Document::parse(text, dialect)?;
    let style = document.style;
    let container = |style: &Style, indent: &str| {
        style.object(indent, &[(slot.name, body)], |body, indent| {
            style.body(*body, indent)
        })
    };
    let Some(root) = &document.root else {
        let whole = style.object("", &[(slot.container, ())], |(), indent| {
            container(&style, indent)
        });
        let newline = style.newline;
        let gap = if text.is_empty() || text.ends_with('\n') {
            ""
        } else {
            newline
        };
        return Ok(format!("{text}{gap}{whole}{newline}"));
    };
    let splices = match (document.container(slot)?, document.entry(slot)?) {
        (None, _) => document.addition(root, slot.container, container),
        (Some(_), Some((servers, entry))) => {
            let indent = indentation(text, entry.start());
            let style = Style {
                is_compact: !document.is_on_lines(servers),
                ..style
            };
            let range = entry.value.start()..entry.value.end();
            vec![Splice::replace(range, style.body(body, indent))]
        }
        (Some(servers), None) => {
            let servers = document.object(servers)?;
            document.addition(servers, slot.name, |style, indent| style.body(body, indent))
        }
    };
    Ok(apply(text, splices))
}

/// The text without the entry.
pub(super) fn remove(
    text: &str,
    slot: Slot,
    is_pruned: bool,
    dialect: Dialect,
) -> Result<String, Fault> {
    let document = Document::parse(text, dialect)?;
    let Some((servers, entry)) = document.entry(slot)? else {
        return Ok(text.to_owned());
    };
    let member = match document.container(slot)? {
        Some(container) if is_pruned && document.holds_only(container, servers, entry) => container,
        _ => entry,
    };
    Ok(apply(text, document.subtraction(member)))
}
