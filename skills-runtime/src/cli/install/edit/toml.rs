//! TOML. The parser says where everything is; an entry is a table at the end of the text, so that nothing before it has to
//! move.

use std::ops::Range;

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::splice::{Splice, apply, break_before, line_end, line_start, newline};
use super::{Body, Entry, Reading, Slot};
use crate::cli::install::entry::Datum;
use crate::cli::install::problem::Fault;

type Node<'a> = Spanned<DeValue<'a>>;

/// What the text says.
pub(super) fn read(text: &str, slot: Slot) -> Result<Reading, Fault> {
    let root = parse(text)?;
    let entry = entry(text, &root, slot)?.map(|node| Entry {
        value: value(node.get_ref()),
        text: written(text, &pieces(text, node)),
    });
    let value = table(&root);
    Ok(Reading { value, entry })
}

/// The text with the entry; one that is there is replaced by one at the end.
pub(super) fn set(text: &str, slot: Slot, body: Body) -> Result<String, Fault> {
    if let Some(container) = member(&parse(text)?, slot.container) {
        editable(text, container, slot.container)?;
    }
    let mut changed = remove(text, slot)?;
    let newline = newline(text);
    if !changed.is_empty() {
        if !changed.ends_with('\n') {
            changed.push_str(newline);
        }
        changed.push_str(newline);
    }
    match body {
        Body::Kept(text) => changed.push_str(text),
        Body::Made(datum) => {
            let header = format!("[{}.{}]", slot.container, key(slot.name));
            let members = match datum {
                Datum::Object(members) => members.as_slice(),
                _ => &[],
            };
            let members = members.iter();
            let members = members.map(|(key, value)| format!("{key} = {}", inline(value)));
            for line in std::iter::once(header).chain(members) {
                changed.push_str(&line);
                changed.push_str(newline);
            }
        }
    }
    Ok(changed)
}

/// The text without the entry, its tables and what is in them.
pub(super) fn remove(text: &str, slot: Slot) -> Result<String, Fault> {
    let root = parse(text)?;
    let Some(entry) = entry(text, &root, slot)? else {
        return Ok(text.to_owned());
    };
    let cuts = pieces(text, entry).into_iter().map(|piece| {
        // The blank line that parts it from what is before it goes along, unless it also parts that from what comes next.
        let rest = text.get(piece.end..).unwrap_or_default();
        let blank = break_before(text, piece.start)
            .filter(|blank| break_before(text, *blank).is_some())
            .filter(|_| rest.is_empty() || rest.starts_with(['\r', '\n']));
        Splice::cut(blank.unwrap_or(piece.start)..piece.end)
    });
    Ok(apply(text, cuts.collect()))
}

fn parse(text: &str) -> Result<DeTable<'_>, Fault> {
    let parsed = DeTable::parse(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        Fault::new(text, offset, error.message())
    })?;
    Ok(parsed.into_inner())
}

/// The table of the entry, if there is one in a form that can be edited.
fn entry<'a, 'b>(
    text: &str,
    root: &'b DeTable<'a>,
    slot: Slot,
) -> Result<Option<&'b Node<'a>>, Fault> {
    let Some(container) = member(root, slot.container) else {
        return Ok(None);
    };
    let servers = match container.get_ref() {
        DeValue::Table(servers) => servers,
        _ => editable(text, container, slot.container)?,
    };
    let Some(entry) = member(servers, slot.name) else {
        return Ok(None);
    };
    // In an inline table, an entry is seen but not touched.
    editable(text, container, slot.container)?;
    if !matches!(entry.get_ref(), DeValue::Table(_)) {
        let what = format!("`{}` is no table", slot.name);
        return Err(Fault::new(text, entry.span().start, what));
    }
    Ok(Some(entry))
}

/// A table that another one can be added to.
fn editable<'a, 'b>(text: &str, node: &'b Node<'a>, key: &str) -> Result<&'b DeTable<'a>, Fault> {
    match node.get_ref() {
        DeValue::Table(table) if !is_value(text, node) => Ok(table),
        DeValue::Table(_) => Err(Fault::new(
            text,
            node.span().start,
            format!("`{key}` is an inline table; write its servers as [{key}.NAME]"),
        )),
        _ => Err(Fault::new(
            text,
            node.span().start,
            format!("`{key}` is no table"),
        )),
    }
}

fn member<'a, 'b>(table: &'b DeTable<'a>, key: &str) -> Option<&'b Node<'a>> {
    let mut members = table.iter();
    let found = members.find(|(name, _)| name.get_ref() == key);
    found.map(|(_, node)| node)
}

/// Whether a node is written as a value, and not as tables with headers or by dotted keys.
fn is_value(text: &str, node: &Node) -> bool {
    match node.get_ref() {
        DeValue::Table(_) => text.get(node.span()).unwrap_or_default().starts_with('{'),
        // Rows of rows begin with the same two brackets as tables with a header.
        DeValue::Array(items) => !items.iter().any(|item| is_header(text, item)),
        _ => true,
    }
}

fn is_header(text: &str, node: &Node) -> bool {
    let written = text.get(node.span()).unwrap_or_default();
    matches!(node.get_ref(), DeValue::Table(_)) && written.starts_with('[')
}

/// The lines that make up a table: one piece for each header with what follows it, and for each key of its own. What is
/// parted by blank lines only is one piece.
fn pieces(text: &str, node: &Node) -> Vec<Range<usize>> {
    let mut pieces = Vec::new();
    collect(text, node, &mut pieces);
    pieces.sort_by_key(|piece| piece.start);
    pieces.dedup_by(|next, piece| {
        let between = text.get(piece.end..next.start).unwrap_or_default();
        let is_one = between.trim().is_empty();
        if is_one {
            piece.end = piece.end.max(next.end);
        }
        is_one
    });
    pieces
}

fn collect(text: &str, node: &Node, pieces: &mut Vec<Range<usize>>) {
    let whole_lines =
        |span: Range<usize>| line_start(text, span.start)..line_end(text, span.end.max(span.start));
    match node.get_ref() {
        _ if is_value(text, node) => pieces.push(whole_lines(node.span())),
        DeValue::Table(table) => {
            let mut inside = Vec::new();
            for (_, child) in table {
                collect(text, child, &mut inside);
            }
            if is_header(text, node) {
                let mut head = whole_lines(node.span());
                // What is not below a header of its own follows this one.
                inside.retain(|piece| {
                    let line = text.get(piece.clone()).unwrap_or_default();
                    let is_below = line.trim_start().starts_with('[');
                    if !is_below {
                        head.end = head.end.max(piece.end);
                    }
                    is_below
                });
                pieces.push(head);
            }
            pieces.append(&mut inside);
        }
        DeValue::Array(tables) => {
            for table in tables {
                collect(text, table, pieces);
            }
        }
        _ => {}
    }
}

fn written(text: &str, pieces: &[Range<usize>]) -> String {
    let pieces = pieces.iter();
    let texts = pieces.filter_map(|piece| text.get(piece.clone()));
    texts.collect()
}

/// A name as a key of TOML; it has no character that would need more than quotes.
fn key(name: &str) -> String {
    let is_bare = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    if !name.is_empty() && name.chars().all(is_bare) {
        return name.to_owned();
    }
    text(name)
}

fn inline(datum: &Datum) -> String {
    match datum {
        Datum::Flag(flag) => flag.to_string(),
        Datum::Text(value) => text(value),
        Datum::List(items) => {
            let items: Vec<_> = items.iter().map(|item| text(item)).collect();
            format!("[{}]", items.join(", "))
        }
        Datum::Object(members) => {
            let members = members.iter();
            let members = members.map(|(key, value)| format!("{key} = {}", inline(value)));
            format!("{{ {} }}", members.collect::<Vec<_>>().join(", "))
        }
    }
}

fn text(value: &str) -> String {
    toml::Value::from(value).to_string()
}

/// The same in the model that both formats share. Numbers and dates are kept as texts: they are only compared.
fn value(node: &DeValue) -> Value {
    match node {
        DeValue::String(text) => Value::String(text.to_string()),
        DeValue::Integer(number) => Value::String(format!("{} {}", number.radix(), number)),
        DeValue::Float(number) => Value::String(number.to_string()),
        DeValue::Boolean(flag) => Value::Bool(*flag),
        DeValue::Datetime(time) => Value::String(time.to_string()),
        DeValue::Array(items) => items.iter().map(|item| value(item.get_ref())).collect(),
        DeValue::Table(members) => table(members),
    }
}

fn table(table: &DeTable) -> Value {
    let members = table.iter();
    let members = members.map(|(key, node)| (key.get_ref().to_string(), value(node.get_ref())));
    Value::Object(members.collect::<Map<_, _>>())
}
