//! A record of every decision: a JSON object a line, each with the digest of the line before it, so that nobody can change,
//! leave out or reorder lines unnoticed (`verify.rs`). Subjects and arguments are in it as keyed digests only.
//!
//! A worker puts its `event.rs` into a bounded `queue.rs` and goes on; one thread, the `writer.rs`, makes it a link of the
//! chain (`chain.rs`) and appends it to the file (`append.rs`, `file.rs`). What cannot be recorded is not to be done: whoever
//! asks for a [`Place`] before work begins knows that there will be room for what came of it.

mod append;
mod chain;
mod event;
mod file;
#[cfg(all(fuzzing, feature = "http"))]
pub(crate) mod fuzzing;
mod key;
#[cfg(feature = "http")]
mod metrics;
mod queue;
mod settings;
pub(crate) mod summary;
#[cfg(test)]
mod tests;
pub(crate) mod verify;
mod writer;

use std::sync::Arc;
use std::thread;
use std::time::Duration;

pub(crate) use event::{Decision, Event, Kind, Served, Target};
pub(crate) use settings::Settings;

use crate::clock::Timestamp;
use crate::error::Error;
use event::Record;
use file::Output;
pub(crate) use key::Key;
use queue::Queue;
use writer::Writer;

/// The record of this process. Clones are the same record.
#[derive(Clone, Debug)]
pub(crate) struct Audit {
    queue: Arc<Queue>,
    key: Arc<Key>,
    region: Option<Arc<str>>,
}

/// A record whose file is open, and to which nothing is written yet: the thread that writes is started when the sandbox is
/// closed, because it has to be inside.
#[derive(Debug)]
pub(crate) struct Opened {
    audit: Audit,
    writer: Writer,
}

/// Room for one event. That nothing came of it is an event as well.
#[derive(Debug)]
pub(crate) struct Place {
    audit: Audit,
    is_used: bool,
}

/// The record takes nothing at the moment: what was asked for must not be done (HTTP 503). It recovers by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("The audit log cannot be written")]
pub(crate) struct Unavailable;

/// How the record is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Health {
    /// Why nothing can be written, since the last time that something could.
    pub(crate) failure: Option<String>,
    /// Whether what would have to be recorded is refused.
    pub(crate) refuses: bool,
    /// Events that are not written yet.
    pub(crate) queued: usize,
    /// Events that were given up, since the process began.
    pub(crate) dropped: u64,
    /// Attempts to write or to flush that failed, since the process began.
    pub(crate) errors: u64,
}

impl Audit {
    /// Opens what is to be written, which has to be possible: a server that must keep a record does not start without.
    pub(crate) fn open(settings: &Settings) -> Result<Opened, Error> {
        let Settings {
            file,
            max_size,
            keep,
            queue,
            on_error,
            key_file,
            region,
        } = settings;
        let key = Arc::new(Key::new(key_file.as_deref())?);
        let (output, tail) = Output::open(file, max_size.as_u64(), *keep)?;
        let queue = Arc::new(Queue::new(queue.get(), *on_error));
        let audit = Self {
            queue: Arc::clone(&queue),
            key: Arc::clone(&key),
            region: region.as_deref().map(Arc::from),
        };
        let writer = Writer::new(output, tail, queue, key);
        Ok(Opened { audit, writer })
    }

    /// Room for an event of something that is about to be done.
    pub(crate) fn reserve(&self) -> Result<Place, Unavailable> {
        self.queue.reserve()?;
        Ok(Place {
            audit: self.clone(),
            is_used: false,
        })
    }

    /// Records what has happened. It never waits.
    pub(crate) fn record(&self, event: &Event<'_>) -> Result<(), Unavailable> {
        self.reserve()?.record(event);
        Ok(())
    }

    /// Looks at once whether the file was moved away, and goes on in a new one; for SIGHUP. Otherwise nothing changes.
    pub(crate) fn reopen(&self) {
        self.queue.ask_to_reopen();
    }

    /// How it is.
    pub(crate) fn health(&self) -> Health {
        self.queue.health()
    }

    /// Writes all that is waiting and ends the thread, in this time at most; false if something remained. It blocks.
    pub(crate) fn stop(&self, within: Duration) -> bool {
        self.queue.stop(within)
    }

    /// Has the metrics of the record encoded with the others.
    #[cfg(feature = "http")]
    pub(crate) fn register(&self, registry: &mut prometheus_client::registry::Registry) {
        registry.register_collector(Box::new(metrics::Figures::new(&self.queue)));
    }

    fn line(&self, event: &Event<'_>) -> String {
        Record::new(event, Timestamp::now(), &self.key, self.region.as_deref()).text()
    }
}

impl Opened {
    /// Starts to write, and records that a server began.
    pub(crate) fn start(self, served: &Served<'_>) -> Result<Audit, Error> {
        let Self { audit, writer } = self;
        let event = Event {
            served: Some(served),
            ..Event::new(Kind::Start)
        };
        audit.queue.push(audit.line(&event), true);
        let thread = thread::Builder::new().name("audit".into());
        let started = thread.spawn(move || writer.run());
        started.map_err(|source| Error::System {
            action: "start the thread that writes the audit log",
            source,
        })?;
        Ok(audit)
    }
}

impl Place {
    /// Records what came of it.
    pub(crate) fn record(mut self, event: &Event<'_>) {
        self.is_used = true;
        let is_mark = matches!(event.kind, Kind::Start | Kind::Stop | Kind::Reload);
        self.audit.queue.push(self.audit.line(event), is_mark);
        self.audit.queue.release();
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.is_used {
            // Whoever asked did not wait for what came of it.
            let abandoned = Event {
                reason: Some("abandoned"),
                ..Event::new(Kind::Error)
            };
            self.audit.queue.push(self.audit.line(&abandoned), false);
            self.audit.queue.release();
        }
    }
}
