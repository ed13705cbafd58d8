//! What clients share of the server, besides connections: requests that are being answered, streams, memory for bodies that are still
//! coming, and memory for what messages come to.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{MissedTickBehavior, interval};

use super::refusal::{Refusal, Resource};
use super::settings::Limits;
use crate::allocator;
use crate::guard::Client;
use crate::pool::{Lease, Pool, Shares};

/// What a request needs while its body is coming, whatever its size, in bytes.
pub(super) const WAITING: u64 = 8 * 1024;

/// A message that costs less, in bytes, takes nothing of the memory for those that cost much: the limit of requests at once bounds
/// what all of them cost, and a client that asks for little is never sent away because others ask for much.
pub(super) const SMALL: u64 = 32 * 1024;

/// How often memory is given back to the system.
const TRIM_INTERVAL: Duration = Duration::from_secs(2);

/// The pools.
#[derive(Debug)]
pub(super) struct Pools {
    requests: Arc<Pool<Client>>,
    streams: Arc<Pool<Client>>,
    bodies: Arc<Pool<Client>>,
    memory: Arc<Pool<Client>>,
    /// How often memory was taken of one of the last two.
    taken: AtomicU64,
}

impl Pools {
    pub(super) fn new(limits: &Limits) -> Self {
        let count =
            |total: usize, share: usize| Pool::new(Shares::of_count(total as u64, share as u64));
        Self {
            requests: count(
                limits.max_requests.get(),
                limits.max_requests_per_client.get(),
            ),
            streams: count(
                limits.max_streams.get(),
                limits.max_streams_per_client.get(),
            ),
            bodies: Pool::new(bodies(limits)),
            memory: Pool::new(limits.memory_shares()),
            taken: AtomicU64::new(0),
        }
    }

    /// A place among the requests that are being answered.
    pub(super) fn request(&self, client: &Client) -> Result<Lease<Client>, Refusal> {
        let lease = self.requests.take(client.known(), 1);
        lease.map_err(|exhausted| Refusal::exhausted(Resource::Requests, exhausted))
    }

    /// A place among the open streams.
    pub(super) fn stream(&self, client: &Client) -> Result<Lease<Client>, Refusal> {
        let lease = self.streams.take(client.known(), 1);
        lease.map_err(|exhausted| Refusal::exhausted(Resource::Streams, exhausted))
    }

    /// Memory for a body that is still coming.
    pub(super) fn body(&self, client: &Client, bytes: u64) -> Result<Lease<Client>, Refusal> {
        let lease = self.bodies.take(client.known(), bytes);
        lease.map_err(|exhausted| Refusal::exhausted(Resource::Bodies, exhausted))
    }

    /// Takes note of memory that is worth giving back to the system.
    pub(super) fn note_large(&self) {
        self.taken.fetch_add(1, Ordering::Relaxed);
    }

    /// Memory for what a message comes to. One that costs less than [`SMALL`] needs none.
    pub(super) fn memory(&self, client: &Client, bytes: u64) -> Result<Lease<Client>, Refusal> {
        let bytes = if bytes < SMALL { 0 } else { bytes };
        if bytes > 0 {
            self.note_large();
        }
        let lease = self.memory.take(client.known(), bytes);
        lease.map_err(|exhausted| Refusal::exhausted(Resource::Memory, exhausted))
    }

    /// Gives memory back to the system, again and again, where large messages have come since the last time.
    pub(super) async fn trim(&self) {
        let mut ticks = interval(TRIM_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut seen = 0;
        loop {
            ticks.tick().await;
            let taken = self.taken.load(Ordering::Relaxed);
            if std::mem::replace(&mut seen, taken) != taken {
                let _ = spawn_blocking(allocator::trim).await;
            }
        }
    }
}

/// What a client may always have under way of bodies, in bytes: enough for those that are common.
const COMMON_BODY: u64 = 64 * 1024;

/// How memory for bodies is shared: none has more than a quarter, and the reserve is for bodies of a common size, so that a few
/// clients with the largest bodies keep no others out.
fn bodies(limits: &Limits) -> Shares {
    let largest = limits.max_body.as_u64().saturating_add(WAITING);
    let total = limits.max_body_memory.as_u64().max(largest);
    Shares {
        total,
        share: (total / 4).max(largest),
        floor: largest.min(WAITING + COMMON_BODY),
        reserve: total / 16,
    }
}
