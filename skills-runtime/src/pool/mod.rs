//! A pool that clients share fairly: a total, a share for each client within it, and a reserve for those who hold next to
//! nothing. What is shared are connections, requests, streams or bytes; what takes part of it holds a [`Lease`].
//!
//! While less than half of the pool is taken, a client may hold its whole share. From then on, what it may hold shrinks with what
//! is left (Choudhury and Hahne, "Dynamic Queue Length Thresholds for Shared-Memory Packet Switches", 1998): so no number of
//! clients below `total / floor` can take all of it, and each newcomer finds room.

#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, Hash};

use crate::sync::{Arc, AtomicU64, Mutex, MutexGuard, Ordering, PoisonError, RandomState};

/// So many locks share the clients among them; a power of two.
const SHARDS: usize = 16;

/// How a pool is shared; all figures have the unit of the pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Shares {
    /// What all clients hold together, at most.
    pub(crate) total: u64,
    /// What one client holds, at most; less when more than half of the total is taken.
    pub(crate) share: u64,
    /// What a client may hold as long as there is any room, the reserve included.
    pub(crate) floor: u64,
    /// What is kept for clients that hold no more than the floor.
    pub(crate) reserve: u64,
}

/// Why a pool gives nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exhausted {
    /// The client holds its share, or what is left of it.
    Share,
    /// The pool itself has no room.
    Total,
}

/// A pool, and who holds how much of it.
pub(crate) struct Pool<C> {
    shares: Shares,
    taken: AtomicU64,
    /// What each client holds; those who hold nothing do not occur.
    holders: [Mutex<HashMap<C, u64>>; SHARDS],
    hasher: RandomState,
}

/// A part of a pool, given back when it is dropped.
pub(crate) struct Lease<C: Clone + Eq + Hash> {
    pool: Arc<Pool<C>>,
    client: Option<C>,
    weight: u64,
}

impl Shares {
    /// Those of a pool of single things, such as connections: one for each newcomer, and a sixteenth of all for newcomers only.
    #[cfg_attr(
        not(feature = "http"),
        expect(dead_code, reason = "pipes have one client")
    )]
    pub(crate) const fn of_count(total: u64, share: u64) -> Self {
        Self {
            total,
            share: if share < total { share } else { total },
            floor: 1,
            reserve: total / 16,
        }
    }

    /// Whether a client that holds so much may take more, given what all hold.
    fn allows(&self, held: Option<u64>, weight: u64, taken: u64) -> Result<(), Exhausted> {
        let left = self.total.saturating_sub(taken);
        if weight == 0 {
            return Ok(());
        }
        if weight > left {
            return Err(Exhausted::Total);
        }
        let wanted = held.map(|held| held.saturating_add(weight));
        if wanted.is_some_and(|wanted| wanted <= self.floor) {
            return Ok(());
        }
        if wanted.is_some_and(|wanted| wanted > self.share) {
            return Err(Exhausted::Share);
        }
        if weight > left.saturating_sub(self.reserve) {
            return Err(Exhausted::Total);
        }
        match wanted {
            Some(wanted) if wanted > self.share_at(left) => Err(Exhausted::Share),
            _ => Ok(()),
        }
    }

    /// What one client may hold when so much is left.
    fn share_at(&self, left: u64) -> u64 {
        let open = u128::from(self.total.saturating_sub(self.reserve)).max(1);
        let left = u128::from(left.saturating_sub(self.reserve));
        let share = u128::from(self.share) * 2 * left / open;
        u64::try_from(share).map_or(self.share, |share| share.min(self.share))
    }
}

impl<C: Clone + Eq + Hash> Pool<C> {
    pub(crate) fn new(shares: Shares) -> Arc<Self> {
        Arc::new(Self {
            shares,
            taken: AtomicU64::new(0),
            holders: std::array::from_fn(|_| Mutex::new(HashMap::new())),
            hasher: RandomState::default(),
        })
    }

    /// A part of this weight for a client, if it may have it. Without a client, nobody's share is counted, and only what is not
    /// reserved is to be had.
    pub(crate) fn take(
        self: &Arc<Self>,
        client: Option<&C>,
        weight: u64,
    ) -> Result<Lease<C>, Exhausted> {
        self.count(client, weight)?;
        Ok(Lease {
            pool: Arc::clone(self),
            client: client.cloned(),
            weight,
        })
    }

    /// What all hold.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Acquire)
    }

    fn holders(&self, client: &C) -> MutexGuard<'_, HashMap<C, u64>> {
        let shard = self.hasher.hash_one(client) as usize % SHARDS;
        #[expect(clippy::indexing_slicing, reason = "the remainder is below the length")]
        let holders = &self.holders[shard];
        holders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, client: Option<&C>, weight: u64) -> Result<(), Exhausted> {
        let Some(client) = client else {
            return self.add(None, weight);
        };
        let mut holders = self.holders(client);
        match holders.get_mut(client) {
            Some(held) => {
                self.add(Some(*held), weight)?;
                *held += weight;
            }
            None => {
                self.add(Some(0), weight)?;
                holders.insert(client.clone(), weight);
            }
        }
        Ok(())
    }

    /// Adds to the total, if a client that holds so much may have it.
    fn add(&self, held: Option<u64>, weight: u64) -> Result<(), Exhausted> {
        let mut taken = self.taken.load(Ordering::Acquire);
        loop {
            self.shares.allows(held, weight, taken)?;
            let next = self.taken.compare_exchange_weak(
                taken,
                taken + weight,
                Ordering::AcqRel,
                Ordering::Acquire,
            );
            match next {
                Ok(_) => return Ok(()),
                Err(other) => taken = other,
            }
        }
    }

    fn give_back(&self, client: Option<&C>, weight: u64) {
        if let Some(client) = client {
            let mut holders = self.holders(client);
            if let Some(held) = holders.get_mut(client) {
                *held = held.saturating_sub(weight);
                if *held == 0 {
                    holders.remove(client);
                }
            }
        }
        // Last, so that the total is never less than what the clients hold.
        self.taken.fetch_sub(weight, Ordering::AcqRel);
    }
}

impl<C: Clone + Eq + Hash> Lease<C> {
    /// Takes more for the same client; what is held already is kept if that cannot be.
    pub(crate) fn grow(&mut self, by: u64) -> Result<(), Exhausted> {
        self.pool.count(self.client.as_ref(), by)?;
        self.weight += by;
        Ok(())
    }

    /// How much it is.
    pub(crate) const fn weight(&self) -> u64 {
        self.weight
    }
}

impl<C: Clone + Eq + Hash> Drop for Lease<C> {
    fn drop(&mut self) {
        self.pool.give_back(self.client.as_ref(), self.weight);
    }
}

impl<C> fmt::Debug for Pool<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut pool = formatter.debug_struct("Pool");
        pool.field("shares", &self.shares).finish_non_exhaustive()
    }
}

impl<C: Clone + Eq + Hash> fmt::Debug for Lease<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lease = formatter.debug_struct("Lease");
        lease.field("weight", &self.weight).finish_non_exhaustive()
    }
}
