//! For the fuzzer: what has to hold for any policy and any file of keys.

use std::net::Ipv4Addr;

use super::Client;
use super::keys;
use super::limits::Limits;
use super::policy::Policy;

/// Reads a policy. One that is accepted can be kept to: somebody gets in under its quotas, and it differs in nothing from itself.
pub fn policy(text: &str) {
    let Ok(policy) = toml::from_str::<Policy>(text) else {
        return;
    };
    #[cfg(feature = "oauth")]
    if policy
        .oauth
        .as_ref()
        .is_some_and(|oauth| oauth.validate().is_err())
    {
        return;
    }
    if policy.check().is_err() {
        return;
    }
    assert!(policy.has_limits_of(&policy));
    assert_eq!(policy.fixed_since(&policy), None);
    let limits = Limits::new(&policy.limits, &policy.tiers, policy.share());
    assert!(
        limits
            .client(&Client::at(Some(Ipv4Addr::LOCALHOST.into())))
            .is_ok(),
        "{text}"
    );
    limits.forget();
}

/// Takes a key apart.
pub fn key_file(text: &str) {
    if let Some(id) = keys::token::id(text) {
        assert!(
            text.starts_with(&format!("{}{id}_", keys::token::PREFIX)),
            "{text}"
        );
        let fingerprint = keys::token::Fingerprint::of(text);
        let hex = fingerprint.to_hex();
        assert!(keys::token::Fingerprint::from_hex(&hex).is_some_and(|one| one.is(&fingerprint)));
    }
    let _ = keys::token::Fingerprint::from_hex(text);
}
