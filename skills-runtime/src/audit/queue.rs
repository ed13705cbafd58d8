//! What waits to be written. Workers put in and never wait for the disk; the writer takes out.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::settings::OnError;
use super::{Health, Unavailable};
use crate::clock;
use crate::logging::AUDIT;

/// How long one write or one flush may take. A disk that takes longer is as good as none.
const STALLED: Duration = Duration::from_secs(5);

/// Why nothing more is taken while the disk is slower than what comes.
const BACKLOG: &str =
    "the disk is too slow: as many events wait to be written as there is room for";

/// Why nothing can be written while the writer waits for its disk.
const STALL: &str = "a write or a flush has taken more than 5 s";

/// Events between those who record and the thread that writes.
#[derive(Debug)]
pub(super) struct Queue {
    state: Mutex<State>,
    /// There is something for the writer to do.
    work: Condvar,
    /// The writer has ended.
    end: Condvar,
    capacity: usize,
    on_error: OnError,
}

#[derive(Debug, Default)]
struct State {
    events: VecDeque<Item>,
    /// Places for events that are still to come.
    reserved: usize,
    failure: Option<String>,
    errors: u64,
    dropped: u64,
    /// Those of the dropped that no line tells of yet.
    untold: u64,
    /// When the writer went to work with which it is not done; it cannot say by itself that it is stuck.
    busy_since: Option<Instant>,
    /// Whether the log tells of that.
    is_stall_told: bool,
    reopen: bool,
    life: Life,
}

/// How far the writer is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Life {
    #[default]
    Running,
    /// It writes what is left.
    Stopping,
    /// Nothing is written any more.
    Ended,
}

/// An event that waits.
#[derive(Debug)]
pub(super) struct Item {
    /// A JSON object.
    pub(super) body: String,
    /// Whether it is a beginning or an end.
    pub(super) is_mark: bool,
}

/// What the writer is to do.
#[derive(Debug)]
pub(super) enum Work {
    Write(Item),
    Reopen,
    /// Nothing has come.
    Rest,
    Stop,
}

impl Queue {
    pub(super) fn new(capacity: usize, on_error: OnError) -> Self {
        Self {
            state: Mutex::default(),
            work: Condvar::new(),
            end: Condvar::new(),
            capacity,
            on_error,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes room for an event.
    pub(super) fn reserve(&self) -> Result<(), Unavailable> {
        let mut state = self.lock();
        if self.is_refused(&state) {
            let is_news = state.is_stalled() && !std::mem::replace(&mut state.is_stall_told, true);
            drop(state);
            if is_news {
                tracing::error!(target: AUDIT, "The audit log cannot be written, so that nothing is answered that has to be in it: {STALL}");
            }
            return Err(Unavailable);
        }
        state.reserved += 1;
        Ok(())
    }

    /// Whether nothing may be done that would have to be written.
    fn is_refused(&self, state: &State) -> bool {
        let is_full = state.events.len() + state.reserved >= self.capacity;
        let is_unwritable = state.failure.is_some() || state.is_stalled() || state.has_ended();
        self.on_error == OnError::Block && (is_full || is_unwritable)
    }

    /// Gives the room back.
    pub(super) fn release(&self) {
        let mut state = self.lock();
        state.reserved = state.reserved.saturating_sub(1);
    }

    /// Puts an event in; where events may be dropped and there is no room, it is dropped.
    pub(super) fn push(&self, body: String, is_mark: bool) {
        let mut state = self.lock();
        let is_full = state.events.len() >= self.capacity;
        if state.has_ended() || (is_full && self.on_error == OnError::Drop) {
            state.dropped += 1;
            state.untold += 1;
            return;
        }
        state.events.push_back(Item { body, is_mark });
        drop(state);
        self.work.notify_one();
    }

    pub(super) fn ask_to_reopen(&self) {
        self.lock().reopen = true;
        self.work.notify_one();
    }

    pub(super) fn on_error(&self) -> OnError {
        self.on_error
    }

    /// What is to be done next; waits for it until a moment. All events are written before the writer stops.
    pub(super) fn next(&self, until: Instant) -> Work {
        let mut state = self.lock();
        state.busy_since = None;
        if std::mem::take(&mut state.is_stall_told) {
            // Not under the lock, which every request takes.
            drop(state);
            tracing::info!(target: AUDIT, "The audit log can be written again");
            state = self.lock();
        }
        let work = loop {
            if std::mem::take(&mut state.reopen) {
                break Work::Reopen;
            }
            if let Some(item) = state.events.pop_front() {
                break Work::Write(item);
            }
            if state.life != Life::Running {
                break Work::Stop;
            }
            let left = until.saturating_duration_since(clock::now());
            if left.is_zero() {
                break Work::Rest;
            }
            state = self.waiting(state, left);
        };
        state.busy_since = Some(clock::now());
        work
    }

    /// Waits before something is tried again, but not when the server stops; false if it has stopped.
    pub(super) fn pause(&self, time: Duration) -> bool {
        let until = clock::now() + time;
        let mut state = self.lock();
        loop {
            if state.has_ended() {
                return false;
            }
            let left = until.saturating_duration_since(clock::now());
            if left.is_zero() {
                return true;
            }
            state = self.waiting(state, left);
        }
    }

    fn waiting<'a>(&self, state: MutexGuard<'a, State>, time: Duration) -> MutexGuard<'a, State> {
        let waited = self.work.wait_timeout(state, time);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Something could not be written.
    pub(super) fn failed(&self, why: String) {
        let mut state = self.lock();
        state.errors += 1;
        state.failure = Some(why);
    }

    /// Something could be written.
    pub(super) fn succeeded(&self) {
        self.lock().failure = None;
    }

    /// An event is given up.
    pub(super) fn drop_one(&self) {
        let mut state = self.lock();
        state.dropped += 1;
        state.untold += 1;
    }

    /// How many events are missing in front of the next line.
    pub(super) fn untold(&self) -> u64 {
        self.lock().untold
    }

    /// A line has told of so many.
    pub(super) fn told(&self, count: u64) {
        let mut state = self.lock();
        state.untold = state.untold.saturating_sub(count);
    }

    /// The writer has ended; whoever waits for that goes on.
    pub(super) fn ended(&self) {
        self.lock().life = Life::Ended;
        self.end.notify_all();
        self.work.notify_all();
    }

    /// Has everything written and the writer end; false if it did not come to that in time.
    pub(super) fn stop(&self, within: Duration) -> bool {
        let until = clock::now() + within;
        let mut state = self.lock();
        if state.life == Life::Running {
            state.life = Life::Stopping;
        }
        self.work.notify_all();
        while !state.has_ended() {
            let left = until.saturating_duration_since(clock::now());
            if left.is_zero() {
                state.life = Life::Ended;
                self.work.notify_all();
                return false;
            }
            let waited = self.end.wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        state.events.is_empty() && state.failure.is_none()
    }

    pub(super) fn health(&self) -> Health {
        let state = self.lock();
        let refuses = self.is_refused(&state);
        let stall = || state.is_stalled().then(|| STALL.to_owned());
        let backlog = || refuses.then(|| BACKLOG.to_owned());
        Health {
            failure: state.failure.clone().or_else(stall).or_else(backlog),
            refuses,
            queued: state.events.len(),
            dropped: state.dropped,
            errors: state.errors,
        }
    }
}

impl State {
    fn has_ended(&self) -> bool {
        self.life == Life::Ended
    }

    /// Whether the writer waits for its disk, and has for too long.
    fn is_stalled(&self) -> bool {
        let busy = self.busy_since.map(|since| since.elapsed());
        busy.is_some_and(|busy| busy >= STALLED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(queue: &Queue) -> Work {
        queue.next(clock::now())
    }

    #[test]
    fn there_is_room_for_so_many_and_what_is_promised_is_kept() {
        let queue = Queue::new(2, OnError::Block);
        assert_eq!(queue.reserve(), Ok(()));
        assert_eq!(queue.reserve(), Ok(()));
        assert_eq!(queue.reserve(), Err(Unavailable));
        queue.push("{}".into(), false);
        queue.release();
        assert_eq!(queue.reserve(), Err(Unavailable));
        assert!(matches!(work(&queue), Work::Write(_)));
        assert_eq!(queue.reserve(), Ok(()));
        assert!(matches!(work(&queue), Work::Rest));
    }

    #[test]
    fn nothing_is_promised_while_nothing_can_be_written() {
        let queue = Queue::new(2, OnError::Block);
        queue.failed("full".into());
        assert_eq!(queue.reserve(), Err(Unavailable));
        assert_eq!(queue.health().failure.as_deref(), Some("full"));
        queue.succeeded();
        assert_eq!(queue.reserve(), Ok(()));
        assert_eq!(queue.health().errors, 1);
    }

    #[test]
    fn what_may_be_dropped_is_counted() {
        let queue = Queue::new(1, OnError::Drop);
        queue.failed("full".into());
        for _ in 0..3 {
            assert_eq!(queue.reserve(), Ok(()));
            queue.push("{}".into(), false);
            queue.release();
        }
        assert_eq!((queue.health().queued, queue.untold()), (1, 2));
        queue.told(2);
        assert_eq!((queue.health().dropped, queue.untold()), (2, 0));
    }

    #[test]
    fn nothing_is_promised_while_the_writer_waits_for_its_disk() {
        for (on_error, promised) in [(OnError::Block, Err(Unavailable)), (OnError::Drop, Ok(()))] {
            let queue = Queue::new(2, on_error);
            assert!(matches!(work(&queue), Work::Rest));
            assert_eq!(queue.reserve(), Ok(()));
            queue.lock().busy_since = clock::now().checked_sub(STALLED);
            assert_eq!(queue.reserve(), promised);
            let health = queue.health();
            assert_eq!(health.failure.as_deref(), Some(STALL));
            assert_eq!(health.refuses, promised.is_err());
            // It comes back.
            assert!(matches!(work(&queue), Work::Rest));
            assert_eq!(queue.health().failure, None);
            assert_eq!(queue.reserve(), Ok(()));
        }
    }

    #[test]
    fn who_waits_for_the_end_does_not_wait_for_ever() {
        let queue = Queue::new(1, OnError::Block);
        queue.push("{}".into(), true);
        assert!(!queue.stop(Duration::ZERO));
        assert!(!queue.pause(Duration::from_secs(3600)));
        assert_eq!(queue.reserve(), Err(Unavailable));
    }
}
