//! A budget of tokens that turn out to be unknown, for each client. Anybody can make tokens up, and each costs the authorization
//! server a request; without a budget, one client could have it asked as often as it likes.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use quick_cache::sync::Cache;
use tokio::time::Instant;

use super::refusal::Refusal;

/// As many clients are remembered, a few megabytes. An attacker with more addresses than that has as many budgets anyway.
const CLIENTS: usize = 65_536;

/// As many tokens of a client may be unknown, or under way, at once ...
const BURST: u32 = 32;

/// ... and one more each time this has passed.
const INTERVAL: Duration = Duration::from_secs(3);

/// The budgets of all clients.
#[derive(Debug)]
pub(super) struct Budgets(Cache<IpAddr, Arc<Budget>>);

/// The budget of one client, as a generic cell rate algorithm: when it will be full again.
#[derive(Debug)]
struct Budget(Mutex<Instant>);

/// A token that is being asked about; it counts as unknown until [`Spent::refund`] says otherwise.
#[derive(Debug)]
#[must_use]
pub(super) struct Spent(Option<Arc<Budget>>);

impl Default for Budgets {
    fn default() -> Self {
        Self(Cache::new(CLIENTS))
    }
}

impl Budgets {
    /// Takes one token out of the budget of a client, or says how long that has to wait. A client that is not known has none,
    /// because it may be anybody.
    pub(super) fn spend(&self, client: Option<IpAddr>) -> Result<Spent, Refusal> {
        let Some(client) = client else {
            return Ok(Spent(None));
        };
        let budget = self.0.get(&client).unwrap_or_else(|| {
            let budget = Arc::new(Budget(Mutex::new(Instant::now())));
            self.0.insert(client, Arc::clone(&budget));
            budget
        });
        budget.spend().map_err(|retry_after| Refusal::Limited {
            tokens: BURST,
            window: INTERVAL * BURST,
            retry_after,
        })?;
        Ok(Spent(Some(budget)))
    }
}

impl Budget {
    fn spend(&self) -> Result<(), Duration> {
        let now = Instant::now();
        self.with(|full| {
            let next = (*full).max(now) + INTERVAL;
            let wait = (next - now).saturating_sub(INTERVAL * BURST);
            if wait.is_zero() {
                *full = next;
                Ok(())
            } else {
                Err(wait)
            }
        })
    }

    fn with<T>(&self, change: impl FnOnce(&mut Instant) -> T) -> T {
        // No change panics, so that a poisoned state is a good one, too.
        change(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Spent {
    /// Gives it back: the token was known, or nobody could say.
    pub(super) fn refund(self) {
        if let Some(budget) = self.0 {
            budget.with(|full| {
                if let Some(earlier) = full.checked_sub(INTERVAL) {
                    *full = earlier;
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    fn client(number: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, number])
    }

    #[tokio::test(start_paused = true)]
    async fn unknown_tokens_of_a_client_are_bounded_and_those_of_others_are_not_touched() {
        let budgets = Budgets::default();
        for _ in 0..BURST {
            let _unknown = budgets
                .spend(Some(client(1)))
                .expect("it is within the budget");
        }
        let refusal = budgets.spend(Some(client(1))).expect_err("it is used up");
        let expected = Refusal::Limited {
            tokens: 32,
            window: Duration::from_secs(96),
            retry_after: INTERVAL,
        };
        assert_eq!(refusal, expected);
        let _other = budgets.spend(Some(client(2))).expect("it has its own");
        advance(INTERVAL).await;
        let _unknown = budgets.spend(Some(client(1))).expect("there is one more");
        assert!(budgets.spend(Some(client(1))).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn known_tokens_cost_nothing() {
        let budgets = Budgets::default();
        for _ in 0..10 * BURST {
            budgets
                .spend(Some(client(1)))
                .expect("it is within the budget")
                .refund();
        }
        for _ in 0..10 * BURST {
            let _unknown = budgets.spend(None).expect("nobody is blocked for others");
        }
    }
}
