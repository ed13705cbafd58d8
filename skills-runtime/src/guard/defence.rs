//! Addresses that fail too often are left out for a while.

use std::collections::HashMap;
use std::net::IpAddr;
use std::num::NonZero;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde::Deserialize;

use super::denial::Denial;
use super::limits::network;

/// The most addresses that are kept. An attacker with more of them is for a firewall.
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
pub(crate) struct Defence {
    rule: Option<Rule>,
    records: Mutex<HashMap<IpAddr, Record>>,
}

#[derive(Debug)]
struct Record {
    failures: u32,
    /// When counting began, or the block did.
    since: Instant,
    is_blocked: bool,
}

impl Defence {
    pub(crate) fn new(rule: Option<Rule>) -> Self {
        Self {
            rule,
            records: Mutex::default(),
        }
    }

    /// Whether an address is left out now.
    pub(crate) fn check(&self, ip: IpAddr, now: Instant) -> Result<(), Denial> {
        let Some(rule) = self.rule else {
            return Ok(());
        };
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let record = records.get(&network(ip)).filter(|record| record.is_blocked);
        let wait = record.and_then(|record| rule.rest(record, now));
        wait.map_or(Ok(()), |wait| Err(Denial::Blocked { wait }))
    }

    /// Notes a failure; whether it is the one that has the address left out.
    pub(crate) fn failed(&self, ip: IpAddr, now: Instant) -> bool {
        let Some(rule) = self.rule else {
            return false;
        };
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if records.len() >= MOST {
            records.retain(|_, record| rule.rest(record, now).is_some());
        }
        if records.len() >= MOST {
            return false;
        }
        let record = records.entry(network(ip)).or_insert(Record {
            failures: 0,
            since: now,
            is_blocked: false,
        });
        if rule.rest(record, now).is_none() {
            (record.failures, record.since, record.is_blocked) = (0, now, false);
        }
        record.failures = record.failures.saturating_add(1);
        let is_too_many = record.failures >= rule.failures.get() && !record.is_blocked;
        if is_too_many {
            (record.since, record.is_blocked) = (now, true);
        }
        is_too_many
    }

    /// Forgets what no longer counts.
    pub(crate) fn forget(&self, now: Instant) {
        if let Some(rule) = self.rule {
            let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
            records.retain(|_, record| rule.rest(record, now).is_some());
        }
    }
}

impl Rule {
    /// How long a record still counts.
    fn rest(self, record: &Record, now: Instant) -> Option<Duration> {
        let lasts = if record.is_blocked {
            self.block
        } else {
            self.within
        };
        let rest = lasts.saturating_sub(now.saturating_duration_since(record.since));
        (!rest.is_zero()).then_some(rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    #[test]
    fn an_address_that_fails_too_often_is_left_out_for_a_while() {
        let rule = "failures = 3\nwithin = \"1m\"\nblock = \"10m\"";
        let defence = Defence::new(Some(toml::from_str(rule).unwrap()));
        let [ip, other] = ["192.0.2.1", "192.0.2.2"].map(|ip| ip.parse().unwrap());
        let start = clock::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        assert!(!defence.failed(ip, at(0)) && !defence.failed(ip, at(59)));
        // The first minute is over, and counting begins anew.
        assert!(!defence.failed(ip, at(61)) && !defence.failed(ip, at(62)));
        defence.check(ip, at(63)).unwrap();
        assert!(defence.failed(ip, at(64)));
        let wait = Duration::from_secs(590);
        assert_eq!(defence.check(ip, at(74)), Err(Denial::Blocked { wait }));
        defence.check(other, at(74)).unwrap();
        defence.check(ip, at(664)).unwrap();
        assert!(!defence.failed(ip, at(665)), "it may fail again");
    }
}
