//! The first step: may anybody at this address ask? Nothing of a request is looked at before.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{Client, Denial, Guard};
use crate::clock;

impl Guard {
    /// Whether an address may come near at all, and has not come too often.
    pub(crate) async fn meet(&self, ip: Option<IpAddr>) -> Result<(), Denial> {
        let rules = self.rules.load_full();
        let is_inside = |networks: &Vec<IpNet>| {
            let ip = ip.map(|ip| ip.to_canonical());
            ip.is_some_and(|ip| networks.iter().any(|one| one.contains(&ip)))
        };
        if !rules.policy.networks.as_ref().is_none_or(is_inside) {
            return self.denied(Denial::Network);
        }
        let client = Client::at(ip);
        let Some(client) = client.known() else {
            return Ok(());
        };
        let met = rules.defence.check(client, clock::now);
        let met = match met {
            Ok(()) => self.counted_client(&rules, client).await,
            refused => refused,
        };
        met.or_else(|denial| self.denied(denial))
    }
}
