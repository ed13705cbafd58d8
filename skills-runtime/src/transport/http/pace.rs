//! How fast a client reads an answer: as fast as the settings want it, or its connection ends.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How fast one answer is read.
///
/// A client has so much time; while the answer waits for it, the time passes, and for each byte that it takes, it gets some back,
/// but never more than it had first. So a client that reads at the rate or faster is never cut off, however uneven it reads, and
/// one that stops reading is when the time has passed.
#[derive(Debug)]
pub(super) struct Pace {
    /// In bytes a second; not zero.
    rate: u64,
    patience: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    left: Duration,
    /// Since when the answer waits for the client.
    waits: Option<Instant>,
}

impl Pace {
    /// The pace of an answer that is ready.
    pub(super) fn new(rate: u64, patience: Duration, now: Instant) -> Self {
        Self {
            rate: rate.max(1),
            patience,
            state: Mutex::new(State {
                left: patience,
                waits: Some(now),
            }),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The client takes so many bytes, and the answer waits for it to take more.
    pub(super) fn took(&self, bytes: usize, now: Instant) {
        let gained = (bytes as u64).saturating_mul(1_000_000) / self.rate;
        let mut state = self.state();
        state.settle(now);
        state.left = (state.left + Duration::from_micros(gained)).min(self.patience);
        state.waits = Some(now);
    }

    /// The client has taken all there is, and waits for more.
    pub(super) fn caught_up(&self, now: Instant) {
        self.state().settle(now);
    }

    /// Whether the client has used up its time.
    pub(super) fn is_overdue(&self, now: Instant) -> bool {
        let state = self.state();
        let waited = |since| now.saturating_duration_since(since);
        state.waits.is_some_and(|since| waited(since) >= state.left)
    }
}

impl State {
    fn settle(&mut self, now: Instant) {
        if let Some(since) = self.waits.take() {
            let waited = now.saturating_duration_since(since);
            self.left = self.left.saturating_sub(waited);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u64 = 1000;
    const PATIENCE: Duration = Duration::from_secs(10);

    fn seconds(count: u64) -> Duration {
        Duration::from_secs(count)
    }

    #[test]
    fn a_client_that_reads_nothing_has_its_time_and_no_more() {
        let start = Instant::now();
        let pace = Pace::new(RATE, PATIENCE, start);
        assert!(!pace.is_overdue(start + seconds(9)));
        assert!(pace.is_overdue(start + seconds(10)));
    }

    #[test]
    fn a_client_that_keeps_to_the_rate_may_take_as_long_as_it_likes() {
        let start = Instant::now();
        let pace = Pace::new(RATE, PATIENCE, start);
        for step in 1..1000 {
            let now = start + seconds(8 * step);
            assert!(!pace.is_overdue(now), "after {step} steps");
            pace.took(8000, now);
        }
    }

    #[test]
    fn a_client_that_is_slower_than_the_rate_is_overdue_in_the_end() {
        let start = Instant::now();
        let pace = Pace::new(RATE, PATIENCE, start);
        let mut now = start;
        let mut taken = 0;
        while !pace.is_overdue(now) {
            pace.took(500, now);
            taken += 500;
            now += seconds(1);
            assert!(taken < 50_000, "it is never overdue");
        }
        assert!(taken >= 5000, "it had its time");
    }

    #[test]
    fn reading_fast_at_first_buys_no_time_for_later() {
        let start = Instant::now();
        let pace = Pace::new(RATE, PATIENCE, start);
        pace.took(100_000_000, start);
        assert!(pace.is_overdue(start + seconds(10)));
    }

    #[test]
    fn time_does_not_pass_while_the_client_waits_for_the_server() {
        let start = Instant::now();
        let pace = Pace::new(RATE, PATIENCE, start);
        pace.caught_up(start + seconds(1));
        assert!(!pace.is_overdue(start + seconds(3600)));
        pace.took(10, start + seconds(3600));
        assert!(!pace.is_overdue(start + seconds(3608)));
        assert!(pace.is_overdue(start + seconds(3610)));
    }
}
