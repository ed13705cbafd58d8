//! What says who may ask: `security`, as a policy, and what needs no counterpart.

use std::collections::BTreeSet;
use std::net::IpAddr;

use serde_json::Value;

use super::Mapped;
use super::limits;
use super::reader::{Left, Object};
use super::secrets;
use crate::project::quoted;

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
        let keys = keys(&mut security, mapped, left);
        limits::map(&mut security, &keys, mapped, left);
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
        match network.as_str().and_then(self::network) {
            Some(network) => networks.push(quoted(&network)),
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

/// A network as a policy says it: with a prefix, which an address alone does not have.
fn network(text: &str) -> Option<String> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let address = address.parse::<IpAddr>().ok()?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    let prefix = prefix.map_or(Some(most), |prefix| prefix.parse::<u8>().ok())?;
    (prefix <= most).then(|| format!("{address}/{prefix}"))
}

/// `apiKeys`: new ones, because those in a file in the clear are no secret any more. The names of its members, any of which may
/// be a key.
fn keys(security: &mut Object, mapped: &mut Mapped, left: &mut Left) -> BTreeSet<String> {
    let Some(value) = security.take("apiKeys") else {
        return BTreeSet::new();
    };
    // Some say how keys are sent, and the keys below that.
    let is_list = |keys: &&Value| keys.is_object() || keys.is_array();
    let value = value.get("keys").filter(is_list).unwrap_or(&value);
    let names = value.as_object().into_iter().flatten();
    let names: BTreeSet<_> = names.map(|(name, _)| name.clone()).collect();
    left.add(
        "/security/apiKeys",
        "keys are kept as digests here, and what stood in a file in the clear is no secret",
    );
    mapped.policy.insert_str(0, "api-keys = \"keys.toml\"\n");
    let items = items(value);
    let principals = principals(&items, &names);
    for principal in &principals {
        mapped.to_do.push(format!(
            "make a key: `keys new {principal} --expires-in 90days --api-keys keys.toml`"
        ));
    }
    let more = items.len().saturating_sub(principals.len());
    if more > 0 {
        let keys = match more {
            1 => "1 key, whose owner".to_owned(),
            more => format!("{more} keys, whose owners"),
        };
        mapped.to_do.push(format!(
            "make {keys} the configuration does not name: `keys new PRINCIPAL --expires-in 90days --api-keys keys.toml`"
        ));
    }
    names
}

/// What stands for a key each.
fn items(keys: &Value) -> Vec<&Value> {
    match keys {
        Value::Object(members) => members.values().collect(),
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    }
}

/// Who has keys: those that are called so. Which side of an object is the key and which its owner, nobody can say.
fn principals<'a>(items: &[&'a Value], names: &BTreeSet<String>) -> BTreeSet<&'a str> {
    let owners = items
        .iter()
        .filter_map(|item| item.get("name").or_else(|| item.get("id"))?.as_str());
    owners
        .filter(|owner| secrets::is_principal(owner) && !names.contains(*owner))
        .collect()
}
