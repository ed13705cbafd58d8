//! Who is refused because of its address, and goes on asking: the first refusal is written down like any other, those after it as
//! one line a minute with their number. Otherwise whoever may not even ask could fill the record, and so drive out of it what is
//! worth keeping. Metrics count each.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::{Client, Denial};
use crate::audit::Kind;

/// How long refusals of an address are gathered.
const PERIOD: Duration = Duration::from_secs(60);

/// How many addresses are told apart; those of all others are gathered together.
const MOST: usize = 1024;

/// The refusals that are not written down yet.
#[derive(Debug, Default)]
pub(super) struct Repeats(Mutex<BTreeMap<Refused, Gathered>>);

/// Who was refused, and why.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Refused {
    /// The client; nothing for those that are not told apart.
    pub(super) client: Option<Client>,
    pub(super) reason: &'static str,
}

/// Refusals since the last line.
#[derive(Debug)]
struct Gathered {
    kind: Kind,
    since: Instant,
    count: u64,
}

impl Repeats {
    /// Notes a refusal; whether it is to be written down by itself.
    pub(super) fn note(&self, ip: Option<IpAddr>, denial: &Denial, now: Instant) -> bool {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let client = Some(Client::at(ip));
        let reason = denial.reason();
        let refused = Refused { client, reason };
        if let Some(gathered) = gathered.get_mut(&refused) {
            gathered.count += 1;
            return false;
        }
        let new = |count| Gathered {
            kind: denial.kind(),
            since: now,
            count,
        };
        if gathered.len() < MOST {
            gathered.insert(refused, new(0));
            return true;
        }
        let client = None;
        let others = Refused { client, reason };
        gathered.entry(others).or_insert_with(|| new(0)).count += 1;
        false
    }

    /// Has all that was gathered for long enough written down, or, without a time, all that was gathered. What cannot be
    /// written goes on being gathered.
    pub(super) fn tell(
        &self,
        now: Option<Instant>,
        mut write: impl FnMut(&Refused, Kind, u64) -> bool,
    ) {
        let mut gathered = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        gathered.retain(|refused, Gathered { kind, since, count }| {
            let is_due = now.is_none_or(|now| now.saturating_duration_since(*since) >= PERIOD);
            if !is_due {
                return true;
            }
            if *count == 0 {
                return false;
            }
            if write(refused, *kind, *count) {
                *count = 0;
                *since = now.unwrap_or(*since);
            }
            true
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    fn told(repeats: &Repeats, now: Option<Instant>) -> Vec<(Option<Client>, u64)> {
        let mut told = Vec::new();
        repeats.tell(now, |refused, kind, count| {
            assert_eq!((refused.reason, kind), ("network", Kind::Security));
            told.push((refused.client.clone(), count));
            true
        });
        told
    }

    #[test]
    fn an_address_gets_a_line_at_once_and_then_one_a_minute() {
        let repeats = Repeats::default();
        let start = clock::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let ip: IpAddr = "192.0.2.1".parse().unwrap();
        let note = |seconds| repeats.note(Some(ip), &Denial::Network, at(seconds));
        assert!(note(0) && !note(1) && !note(59));
        assert_eq!(told(&repeats, Some(at(59))), []);
        assert_eq!(
            told(&repeats, Some(at(60))),
            [(Some(Client::at(Some(ip))), 2)]
        );
        assert!(!note(61), "it is still the same flood");
        assert_eq!(
            told(&repeats, Some(at(120))),
            [(Some(Client::at(Some(ip))), 1)]
        );
        assert_eq!(told(&repeats, Some(at(180))), []);
        assert!(note(181), "it was quiet for a minute");
        assert!(!note(182));
        assert_eq!(told(&repeats, None), [(Some(Client::at(Some(ip))), 1)]);
    }

    #[test]
    fn no_number_of_addresses_makes_more_lines_than_there_is_room_for() {
        let repeats = Repeats::default();
        let start = clock::now();
        let first = (0..100_000_u32).filter(|number| {
            let ip = IpAddr::V6((u128::from(*number) << 64).into());
            repeats.note(Some(ip), &Denial::Network, start)
        });
        assert_eq!(first.count(), MOST);
        let others = told(&repeats, Some(start + PERIOD));
        assert_eq!(others, [(None, 100_000 - MOST as u64)]);
    }

    #[test]
    fn what_cannot_be_written_is_not_lost() {
        let repeats = Repeats::default();
        let now = clock::now();
        for _ in 0..3 {
            repeats.note(None, &Denial::Network, now);
        }
        repeats.tell(None, |_, _, _| false);
        assert_eq!(told(&repeats, None), [(Some(Client::Unknown), 2)]);
    }
}
