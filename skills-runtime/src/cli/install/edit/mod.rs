//! Changing one entry of a configuration and nothing else: pure, from text to text. What comes out is read again, and has to
//! mean what it meant before but for the entry.

mod json;
mod splice;
mod style;
mod toml;

#[cfg(test)]
mod tests;

use serde_json::{Map, Value};

use super::entry::Datum;
use super::problem::Fault;

/// How a configuration is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Json(Dialect),
    Toml,
}

/// The JSON that a host reads. A file in any other is broken for it, however well others read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// RFC 8259 and nothing else, as `JSON.parse` reads it.
    Strict,
    /// Comments as well, but no trailing commas.
    Comments,
    /// Comments and trailing commas, as VS Code reads its settings.
    Jsonc,
}

/// Which entry: its name and the key of the object that holds all servers.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slot<'a> {
    pub(super) container: &'a str,
    pub(super) name: &'a str,
}

/// What an entry is to say.
#[derive(Clone, Copy, Debug)]
pub(super) enum Body<'a> {
    Made(&'a Datum),
    /// Exactly the text that an entry in another version of the file has.
    Kept(&'a str),
}

/// What a file says, as far as it matters.
#[derive(Debug)]
pub(super) struct Reading {
    /// All of it.
    pub(super) value: Value,
    /// Where the text of the entry is, if there is one.
    pub(super) entry: Option<Entry>,
}

/// An entry in a file.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) value: Value,
    pub(super) text: String,
}

impl Format {
    /// Reads a file, without its byte order mark.
    pub(super) fn read(self, text: &str, slot: Slot) -> Result<Reading, Fault> {
        match self {
            Self::Json(dialect) => json::read(text, slot, dialect),
            Self::Toml => toml::read(text, slot),
        }
    }

    /// The text of an entry in lines of its own, as it stands in a file.
    pub(super) fn lines(self, name: &str, entry: &str) -> String {
        match self {
            Self::Json(_) => json::lines(name, entry),
            Self::Toml => entry.to_owned(),
        }
    }

    /// The file with the entry, in place of the one that it has or as a new one.
    pub(super) fn set(self, text: &str, slot: Slot, body: Body) -> Result<String, Fault> {
        let Reading { value, entry } = self.read(text, slot)?;
        if let (Body::Made(datum), Some(entry)) = (body, &entry)
            && datum.value() == entry.value
        {
            return Ok(text.to_owned());
        }
        let changed = match self {
            Self::Json(dialect) => json::set(text, slot, body, dialect)?,
            Self::Toml => toml::set(text, slot, body)?,
        };
        let mut expected = without(value, slot, false);
        let Ok(reading) = self.read(&changed, slot) else {
            return Err(not_editable(text));
        };
        if let (Some(entry), Value::Object(root)) = (&reading.entry, &mut expected) {
            let container = root
                .entry(slot.container)
                .or_insert_with(|| Map::new().into());
            if let Value::Object(servers) = container {
                servers.insert(slot.name.to_owned(), entry.value.clone());
            }
        }
        let is_as_said = match (body, &reading.entry) {
            (Body::Made(datum), Some(entry)) => datum.value() == entry.value,
            (Body::Kept(text), Some(entry)) => text == entry.text,
            (_, None) => false,
        };
        checked(text, changed, is_as_said && reading.value == expected)
    }

    /// The file without the entry, and without what held it if nothing else, not even a comment, is in there and `is_pruned`.
    pub(super) fn remove(self, text: &str, slot: Slot, is_pruned: bool) -> Result<String, Fault> {
        let changed = match self {
            Self::Json(dialect) => json::remove(text, slot, is_pruned, dialect)?,
            Self::Toml => toml::remove(text, slot)?,
        };
        let before = self.read(text, slot)?.value;
        // A fault would be at a place that nobody but us has seen.
        let value = self.read(&changed, slot).ok().map(|after| after.value);
        // In TOML, what held it is there only if somebody wrote it down.
        let may_be_pruned = is_pruned || self == Self::Toml;
        let is_right = value.is_some_and(|value| {
            value == without(before.clone(), slot, false)
                || (may_be_pruned && value == without(before, slot, true))
        });
        checked(text, changed, is_right)
    }
}

/// What a file says but for the entry.
fn without(mut value: Value, slot: Slot, is_pruned: bool) -> Value {
    if let Value::Object(root) = &mut value
        && let Some(Value::Object(servers)) = root.get_mut(slot.container)
    {
        servers.remove(slot.name);
        if is_pruned && servers.is_empty() {
            root.remove(slot.container);
        }
    }
    value
}

/// A changed file, if it means what it should.
fn checked(text: &str, changed: String, is_right: bool) -> Result<String, Fault> {
    if is_right {
        return Ok(changed);
    }
    Err(not_editable(text))
}

fn not_editable(text: &str) -> Fault {
    let what = "it is written in a way that cannot be edited without changing something else";
    Fault::new(text, 0, what)
}
