//! What makes no sense by itself: names, times and addresses.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::oauth::endpoint::Endpoint;
use crate::oauth::scopes::{Hierarchy, is_scope};
use crate::oauth::settings::{Settings, Times};

/// How far clocks may differ at most: beyond, an expired token is one that works.
const MOST_LEEWAY: Duration = Duration::from_secs(60);

impl Settings {
    /// What has no type of its own to be right or wrong.
    pub(super) fn check_names(&self, problems: &mut Vec<String>) {
        if self.accepted_audiences.as_ref().is_some_and(Vec::is_empty) {
            problems.push("`accepted-audiences` is empty, so that no token would be for this server; leave it out for the resource".into());
        }
        if self.issuers.is_empty() {
            problems.push("`issuers` is empty, so that no token would be trusted".into());
        }
        let mut seen = BTreeSet::new();
        for settings in &self.issuers {
            if !seen.insert(&settings.issuer) {
                problems.push(format!("`issuers` has {} twice", settings.issuer));
            }
        }
        let hierarchy = Hierarchy::new(self.implies.clone());
        let supported = self.scopes_supported.iter().flatten();
        let scopes = self
            .required_scopes
            .iter()
            .chain(supported)
            .chain(hierarchy.names());
        for scope in scopes.collect::<BTreeSet<_>>() {
            if !is_scope(scope) {
                problems.push(format!(
                    "the scope `{scope}` cannot be one: spaces, quotes and what is not ASCII are no part of a scope"
                ));
            }
        }
        let mut offered = self
            .required_scopes
            .iter()
            .chain(self.scopes_supported.iter().flatten());
        if offered.any(|scope| scope == "offline_access") {
            problems.push(
                "`offline_access` is between a client and its authorization server, and no scope of this server".into(),
            );
        }
    }
}

/// Times that do not go together, or with others' clocks.
pub(super) fn times(times: &Times, problems: &mut Vec<String>) {
    if times.leeway > MOST_LEEWAY {
        problems
            .push("`times.leeway` is longer than 60s: clocks that differ by more are wrong".into());
    }
    for (name, duration) in [
        ("refresh", times.refresh),
        ("connect", times.connect),
        ("total", times.total),
        ("cool-down", times.cool_down),
        ("max-stale", times.max_stale),
    ] {
        if duration.is_zero() {
            problems.push(format!("`times.{name}` must be longer than nothing"));
        }
    }
    if times.connect > times.total {
        problems.push("`times.connect` is longer than `times.total`, of which it is a part".into());
    }
    if times.max_stale < times.refresh {
        problems.push("`times.max-stale` is shorter than `times.refresh`: keys would be too old before they are looked at again".into());
    }
}

/// An address that has to be there.
pub(super) fn endpoint(name: &str, text: &str, problems: &mut Vec<String>) -> Option<Endpoint> {
    let endpoint = Endpoint::without_query(text);
    let wrong = |problem| problems.push(format!("`{name}`: {text} {problem}"));
    endpoint.map_err(wrong).ok()
}

/// An address that may be there.
pub(super) fn optional(
    name: &str,
    text: Option<&String>,
    problems: &mut Vec<String>,
) -> Option<Endpoint> {
    let text = text?;
    let wrong = |problem| problems.push(format!("`{name}`: {text} {problem}"));
    Endpoint::parse(text).map_err(wrong).ok()
}
