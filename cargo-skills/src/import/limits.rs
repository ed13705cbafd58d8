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

/// The quota of `perTool` that holds for every tool.
const DEFAULTS: [&str; 2] = ["default", "*"];

/// The words of a quota; an object with none of them holds quotas by name.
const WORDS: [&str; 8] = [
    "requests",
    "max",
    "limit",
    "maxRequests",
    "window",
    "windowMs",
    "windowSeconds",
    "burst",
];

/// What a quota calls its requests. The guides that say `maxRequests` give the window beside it in milliseconds.
const REQUESTS: [&str; 3] = ["requests", "max", "limit"];
const GUIDE_REQUESTS: &str = "maxRequests";

/// A `window` without a unit in its name that is shorter or longer than these was most likely meant in another unit.
const UNNAMED_MILLISECONDS: std::ops::RangeInclusive<u64> = 1000..=24 * 60 * 60 * 1000;

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
        } else if let Some((quota, source)) = quota(key, object, left) {
            found.insert(name, key);
            // Writing to a string cannot fail.
            let _ = writeln!(lines, "{name} = {quota}");
            mapped
                .done
                .push(format!("`{source}` is `{name}` of [limits] in policy.toml"));
        }
    }
    if !lines.is_empty() {
        let _ = write!(mapped.policy, "\n[limits]\n{lines}");
    }
}

/// The quota of a limit, and the member that says it.
fn quota(key: &str, object: Object, left: &mut Left) -> Option<(Quota, String)> {
    if key == "perTool" && !object.has_any(&WORDS) {
        return quota_of_tools(key, object, left);
    }
    Some((Quota::of(object, left)?, key.to_owned()))
}

/// The quota of `perTool` where each member is a quota of its own: the default one, or else the strictest, because a policy
/// has one quota for every tool.
fn quota_of_tools(key: &str, mut object: Object, left: &mut Left) -> Option<(Quota, String)> {
    if object.flag("enabled") == Some(false) {
        left.add(object.pointer(), "it is switched off");
        return None;
    }
    for default in DEFAULTS {
        if let Some(quota) = object.object(default, left) {
            object.leave("a policy has one quota for every tool: the default", left);
            return Some((Quota::of(quota, left)?, format!("{key}/{default}")));
        }
    }
    let mut quotas = Vec::new();
    for (tool, pointer, value) in object.into_members() {
        if let Some(quota) = Quota::of_value(pointer.clone(), value, left) {
            quotas.push((quota, tool, pointer));
        }
    }
    let slowest = |(quota, ..): &(Quota, String, String)| quota.interval();
    let strictest = (0..quotas.len()).max_by_key(|index| quotas.get(*index).map(slowest))?;
    let (quota, tool, _) = quotas.swap_remove(strictest);
    for (_, _, pointer) in quotas {
        let why = format!("a policy has one quota for every tool: the strictest, of `{tool}`");
        left.add(pointer, why);
    }
    Some((quota, format!("{key}/{tool}")))
}

/// `perApiKey`. Its members are tiers or the keys themselves: what may be a key gets a number in place of its name.
fn tiers(limits: &mut Object, keys: &BTreeSet<String>, mapped: &mut Mapped, left: &mut Left) {
    let Some(mut keyed) = limits.object("perApiKey", left) else {
        return;
    };
    // Some write the tiers one level deeper.
    if let Some(nested) = keyed.object("tiers", left) {
        keyed.leave("the tiers are those of `tiers`", left);
        keyed = nested;
    }
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
        let quota = Self::new(number.as_u64(), Window::Seconds(60), None);
        quota.map_err(|why| left.add(pointer, why)).ok()
    }

    fn of(mut object: Object, left: &mut Left) -> Option<Self> {
        let is_enabled = object.flag("enabled").unwrap_or(true);
        let requests = REQUESTS.iter().find_map(|key| object.number(key));
        let guide = requests.is_none().then(|| object.number(GUIDE_REQUESTS));
        let unit = match guide.flatten() {
            Some(_) => Window::Milliseconds,
            None => Window::Seconds,
        };
        let burst = object.number("burst");
        let quota = match Window::of(&mut object, unit) {
            _ if !is_enabled => Err("it is switched off".to_owned()),
            Ok(window) => {
                Self::new(requests.or(guide.flatten()), window, burst).map_err(str::to_owned)
            }
            Err(why) => Err(why),
        };
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
        window: Window,
        burst: Option<u64>,
    ) -> Result<Self, &'static str> {
        let count = |number: u64| {
            u32::try_from(number).map_err(|_| "a quota has 4294967295 requests at most")
        };
        let requests = requests
            .filter(|requests| *requests > 0)
            .ok_or("it says no whole number of requests above zero")?;
        let quota = Self {
            requests: count(requests)?,
            window,
            burst: burst.map(count).transpose()?,
        };
        window
            .milliseconds()
            .ok_or("its window is longer than a year")?;
        let interval = quota.interval();
        let at_once = u64::from(quota.burst.unwrap_or(quota.requests));
        if interval == 0 {
            Err("it has more than one request in a nanosecond")
        } else if interval.checked_mul(at_once).is_none() {
            Err("its burst is worth more time than can be counted")
        } else {
            Ok(quota)
        }
    }

    /// The nanoseconds from one request to the next.
    fn interval(&self) -> u64 {
        let milliseconds = self.window.milliseconds().unwrap_or(MOST_MILLISECONDS);
        milliseconds * 1_000_000 / u64::from(self.requests)
    }
}

/// What a unit is called, and the window of a number of it.
type Unit = (&'static str, fn(u64) -> Window);

impl Window {
    /// The window of a quota, a minute if it says none. `unnamed` is the unit of one whose name says none.
    fn of(object: &mut Object, unnamed: fn(u64) -> Self) -> Result<Self, String> {
        let units: [Unit; 3] = [
            ("windowMs", Self::Milliseconds),
            ("windowSeconds", Self::Seconds),
            ("window", unnamed),
        ];
        let Some((key, unit)) = units.into_iter().find(|(key, _)| object.has(key)) else {
            return Ok(Self::Seconds(60));
        };
        let number = object.number(key);
        let window = number
            .map(unit)
            .ok_or("its window is no whole number above zero")?;
        let is_usual = |time: u64| UNNAMED_MILLISECONDS.contains(&time);
        if key == "window" && !window.milliseconds().is_some_and(is_usual) {
            return Err(format!(
                "its window would be {window}, which is under a second or over a day: write `windowMs` or `windowSeconds`"
            ));
        }
        Ok(window)
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

impl Display for Window {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Milliseconds(time) => write!(formatter, "{time}ms"),
            Self::Seconds(time) => write!(formatter, "{time}s"),
        }
    }
}

impl Display for Quota {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let Self {
            requests,
            window,
            burst,
        } = self;
        write!(formatter, "{{ requests = {requests}, per = \"{window}\"")?;
        if let Some(burst) = burst {
            write!(formatter, ", burst = {burst}")?;
        }
        formatter.write_str(" }")
    }
}
