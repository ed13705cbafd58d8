//! The places for connections: a fair share for each client, and, when all are taken, those that nobody uses for those who come.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::forwarded::{self, Peer};
use super::settings::Settings;
use super::usage::{Quiet, Usage};
use crate::guard::Client;
use crate::pool::{Exhausted, Lease, Pool, Shares};

/// How many connections are ended at once where there is no place for a newcomer: so looking through all of them is rare.
const BATCH: usize = 64;

/// How long nobody looks through them again who has found none to end.
const REST: Duration = Duration::from_millis(100);

/// How long a connection may be silent that somebody else needs. Clients connect to ask something at once.
const STALE: Duration = Duration::from_secs(1);

/// The places for connections.
#[derive(Debug)]
pub(super) struct Places {
    pool: Arc<Pool<Client>>,
    seats: Mutex<Seats>,
    last: AtomicU64,
}

/// The connections that have a place.
#[derive(Debug)]
struct Seats {
    taken: BTreeMap<u64, Seat>,
    /// Until when no connection is to be ended for another.
    full_until: Instant,
}

/// A connection that has a place.
#[derive(Debug)]
struct Seat {
    client: Client,
    usage: Arc<Usage>,
    _lease: Lease<Client>,
}

/// One of the places, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    number: u64,
    pub(super) usage: Arc<Usage>,
}

impl Places {
    pub(super) fn new(settings: &Settings) -> Arc<Self> {
        let limits = &settings.limits;
        let total = limits.max_connections.get() as u64;
        let share = limits.max_connections_per_client.get() as u64;
        Arc::new(Self {
            pool: Pool::new(Shares::of_count(total, share)),
            seats: Mutex::new(Seats {
                taken: BTreeMap::new(),
                full_until: Instant::now(),
            }),
            last: AtomicU64::new(0),
        })
    }

    /// A place for a connection of this peer, if there is one. A trusted proxy, which speaks for many clients, may take as many
    /// as there are.
    pub(super) fn take(
        self: &Arc<Self>,
        peer: Peer,
        settings: &Settings,
    ) -> Result<Place, Exhausted> {
        let client = if forwarded::is_trusted(peer, &settings.trust.trusted_proxy) {
            Client::Unknown
        } else {
            Client::at(peer)
        };
        let lease = self.pool.take(client.known(), 1).or_else(|exhausted| {
            if exhausted == Exhausted::Share || !self.make_room(&client) {
                return Err(exhausted);
            }
            self.pool.take(client.known(), 1)
        })?;
        let usage = Arc::new(Usage::new());
        let number = self.last.fetch_add(1, Ordering::Relaxed);
        let seat = Seat {
            client,
            usage: Arc::clone(&usage),
            _lease: lease,
        };
        self.seats().taken.insert(number, seat);
        Ok(Place {
            places: Arc::clone(self),
            number,
            usage,
        })
    }

    fn seats(&self) -> MutexGuard<'_, Seats> {
        self.seats.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Ends connections that nobody uses for one that comes; whether there were any. Those that were never used go first, then
    /// those of the clients that have the most, then the oldest.
    fn make_room(&self, newcomer: &Client) -> bool {
        let now = Instant::now();
        let mut seats = self.seats();
        if now < seats.full_until {
            return false;
        }
        let mut counts: HashMap<Client, usize> = HashMap::new();
        for seat in seats.taken.values() {
            *counts.entry(seat.client.clone()).or_default() += 1;
        }
        // A trusted proxy is no client: its connections are those of many.
        let own = newcomer.known().and_then(|newcomer| counts.get(newcomer));
        let own = own.copied().unwrap_or(0);
        let mut ended = 0;
        for (number, quiet) in seats.quiet(&counts) {
            let Some(seat) = seats.taken.get(&number) else {
                continue;
            };
            let Some(held) = counts.get_mut(&seat.client) else {
                continue;
            };
            let has_more = *held > own + 1;
            let is_stale = !quiet.has_asked && now.saturating_duration_since(quiet.since) >= STALE;
            if !has_more && !is_stale {
                continue;
            }
            *held -= 1;
            if let Some(seat) = seats.taken.remove(&number) {
                seat.usage.evict();
            }
            ended += 1;
            if ended == BATCH {
                break;
            }
        }
        if ended == 0 {
            seats.full_until = now + REST;
        }
        ended > 0
    }
}

impl Seats {
    /// The connections that nobody uses, those first that are to end first. Nobody knows how many clients are behind one that is
    /// not told apart, so it is left alone.
    fn quiet(&self, counts: &HashMap<Client, usize>) -> Vec<(u64, Quiet)> {
        let mut found = Vec::new();
        for (number, seat) in &self.taken {
            if seat.client.known().is_some()
                && let Some(quiet) = seat.usage.quiet()
            {
                let held = counts.get(&seat.client).copied().unwrap_or(0);
                found.push((quiet.has_asked, Reverse(held), quiet.since, *number, quiet));
            }
        }
        found.sort_by_key(|(has_asked, held, since, ..)| (*has_asked, *held, *since));
        let quiet = found.into_iter();
        quiet.map(|(.., number, quiet)| (number, quiet)).collect()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.seats().taken.remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use clap::Parser;

    use super::*;

    #[derive(Debug, Parser)]
    struct Line {
        #[command(flatten)]
        settings: Settings,
    }

    fn settings(arguments: &[&str]) -> Settings {
        let line = [&["serve"], arguments].concat();
        Line::parse_from(line).settings
    }

    fn address(number: u8) -> IpAddr {
        [192, 0, 2, number].into()
    }

    #[test]
    fn a_newcomer_gets_the_place_of_a_connection_that_was_never_used() {
        let settings = settings(&["--max-connections", "4"]);
        let places = Places::new(&settings);
        let take = |number| places.take(Some(address(number)), &settings);
        let greedy = [take(1).unwrap(), take(1).unwrap(), take(1).unwrap()];
        let busy = take(2).unwrap();
        greedy[0].usage.begin();
        busy.usage.begin();
        let newcomer = take(3).unwrap();
        let is_evicted = |place: &Place| !places.seats().taken.contains_key(&place.number);
        assert!(!is_evicted(&greedy[0]), "it is in use");
        assert_eq!(
            greedy.iter().filter(|place| is_evicted(place)).count(),
            2,
            "the client keeps one"
        );
        assert!(!is_evicted(&busy) && !is_evicted(&newcomer));
    }

    #[test]
    fn nobody_ends_connections_of_those_who_have_as_few() {
        let settings = settings(&["--max-connections", "3"]);
        let places = Places::new(&settings);
        let take = |number| places.take(Some(address(number)), &settings);
        let held: Vec<_> = (1..=3).map(|number| take(number).unwrap()).collect();
        assert_eq!(take(4).err(), Some(Exhausted::Total));
        drop(held);
        assert!(take(4).is_ok());
    }

    #[test]
    fn a_trusted_proxy_may_have_all_but_the_reserve() {
        let line = [
            "--max-connections",
            "32",
            "--max-connections-per-client",
            "2",
        ];
        let settings = settings(&[&line[..], &["--trusted-proxy", "192.0.2.1"]].concat());
        let places = Places::new(&settings);
        let take = |number| places.take(Some(address(number)), &settings);
        let proxied: Vec<_> = std::iter::from_fn(|| take(1).ok()).collect();
        assert_eq!(proxied.len(), 30);
        assert!(take(2).is_ok());
    }
}
