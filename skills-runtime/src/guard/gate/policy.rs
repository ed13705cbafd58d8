//! What operators say of who may ask, as a file of TOML: read at start, and again at SIGHUP.

use std::num::NonZero;
use std::path::{Path, PathBuf};

use ipnet::IpNet;
use serde::Deserialize;

use super::defence::Rule;
use super::limits::{Quota, Quotas};
use super::tiers::Tiers;
#[cfg(feature = "oauth")]
use super::tiers::{self, TokenTier};
use crate::error::Error;
use crate::files::{self, Content};
use crate::logging::Level;

/// The file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct Policy {
    /// Whether callers that do not say who they are get what requires no scope; not by default, where anything tells callers
    /// apart.
    pub(crate) anonymous: bool,
    /// The file of API keys.
    pub(crate) api_keys: Option<PathBuf>,
    /// A file with bearer tokens, one a line, that see everything.
    pub(crate) bearer_tokens: Option<PathBuf>,
    /// The authorization servers whose access tokens are taken.
    #[cfg(feature = "oauth")]
    pub(crate) oauth: Option<crate::oauth::Settings>,
    /// How a record of all decisions is kept.
    pub(crate) audit: Option<crate::audit::Settings>,
    /// The networks that may ask; all by default.
    pub(crate) networks: Option<Vec<IpNet>>,
    /// How often anybody may ask.
    pub(crate) limits: Quotas,
    /// How often callers of a tier may ask; those without one are of the tier `default`.
    pub(crate) tiers: Tiers,
    /// The tiers of access tokens: the first that fits counts.
    #[cfg(feature = "oauth")]
    pub(crate) oauth_tiers: Vec<TokenTier>,
    /// The Redis in which several instances count together.
    #[cfg(feature = "redis")]
    pub(crate) redis: Option<super::shared::Settings>,
    /// When addresses are left out.
    pub(crate) defence: Option<Rule>,
    /// How much is logged; what flags and the environment say by default.
    pub(crate) log_level: Option<Level>,
}

impl Policy {
    /// Reads the file. Paths in it are relative to it.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let mut policy: Self = files::toml(path, Content::Settings)?;
        let directory = path.parent().unwrap_or(Path::new(""));
        for file in [&mut policy.api_keys, &mut policy.bearer_tokens]
            .into_iter()
            .flatten()
        {
            *file = directory.join(&*file);
        }
        #[cfg(feature = "oauth")]
        if let Some(oauth) = &mut policy.oauth {
            oauth.relative_to(directory);
            oauth.validate()?;
        }
        #[cfg(feature = "redis")]
        if let Some(file) = policy
            .redis
            .as_mut()
            .and_then(|redis| redis.url_file.as_mut())
        {
            *file = directory.join(&*file);
        }
        if let Some(audit) = &mut policy.audit {
            audit.relative_to(directory);
        }
        policy.check().map_err(|problem| Error::Policy {
            path: path.to_owned(),
            problem,
        })?;
        Ok(policy)
    }

    /// Whether callers have to say who they are.
    pub(crate) const fn identifies(&self) -> bool {
        #[cfg(feature = "oauth")]
        if self.oauth.is_some() {
            return true;
        }
        self.api_keys.is_some() || self.bearer_tokens.is_some()
    }

    /// Which share of each quota this process keeps to where it counts by itself.
    #[cfg_attr(
        not(feature = "redis"),
        expect(clippy::unused_self, reason = "it counts alone")
    )]
    pub(super) fn share(&self) -> NonZero<u32> {
        #[cfg(feature = "redis")]
        if let Some(redis) = &self.redis {
            return redis.fallback_share;
        }
        NonZero::<u32>::MIN
    }

    /// Whether another one limits callers in the same way.
    pub(super) fn has_limits_of(&self, other: &Self) -> bool {
        self.limits == other.limits && self.tiers == other.tiers
    }

    /// A section that differs from another policy's, of those that are looked at only when the server starts.
    pub(super) fn fixed_since(&self, before: &Self) -> Option<&'static str> {
        #[cfg(feature = "oauth")]
        if self.oauth != before.oauth {
            return Some("oauth");
        }
        #[cfg(feature = "redis")]
        if self.redis != before.redis {
            return Some("redis");
        }
        (self.audit != before.audit).then_some("audit")
    }

    pub(super) fn check(&self) -> Result<(), String> {
        let Quotas { client, tool, all } = &self.limits;
        let named = [
            ("limits.client", client),
            ("limits.tool", tool),
            ("limits.all", all),
        ];
        let named = named.map(|(name, quota)| (name.to_owned(), quota.as_ref()));
        let tiers = self.tiers.iter();
        let tiers = tiers.map(|(name, quota)| (format!("tiers.{name}"), Some(quota)));
        for (name, quota) in named.into_iter().chain(tiers) {
            if let Some(problem) = quota.and_then(Quota::problem) {
                return Err(format!("in [{name}], {problem}"));
            }
        }
        if self.networks.as_ref().is_some_and(Vec::is_empty) {
            return Err(
                "`networks` is empty, and so nobody may ask; leave it out to let all".into(),
            );
        }
        #[cfg(feature = "oauth")]
        self.check_oauth_tiers()?;
        Ok(())
    }

    /// Whether each rule for access tokens names a tier and an authorization server that are there.
    #[cfg(feature = "oauth")]
    fn check_oauth_tiers(&self) -> Result<(), String> {
        for (rule, number) in self.oauth_tiers.iter().zip(1..) {
            let wrong = |problem| Err(format!("the {number}. of [[oauth-tiers]] {problem}"));
            let Some(oauth) = &self.oauth else {
                return wrong("is for access tokens, and there is no [oauth]".to_owned());
            };
            if let Some(problem) = tiers::problem(&rule.tier, &self.tiers) {
                return wrong(format!("is for {problem}"));
            }
            let issuers = || oauth.issuers.iter().map(|one| &*one.issuer);
            if let Some(issuer) = rule.issuer.as_deref()
                && !issuers().any(|one| one == issuer)
            {
                let known: Vec<_> = issuers().collect();
                let known = known.join(", ");
                return wrong(format!(
                    "is for tokens of {issuer}, and only those of {known} are accepted"
                ));
            }
        }
        Ok(())
    }
}
