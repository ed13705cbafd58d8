//! What a person is told: what came of each host, what would change, and what to paste where.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::edit::{Body, Slot};
use super::entry::{Datum, is_made};
use super::file::body;
use super::host::{Choice, Host};
use super::order::Verb;
use super::place::{Place, Scope, System};
use super::plan::{Change, Restored};
use super::{Failure, Job, Outcome};
use crate::cli::terminal::{Style, Terminal};
use crate::text::printable;

/// What a link keeps as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// What came of all hosts.
#[derive(Debug, Default)]
pub(in crate::cli) struct Report {
    /// What went well.
    pub(in crate::cli) text: String,
    /// What did not.
    pub(in crate::cli) failures: Vec<Failure>,
    /// How many hosts were not left out.
    pub(in crate::cli) hosts: usize,
}

impl Report {
    pub(super) fn add(
        &mut self,
        job: &Job,
        host: &Host,
        outcome: Result<Outcome, Failure>,
        terminal: &Terminal,
    ) {
        if !matches!(outcome, Ok(Outcome::Skipped { .. })) {
            self.hosts += 1;
        }
        match outcome {
            Ok(outcome) => self.text.push_str(&told(job, host, &outcome, terminal)),
            Err(failure) => self.failures.push(failure),
        }
    }
}

/// What came of one host.
fn told(job: &Job, host: &Host, outcome: &Outcome, terminal: &Terminal) -> String {
    let server = format!("`{}`", job.name);
    let what = match outcome {
        Outcome::Skipped { why } => format!("skipped: {why}"),
        Outcome::Shown { text } => return format!("{}\n", printable(text)),
        Outcome::There { path, is_changed } => {
            let path = path.display();
            let changed = if *is_changed {
                " with changes that are not from here; --force writes it anew"
            } else {
                ""
            };
            format!("{server} is there already, in {path}{changed}")
        }
        Outcome::Absent { path } => format!("there is no {server} in {}", path.display()),
        Outcome::Changed(change) => changed(job, &server, change),
    };
    let mut text = format!("{}: {what}\n", host.name);
    if let Outcome::Changed(change) = outcome {
        text.push_str(&notes(job, host, change));
    }
    let mut text = printable(&text).into_owned();
    if let (true, Outcome::Changed(change)) = (job.order.is_dry, outcome) {
        text.push_str(&difference(job, host, change, terminal));
    }
    text
}

fn changed(job: &Job, server: &str, change: &Change) -> String {
    let path = change.found.path.display();
    let (added, removed) = if job.order.is_dry {
        ("would add", "would remove")
    } else {
        ("added", "removed")
    };
    match (job.order.verb, &change.after) {
        (Verb::Uninstall, None) => format!("{removed} {path}, which holds nothing but {server}"),
        (Verb::Uninstall, Some(_)) => {
            let restored = match change.restored {
                Restored::File => ": the file is as it was before",
                Restored::Entry => ": the entry that had this name before is there again",
                Restored::Nothing => "",
            };
            format!("{removed} {server} from {path}{restored}")
        }
        _ if change.found.text.is_none() => format!("{added} {server} to {path}, a new file"),
        _ => format!("{added} {server} to {path}"),
    }
}

/// What else there is to know of a change.
fn notes(job: &Job, host: &Host, change: &Change) -> String {
    let mut notes = String::new();
    let mut note = |name: &str, text: &str| {
        // Writing to a string cannot fail.
        let _ = writeln!(notes, "  {name}: {text}");
    };
    if let Some(copy) = &change.kept {
        let copy = copy.display();
        note(
            "kept",
            &format!("{copy}, what was there before; it is yours to remove"),
        );
    }
    if change.found.has_other_names {
        note(
            "note",
            "the file has other names (hard links), under which it stays as it was",
        );
    }
    if job.order.is_dry || job.order.verb == Verb::Uninstall {
        return notes;
    }
    if let Some(backup) = &change.backup {
        note("before", &backup.display().to_string());
    }
    let then = match job.order.scope {
        Scope::User => host.then,
        Scope::Project => host.then_in_project,
    };
    note("then", then);
    if host.choice == Choice::ClaudeDesktop && job.surroundings.system == System::Linux {
        note(
            "note",
            "Claude Desktop is made for macOS and Windows; on Linux, unofficial builds read this file",
        );
    }
    if let Some(variable) = &job.order.token {
        note(
            "token",
            &format!("the host takes it from its environment, from {variable}"),
        );
    }
    let missing = job
        .missing_for_sandbox()
        .filter(|missing| !missing.is_empty());
    if let Some(missing) = missing.filter(|_| host.has_sandbox && job.order.http.is_none()) {
        note(
            "note",
            &format!(
                "without VS Code's own sandbox, which needs {}",
                missing.join(" and ")
            ),
        );
    }
    notes
}

/// The entry that goes and the one that comes, and nothing around them: other servers may have secrets there, and where a file
/// is one long line, it is the line that changes.
fn difference(job: &Job, host: &Host, change: &Change, terminal: &Terminal) -> String {
    let before = change.found.text.as_deref();
    let after = change.after.as_deref();
    let mut shown = String::new();
    for (sign, style, text) in [('-', Style::Removed, before), ('+', Style::Added, after)] {
        let reading = host.format.read(body(text), job.slot(host));
        let Some(entry) = reading.ok().and_then(|reading| reading.entry) else {
            continue;
        };
        let lines = if is_made(host, &entry.value) {
            host.format.lines(&job.name, &entry.text)
        } else {
            format!("`{}`, not shown because it may hold secrets", job.name)
        };
        for line in printable(&lines).lines() {
            shown.push_str(&terminal.style(style, &format!("{sign}{line}")));
            shown.push('\n');
        }
    }
    shown
}

/// What somebody can paste, where, and the links that hosts understand.
pub(super) fn by_hand(host: &Host, place: &Place, slot: Slot, entry: &Datum) -> String {
    let file = place.file.display();
    let snippet = host
        .format
        .set("", slot, Body::Made(entry))
        .unwrap_or_default();
    let mut text = format!("{}, in {file}:\n\n{snippet}", host.name);
    if let Some(link) = link(host.choice, slot.name, entry) {
        // As above.
        let _ = write!(text, "\nor open this link:\n\n{link}\n");
    }
    text
}

/// A link that has the host install the server.
fn link(choice: Choice, name: &str, entry: &Datum) -> Option<String> {
    match choice {
        Choice::Cursor => {
            let entry = STANDARD.encode(entry.json());
            let entry = utf8_percent_encode(&entry, PLAIN);
            Some(format!(
                "cursor://anysphere.cursor-deeplink/mcp/install?name={name}&config={entry}"
            ))
        }
        Choice::Vscode => {
            let Datum::Object(members) = entry else {
                return None;
            };
            let named = std::iter::once(("name", Datum::Text(name.to_owned())));
            let entry = Datum::Object(named.chain(members.iter().cloned()).collect());
            let entry = entry.json();
            let entry = utf8_percent_encode(&entry, PLAIN);
            Some(format!("vscode:mcp/install?{entry}"))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_have_everything_and_nothing_that_ends_them() {
        let entry = Datum::Object(vec![("command", Datum::Text("/opt/a b&c".into()))]);
        assert_eq!(
            link(Choice::Vscode, "x", &entry).as_deref(),
            Some(
                "vscode:mcp/install?%7B%22name%22%3A%22x%22%2C%22command%22%3A%22%2Fopt%2Fa%20b%26c%22%7D"
            )
        );
        assert_eq!(
            link(Choice::Cursor, "x", &entry).as_deref(),
            Some(
                "cursor://anysphere.cursor-deeplink/mcp/install?name=x&config=eyJjb21tYW5kIjoiL29wdC9hIGImYyJ9"
            )
        );
        assert_eq!(link(Choice::Codex, "x", &entry), None);
    }
}
