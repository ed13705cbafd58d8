//! Addresses that fail too often are left out for a while.

use std::num::NonZero;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::Client;
use super::denial::Denial;
use super::recent::Recent;

/// How many addresses are remembered that failed, and how many that are left out: some megabytes in all. Where there are more,
/// the oldest are forgotten: whoever has as many as that gains nothing by it, and nobody gets by because there is no room.
const MOST: usize = 65_536;

/// What operators set.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Rule {
    /// So many refused credentials ...
    failures: NonZero<u32>,
    /// ... within this time ...
    #[serde(with = "humantime_serde")]
    within: Duration,
    /// ... and nothing of the address is looked at for so long.
    #[serde(with = "humantime_serde")]
    block: Duration,
}

/// Who has failed, and who is left out.
#[derive(Debug)]
pub(crate) struct Defence(Option<Watch>);

#[derive(Debug)]
struct Watch {
    /// So many failures are too many.
    failures: u32,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// How often each has failed since it first did.
    failed: Recent<u32>,
    left_out: Recent<()>,
}

impl Defence {
    pub(crate) fn new(rule: Option<Rule>) -> Self {
        Self(rule.map(|rule| Watch::new(rule, MOST)))
    }

    /// Whether an address is left out now.
    pub(crate) fn check(
        &self,
        client: &Client,
        now: impl FnOnce() -> Instant,
    ) -> Result<(), Denial> {
        let Some(watch) = &self.0 else {
            return Ok(());
        };
        let mut state = watch.lock();
        let left_out = state.left_out.get(client, now());
        left_out.map_or(Ok(()), |((), wait)| Err(Denial::Blocked { wait }))
    }

    /// Notes a failure; whether it is the one that has the client left out. One that is not known never is: everybody whose
    /// address is hidden would be left out with it.
    pub(crate) fn failed(&self, client: &Client, now: Instant) -> bool {
        let watched = self.0.as_ref().zip(client.known());
        watched.is_some_and(|(watch, client)| watch.failed(client, now))
    }

    /// Forgets what no longer counts.
    pub(crate) fn forget(&self, now: Instant) {
        if let Some(watch) = &self.0 {
            let mut state = watch.lock();
            state.failed.forget(now);
            state.left_out.forget(now);
        }
    }
}

impl Watch {
    fn new(rule: Rule, most: usize) -> Self {
        let Rule {
            failures,
            within,
            block,
        } = rule;
        Self {
            failures: failures.get(),
            state: Mutex::new(State {
                failed: Recent::new(most, within),
                left_out: Recent::new(most, block),
            }),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn failed(&self, client: &Client, now: Instant) -> bool {
        let mut state = self.lock();
        let State { failed, left_out } = &mut *state;
        if left_out.get(client, now).is_some() {
            // It asked before it was left out.
            return false;
        }
        let count = if let Some((count, _)) = failed.get(client, now) {
            *count = count.saturating_add(1);
            *count
        } else {
            failed.put(client.clone(), 1, now);
            1
        };
        if count < self.failures {
            return false;
        }
        failed.take(client);
        left_out.put(client.clone(), (), now);
        true
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;
    use crate::clock;

    #[test]
    fn an_address_that_fails_too_often_is_left_out_for_a_while() {
        let rule = "failures = 3\nwithin = \"1m\"\nblock = \"10m\"";
        let defence = Defence::new(Some(toml::from_str(rule).unwrap()));
        let [ip, other] = ["192.0.2.1", "192.0.2.2"].map(at_address);
        let (ip, other) = (&ip, &other);
        let start = clock::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(!defence.failed(ip, at(0)) && !defence.failed(ip, at(59)));
        // The first minute is over, and counting begins anew.
        assert!(!defence.failed(ip, at(61)) && !defence.failed(ip, at(62)));
        defence.check(ip, || at(63)).unwrap();
        assert!(defence.failed(ip, at(64)));
        let wait = Duration::from_secs(590);
        assert_eq!(defence.check(ip, || at(74)), Err(Denial::Blocked { wait }));
        defence.check(other, || at(74)).unwrap();
        defence.check(ip, || at(664)).unwrap();
        assert!(!defence.failed(ip, at(665)), "it may fail again");
    }

    fn at_address(text: &str) -> Client {
        Client::at(text.parse().ok())
    }

    fn rule() -> Rule {
        toml::from_str("failures = 2\nwithin = \"1m\"\nblock = \"10m\"").unwrap()
    }

    #[test]
    fn a_client_of_ipv6_is_its_network_however_many_addresses_it_has() {
        let defence = Defence::new(Some(rule()));
        let now = clock::now();
        assert!(!defence.failed(&at_address("2001:db8::1"), now));
        assert!(defence.failed(&at_address("2001:db8::2"), now));
        assert!(defence.check(&at_address("2001:db8::3"), || now).is_err());
        let other = at_address("2001:db8:0:1::1");
        defence.check(&other, || now).unwrap();
    }

    #[test]
    fn those_who_are_not_known_are_never_left_out() {
        let defence = Defence::new(Some(rule()));
        let now = clock::now();
        for _ in 0..100 {
            assert!(!defence.failed(&Client::Unknown, now));
        }
        defence.check(&Client::Unknown, || now).unwrap();
    }

    #[test]
    fn no_flood_of_addresses_that_fail_unblocks_one_or_keeps_one_from_being_blocked() {
        let watch = Watch::new(rule(), 8);
        let start = clock::now();
        let attacker = &at_address("192.0.2.1");
        let crowd = |number: u32| Client::at(Some(IpAddr::V4((0x0a00_0000 + number).into())));
        assert!(!watch.failed(attacker, start) && watch.failed(attacker, start));
        for number in 0..100 {
            assert!(!watch.failed(&crowd(number), start));
        }
        let defence = Defence(Some(watch));
        assert!(defence.check(attacker, || start).is_err());
        let late = &crowd(100);
        assert!(!defence.failed(late, start) && defence.failed(late, start));
        // As many that were left out later, and the first may ask again.
        for number in 200..207 {
            defence.failed(&crowd(number), start);
            assert!(defence.check(attacker, || start).is_err());
            assert!(defence.failed(&crowd(number), start));
        }
        defence.check(attacker, || start).unwrap();
    }
}
