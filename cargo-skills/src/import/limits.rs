//! `rateLimit`: how often who may ask, as `[limits]` and `[tiers]` of a policy. A quota that a server would refuse is not mapped.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{self, Display, Formatter, Write};

use serde_json::Value;

use super::Mapped;
use super::reader::{Left, Object};
use super::rust::unique;
use super::secrets;
use crate::project::quoted;

/// Limits, and what they are in a policy; of two that are the same there, the first counts.
const LIMITS: [(&str, &str); 4] = [
    ("global", "all"),
    ("perTool", "tool"),
    ("perIp", "client"),
    ("perClient", "client"),
];

/// The longest window, a year: times that are added up stay within what 64 bits of nanoseconds can say.
const MOST_MILLISECONDS: u64 = 366 * 24 * 60 * 60 * 1000;

/// Maps what there is of it. `keys` may be keys, and are not named.
pub(super) fn map(
    security: &mut Object,
    keys: &BTreeSet<String>,
    mapped: &mut Mapped,
    left: &mut Left,
) {
    let Some(mut limits) = security.object("rateLimit", left) else {
        return;
    };
    quotas(&mut limits, mapped, left);
    tiers(&mut limits, keys, mapped, left);
    limits.leave("it is no limit that is known here", left);
}

fn quotas(limits: &mut Object, mapped: &mut Mapped, left: &mut Left) {
    let mut found = BTreeMap::new();
    let mut lines = String::new();
    for (key, name) in LIMITS {
        let Some(object) = limits.object(key, left) else {
            continue;
        };
        if let Some(first) = found.get(name) {
            let why = format!("`{name}` of [limits] in policy.toml is what `{first}` says");
            left.add(object.pointer(), why);
        } else if let Some(quota) = Quota::of(object, left) {
            found.insert(name, key);
            // Writing to a string cannot fail.
            let _ = writeln!(lines, "{name} = {quota}");
            mapped
                .done
                .push(format!("`{key}` is `{name}` of [limits] in policy.toml"));
        }
    }
    if !lines.is_empty() {
        let _ = write!(mapped.policy, "\n[limits]\n{lines}");
    }
}

/// `perApiKey`. Its members are tiers or the keys themselves: what may be a key gets a number in place of its name.
fn tiers(limits: &mut Object, keys: &BTreeSet<String>, mapped: &mut Mapped, left: &mut Left) {
    let Some(keyed) = limits.object("perApiKey", left) else {
        return;
    };
    let parent = keyed.pointer().to_owned();
    let members: Vec<_> = keyed.into_members().collect();
    let mut names: BTreeSet<_> = members.iter().map(|(name, ..)| name.clone()).collect();
    let mut lines = String::new();
    let mut number = 0;
    for (name, pointer, value) in members {
        let is_told = secrets::is_tier(&name) && !keys.contains(&name);
        let (tier, pointer, what) = if is_told {
            let what = format!("`perApiKey/{name}` is a tier in policy.toml");
            (name, pointer, what)
        } else {
            number += 1;
            let tier = unique(&mut names, &format!("tier-{number}"), "-");
            let what = format!(
                "a member of `perApiKey`, whose name may be a key, is the tier `{tier}` in policy.toml"
            );
            (tier, format!("{parent}/…"), what)
        };
        if let Some(quota) = Quota::of_value(pointer, value, left) {
            let _ = writeln!(lines, "{} = {quota}", quoted(&tier));
            mapped.done.push(what);
        }
    }
    if !lines.is_empty() {
        let _ = write!(mapped.policy, "\n[tiers]\n{lines}");
    }
}

/// How many requests in which time.
#[derive(Debug)]
struct Quota {
    requests: u32,
    window: Window,
    burst: Option<u32>,
}

#[derive(Clone, Copy, Debug)]
enum Window {
    Milliseconds(u64),
    Seconds(u64),
}

impl Quota {
    /// What an object says, or a number of requests a minute.
    fn of_value(pointer: String, value: Value, left: &mut Left) -> Option<Self> {
        let Value::Number(number) = value else {
            return Self::of(Object::at(pointer, value, left)?, left);
        };
        let quota = Self::new(number.as_u64(), Some(Window::Seconds(60)), None);
        quota.map_err(|why| left.add(pointer, why)).ok()
    }

    fn of(mut object: Object, left: &mut Left) -> Option<Self> {
        let requests = ["requests", "max", "limit", "maxRequests"]
            .iter()
            .find_map(|key| object.number(key));
        let window = Window::of(&mut object);
        let quota = Self::new(requests, window, object.number("burst"));
        let quota = quota.map_err(|why| left.add(object.pointer(), why)).ok();
        object.leave(
            "one quota is for every tool, and a quota has requests and a window",
            left,
        );
        quota
    }

    /// The quota, if a server takes it.
    fn new(
        requests: Option<u64>,
        window: Option<Window>,
        burst: Option<u64>,
    ) -> Result<Self, &'static str> {
        let count = |number: u64| {
            u32::try_from(number).map_err(|_| "a quota has 4294967295 requests at most")
        };
        let requests = requests
            .filter(|requests| *requests > 0)
            .ok_or("it says no whole number of requests above zero")?;
        let window = window.ok_or("its window is no whole number above zero")?;
        let quota = Self {
            requests: count(requests)?,
            window,
            burst: burst.map(count).transpose()?,
        };
        let nanoseconds = window.milliseconds().map(|time| time * 1_000_000);
        let interval = nanoseconds.ok_or("its window is longer than a year")? / requests;
        let at_once = u64::from(quota.burst.unwrap_or(quota.requests));
        if interval == 0 {
            Err("it has more than one request in a nanosecond")
        } else if interval.checked_mul(at_once).is_none() {
            Err("its burst is worth more time than can be counted")
        } else {
            Ok(quota)
        }
    }
}

impl Window {
    /// The window of a quota, a minute if it says none.
    fn of(object: &mut Object) -> Option<Self> {
        if object.has("windowMs") {
            return object.number("windowMs").map(Self::Milliseconds);
        }
        let mut keys = ["window", "windowSeconds"].iter();
        match keys.find(|key| object.has(key)) {
            Some(key) => object.number(key).map(Self::Seconds),
            None => Some(Self::Seconds(60)),
        }
    }

    /// How long it is, if that is not too long.
    fn milliseconds(self) -> Option<u64> {
        let milliseconds = match self {
            Self::Milliseconds(milliseconds) => milliseconds,
            Self::Seconds(seconds) => seconds.checked_mul(1000)?,
        };
        Some(milliseconds).filter(|milliseconds| *milliseconds <= MOST_MILLISECONDS)
    }
}

impl Display for Quota {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            requests,
            window,
            burst,
        } = self;
        let (time, unit) = match window {
            Window::Milliseconds(time) => (time, "ms"),
            Window::Seconds(time) => (time, "s"),
        };
        write!(
            formatter,
            "{{ requests = {requests}, per = \"{time}{unit}\""
        )?;
        if let Some(burst) = burst {
            write!(formatter, ", burst = {burst}")?;
        }
        formatter.write_str(" }")
    }
}
