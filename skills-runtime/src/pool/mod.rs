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

/// How many clients a shard remembers before it looks whether they still hold anything.
const CROWD: usize = 64;

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
    shards: [Mutex<Shard<C>>; SHARDS],
    hasher: RandomState,
}

/// Some of the clients, and what each holds.
struct Shard<C> {
    holders: HashMap<C, Holder, RandomState>,
    /// When there are as many, those who hold nothing are forgotten.
    crowd: usize,
}

/// What one client holds. It is changed without a lock when something is given back, and with that of its shard when something is
/// taken, so that no two of them take the same.
type Holder = Arc<AtomicU64>;

/// A part of a pool, given back when it is dropped.
pub(crate) struct Lease<C> {
    pool: Arc<Pool<C>>,
    /// What the client holds, with this; nothing where clients are not told apart.
    holder: Option<Holder>,
    client: Option<C>,
    weight: u64,
}

impl Shares {
    /// Those of a pool of single things, such as connections: one for each newcomer, and a sixteenth of all for newcomers only.
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
        let hasher = RandomState::default();
        Arc::new(Self {
            shares,
            taken: AtomicU64::new(0),
            shards: std::array::from_fn(|_| Mutex::new(Shard::new(hasher.clone()))),
            hasher,
        })
    }

    /// A part of this weight for a client, if it may have it. Without a client, nobody's share is counted, and only what is not
    /// reserved is to be had.
    pub(crate) fn take(
        self: &Arc<Self>,
        client: Option<&C>,
        weight: u64,
    ) -> Result<Lease<C>, Exhausted> {
        let holder = self.count(client, weight)?;
        Ok(Lease {
            pool: Arc::clone(self),
            holder,
            client: client.cloned(),
            weight,
        })
    }

    fn shard(&self, client: &C) -> MutexGuard<'_, Shard<C>> {
        // The upper bits: the lower ones say where in the shard it is.
        let number = (self.hasher.hash_one(client) >> 32) as usize % SHARDS;
        #[expect(clippy::indexing_slicing, reason = "the remainder is below the length")]
        let shard = &self.shards[number];
        shard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn count(&self, client: Option<&C>, weight: u64) -> Result<Option<Holder>, Exhausted> {
        let Some(client) = client else {
            return self.add(None, weight).map(|()| None);
        };
        let mut shard = self.shard(client);
        let holder = shard.holder(client);
        // What is given back meanwhile only makes it less.
        self.add(Some(holder.load(Ordering::Acquire)), weight)?;
        holder.fetch_add(weight, Ordering::AcqRel);
        Ok(Some(holder))
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
}

impl<C> Pool<C> {
    /// What all hold.
    pub(crate) fn taken(&self) -> u64 {
        self.taken.load(Ordering::Acquire)
    }
}

impl<C: Clone + Eq + Hash> Shard<C> {
    fn new(hasher: RandomState) -> Self {
        Self {
            holders: HashMap::with_hasher(hasher),
            crowd: CROWD,
        }
    }

    /// What a client holds.
    fn holder(&mut self, client: &C) -> Holder {
        if let Some(holder) = self.holders.get(client) {
            return Arc::clone(holder);
        }
        if self.holders.len() >= self.crowd {
            self.holders
                .retain(|_, holder| Arc::strong_count(holder) > 1);
            self.crowd = CROWD.max(2 * self.holders.len());
        }
        let holder = Arc::new(AtomicU64::new(0));
        self.holders.insert(client.clone(), Arc::clone(&holder));
        holder
    }
}

impl<C: Clone + Eq + Hash> Lease<C> {
    /// Takes more for the same client; what is held already is kept if that cannot be.
    pub(crate) fn grow(&mut self, by: u64) -> Result<(), Exhausted> {
        self.pool.count(self.client.as_ref(), by)?;
        self.weight += by;
        Ok(())
    }
}

impl<C> Lease<C> {
    /// How much it is.
    pub(crate) const fn weight(&self) -> u64 {
        self.weight
    }
}

impl<C> Drop for Lease<C> {
    fn drop(&mut self) {
        if let Some(holder) = &self.holder {
            holder.fetch_sub(self.weight, Ordering::AcqRel);
        }
        // Last, so that the total is never less than what the clients hold.
        self.pool.taken.fetch_sub(self.weight, Ordering::AcqRel);
    }
}

impl<C> fmt::Debug for Pool<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut pool = formatter.debug_struct("Pool");
        pool.field("shares", &self.shares);
        pool.field("taken", &self.taken()).finish_non_exhaustive()
    }
}

impl<C> fmt::Debug for Lease<C> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lease = formatter.debug_struct("Lease");
        lease.field("weight", &self.weight).finish_non_exhaustive()
    }
}
