//! How often callers may ask: four quotas, one inside the other, each a generic cell rate algorithm. The cheapest to ask is
//! asked first.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::Hash;
use std::num::NonZero;
use std::sync::Arc;
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::DashMapStateStore;
use governor::state::{InMemoryState, NotKeyed};
use governor::{NotUntil, RateLimiter};
use serde::Deserialize;

use super::Client;
use super::denial::{Denial, Limit, Rate};
use super::tiers::Tiers;

/// The tier of callers for whom no other is named.
pub(super) const DEFAULT_TIER: &str = "default";

/// The tool quota of callers is kept for each of these.
type ToolKey = (Client, Box<str>);

type Keyed<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock>;

/// So many requests in so long a time, of which some may come at once.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Quota {
    /// The number of requests.
    requests: NonZero<u32>,
    /// The time for them.
    #[serde(with = "humantime_serde")]
    per: Duration,
    /// How many of them may come at once; all by default.
    burst: Option<NonZero<u32>>,
}

/// What operators set.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct Quotas {
    /// For an address (for IPv6, its network of 64 bits), before anything else is looked at.
    pub(crate) client: Option<Quota>,
    /// For a caller and a tool.
    pub(crate) tool: Option<Quota>,
    /// For all callers together.
    pub(crate) all: Option<Quota>,
}

/// The quotas, and how far each is used up.
pub(crate) struct Limits {
    client: Option<Keyed<Client>>,
    tiers: BTreeMap<Arc<str>, Keyed<Client>>,
    tool: Option<Keyed<ToolKey>>,
    all: Option<RateLimiter<NotKeyed, InMemoryState, DefaultClock>>,
    clock: DefaultClock,
}

impl Quota {
    /// Whether it can be kept to.
    pub(crate) fn problem(&self) -> Option<&'static str> {
        let is_empty = self.interval().is_zero();
        is_empty.then_some("`per` is shorter than a nanosecond for each request")
    }

    /// A share of it: 3 is a third.
    fn shared(self, among: NonZero<u32>) -> Self {
        let burst = self.burst().get() / among;
        Self {
            per: self.per.saturating_mul(among.get()),
            burst: Some(NonZero::new(burst).unwrap_or(NonZero::<u32>::MIN)),
            ..self
        }
    }

    pub(super) fn interval(&self) -> Duration {
        self.per / self.requests.get()
    }

    /// How many may come at once.
    pub(super) fn burst(&self) -> NonZero<u32> {
        self.burst.unwrap_or(self.requests)
    }

    pub(super) fn governed(&self) -> governor::Quota {
        let burst = self.burst();
        // The interval is not zero: policies with such quotas are refused.
        let quota = governor::Quota::with_period(self.interval().max(Duration::from_nanos(1)));
        quota
            .unwrap_or(governor::Quota::per_second(burst))
            .allow_burst(burst)
    }
}

impl Limits {
    /// Those quotas, or the share of each that one instance of so many has.
    pub(crate) fn new(quotas: &Quotas, tiers: &Tiers, among: NonZero<u32>) -> Self {
        let Quotas { client, tool, all } = *quotas;
        Self {
            client: client.map(|quota| keyed(quota.shared(among))),
            tiers: tiers
                .iter()
                .map(|(name, quota)| (Arc::clone(name), keyed(quota.shared(among))))
                .collect(),
            tool: tool.map(|quota| keyed(quota.shared(among))),
            all: all.map(|quota| RateLimiter::direct(quota.shared(among).governed())),
            clock: DefaultClock::default(),
        }
    }

    /// Whether an address may ask once more.
    pub(crate) fn client(&self, client: &Client) -> Result<(), Denial> {
        self.checked(Limit::Client, self.client.as_ref(), client)
    }

    /// Whether a caller may. One that is not known is not counted by itself: it would be all who are not known.
    pub(super) fn caller(
        &self,
        caller: &Client,
        tier: Option<&str>,
        tool: Option<&str>,
    ) -> Result<(), Denial> {
        if let Some(caller) = caller.known() {
            let tier = self.tiers.get(tier.unwrap_or(DEFAULT_TIER));
            self.checked(Limit::Tier, tier, caller)?;
            if let (Some(limiter), Some(tool)) = (&self.tool, tool) {
                let key = (caller.clone(), tool.into());
                self.checked(Limit::Tool, Some(limiter), &key)?;
            }
        }
        let Some(all) = &self.all else {
            return Ok(());
        };
        all.check().map_err(|until| self.denial(Limit::All, &until))
    }

    /// Forgets those who have not asked for so long that they may ask all they could at first.
    pub(crate) fn forget(&self) {
        if let Some(client) = &self.client {
            client.retain_recent();
        }
        for tier in self.tiers.values() {
            tier.retain_recent();
        }
        if let Some(tool) = &self.tool {
            tool.retain_recent();
        }
    }

    fn checked<K: Clone + Eq + Hash>(
        &self,
        by: Limit,
        limiter: Option<&Keyed<K>>,
        key: &K,
    ) -> Result<(), Denial> {
        let Some(limiter) = limiter else {
            return Ok(());
        };
        limiter
            .check_key(key)
            .map_err(|until| self.denial(by, &until))
    }

    fn denial(&self, by: Limit, until: &NotUntil<<DefaultClock as Clock>::Instant>) -> Denial {
        let wait = until.wait_time_from(self.clock.now());
        let quota = until.quota();
        let rate = rate(quota.burst_size().get(), quota.replenish_interval());
        Denial::Limited { by, rate, wait }
    }
}

impl fmt::Debug for Limits {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Limits").finish_non_exhaustive()
    }
}

/// What a quota allows that is used up: as many as may come at once, in the time in which they are earned again.
pub(super) fn rate(burst: u32, interval: Duration) -> Rate {
    Rate {
        requests: burst,
        window: interval.saturating_mul(burst),
    }
}

fn keyed<K: Clone + Eq + Hash>(quota: Quota) -> Keyed<K> {
    RateLimiter::dashmap(quota.governed())
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: NonZero<u32> = NonZero::<u32>::MIN;

    fn quota(text: &str) -> Quota {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_quota_is_kept_to_for_each_key_on_its_own() {
        let quotas = Quotas {
            client: Some(quota("requests = 3\nper = \"1h\"")),
            ..Quotas::default()
        };
        let limits = Limits::new(&quotas, &Tiers::new(), WHOLE);
        let [one, other] = ["192.0.2.1", "192.0.2.2"].map(|ip| Client::at(ip.parse().ok()));
        for _ in 0..3 {
            limits.client(&one).unwrap();
        }
        let Err(Denial::Limited {
            by: Limit::Client,
            rate,
            wait,
        }) = limits.client(&one)
        else {
            panic!("the quota is used up");
        };
        assert_eq!(
            (rate.requests, rate.window),
            (3, Duration::from_secs(60 * 60))
        );
        assert!(wait > Duration::from_secs(19 * 60) && wait <= Duration::from_secs(20 * 60));
        limits.client(&other).unwrap();
    }

    #[test]
    fn a_tier_a_tool_and_all_are_counted_apart() {
        let tiers = [("free", 1), ("default", 2)].map(|(tier, requests)| {
            (
                tier.into(),
                quota(&format!("requests = {requests}\nper = \"1h\"")),
            )
        });
        let quotas = Quotas {
            tool: Some(quota("requests = 60\nper = \"1h\"\nburst = 1")),
            all: Some(quota("requests = 4\nper = \"1h\"")),
            ..Quotas::default()
        };
        let limits = Limits::new(&quotas, &tiers.into(), WHOLE);
        let [one, other] = ["one", "other"].map(|name| Client::Subject(name.into()));
        let by = |result| match result {
            Ok(()) => None,
            Err(Denial::Limited { by, .. }) => Some(by),
            Err(other) => panic!("{other:?}"),
        };
        assert_eq!(by(limits.caller(&one, Some("free"), None)), None);
        assert_eq!(
            by(limits.caller(&one, Some("free"), None)),
            Some(Limit::Tier)
        );
        assert_eq!(by(limits.caller(&other, None, Some("read"))), None);
        assert_eq!(
            by(limits.caller(&other, None, Some("read"))),
            Some(Limit::Tool)
        );
        // A tier that has no quota is not limited by one.
        assert_eq!(by(limits.caller(&other, Some("paid"), Some("list"))), None);
        assert_eq!(by(limits.caller(&other, Some("paid"), None)), None);
        assert_eq!(
            by(limits.caller(&other, Some("paid"), None)),
            Some(Limit::All)
        );
    }

    #[test]
    fn a_share_of_a_quota_is_less_in_the_same_time_and_never_nothing() {
        let third = NonZero::new(3).unwrap();
        let whole = quota("requests = 6\nper = \"1m\"");
        let shared = whole.shared(third);
        assert_eq!(shared.interval(), 3 * whole.interval());
        assert_eq!(shared.burst().get(), 2);
        let small = quota("requests = 60\nper = \"1m\"\nburst = 2").shared(third);
        assert_eq!(
            (small.interval(), small.burst().get()),
            (Duration::from_secs(3), 1)
        );
        assert_eq!(whole.shared(WHOLE).interval(), whole.interval());
        assert_eq!(whole.shared(WHOLE).burst(), whole.burst());
    }

    #[test]
    fn those_who_are_not_known_are_limited_together_with_all_others_only() {
        let tiers = [("default".into(), quota("requests = 1\nper = \"1h\""))];
        let quotas = Quotas {
            tool: Some(quota("requests = 1\nper = \"1h\"")),
            all: Some(quota("requests = 3\nper = \"1h\"")),
            ..Quotas::default()
        };
        let limits = Limits::new(&quotas, &tiers.into(), WHOLE);
        for _ in 0..3 {
            let allowed = limits.caller(&Client::Unknown, None, Some("read"));
            allowed.unwrap();
        }
        let refused = limits.caller(&Client::Unknown, None, Some("read"));
        assert!(matches!(
            refused,
            Err(Denial::Limited { by: Limit::All, .. })
        ));
    }
}
