//! Memory for the requests that are under way. A request takes what it is estimated to cost, whatever its length, and gives
//! it back when its handler is done. One client gets no more than half with several requests, so that none keeps others out.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use super::forwarded::Peer;

/// A request that costs less takes nothing: the limit of requests at once bounds what all of them cost, and a client that
/// asks for little is never sent away because others ask for much.
const SMALL: usize = 64 * 1024;

/// The memory that requests have together.
#[derive(Debug)]
pub(super) struct Memory {
    total: usize,
    taken: Mutex<Accounts>,
}

#[derive(Debug, Default)]
struct Accounts {
    all: usize,
    clients: HashMap<IpAddr, usize>,
}

/// A part of it, given back when it is dropped.
#[derive(Debug)]
pub(super) struct Share {
    memory: &'static Memory,
    client: Peer,
    bytes: usize,
}

impl Memory {
    pub(super) fn new(total: usize) -> Self {
        Self {
            total,
            taken: Mutex::default(),
        }
    }

    /// So much of it for a request of a client, if there is as much left. One request alone always gets what it needs: to come
    /// back later would not help it. A peer that is not known has no share of its own.
    pub(super) fn take(&'static self, client: Peer, bytes: usize) -> Option<Share> {
        let bytes = if bytes < SMALL { 0 } else { bytes };
        if bytes > 0 {
            let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
            let own = client.and_then(|client| taken.clients.get(&client).copied());
            let is_within_total = taken.all == 0 || taken.all + bytes <= self.total;
            let is_within_share = own.is_none_or(|own| own + bytes <= self.total / 2);
            if !is_within_total || !is_within_share {
                return None;
            }
            taken.all += bytes;
            if let Some(client) = client {
                *taken.clients.entry(client).or_default() += bytes;
            }
        }
        Some(Share {
            memory: self,
            client,
            bytes,
        })
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        if self.bytes == 0 {
            return;
        }
        let taken = self.memory.taken.lock();
        let mut taken = taken.unwrap_or_else(PoisonError::into_inner);
        taken.all -= self.bytes;
        if let Some(client) = self.client
            && let Some(own) = taken.clients.get_mut(&client)
        {
            *own -= self.bytes;
            if *own == 0 {
                taken.clients.remove(&client);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEBIBYTE: usize = 1024 * 1024;

    fn client(number: u8) -> Peer {
        Some(IpAddr::from([192, 0, 2, number]))
    }

    fn memory(total: usize) -> &'static Memory {
        Box::leak(Box::new(Memory::new(total)))
    }

    #[test]
    fn one_client_gets_half_and_gives_it_back() {
        let memory = memory(8 * MEBIBYTE);
        let held: Vec<_> = (0..4).map(|_| memory.take(client(1), MEBIBYTE).unwrap()).collect();
        assert!(memory.take(client(1), MEBIBYTE).is_none());
        assert!(memory.take(client(2), MEBIBYTE).is_some());
        drop(held);
        assert!(memory.take(client(1), 4 * MEBIBYTE).is_some());
        assert_eq!(memory.taken.lock().unwrap().all, 0);
        assert!(memory.taken.lock().unwrap().clients.is_empty());
    }

    #[test]
    fn small_requests_are_never_in_want() {
        let memory = memory(2 * MEBIBYTE);
        let _all: Vec<_> = (0..2).map(|number| memory.take(client(number), MEBIBYTE).unwrap()).collect();
        assert!(memory.take(client(9), MEBIBYTE).is_none());
        assert!(memory.take(client(9), SMALL - 1).is_some());
        assert!(memory.take(client(1), SMALL - 1).is_some());
    }

    #[test]
    fn one_request_alone_gets_what_it_needs() {
        let memory = memory(MEBIBYTE);
        let large = memory.take(client(1), 10 * MEBIBYTE).unwrap();
        assert!(memory.take(client(2), MEBIBYTE / 4).is_none());
        drop(large);
        assert!(memory.take(client(2), MEBIBYTE / 4).is_some());
    }

    #[test]
    fn peers_that_are_not_told_apart_share_all_of_it() {
        let memory = memory(4 * MEBIBYTE);
        let held: Vec<_> = std::iter::from_fn(|| memory.take(None, MEBIBYTE)).collect();
        assert_eq!(held.len(), 4);
    }
}
