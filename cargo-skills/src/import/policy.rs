//! What says who may ask how often: `security`, as a policy, and what needs no counterpart.

use std::fmt::Write;
use std::net::IpAddr;

use serde_json::Value;

use super::Mapped;
use super::reader::{Left, Object};

/// Parts of a configuration that servers have anyway, or cannot have, and why.
const NEEDLESS: [(&str, &str); 6] = [
    (
        "caching",
        "answers about skills are constants of the executable, and hosts are told how long to keep them",
    ),
    (
        "metrics",
        "metrics are at `/metrics` of `serve --admin-listen`",
    ),
    (
        "monitoring",
        "metrics are at `/metrics` of `serve --admin-listen`",
    ),
    (
        "health",
        "`/health`, `/health/live` and `/health/ready` are always there",
    ),
    (
        "logging",
        "`--log-level` and `--log-format` say what is logged, and `[audit]` in the policy what is recorded",
    ),
    (
        "cluster",
        "one process uses all processors; run several behind a balancer where one machine is not enough",
    ),
];

/// Maps what there is of it, and takes it out of the root.
pub(super) fn map(root: &mut Object, mapped: &mut Mapped, left: &mut Left) {
    if let Some(mut security) = root.object("security", left) {
        networks(&mut security, mapped, left);
        limits(&mut security, mapped, left);
        keys(&mut security, mapped, left);
        security.leave("nothing here corresponds to it", left);
    }
    for (key, why) in NEEDLESS {
        if root.take(key).is_some() {
            left.add(format!("/{key}"), why);
        }
    }
}

/// `ipWhitelist`: `networks`.
fn networks(security: &mut Object, mapped: &mut Mapped, left: &mut Left) {
    let mut networks = Vec::new();
    for (pointer, network) in security.array("ipWhitelist", left) {
        match network.as_str().filter(|network| is_network(network)) {
            Some(network) => networks.push(Value::from(network).to_string()),
            None => left.add(
                pointer,
                "it is no address and no network such as 10.0.0.0/8",
            ),
        }
    }
    if !networks.is_empty() {
        // Before every table of the policy.
        mapped
            .policy
            .insert_str(0, &format!("networks = [{}]\n", networks.join(", ")));
        mapped
            .done
            .push("`ipWhitelist` is `networks` in policy.toml".into());
    }
}

fn is_network(text: &str) -> bool {
    let (address, prefix) = text.split_once('/').unwrap_or((text, "0"));
    let Ok(address) = address.parse::<IpAddr>() else {
        return false;
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    prefix.parse::<u8>().is_ok_and(|prefix| prefix <= most)
}

/// `rateLimit`: `[limits]` and `[tiers]`.
fn limits(security: &mut Object, mapped: &mut Mapped, left: &mut Left) {
    let Some(mut limits) = security.object("rateLimit", left) else {
        return;
    };
    let mut found = String::new();
    for (key, name) in [
        ("global", "all"),
        ("perTool", "tool"),
        ("perIp", "client"),
        ("perClient", "client"),
    ] {
        let Some(mut object) = limits.object(key, left) else {
            continue;
        };
        if let Some(quota) = quota(&mut object) {
            let _ = writeln!(found, "{name} = {quota}");
            mapped
                .done
                .push(format!("`{key}` is `{name}` of [limits] in policy.toml"));
        }
        object.leave(
            "one quota is for every tool, and a quota has requests and a window",
            left,
        );
    }
    if !found.is_empty() {
        let _ = write!(mapped.policy, "\n[limits]\n{found}");
    }
    let mut tiers = String::new();
    if let Some(keyed) = limits.object("perApiKey", left) {
        for (tier, pointer, value) in keyed.into_members() {
            let quota = match value {
                Value::Number(number) => number
                    .as_u64()
                    .map(|most| format!("{{ requests = {most}, per = \"60s\" }}")),
                value => Object::at(pointer.clone(), value, left)
                    .and_then(|mut object| quota(&mut object)),
            };
            match quota {
                Some(quota) => {
                    let _ = writeln!(tiers, "{} = {quota}", Value::from(&*tier));
                    mapped
                        .done
                        .push(format!("`perApiKey/{tier}` is a tier in policy.toml"));
                }
                None => left.add(pointer, "it is no quota"),
            }
        }
    }
    if !tiers.is_empty() {
        let _ = write!(mapped.policy, "\n[tiers]\n{tiers}");
    }
    limits.leave("it is no limit that is known here", left);
}

/// How many requests in which time, as a policy says it.
fn quota(object: &mut Object) -> Option<String> {
    let requests = ["requests", "max", "limit", "maxRequests"]
        .iter()
        .find_map(|key| object.number(key))?;
    let milliseconds = object.number("windowMs");
    let seconds = ["window", "windowSeconds"]
        .iter()
        .find_map(|key| object.number(key));
    let per = match (milliseconds, seconds) {
        (Some(milliseconds), _) => format!("{milliseconds}ms"),
        (None, Some(seconds)) => format!("{seconds}s"),
        (None, None) => "60s".to_owned(),
    };
    let burst = object
        .number("burst")
        .map(|burst| format!(", burst = {burst}"));
    Some(format!(
        "{{ requests = {requests}, per = \"{per}\"{} }}",
        burst.unwrap_or_default()
    ))
}

/// `apiKeys`: new ones, because those in a file in the clear are no secret any more.
fn keys(security: &mut Object, mapped: &mut Mapped, left: &mut Left) {
    let Some(value) = security.take("apiKeys") else {
        return;
    };
    left.add(
        "/security/apiKeys",
        "keys are kept as digests here, and what stood in a file in the clear is no secret",
    );
    mapped.policy.insert_str(0, "api-keys = \"keys.toml\"\n");
    let principals: Vec<_> = match &value {
        Value::Object(members) => members.keys().cloned().collect(),
        Value::Array(items) => {
            let names = items
                .iter()
                .filter_map(|item| item.get("name").or_else(|| item.get("id"))?.as_str());
            names.map(str::to_owned).collect()
        }
        _ => Vec::new(),
    };
    for principal in principals.iter().filter(|name| {
        name.chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "-_.".contains(letter))
    }) {
        mapped.to_do.push(format!(
            "make a key: `keys new {principal} --expires-in 90days --api-keys keys.toml`"
        ));
    }
    if principals.is_empty() {
        mapped.to_do.push(
            "make keys: `keys new PRINCIPAL --expires-in 90days --api-keys keys.toml`".into(),
        );
    }
}
