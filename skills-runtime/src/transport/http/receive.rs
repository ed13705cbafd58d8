//! The body of a request: all of it, if it is not too large and comes fast enough. While it comes, it takes part of the memory that
//! clients share for that; only then does the request take its place.

use std::time::Duration;

use bytes::Bytes;
use futures_util::future::poll_immediate;
use http_body::{Body as _, Frame};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use tokio::time::{Instant, timeout_at};

use super::pools::{SMALL, WAITING};
use super::refusal::{Refusal, Resource};
use super::site::Site;
use crate::guard::Client;
use crate::pool::Lease;

/// How long a body may come as slowly as it likes.
const GRACE: Duration = Duration::from_secs(3);

/// A body, and the memory for it.
pub(super) type Received = (Bytes, Option<Lease<Client>>);

/// The whole body of a request of this client.
pub(super) async fn receive(
    site: &Site,
    client: &Client,
    mut body: Incoming,
) -> Result<Received, Refusal> {
    let limit = site.settings.limits.max_body.as_u64();
    if body.size_hint().lower() > limit {
        return Err(Refusal::Body { limit });
    }
    let mut gathered = Gathered::new(limit);
    // The greater part of all bodies comes together with the headers: no clock is started for them, and nothing is counted.
    while !body.is_end_stream() {
        match poll_immediate(body.frame()).await {
            Some(Some(frame)) => gathered.add(frame)?,
            Some(None) => break,
            None => {
                let rest = Box::pin(rest(site, client, body, &mut gathered));
                let lease = rest.await?;
                return Ok((gathered.finish(), Some(lease)));
            }
        }
    }
    Ok((gathered.finish(), None))
}

/// What does not come at once.
async fn rest(
    site: &Site,
    client: &Client,
    mut body: Incoming,
    gathered: &mut Gathered,
) -> Result<Lease<Client>, Refusal> {
    let (limits, deadlines) = (&site.settings.limits, &site.settings.deadlines);
    let rate = limits.min_body_rate.as_u64();
    let start = Instant::now();
    let end = start + deadlines.body_timeout;
    let mut lease = site.pools.body(client, WAITING + gathered.len())?;
    while !body.is_end_stream() {
        let micros = gathered.len().saturating_mul(1_000_000) / rate.max(1);
        let due = start + GRACE + Duration::from_micros(micros);
        let frame = timeout_at(due.min(end), body.frame()).await;
        let frame = frame.map_err(|_| {
            if due < end {
                Refusal::BodyRate { limit: rate }
            } else {
                Refusal::BodyTimeout {
                    limit: deadlines.body_timeout,
                }
            }
        })?;
        let Some(frame) = frame else {
            break;
        };
        gathered.add(frame)?;
        let more = (WAITING + gathered.len()).saturating_sub(lease.weight());
        let grown = lease.grow(more);
        grown.map_err(|exhausted| Refusal::exhausted(Resource::Bodies, exhausted))?;
    }
    if lease.weight() >= SMALL {
        site.pools.note_large();
    }
    Ok(lease)
}

/// What has come of a body. Most come in one piece, which is then not copied.
struct Gathered {
    limit: u64,
    first: Bytes,
    rest: Vec<u8>,
}

impl Gathered {
    const fn new(limit: u64) -> Self {
        Self {
            limit,
            first: Bytes::new(),
            rest: Vec::new(),
        }
    }

    fn len(&self) -> u64 {
        (self.first.len() + self.rest.len()) as u64
    }

    fn add(&mut self, frame: Result<Frame<Bytes>, hyper::Error>) -> Result<(), Refusal> {
        let frame = frame.map_err(|_| Refusal::BodyBroken)?;
        let Ok(data) = frame.into_data() else {
            return Ok(());
        };
        if self.len() + data.len() as u64 > self.limit {
            return Err(Refusal::Body { limit: self.limit });
        }
        if self.first.is_empty() && self.rest.is_empty() {
            self.first = data;
        } else {
            self.rest
                .extend_from_slice(&std::mem::take(&mut self.first));
            self.rest.extend_from_slice(&data);
        }
        Ok(())
    }

    fn finish(self) -> Bytes {
        if self.rest.is_empty() {
            self.first
        } else {
            self.rest.into()
        }
    }
}
