//! A circuit breaker: an authorization server that fails again and again is left alone for a while, so that requests do not
//! wait for what will not come, and it can recover.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// As many failures in a row open the circuit.
const FAILURES: u32 = 5;

/// How long it stays open before one probe is let through.
pub(super) const OPEN: Duration = Duration::from_secs(30);

/// One circuit.
#[derive(Debug, Default)]
pub(super) struct Breaker(Mutex<State>);

#[derive(Clone, Copy, Debug)]
enum State {
    Closed {
        failures: u32,
    },
    Open {
        until: Instant,
    },
    /// One probe is under way.
    Probing,
}

impl Default for State {
    fn default() -> Self {
        Self::Closed { failures: 0 }
    }
}

/// How a circuit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Circuit {
    /// Everything goes through.
    Closed,
    /// One probe goes through.
    HalfOpen,
    /// Nothing goes through.
    Open,
}

impl Circuit {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::HalfOpen => "half-open",
            Self::Open => "open",
        }
    }
}

/// The right to try once. Whoever goes away with it has learnt nothing.
#[derive(Debug)]
pub(super) struct Attempt<'a> {
    breaker: &'a Breaker,
    is_probe: bool,
    is_settled: bool,
}

impl Breaker {
    /// Lets one through, or says how long it is worth waiting.
    pub(super) fn attempt(&self) -> Result<Attempt<'_>, Duration> {
        let now = Instant::now();
        let is_probe = self.with(|state| match *state {
            State::Closed { .. } => Ok(false),
            State::Open { until } if until <= now => {
                *state = State::Probing;
                Ok(true)
            }
            State::Open { until } => Err(until - now),
            State::Probing => Err(Duration::from_secs(1)),
        })?;
        Ok(Attempt {
            breaker: self,
            is_probe,
            is_settled: false,
        })
    }

    /// How long nothing goes through, if nothing does.
    pub(super) fn wait(&self) -> Option<Duration> {
        let now = Instant::now();
        self.with(|state| match *state {
            State::Open { until } => until.checked_duration_since(now),
            State::Closed { .. } | State::Probing => None,
        })
    }

    pub(super) fn circuit(&self) -> Circuit {
        let now = Instant::now();
        self.with(|state| match *state {
            State::Closed { .. } => Circuit::Closed,
            State::Open { until } if until > now => Circuit::Open,
            State::Open { .. } | State::Probing => Circuit::HalfOpen,
        })
    }

    fn with<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        // No change panics, so that a poisoned state is a good one, too.
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn failed(&self) {
        let until = Instant::now() + OPEN;
        self.with(|state| {
            *state = match *state {
                State::Closed { failures } if failures + 1 < FAILURES => State::Closed {
                    failures: failures + 1,
                },
                State::Closed { .. } | State::Probing => State::Open { until },
                // Attempts from before it opened do not keep it open.
                State::Open { until } => State::Open { until },
            }
        });
    }
}

impl Attempt<'_> {
    /// Says how it went.
    pub(super) fn settle(mut self, is_good: bool) {
        self.is_settled = true;
        if is_good {
            self.breaker.with(|state| *state = State::default());
        } else {
            self.breaker.failed();
        }
    }
}

impl Drop for Attempt<'_> {
    fn drop(&mut self) {
        if self.is_probe && !self.is_settled {
            let until = Instant::now();
            self.breaker.with(|state| *state = State::Open { until });
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn fail(breaker: &Breaker, times: u32) {
        for _ in 0..times {
            breaker.attempt().expect("it is let through").settle(false);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn five_failures_in_a_row_open_it() {
        let breaker = Breaker::default();
        fail(&breaker, 4);
        breaker.attempt().expect("it is closed").settle(true);
        fail(&breaker, 4);
        assert_eq!(breaker.circuit(), Circuit::Closed);
        fail(&breaker, 1);
        assert_eq!(breaker.circuit(), Circuit::Open);
        advance(Duration::from_secs(10)).await;
        let wait = breaker.attempt().expect_err("it is open");
        assert_eq!(wait, Duration::from_secs(20));
    }

    #[tokio::test(start_paused = true)]
    async fn one_probe_decides() {
        let breaker = Breaker::default();
        fail(&breaker, 5);
        advance(OPEN).await;
        assert_eq!(breaker.circuit(), Circuit::HalfOpen);
        let probe = breaker.attempt().expect("the probe");
        assert!(breaker.attempt().is_err(), "a second probe");
        probe.settle(false);
        assert_eq!(breaker.circuit(), Circuit::Open);
        advance(OPEN).await;
        breaker.attempt().expect("the probe").settle(true);
        assert_eq!(breaker.circuit(), Circuit::Closed);
        fail(&breaker, 4);
        assert_eq!(breaker.circuit(), Circuit::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn a_probe_that_goes_away_makes_room_for_the_next() {
        let breaker = Breaker::default();
        fail(&breaker, 5);
        advance(OPEN).await;
        drop(breaker.attempt().expect("the probe"));
        breaker.attempt().expect("the next probe").settle(true);
        assert_eq!(breaker.circuit(), Circuit::Closed);
    }

    #[tokio::test(start_paused = true)]
    async fn late_failures_do_not_keep_it_open() {
        let breaker = Breaker::default();
        let late = breaker.attempt().expect("it is closed");
        fail(&breaker, 5);
        advance(Duration::from_secs(29)).await;
        late.settle(false);
        advance(Duration::from_secs(1)).await;
        assert_eq!(breaker.circuit(), Circuit::HalfOpen);
    }
}
