//! Reads values of TOML as what they should be, and notes what is not.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::access::is_scope;
use super::{Fault, FaultKind, Server, Tools};
use crate::source::FileId;

/// The faults of one file.
pub(super) struct Reader<'a> {
    pub(super) file: FileId,
    pub(super) text: &'a str,
    pub(super) faults: &'a mut Vec<Fault>,
}

pub(super) type Value<'i> = Spanned<DeValue<'i>>;

impl Reader<'_> {
    pub(super) fn fault(&mut self, span: Range<usize>, kind: FaultKind) {
        let file = self.file;
        self.faults.push(Fault { file, span, kind });
    }

    pub(super) fn text(&mut self, value: &Value<'_>) -> Option<String> {
        self.expect(value, "a string", |value| value.as_str().map(str::to_owned))
    }

    /// A text that can be the name of a server.
    pub(super) fn word(&mut self, value: &Value<'_>) -> Option<String> {
        self.expect(value, "one word", |value| {
            let name = value.as_str().filter(|text| Server::is_name(text));
            name.map(str::to_owned)
        })
    }

    /// What the names of tools can begin with.
    pub(super) fn prefix(&mut self, value: &Value<'_>) -> Option<String> {
        self.expect(value, Tools::PREFIX, |value| {
            let prefix = value.as_str().filter(|text| Tools::is_prefix(text));
            prefix.map(str::to_owned)
        })
    }

    /// The size of an answer of a tool.
    pub(super) fn answer_bytes(&mut self, value: &Value<'_>) -> Option<u32> {
        self.expect(value, "a number from 1000 to 10000000", |value| {
            let integer = value.as_integer()?;
            let bytes = u32::from_str_radix(integer.as_str(), integer.radix()).ok()?;
            Tools::ANSWER_BYTES.contains(&bytes).then_some(bytes)
        })
    }

    pub(super) fn flag(&mut self, value: &Value<'_>) -> Option<bool> {
        self.expect(value, "`true` or `false`", DeValue::as_bool)
    }

    pub(super) fn number(&mut self, value: &Value<'_>) -> Option<usize> {
        self.expect(value, "a number that is not negative", |value| {
            let integer = value.as_integer()?;
            usize::from_str_radix(integer.as_str(), integer.radix()).ok()
        })
    }

    pub(super) fn texts(&mut self, value: &Value<'_>) -> Option<Vec<String>> {
        let items = self.expect(value, "an array of strings", |value| {
            value
                .as_array()
                .map(|array| array.iter().collect::<Vec<_>>())
        })?;
        Some(
            items
                .into_iter()
                .filter_map(|item| self.text(item))
                .collect(),
        )
    }

    /// Scopes: one as a string, or several as an array.
    pub(super) fn scopes(&mut self, value: &Value<'_>) -> Option<Vec<String>> {
        let single = std::slice::from_ref(value);
        let items: Vec<_> = match value.get_ref() {
            DeValue::Array(items) => items.iter().collect(),
            _ => single.iter().collect(),
        };
        if items.is_empty() {
            self.fault(
                value.span(),
                FaultKind::Type("a scope or an array of scopes"),
            );
            return None;
        }
        let scopes = items.into_iter().map(|item| {
            self.expect(
                item,
                "a scope, which is a word without quotes and backslashes",
                |value| {
                    let scope = value.as_str().filter(|text| is_scope(text));
                    scope.map(str::to_owned)
                },
            )
        });
        scopes.collect()
    }

    pub(super) fn table<'v, 'i>(&mut self, value: &'v Value<'i>) -> Option<&'v DeTable<'i>> {
        self.expect(value, "a table", DeValue::as_table)
    }

    /// One of the known words, as an index.
    pub(super) fn choice(&mut self, value: &Value<'_>, known: &[&'static str]) -> Option<usize> {
        let text = self.text(value)?;
        let found = known.iter().position(|word| *word == text);
        if found.is_none() {
            let nearest = nearest(&text, known.iter().copied());
            self.fault(
                value.span(),
                FaultKind::UnknownValue(known.to_vec(), nearest),
            );
        }
        found
    }

    /// The entries of a table whose keys are known, in the order of the file; each with the index of its key.
    pub(super) fn known<'v, 'i>(
        &mut self,
        table: &'v DeTable<'i>,
        keys: &[&'static str],
    ) -> Vec<(usize, &'v Value<'i>)> {
        let mut entries = Vec::new();
        for (key, value) in table {
            let index = keys.iter().position(|known| *known == key.get_ref());
            if index.is_none() {
                let nearest = nearest(key.get_ref(), keys.iter().copied());
                self.fault(key.span(), FaultKind::UnknownKey(nearest));
            }
            entries.extend(index.map(|index| (index, value)));
        }
        entries.sort_by_key(|(_, value)| value.span().start);
        entries
    }

    /// The line of a byte, counted from one.
    pub(super) fn line(&self, at: usize) -> usize {
        let head = self.text.get(..at).unwrap_or_default();
        head.matches('\n').count() + 1
    }

    fn expect<'v, 'i, T>(
        &mut self,
        value: &'v Value<'i>,
        expected: &'static str,
        read: impl Fn(&'v DeValue<'i>) -> Option<T>,
    ) -> Option<T> {
        let found = read(value.get_ref());
        if found.is_none() {
            self.fault(value.span(), FaultKind::Type(expected));
        }
        found
    }
}

/// The word that was probably meant.
pub(crate) fn nearest<'known>(
    wanted: &str,
    known: impl Iterator<Item = &'known str>,
) -> Option<&'known str> {
    if wanted.len() > 64 {
        return None;
    }
    known
        .map(|word| (strsim::damerau_levenshtein(word, wanted), word))
        .filter(|(distance, word)| *distance <= 1 + word.len() / 4)
        .min()
        .map(|(_, word)| word)
}
