//! What a connection is being used for, for those who decide whether it may go on: its own task, and the pool of connections,
//! which ends one that nobody uses for one that somebody needs.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

use super::pace::Pace;

/// What a connection is being used for.
#[derive(Debug)]
pub(super) struct Usage {
    activity: Mutex<Activity>,
    /// How fast the answers are read that are not all sent.
    paces: Mutex<Vec<Weak<Pace>>>,
    /// There is a new one of them.
    paced: Notify,
    is_evicted: AtomicBool,
    evicted: Notify,
    is_flooded: AtomicBool,
}

#[derive(Debug)]
struct Activity {
    /// Requests whose answers are not all sent.
    open: usize,
    has_asked: bool,
    /// Since when nothing is under way.
    since: Instant,
}

/// What a connection has come to when its time is up.
pub(super) enum Verdict {
    /// Nothing was ever asked.
    Silent,
    /// Nothing is under way, and nothing was for as long as that may be.
    Idle,
    /// It is to be looked at again.
    Until(Instant),
}

/// A connection that nothing is under way on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Quiet {
    /// Whether anything was ever asked: those that were never used are the first to go.
    pub(super) has_asked: bool,
    pub(super) since: Instant,
}

impl Usage {
    pub(super) fn new() -> Self {
        Self {
            activity: Mutex::new(Activity {
                open: 0,
                has_asked: false,
                since: Instant::now(),
            }),
            paces: Mutex::default(),
            paced: Notify::new(),
            is_evicted: AtomicBool::new(false),
            evicted: Notify::new(),
            is_flooded: AtomicBool::new(false),
        }
    }

    fn activity(&self) -> MutexGuard<'_, Activity> {
        self.activity.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A request begins.
    pub(super) fn begin(&self) {
        let mut activity = self.activity();
        activity.open += 1;
        activity.has_asked = true;
    }

    /// The answer to a request is sent, or nobody waits for it any more.
    pub(super) fn end(&self) {
        let mut activity = self.activity();
        activity.open -= 1;
        activity.since = Instant::now();
    }

    /// Whether nothing is under way.
    pub(super) fn quiet(&self) -> Option<Quiet> {
        let activity = self.activity();
        (activity.open == 0).then_some(Quiet {
            has_asked: activity.has_asked,
            since: activity.since,
        })
    }

    /// What a connection has come to, given how long it may be without its first request and without another one.
    pub(super) fn verdict(&self, first: Duration, idle: Duration) -> Verdict {
        let activity = self.activity();
        let now = Instant::now();
        let patience = if activity.has_asked { idle } else { first };
        let end = activity.since + patience;
        match *activity {
            Activity { open: 1.., .. } => Verdict::Until(now + idle),
            _ if now < end => Verdict::Until(end),
            Activity {
                has_asked: false, ..
            } => Verdict::Silent,
            _ => Verdict::Idle,
        }
    }

    fn paces(&self) -> MutexGuard<'_, Vec<Weak<Pace>>> {
        self.paces.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Watches how fast an answer is read, until it is dropped.
    pub(super) fn watch(&self, pace: Weak<Pace>) {
        let mut paces = self.paces();
        // Those that are over are taken out before there is room for more, so that this is cheap on the whole.
        if paces.len() == paces.capacity() {
            paces.retain(|pace| pace.strong_count() > 0);
        }
        paces.push(pace);
        drop(paces);
        self.paced.notify_one();
    }

    /// Waits for an answer that is to be watched.
    pub(super) async fn watching(&self) {
        self.paced.notified().await;
    }

    /// Whether any answer is to be watched, and whether one of them is read too slowly.
    pub(super) fn slow_reader(&self, now: Instant) -> Option<bool> {
        let mut paces = self.paces();
        paces.retain(|pace| pace.strong_count() > 0);
        let mut paces = paces.iter().filter_map(Weak::upgrade).peekable();
        paces.peek()?;
        Some(paces.any(|pace| pace.is_overdue(now)))
    }

    /// Has the connection ended, because another client needs its place.
    pub(super) fn evict(&self) {
        self.is_evicted.store(true, Ordering::Release);
        self.evicted.notify_one();
    }

    /// Waits until the connection is to end for another.
    pub(super) async fn evicted(&self) {
        while !self.is_evicted.load(Ordering::Acquire) {
            self.evicted.notified().await;
        }
    }

    /// Notes that the client sends frames that serve nothing.
    pub(super) fn flooded(&self) {
        self.is_flooded.store(true, Ordering::Release);
    }

    pub(super) fn is_flooded(&self) -> bool {
        self.is_flooded.load(Ordering::Acquire)
    }
}
