//! A request from its headers to the last byte of its answer: as long as it lives, its connection is in use, it is counted as in
//! flight, and it holds its place in a pool.

use std::sync::Arc;

use super::edge::Line;
use super::metrics::{Counted, Metrics};
use super::pace::Pace;
use super::usage::Usage;
use crate::guard::Client;
use crate::pool::Lease;

/// A request and its answer. However it ends, all that it holds is given back: a client may take its request back or go away.
#[derive(Debug)]
pub(super) struct Exchange {
    usage: Arc<Usage>,
    _counted: Counted<'static>,
    place: Option<Lease<Client>>,
    pace: Option<Arc<Pace>>,
    /// What the log gets at the end, and how many bytes were sent until then.
    line: Option<Box<Line>>,
    sent: u64,
}

impl Exchange {
    pub(super) fn begin(usage: &Arc<Usage>, metrics: &'static Metrics) -> Self {
        usage.begin();
        Self {
            usage: Arc::clone(usage),
            _counted: metrics.in_flight(),
            place: None,
            pace: None,
            line: None,
            sent: 0,
        }
    }

    /// Keeps a place until the answer is sent.
    pub(super) fn hold(&mut self, place: Option<Lease<Client>>) {
        self.place = place;
    }

    /// Has it watched how fast the answer is read.
    pub(super) fn watch(&mut self, pace: Pace) {
        let pace = Arc::new(pace);
        self.usage.watch(Arc::downgrade(&pace));
        self.pace = Some(pace);
    }

    /// Has a line written to the log when it ends.
    pub(super) fn end_with(&mut self, line: Option<Line>) {
        self.line = line.map(Box::new);
    }

    /// Notes that so many bytes of the answer go out.
    pub(super) const fn sends(&mut self, bytes: usize) {
        self.sent += bytes as u64;
    }

    pub(super) fn pace(&self) -> Option<&Pace> {
        self.pace.as_deref()
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.usage.end();
        if let Some(line) = &self.line {
            line.write(Some(self.sent));
        }
    }
}
