//! Which tier callers are of: API keys say it themselves, and for access tokens the policy does. A tier that is named has to be
//! there, because a caller of one that is not would have no limit.

use std::collections::BTreeMap;
use std::sync::Arc;

#[cfg(feature = "oauth")]
use serde::Deserialize;

use super::limits::{DEFAULT_TIER, Quota};
use crate::catalog::nearest;
#[cfg(feature = "oauth")]
use crate::oauth::Grant;

/// The tiers of a policy.
pub(crate) type Tiers = BTreeMap<Arc<str>, Quota>;

/// The tier of those access tokens for which all holds that is said here.
#[cfg(feature = "oauth")]
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields)]
pub(crate) struct TokenTier {
    /// The tier.
    pub(super) tier: Arc<str>,
    /// A scope that they have.
    scope: Option<String>,
    /// The client that they were given to.
    client: Option<String>,
    /// The authorization server that they are from.
    pub(super) issuer: Option<String>,
}

#[cfg(feature = "oauth")]
impl TokenTier {
    /// Whether a token is meant.
    fn fits(&self, grant: &Grant) -> bool {
        let Self {
            tier: _,
            scope,
            client,
            issuer,
        } = self;
        let is = |wanted: &Option<String>, found: Option<&str>| {
            wanted.is_none() || wanted.as_deref() == found
        };
        scope
            .as_ref()
            .is_none_or(|scope| grant.scopes.contains(scope))
            && is(client, grant.client_id.as_deref())
            && is(issuer, Some(&grant.issuer))
    }
}

/// The tier of a token: that of the first rule that fits it.
#[cfg(feature = "oauth")]
pub(super) fn of(rules: &[TokenTier], grant: &Grant) -> Option<Arc<str>> {
    let rule = rules.iter().find(|rule| rule.fits(grant))?;
    Some(Arc::clone(&rule.tier))
}

/// Why no caller can be of a tier, if it is none of these.
pub(super) fn problem(tier: &str, tiers: &Tiers) -> Option<String> {
    if tier == DEFAULT_TIER || tiers.contains_key(tier) {
        return None;
    }
    let names = || tiers.keys().map(AsRef::as_ref);
    let known: Vec<&str> = names().collect();
    let there_are = match known.as_slice() {
        [] => "[tiers] of the policy has none".to_owned(),
        known => format!("[tiers] of the policy has {}", known.join(", ")),
    };
    let meant = nearest(tier, names()).map(|name| format!("; did you mean `{name}`?"));
    let meant = meant.unwrap_or_default();
    Some(format!(
        "the tier `{tier}`, which is not there, so that nothing would limit it: {there_are}{meant}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tiers(names: &[&str]) -> Tiers {
        let quota: Quota = toml::from_str("requests = 1\nper = \"1s\"").unwrap();
        names.iter().map(|name| ((*name).into(), quota)).collect()
    }

    #[test]
    fn a_tier_that_is_not_there_is_a_problem_and_the_nearest_is_named() {
        let tiers = tiers(&["free", "paid"]);
        assert_eq!(problem("paid", &tiers), None);
        assert_eq!(problem("default", &tiers), None);
        let told = problem("piad", &tiers).unwrap();
        assert!(
            told.contains("has free, paid; did you mean `paid`?"),
            "{told}"
        );
        let told = problem("paid", &Tiers::new()).unwrap();
        assert!(told.ends_with("the policy has none"), "{told}");
    }

    #[cfg(feature = "oauth")]
    #[test]
    fn the_first_rule_that_fits_a_token_says_its_tier() {
        #[derive(Deserialize)]
        struct Rules {
            rules: Vec<TokenTier>,
        }
        let rules = "[[rules]]\ntier = \"bulk\"\nscope = \"a\"\nclient = \"c\"\n\
                     [[rules]]\ntier = \"paid\"\nscope = \"a\"\n\
                     [[rules]]\ntier = \"other\"\nissuer = \"https://two\"\n";
        let Rules { rules } = toml::from_str(rules).unwrap();
        let tier = |scopes: &[&str], client: Option<&str>, issuer: &str| {
            let grant = Grant {
                subject: "alice".to_owned(),
                client_id: client.map(str::to_owned),
                issuer: issuer.into(),
                scopes: scopes.iter().map(|&scope| scope.to_owned()).collect(),
                expires_at: None,
            };
            of(&rules, &grant)
        };
        assert_eq!(
            tier(&["a", "b"], Some("c"), "https://one").as_deref(),
            Some("bulk")
        );
        assert_eq!(
            tier(&["a"], Some("d"), "https://two").as_deref(),
            Some("paid")
        );
        assert_eq!(tier(&["b"], None, "https://two").as_deref(), Some("other"));
        assert_eq!(tier(&["b"], Some("c"), "https://one"), None);
    }
}
