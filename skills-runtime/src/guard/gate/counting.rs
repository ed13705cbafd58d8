//! Requests are counted against quotas: in Redis, together with other instances, or in this process.

use std::net::IpAddr;

use super::rules::Rules;
use super::{Client, Denial, Guard, Principal};
#[cfg(feature = "redis")]
use super::{
    denial::Limit,
    keys::token::Fingerprint,
    limits::{DEFAULT_TIER, Quota, rate},
    shared::{Away, Count, Shared},
};

impl Guard {
    /// Counts a request against the quota of its address.
    #[cfg_attr(
        not(feature = "redis"),
        expect(clippy::unused_async, reason = "nobody is asked")
    )]
    pub(super) async fn counted_client(
        &self,
        rules: &Rules,
        client: &Client,
    ) -> Result<(), Denial> {
        #[cfg(feature = "redis")]
        if let (Some(shared), Some(quota)) = (&self.shared, &rules.policy.limits.client) {
            let counts = [(Limit::Client, count(quota, format!("client:{client}")))];
            if let Ok(counted) = self.counted_together(shared, counts.into()).await {
                return counted;
            }
        }
        rules.limits.client(client)
    }

    /// Counts a request against the quotas of its caller.
    #[cfg_attr(
        not(feature = "redis"),
        expect(clippy::unused_async, reason = "nobody is asked")
    )]
    pub(super) async fn counted_caller(
        &self,
        rules: &Rules,
        principal: &Principal,
        ip: Option<IpAddr>,
        tool: Option<&str>,
    ) -> Result<(), Denial> {
        #[cfg(feature = "redis")]
        if let Some(shared) = &self.shared {
            // What callers are called is nothing for another machine to keep.
            let client = principal.client(ip);
            let caller = match &client {
                Client::Subject(subject) => Some(Fingerprint::of(subject).to_hex()),
                Client::Address(ip) => Some(ip.to_string()),
                Client::Unknown => None,
            };
            let caller = caller.as_deref();
            let policy = &rules.policy;
            let tier = principal.tier.as_deref().unwrap_or(DEFAULT_TIER);
            let quota = policy.tiers.get(tier).zip(caller);
            let tier = quota.map(|(quota, caller)| {
                (Limit::Tier, count(quota, format!("tier:{tier}:{caller}")))
            });
            let quota = policy.limits.tool.as_ref().zip(caller).zip(tool);
            let tool = quota.map(|((quota, caller), tool)| {
                let tool = Fingerprint::of(tool).to_hex();
                (Limit::Tool, count(quota, format!("tool:{caller}:{tool}")))
            });
            let all = policy.limits.all.as_ref();
            let all = all.map(|quota| (Limit::All, count(quota, "all".to_owned())));
            let counts = [tier, tool, all].into_iter().flatten().collect();
            if let Ok(counted) = self.counted_together(shared, counts).await {
                return counted;
            }
        }
        counted_here(rules, principal, ip, tool)
    }

    /// Counts a request together with other instances, if they can be reached.
    #[cfg(feature = "redis")]
    async fn counted_together(
        &self,
        shared: &Shared,
        counts: Vec<(Limit, Count)>,
    ) -> Result<Result<(), Denial>, Away> {
        let (limits, counts): (Vec<_>, Vec<_>) = counts.into_iter().unzip();
        let counted = shared.count(&counts).await;
        let counted = counted.inspect_err(|Away| self.counters.without_backend())?;
        Ok(match counted {
            Some((position, wait)) => {
                let used_up = limits.get(position).zip(counts.get(position));
                let (by, count) = used_up.ok_or(Away)?;
                Err(Denial::Limited {
                    by: *by,
                    rate: rate(count.burst, count.interval),
                    wait,
                })
            }
            None => Ok(()),
        })
    }
}

/// Counts a request against the quotas of its caller, in this process.
pub(super) fn counted_here(
    rules: &Rules,
    principal: &Principal,
    ip: Option<IpAddr>,
    tool: Option<&str>,
) -> Result<(), Denial> {
    let tier = principal.tier.as_deref();
    rules.limits.caller(&principal.client(ip), tier, tool)
}

#[cfg(feature = "redis")]
fn count(quota: &Quota, key: String) -> Count {
    Count {
        key,
        interval: quota.interval(),
        burst: quota.burst().get(),
    }
}
