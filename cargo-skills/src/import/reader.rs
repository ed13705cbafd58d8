//! A JSON object whose members are taken out one by one; what is left in the end was not understood.

use serde_json::{Map, Value};

use super::report::code;

/// An object, and where it stands in the file.
#[derive(Debug)]
pub(super) struct Object {
    /// Its JSON pointer (RFC 6901).
    pointer: String,
    members: Map<String, Value>,
}

/// What was not mapped, where it stands, and why.
#[derive(Debug, Default)]
pub(super) struct Left(Vec<(String, String)>);

impl Object {
    pub(super) fn root(members: Map<String, Value>) -> Self {
        Self {
            pointer: String::new(),
            members,
        }
    }

    pub(super) fn empty() -> Self {
        Self::root(Map::new())
    }

    pub(super) fn pointer(&self) -> &str {
        &self.pointer
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.members.contains_key(key)
    }

    pub(super) fn has_any(&self, keys: &[&str]) -> bool {
        keys.iter().any(|key| self.has(key))
    }

    /// Takes a member that is true or false; another stays.
    pub(super) fn flag(&mut self, key: &str) -> Option<bool> {
        let flag = self.members.get(key)?.as_bool()?;
        self.members.remove(key);
        Some(flag)
    }

    /// Takes a member, whatever it is.
    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        self.members.remove(key)
    }

    /// Takes a member that is text; another stays.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        self.members.get(key)?.as_str()?;
        match self.members.remove(key) {
            Some(Value::String(text)) => Some(text),
            _ => None,
        }
    }

    /// Takes a member that is a whole number above zero; another stays.
    pub(super) fn number(&mut self, key: &str) -> Option<u64> {
        let number = self
            .members
            .get(key)?
            .as_u64()
            .filter(|number| *number > 0)?;
        self.members.remove(key);
        Some(number)
    }

    /// Takes a member that is an object; another is left.
    pub(super) fn object(&mut self, key: &str, left: &mut Left) -> Option<Self> {
        let pointer = self.pointer_to(key);
        let value = self.members.remove(key)?;
        Self::at(pointer, value, left)
    }

    /// Takes a member that is an array; another is left.
    pub(super) fn array(&mut self, key: &str, left: &mut Left) -> Vec<(String, Value)> {
        let pointer = self.pointer_to(key);
        match self.members.remove(key) {
            Some(Value::Array(items)) => {
                let numbered = items.into_iter().enumerate();
                numbered
                    .map(|(index, item)| (format!("{pointer}/{index}"), item))
                    .collect()
            }
            Some(_) => {
                left.add(pointer, "it is no array");
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// The members that are left, as objects of their own or values.
    pub(super) fn into_members(self) -> impl Iterator<Item = (String, String, Value)> {
        let pointer = self.pointer;
        self.members.into_iter().map(move |(key, value)| {
            let pointer = format!("{pointer}/{}", escaped(&key));
            (key, pointer, value)
        })
    }

    /// Says that what is left of it was not mapped.
    pub(super) fn leave(self, why: &str, left: &mut Left) {
        for (_, pointer, _) in self.into_members() {
            left.add(pointer, why);
        }
    }

    /// A value that has to be an object; another is left.
    pub(super) fn at(pointer: String, value: Value, left: &mut Left) -> Option<Self> {
        let Value::Object(members) = value else {
            left.add(pointer, "it is no object");
            return None;
        };
        Some(Self { pointer, members })
    }

    pub(super) fn pointer_to(&self, key: &str) -> String {
        format!("{}/{}", self.pointer, escaped(key))
    }
}

impl Left {
    pub(super) fn add(&mut self, pointer: impl Into<String>, why: impl Into<String>) {
        self.0.push((pointer.into(), why.into()));
    }

    /// One line for each.
    pub(super) fn lines(&self) -> Vec<String> {
        let lines = self
            .0
            .iter()
            .map(|(pointer, why)| format!("{}: {why}", code(pointer)));
        lines.collect()
    }
}

/// A key as a part of a JSON pointer.
pub(super) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}
