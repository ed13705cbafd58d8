//! `install` and `uninstall`: this server in the configurations of hosts. Which hosts, where their files are, what is in
//! them, what is to be in them: then it is shown or written, one host after another, and told.

mod order;

mod host;
mod place;

mod edit;
mod entry;
mod file;
mod plan;
mod problem;

mod report;

use std::fmt;
use std::path::PathBuf;

use skills_model::Bundle;

use super::terminal::Terminal;
use crate::error::Error;
use edit::Slot;
use entry::{Datum, Endpoint};
use file::Found;
use host::{Choice, HOSTS, Host};
pub(crate) use order::{Install, Order, Uninstall};
use order::{Verb, plain};
use place::{Place, Scope, Surroundings};
use plan::Change;
pub(crate) use problem::Problem;
pub(super) use report::Report;

/// How often a file is read and edited again because its host has written it meanwhile.
const RETRIES: usize = 3;

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

/// Does what was asked for; what came of it for each host.
pub(super) fn run(bundle: &Bundle, order: &Order, terminal: &Terminal) -> Result<Report, Error> {
    let job = Job {
        order,
        surroundings: file::surroundings(order.scope).map_err(|source| Error::System {
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
                is_url: matches!(self.endpoint, Endpoint::Url { .. }),
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
        again_if_changed(|| self.tried(host, &place))
    }

    /// Reads, decides and writes, while no other process of ours does.
    fn tried(&self, host: &'static Host, place: &Place) -> Result<Outcome, Problem> {
        let found = Found::read(place)?;
        let outcome = match self.order.verb {
            Verb::Uninstall => self.uninstalled(host, found)?,
            Verb::Install | Verb::Print => self.installed(host, found)?,
        };
        match outcome {
            Outcome::Changed(change) => self.written(change, place).map(Outcome::Changed),
            other => Ok(other),
        }
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
        let useless = match &written {
            Ok(()) => &change.spent,
            Err(_) => &change.backup,
        };
        if let Some(backup) = useless {
            file::discard(backup);
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

/// Does once more what came to nothing because a host wrote at the same moment. One that writes all the time is told.
fn again_if_changed<T>(mut attempt: impl FnMut() -> Result<T, Problem>) -> Result<T, Problem> {
    for _ in 0..RETRIES {
        match attempt() {
            Err(Problem::Changed { .. }) => {}
            done => return done,
        }
    }
    attempt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_host_came_before_is_done_once_more_but_not_for_ever() {
        let attempts = |changes: usize| {
            let mut count = 0;
            let done = again_if_changed(|| {
                count += 1;
                let path = PathBuf::new();
                (count > changes)
                    .then_some(())
                    .ok_or(Problem::Changed { path })
            });
            (count, done.is_ok())
        };
        assert_eq!(attempts(0), (1, true));
        assert_eq!(attempts(1), (2, true));
        assert_eq!(attempts(9), (RETRIES + 1, false));
    }

    #[test]
    fn other_failures_are_final() {
        let mut count = 0;
        let done: Result<(), _> = again_if_changed(|| {
            count += 1;
            Err(Problem::NoHome)
        });
        assert!(done.is_err());
        assert_eq!(count, 1);
    }
}
