//! What is to become of a file, decided from what is in it and in the copies of it. Nothing is written here.

use std::path::PathBuf;

use super::edit::{Body, Entry, Reading};
use super::entry::{described, is_made};
use super::file::{self, Backup, Found};
use super::host::Host;
use super::{Job, Outcome, Problem};

/// A file that is to become another one.
#[derive(Debug)]
pub(super) struct Change {
    pub(super) found: Found,
    /// The whole text; nothing if the file is to be removed.
    pub(super) after: Option<String>,
    /// Whether the file is to be kept as it was.
    pub(super) is_first: bool,
    /// What else `uninstall` brings back.
    pub(super) restored: Restored,
    /// The copy that was made.
    pub(super) backup: Option<PathBuf>,
    /// A copy that says nothing that the file does not say afterwards.
    pub(super) spent: Option<PathBuf>,
    /// A copy of the file as it was before, which says something else than the file does afterwards.
    pub(super) kept: Option<PathBuf>,
}

/// What comes back that was there before `install`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Restored {
    Nothing,
    /// The entry of the name that was replaced.
    Entry,
    /// The file, to the byte.
    File,
}

/// A file as it was before an entry came; without a text where there was none.
struct Baseline {
    text: Option<String>,
}

impl Job<'_> {
    /// The file with the entry.
    pub(super) fn installed(&self, host: &Host, found: Found) -> Result<Outcome, Problem> {
        let (slot, datum) = (self.slot(host), self.entry(host));
        let fault = |fault| Problem::Fault {
            path: found.path.clone(),
            fault,
        };
        let reading = host.format.read(found.body(), slot).map_err(fault)?;
        let mut is_first = true;
        if let Some(entry) = reading.entry {
            let is_ours = self.endpoint.is_in(&entry.value);
            let is_changed = entry.value != datum.value();
            if is_ours && !(is_changed && self.order.is_forced) {
                let path = found.path;
                return Ok(Outcome::There { path, is_changed });
            }
            if !is_ours && !self.order.is_forced {
                return Err(self.foreign(found, &entry));
            }
            is_first = self.is_first(host, &found, &entry);
        }
        let body = Body::Made(&datum);
        let after = host.format.set(found.body(), slot, body).map_err(fault)?;
        Ok(Outcome::Changed(Change {
            after: Some(found.with_mark(&after)),
            found,
            is_first,
            restored: Restored::Nothing,
            backup: None,
            spent: None,
            kept: None,
        }))
    }

    /// Whether the file is to be kept as it was before an entry is replaced. One that this program made, be it for another
    /// server, is no reason to forget what was there before it; what somebody wrote into one is nowhere but in this file.
    fn is_first(&self, host: &Host, found: &Found, entry: &Entry) -> bool {
        let copies = found.copies(&self.name);
        let was_no_file = || self.baseline(host, found, &copies, entry).is_some();
        !is_made(host, &entry.value) || (copies.is_empty() && !was_no_file())
    }

    /// The file without the entry: as it was before, if nothing else has changed since.
    pub(super) fn uninstalled(&self, host: &Host, found: Found) -> Result<Outcome, Problem> {
        let reading = host.format.read(found.body(), self.slot(host));
        let reading = reading.map_err(|fault| Problem::Fault {
            path: found.path.clone(),
            fault,
        })?;
        let Some(entry) = reading.entry else {
            return Ok(Outcome::Absent { path: found.path });
        };
        if !self.endpoint.is_in(&entry.value) && !self.order.is_forced {
            return Err(self.foreign(found, &entry));
        }
        let copies = found.copies(&self.name);
        let before = self.earlier(host, &copies);
        let (after, restored) = match self.baseline(host, &found, before, &entry) {
            // What a link leads to is emptied, because no other file can be there without the link.
            Some(Baseline { text: None }) if found.is_linked => {
                (Some(String::new()), Restored::File)
            }
            Some(Baseline { text }) => (text, Restored::File),
            None => self.taken_out(host, &found, before, &entry)?,
        };
        let mut copies = copies.into_iter();
        let newest = copies.as_slice().first().map(|copy| copy.path.clone());
        let spent = copies.find(|copy| Some(&copy.text) == after.as_ref());
        let spent = spent.map(|copy| copy.path);
        Ok(Outcome::Changed(Change {
            found,
            after,
            is_first: false,
            restored,
            backup: None,
            kept: newest.filter(|newest| spent.as_ref() != Some(newest)),
            spent,
        }))
    }

    /// The copies from before this server was there. Those from before `--force` only have what its entry said then.
    fn earlier<'a>(&self, host: &Host, mut copies: &'a [Backup]) -> &'a [Backup] {
        let is_there = |copy: &Backup| {
            let reading = host
                .format
                .read(file::body(Some(&copy.text)), self.slot(host));
            let entry = reading.ok().and_then(|reading| reading.entry);
            entry.is_some_and(|entry| self.endpoint.is_in(&entry.value))
        };
        while let [newest, older @ ..] = copies
            && !older.is_empty()
            && is_there(newest)
        {
            copies = older;
        }
        copies
    }

    /// The file without the entry, or with the one in its place that somebody had there before, where more has changed since.
    fn taken_out(
        &self,
        host: &Host,
        found: &Found,
        copies: &[Backup],
        entry: &Entry,
    ) -> Result<(Option<String>, Restored), Problem> {
        let (slot, format) = (self.slot(host), host.format);
        let newest = copies.first().map(|copy| copy.text.as_str());
        let had: Option<Reading> = format.read(file::body(newest), slot).ok();
        let is_pruned = had
            .as_ref()
            .is_none_or(|had| had.value.get(slot.container).is_none());
        let theirs = had.and_then(|had| had.entry);
        let theirs = theirs.filter(|had| had.value != entry.value && !is_made(host, &had.value));
        let back = theirs.map(|had| format.set(found.body(), slot, Body::Kept(&had.text)));
        if let Some(Ok(after)) = back {
            return Ok((Some(found.with_mark(&after)), Restored::Entry));
        }
        let after = format.remove(found.body(), slot, is_pruned);
        let after = after.map_err(|fault| Problem::Fault {
            path: found.path.clone(),
            fault,
        })?;
        Ok((Some(found.with_mark(&after)), Restored::Nothing))
    }

    /// The file as it was before an entry, if that is all that has changed since: one of the copies, or no file.
    fn baseline(
        &self,
        host: &Host,
        found: &Found,
        copies: &[Backup],
        entry: &Entry,
    ) -> Option<Baseline> {
        let texts = copies.iter().map(|copy| Some(copy.text.as_str()));
        let mut texts = texts.chain([None]);
        let text = texts.find(|text| {
            let body = Body::Kept(&entry.text);
            let again = host.format.set(file::body(*text), self.slot(host), body);
            again.is_ok_and(|again| again == found.body())
        })?;
        Some(Baseline {
            text: text.map(str::to_owned),
        })
    }

    fn foreign(&self, found: Found, entry: &Entry) -> Problem {
        Problem::Foreign {
            path: found.path,
            name: self.name.clone(),
            target: described(&entry.value),
        }
    }
}
