//! Families of metrics of which the first series are found at once: most requests of a server ask for the same few.

use std::hash::Hash;

use arc_swap::ArcSwap;
use prometheus_client::metrics::family::{Family, MetricConstructor};

/// As many series are found without hashing their labels.
const AT_ONCE: usize = 16;

/// The series of a metric, by their labels.
#[derive(Debug)]
pub(super) struct Series<L, M, C = fn() -> M> {
    all: Family<L, M, C>,
    /// Those that were asked for first.
    first: ArcSwap<Vec<(L, M)>>,
}

impl<L, M, C> Series<L, M, C>
where
    L: Clone + Eq + Hash,
    M: Clone,
    C: MetricConstructor<M> + Clone,
{
    pub(super) fn new(constructor: C) -> Self {
        Self {
            all: Family::new_with_constructor(constructor),
            first: ArcSwap::default(),
        }
    }

    /// All of them, to be registered.
    pub(super) fn family(&self) -> Family<L, M, C> {
        self.all.clone()
    }

    /// The one of these labels.
    pub(super) fn with<R>(&self, labels: &L, tell: impl FnOnce(&M) -> R) -> R {
        let first = self.first.load();
        if let Some((_, metric)) = first.iter().find(|(known, _)| known == labels) {
            return tell(metric);
        }
        let metric = self.all.get_or_create_owned(labels);
        let result = tell(&metric);
        if first.len() < AT_ONCE {
            let more = [(labels.clone(), metric)];
            // One that two threads add at once is found once, and takes a place twice.
            self.first.rcu(|first| [first, more.as_slice()].concat());
        }
        result
    }
}
