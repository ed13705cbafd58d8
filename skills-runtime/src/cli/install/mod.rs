//! `install` and `uninstall`: this server in the configurations of hosts. Which hosts, where their files are, what is in
//! them, what is to be in them: then it is shown or written, one host after another, and told.

mod order;

mod host;
mod place;

mod edit;
mod entry;
mod file;
mod problem;

mod report;

use std::fmt;
use std::path::PathBuf;

use skills_model::Bundle;

use super::terminal::Terminal;
use crate::error::Error;
use edit::{Body, Slot};
use entry::{Datum, Endpoint, described};
use file::Found;
use host::{Choice, HOSTS, Host};
pub(crate) use order::{Install, Order, Uninstall};
use order::{Verb, plain};
use place::{Place, Scope, Surroundings};
pub(crate) use problem::Problem;
pub(super) use report::Report;

/// What is asked for and what it is asked in: the same for all hosts.
struct Job<'a> {
    order: &'a Order,
    surroundings: Surroundings,
    endpoint: Endpoint,
    name: String,
}

/// Why a host could not be told, and what a person can do instead.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) problem: Problem,
    /// What belongs where.
    pub(crate) by_hand: Option<String>,
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.problem.fmt(formatter)
    }
}

impl std::error::Error for Failure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.problem.source()
    }
}

/// What came of one host.
#[derive(Debug)]
enum Outcome {
    Skipped {
        why: String,
    },
    /// The text of `--print`.
    Shown {
        text: String,
    },
    /// `install` found its entry, perhaps with changes that somebody made.
    There {
        path: PathBuf,
        is_changed: bool,
    },
    /// `uninstall` found no entry.
    Absent {
        path: PathBuf,
    },
    Changed(Change),
}

/// A file as it was before an entry came; without a text where there was none.
struct Baseline {
    text: Option<String>,
}

/// A file that is to become another one.
#[derive(Debug)]
struct Change {
    found: Found,
    /// The whole text; nothing if the file is to be removed.
    after: Option<String>,
    /// Whether the file is to be kept as it was.
    is_first: bool,
    /// Whether the file is again what it was before `install`.
    is_restored: bool,
    /// What was kept, once it is.
    backup: Option<PathBuf>,
}

/// Does what was asked for; what came of it for each host.
pub(super) fn run(bundle: &Bundle, order: &Order, terminal: &Terminal) -> Result<Report, Error> {
    let job = Job {
        order,
        surroundings: file::surroundings().map_err(|source| Error::System {
            action: "find the current directory",
            source,
        })?,
        endpoint: endpoint(order)?,
        name: order
            .name
            .clone()
            .unwrap_or_else(|| plain(bundle.server.name)),
    };
    let mut report = Report::default();
    for host in &HOSTS {
        if let Some(outcome) = job.outcome(host) {
            report.add(&job, host, outcome, terminal);
        }
    }
    Ok(report)
}

/// Where hosts are to find the server.
fn endpoint(order: &Order) -> Result<Endpoint, Error> {
    if let Some(url) = &order.http {
        return Ok(Endpoint::Url {
            url: url.clone(),
            token: order.token.clone(),
        });
    }
    let path = &order.executable;
    let reason = match path.to_str() {
        _ if !path.is_absolute() || !file::exists(path) => "is not where this executable is",
        Some(path) => {
            return Ok(Endpoint::Program {
                path: path.to_owned(),
            });
        }
        None => "has a name that no configuration can hold, because it is no UTF-8",
    };
    Err(Error::Destination {
        path: path.clone(),
        reason,
    })
}

impl Job<'_> {
    /// What comes of a host; nothing if nobody asked for it.
    fn outcome(&self, host: &'static Host) -> Option<Result<Outcome, Failure>> {
        let is_named = self.order.hosts.contains(&host.choice);
        if !is_named && !self.order.hosts.contains(&Choice::All) {
            return None;
        }
        let outcome = match self.reason_to_skip(host) {
            Ok(Some(why)) if !is_named => Ok(Outcome::Skipped { why }),
            _ => self.done(host),
        };
        Some(outcome.map_err(|problem| self.failure(host, problem)))
    }

    /// Why a host is left out that nobody has named.
    fn reason_to_skip(&self, host: &Host) -> Result<Option<String>, Problem> {
        if self.order.verb != Verb::Print {
            let traces = self.surroundings.traces(host)?;
            if !traces.iter().any(|trace| file::exists(trace)) {
                let nearest = traces.last().cloned().unwrap_or_default();
                return Ok(Some(format!("there is no {}", nearest.display())));
            }
        }
        Ok(match self.check(host) {
            Err(why @ (Problem::NoProject { .. } | Problem::NoUrl { .. })) => Some(why.to_string()),
            _ => None,
        })
    }

    /// Whether the host can be told at all; where.
    fn check(&self, host: &Host) -> Result<Place, Problem> {
        if let (Endpoint::Url { .. }, None) = (&self.endpoint, host.url) {
            return Err(Problem::NoUrl { host: host.name });
        }
        let address = self.endpoint.address();
        match host
            .reference
            .filter(|reference| address.contains(reference))
        {
            Some(reference) => Err(Problem::Reference {
                host: host.name,
                reference,
                address: address.to_owned(),
            }),
            None => self.place(host),
        }
    }

    fn place(&self, host: &Host) -> Result<Place, Problem> {
        let mut place = self.surroundings.place(host, self.order.scope)?;
        if let Some(older) = place.older.take().filter(|older| file::exists(older)) {
            place.file = older;
        }
        Ok(place)
    }

    fn done(&self, host: &'static Host) -> Result<Outcome, Problem> {
        let place = self.check(host)?;
        if self.order.verb == Verb::Print {
            let text = report::by_hand(host, &place, self.slot(host), &self.entry(host));
            return Ok(Outcome::Shown { text });
        }
        let found = Found::read(&place)?;
        let outcome = match self.order.verb {
            Verb::Uninstall => self.uninstalled(host, found)?,
            Verb::Install | Verb::Print => self.installed(host, found)?,
        };
        match outcome {
            Outcome::Changed(change) => self.written(change, &place).map(Outcome::Changed),
            other => Ok(other),
        }
    }

    /// The file with the entry.
    fn installed(&self, host: &Host, found: Found) -> Result<Outcome, Problem> {
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
                return Err(self.foreign(found, &entry.value));
            }
            is_first = if is_ours {
                !file::exists(&found.backup(&self.name))
            } else {
                // An entry that this program made somewhere else, or for another address, is no reason to forget what was
                // there before it.
                self.before(host, &found, &entry.text)?.is_none()
            };
        }
        let body = Body::Made(&datum);
        let after = host.format.set(found.body(), slot, body).map_err(fault)?;
        Ok(Outcome::Changed(Change {
            after: Some(found.with_mark(&after)),
            found,
            is_first,
            is_restored: false,
            backup: None,
        }))
    }

    /// The file without the entry: as it was before, if nothing else has changed since.
    fn uninstalled(&self, host: &Host, found: Found) -> Result<Outcome, Problem> {
        let slot = self.slot(host);
        let fault = |fault| Problem::Fault {
            path: found.path.clone(),
            fault,
        };
        let reading = host.format.read(found.body(), slot).map_err(fault)?;
        let Some(entry) = reading.entry else {
            return Ok(Outcome::Absent { path: found.path });
        };
        if !self.endpoint.is_in(&entry.value) && !self.order.is_forced {
            return Err(self.foreign(found, &entry.value));
        }
        let before = self.before(host, &found, &entry.text)?;
        let is_restored = before.is_some();
        let after = if let Some(before) = before {
            before.text
        } else {
            let kept = file::read(&found.backup(&self.name))?;
            let had = host.format.read(file::body(kept.as_deref()), slot);
            let is_pruned = !had.is_ok_and(|had| had.value.get(slot.container).is_some());
            let after = host.format.remove(found.body(), slot, is_pruned);
            Some(found.with_mark(&after.map_err(fault)?))
        };
        Ok(Outcome::Changed(Change {
            found,
            after,
            is_first: false,
            is_restored,
            backup: None,
        }))
    }

    /// The file as it was before an entry, if that is all that has changed since.
    fn before(&self, host: &Host, found: &Found, entry: &str) -> Result<Option<Baseline>, Problem> {
        let before = file::read(&found.backup(&self.name))?;
        let baseline = file::body(before.as_deref());
        let again = host
            .format
            .set(baseline, self.slot(host), Body::Kept(entry));
        let is_all = again.is_ok_and(|again| again == found.body());
        Ok(is_all.then_some(Baseline { text: before }))
    }

    /// Writes a file, or finds out whether it could.
    fn written(&self, mut change: Change, place: &Place) -> Result<Change, Problem> {
        change.found.check_writable()?;
        if self.order.is_dry {
            return Ok(change);
        }
        if change.is_first {
            change.backup = change.found.keep(&self.name)?;
        }
        let written = match &change.after {
            Some(text) => change.found.write(text, self.mode()),
            None => change.found.remove(&place.base),
        };
        if let (Err(_), Some(backup)) = (&written, &change.backup) {
            file::discard(backup);
        }
        if written.is_ok() && self.order.verb == Verb::Uninstall {
            file::discard(&change.found.backup(&self.name));
        }
        written.map(|()| change)
    }

    /// What a new file is to allow: yours may get secrets of other servers, a project's is for everybody.
    const fn mode(&self) -> u32 {
        match self.order.scope {
            Scope::User => 0o600,
            Scope::Project => 0o666,
        }
    }

    fn slot(&self, host: &Host) -> Slot<'_> {
        Slot {
            container: host.container,
            name: &self.name,
        }
    }

    fn entry(&self, host: &Host) -> Datum {
        let is_sandboxed = host.has_sandbox
            && self
                .missing_for_sandbox()
                .is_some_and(|missing| missing.is_empty());
        self.endpoint.entry(host, is_sandboxed)
    }

    /// The programs that VS Code's sandbox lacks here; nothing where it cannot have one.
    fn missing_for_sandbox(&self) -> Option<Vec<&'static str>> {
        let path = self.surroundings.variables.get("PATH");
        let path = path.map(std::ffi::OsString::as_os_str).unwrap_or_default();
        let programs = self.surroundings.sandbox()?.iter().copied();
        Some(
            programs
                .filter(|program| !file::is_program(program, path))
                .collect(),
        )
    }

    fn foreign(&self, found: Found, entry: &serde_json::Value) -> Problem {
        Problem::Foreign {
            path: found.path,
            name: self.name.clone(),
            target: described(entry),
        }
    }

    fn failure(&self, host: &'static Host, problem: Problem) -> Failure {
        let by_hand = (self.order.verb == Verb::Install && problem.leaves_it_to_a_person())
            .then(|| self.place(host).ok())
            .flatten();
        Failure {
            by_hand: by_hand
                .map(|place| report::by_hand(host, &place, self.slot(host), &self.entry(host))),
            problem,
        }
    }
}
