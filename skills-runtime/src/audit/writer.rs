//! The one thread that writes: it takes events out of the queue, makes links of them and appends them.

use std::sync::Arc;
use std::time::Duration;

use super::chain::{self, Gap, Link};
use super::file::{Output, Tail};
use super::key::Key;
use super::queue::{Item, Queue, Work};
use super::settings::OnError;
use crate::clock;
use crate::logging::AUDIT;

/// How often the disk is asked to keep what was written, and the path is looked at.
const CARE: Duration = Duration::from_secs(1);

/// How long is waited before something that failed is tried again.
const PAUSE: Duration = Duration::from_millis(200);

#[derive(Debug)]
pub(super) struct Writer {
    output: Output,
    queue: Arc<Queue>,
    key: Arc<Key>,
    last: Link,
    /// How many bytes of an unfinished line were cut off, until a line has told.
    cut: u64,
    /// What fails at the moment; it is said once.
    failing: Option<Step>,
}

/// What can fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Write,
    LookAfter,
}

impl Writer {
    pub(super) fn new(output: Output, tail: Tail, queue: Arc<Queue>, key: Arc<Key>) -> Self {
        let Tail { link, cut } = tail;
        Self {
            output,
            queue,
            key,
            last: link,
            cut,
            failing: None,
        }
    }

    /// Writes until the server stops.
    pub(super) fn run(mut self) {
        let mut care = clock::now() + CARE;
        loop {
            match self.queue.next(care) {
                Work::Write(item) => {
                    if !self.write(&item) {
                        break;
                    }
                }
                Work::Reopen => care = clock::now(),
                Work::Rest => {}
                Work::Stop => break,
            }
            if clock::now() >= care {
                self.look_after();
                care = clock::now() + CARE;
            }
        }
        self.look_after();
        let queue = Arc::clone(&self.queue);
        // Whoever waits for the end may want to open the file.
        drop(self);
        queue.ended();
    }

    fn look_after(&mut self) {
        match self.output.look_after() {
            Ok(()) => self.succeeded(Step::LookAfter),
            Err(error) => self.failed(Step::LookAfter, &error),
        }
    }

    /// Writes an event, however long that takes, or gives it up where that is wished; false if the server has stopped.
    fn write(&mut self, item: &Item) -> bool {
        let dropped = self.queue.untold();
        let gap = Gap {
            cut: self.cut,
            dropped,
        };
        let is_due = chain::is_sealed(self.last.number + 1, item.is_mark);
        let seal = (is_due && self.key.is_lasting()).then_some(&*self.key);
        let (line, place) = self.last.follow(&item.body, gap, seal);
        let Some(is_there) = self.append(line.as_bytes()) else {
            self.queue.drop_one();
            return true;
        };
        if is_there {
            self.last = place;
            self.cut = 0;
            self.queue.told(dropped);
        }
        is_there
    }

    /// True when the line is there, false if the server has stopped before, nothing if the line is given up.
    fn append(&mut self, line: &[u8]) -> Option<bool> {
        let mut has_begun = false;
        loop {
            let result = if has_begun {
                self.output.finish()
            } else {
                self.output.write(line).map_err(|failure| {
                    has_begun = failure.has_begun;
                    failure.source
                })
            };
            let Err(error) = result else {
                self.succeeded(Step::Write);
                return Some(true);
            };
            self.failed(Step::Write, &error);
            if self.queue.on_error() == OnError::Drop {
                return has_begun.then_some(true);
            }
            if !self.queue.pause(PAUSE) {
                return Some(false);
            }
            // Where the file was may be another one by now.
            let _ = self.output.look_after();
        }
    }

    fn failed(&mut self, step: Step, error: &std::io::Error) {
        let consequence = match self.queue.on_error() {
            OnError::Block => "nothing is answered that has to be in it",
            OnError::Drop => "what happens now is not in it",
        };
        if self.failing.replace(step).is_none() {
            tracing::error!(target: AUDIT, "The audit log cannot be written, so that {consequence}: {error}");
        }
        self.queue.failed(error.to_string());
    }

    fn succeeded(&mut self, step: Step) {
        if self.failing == Some(step) {
            self.failing = None;
            tracing::info!(target: AUDIT, "The audit log can be written again");
            self.queue.succeeded();
        }
    }
}
