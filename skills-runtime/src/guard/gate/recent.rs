//! What is remembered of addresses for a time: so many of them and no more, because whoever has a network of IPv6 can ask from
//! more addresses than there is memory for. Where there is no room, the oldest is forgotten.

use std::collections::{HashMap, VecDeque};
use std::net::IpAddr;
use std::time::{Duration, Instant};

/// Something for each of the latest addresses.
#[derive(Debug)]
pub(super) struct Recent<T> {
    /// How many addresses are remembered.
    most: usize,
    /// How long each is remembered.
    lasts: Duration,
    by_address: HashMap<IpAddr, Entry<T>>,
    /// The addresses as they came. One that was taken out, or came again, stands here until its first time is over.
    order: VecDeque<(IpAddr, Instant)>,
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
            by_address: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    /// What is remembered of an address, and for how long it still will be.
    pub(super) fn get(&mut self, ip: IpAddr, now: Instant) -> Option<(&mut T, Duration)> {
        let lasts = self.lasts;
        let Entry { since, value } = self.by_address.get_mut(&ip)?;
        let rest = lasts.saturating_sub(now.saturating_duration_since(*since));
        (!rest.is_zero()).then_some((value, rest))
    }

    /// Remembers this of an address from now on, and nothing else.
    pub(super) fn put(&mut self, ip: IpAddr, value: T, now: Instant) {
        self.forget(now);
        while self.by_address.len() >= self.most && !self.by_address.contains_key(&ip) {
            if !self.forget_first() {
                break;
            }
        }
        if self.order.len() >= 2 * self.most {
            let Self {
                by_address, order, ..
            } = self;
            order.retain(|(ip, since)| by_address.get(ip).is_some_and(|one| one.since == *since));
        }
        self.by_address.insert(ip, Entry { since: now, value });
        self.order.push_back((ip, now));
    }

    /// Forgets an address.
    pub(super) fn take(&mut self, ip: IpAddr) {
        self.by_address.remove(&ip);
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
        let Some((ip, since)) = self.order.pop_front() else {
            return false;
        };
        if self
            .by_address
            .get(&ip)
            .is_some_and(|one| one.since == since)
        {
            self.by_address.remove(&ip);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    fn ip(number: u32) -> IpAddr {
        IpAddr::V4(number.into())
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
        assert_eq!(recent.get(ip(2), at(3)), None);
        assert_eq!(
            recent.get(ip(1), at(3)),
            Some((&mut 'c', Duration::from_secs(59)))
        );
        assert_eq!(
            recent.get(ip(3), at(62)),
            Some((&mut 'd', Duration::from_secs(1)))
        );
        assert_eq!(recent.get(ip(1), at(62)), None);
    }

    #[test]
    fn what_is_put_and_taken_again_and_again_takes_no_more_room() {
        let mut recent = Recent::new(4, Duration::from_secs(60));
        let start = clock::now();
        for turn in 0..1000 {
            let now = start + Duration::from_millis(turn);
            recent.put(ip(turn as u32 % 3), turn, now);
            if turn % 2 == 0 {
                recent.take(ip(turn as u32 % 3));
            }
        }
        assert!(recent.order.len() <= 8 && recent.by_address.len() <= 4);
        recent.forget(start + Duration::from_secs(120));
        assert!(recent.order.is_empty() && recent.by_address.is_empty());
    }
}
