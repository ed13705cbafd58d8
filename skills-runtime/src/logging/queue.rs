//! Lines between those who log and the thread that writes them. Whoever logs never waits: a line that does not fit is dropped
//! and counted. `tracing-appender` has such a queue, too; it counts lines and not bytes, says nowhere in the log that some are
//! missing, and starts its thread when it is made, which is before the process drops its privileges.

use std::io::{self, Write};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::clock;

/// How many bytes of lines may wait.
const BYTES: usize = 1024 * 1024;

/// How many lines may wait.
const LINES: usize = 8192;

/// The lines of a log that wait to be written.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// There are lines to write.
    work: Condvar,
    /// There are none left.
    rest: Condvar,
}

#[derive(Debug)]
struct State {
    flow: Flow,
    waiting: Batch,
    /// Lines that were dropped since the process began.
    dropped: u64,
    /// Those of them that no line of the log tells of yet.
    untold: u64,
    /// Whether the writer waits for work.
    is_idle: bool,
    /// Whether the writer has taken lines and not come back.
    is_writing: bool,
}

/// Where a line goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// To standard error at once: a command that does one thing and ends may wait for its terminal.
    Direct,
    /// Into the queue, until there is a thread.
    Held,
    /// Into the queue, from which a thread takes it.
    Threaded,
}

/// Whole lines, one behind the other.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) bytes: Vec<u8>,
    pub(super) lines: usize,
    /// How many lines were dropped until these were taken, and not told of yet.
    pub(super) dropped: u64,
}

impl Queue {
    pub(super) const fn new() -> Self {
        let waiting = Batch {
            bytes: Vec::new(),
            lines: 0,
            dropped: 0,
        };
        Self {
            state: Mutex::new(State {
                flow: Flow::Direct,
                waiting,
                dropped: 0,
                untold: 0,
                is_idle: false,
                is_writing: false,
            }),
            work: Condvar::new(),
            rest: Condvar::new(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where lines go.
    pub(super) fn flow(&self) -> Flow {
        self.lock().flow
    }

    /// Changes where lines go; where they went before.
    pub(super) fn turn(&self, flow: Flow) -> Flow {
        std::mem::replace(&mut self.lock().flow, flow)
    }

    /// Passes on one line, with its line break.
    pub(super) fn push(&self, line: &[u8]) {
        self.pass(line, false);
    }

    /// Passes on the last words of the process, for which there is always room.
    pub(super) fn push_last(&self, text: &[u8]) {
        self.pass(text, true);
    }

    fn pass(&self, text: &[u8], is_last: bool) {
        let mut state = self.lock();
        if state.flow == Flow::Direct {
            drop(state);
            // There is no third place to say that standard error cannot be written.
            let _ = io::stderr().lock().write_all(text);
            return;
        }
        let Batch { bytes, lines, .. } = &mut state.waiting;
        let has_room = *lines < LINES && bytes.len() + text.len() <= BYTES;
        if !has_room && !is_last {
            state.dropped += 1;
            state.untold += 1;
            return;
        }
        bytes.extend_from_slice(text);
        *lines += 1;
        // While the writer is busy, it looks for more by itself.
        let is_idle = std::mem::take(&mut state.is_idle);
        drop(state);
        if is_idle {
            self.work.notify_one();
        }
    }

    /// Exchanges an empty batch for what has come; waits until something has.
    pub(super) fn take(&self, batch: &mut Batch) {
        let mut state = self.lock();
        state.is_writing = false;
        while state.waiting.lines == 0 {
            self.rest.notify_all();
            state.is_idle = true;
            let woken = self.work.wait(state);
            state = woken.unwrap_or_else(PoisonError::into_inner);
        }
        state.is_idle = false;
        state.is_writing = true;
        std::mem::swap(&mut state.waiting, batch);
        batch.dropped = std::mem::take(&mut state.untold);
    }

    /// Counts lines that could not be written.
    pub(super) fn lost(&self, lines: u64) {
        let mut state = self.lock();
        state.dropped += lines;
        state.untold += lines;
    }

    /// Takes back that a line has told of dropped ones.
    pub(super) fn untold(&self, lines: u64) {
        self.lock().untold += lines;
    }

    /// How many lines were dropped since the process began.
    #[cfg(any(feature = "http", test))]
    pub(super) fn dropped(&self) -> u64 {
        self.lock().dropped
    }

    /// Waits until all is written, for so long at most; whether it is.
    pub(super) fn drained(&self, within: Duration) -> bool {
        let until = clock::now() + within;
        let mut state = self.lock();
        while state.is_writing || state.waiting.lines > 0 {
            let left = until.saturating_duration_since(clock::now());
            if left.is_zero() {
                return false;
            }
            let waited = self.rest.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held() -> Queue {
        let queue = Queue::new();
        assert_eq!(queue.turn(Flow::Held), Flow::Direct);
        queue
    }

    #[test]
    fn lines_wait_in_their_order() {
        let queue = held();
        queue.push(b"one\n");
        queue.push(b"two\n");
        let mut batch = Batch::default();
        queue.take(&mut batch);
        assert_eq!((&*batch.bytes, batch.lines), (&b"one\ntwo\n"[..], 2));
        assert_eq!((batch.dropped, queue.dropped()), (0, 0));
    }

    #[test]
    fn lines_beyond_either_limit_are_dropped_and_counted() {
        for (line, kept) in [(b"x\n".to_vec(), LINES), (vec![b'x'; BYTES / 4], 4)] {
            let queue = held();
            for _ in 0..kept + 3 {
                queue.push(&line);
            }
            queue.push_last(b"error\n");
            let mut batch = Batch::default();
            queue.take(&mut batch);
            assert_eq!((batch.lines, batch.dropped), (kept + 1, 3));
            assert!(batch.bytes.ends_with(b"error\n"));
            assert_eq!(queue.dropped(), 3);
            // They are told of once.
            queue.push(&line);
            let mut next = Batch::default();
            queue.take(&mut next);
            assert_eq!((next.lines, next.dropped), (1, 0));
        }
    }

    #[test]
    fn the_wait_for_the_last_lines_is_bounded() {
        let queue = held();
        assert!(queue.drained(Duration::ZERO));
        queue.push(b"one\n");
        assert!(!queue.drained(Duration::from_millis(1)));
        queue.take(&mut Batch::default());
        assert!(
            !queue.drained(Duration::from_millis(1)),
            "it is being written"
        );
    }
}
