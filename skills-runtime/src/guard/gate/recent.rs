//! What is remembered of clients for a time: so many of them and no more, because whoever has many networks of IPv6 can ask from
//! more than there is memory for. Where there is no room, the oldest is forgotten.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use super::Client;

/// Something for each of the latest clients.
#[derive(Debug)]
pub(super) struct Recent<T> {
    /// How many clients are remembered.
    most: usize,
    /// How long each is remembered.
    lasts: Duration,
    by_client: HashMap<Client, Entry<T>>,
    /// The clients as they came. One that was taken out, or came again, stands here until its first time is over.
    order: VecDeque<(Client, Instant)>,
}

#[derive(Debug)]
struct Entry<T> {
    since: Instant,
    value: T,
}

impl<T> Recent<T> {
    pub(super) fn new(most: usize, lasts: Duration) -> Self {
        Self {
            most,
            lasts,
            by_client: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    /// What is remembered of a client, and for how long it still will be.
    pub(super) fn get(&mut self, client: &Client, now: Instant) -> Option<(&mut T, Duration)> {
        let lasts = self.lasts;
        let Entry { since, value } = self.by_client.get_mut(client)?;
        let rest = lasts.saturating_sub(now.saturating_duration_since(*since));
        (!rest.is_zero()).then_some((value, rest))
    }

    /// Remembers this of a client from now on, and nothing else.
    pub(super) fn put(&mut self, client: Client, value: T, now: Instant) {
        self.forget(now);
        while self.by_client.len() >= self.most && !self.by_client.contains_key(&client) {
            if !self.forget_first() {
                break;
            }
        }
        if self.order.len() >= 2 * self.most {
            let Self {
                by_client, order, ..
            } = self;
            order.retain(|(client, since)| {
                by_client.get(client).is_some_and(|one| one.since == *since)
            });
        }
        let entry = Entry { since: now, value };
        self.by_client.insert(client.clone(), entry);
        self.order.push_back((client, now));
    }

    /// Forgets a client.
    pub(super) fn take(&mut self, client: &Client) {
        self.by_client.remove(client);
    }

    /// Forgets those whose time is over.
    pub(super) fn forget(&mut self, now: Instant) {
        let lasts = self.lasts;
        let is_over = |since: Instant| now.saturating_duration_since(since) >= lasts;
        while self.order.front().is_some_and(|(_, since)| is_over(*since)) {
            self.forget_first();
        }
    }

    /// Forgets the oldest, if it was not taken out before; false if there is none.
    fn forget_first(&mut self) -> bool {
        let Some((client, since)) = self.order.pop_front() else {
            return false;
        };
        if self
            .by_client
            .get(&client)
            .is_some_and(|one| one.since == since)
        {
            self.by_client.remove(&client);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;
    use crate::clock;

    fn ip(number: u32) -> Client {
        Client::at(Some(IpAddr::V4(number.into())))
    }

    #[test]
    fn where_there_is_no_room_the_oldest_is_forgotten() {
        let mut recent = Recent::new(2, Duration::from_secs(60));
        let start = clock::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        recent.put(ip(1), 'a', at(0));
        recent.put(ip(2), 'b', at(1));
        recent.put(ip(1), 'c', at(2));
        recent.put(ip(3), 'd', at(3));
        assert_eq!(recent.get(&ip(2), at(3)), None);
        assert_eq!(
            recent.get(&ip(1), at(3)),
            Some((&mut 'c', Duration::from_secs(59)))
        );
        assert_eq!(
            recent.get(&ip(3), at(62)),
            Some((&mut 'd', Duration::from_secs(1)))
        );
        assert_eq!(recent.get(&ip(1), at(62)), None);
    }

    #[test]
    fn what_is_put_and_taken_again_and_again_takes_no_more_room() {
        let mut recent = Recent::new(4, Duration::from_secs(60));
        let start = clock::now();
        for turn in 0..1000 {
            let now = start + Duration::from_millis(turn);
            recent.put(ip(turn as u32 % 3), turn, now);
            if turn % 2 == 0 {
                recent.take(&ip(turn as u32 % 3));
            }
        }
        assert!(recent.order.len() <= 8 && recent.by_client.len() <= 4);
        recent.forget(start + Duration::from_secs(120));
        assert!(recent.order.is_empty() && recent.by_client.is_empty());
    }
}
