//! What operators say of who may ask, as a file of TOML: read at start, and again at SIGHUP.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ipnet::IpNet;
use serde::Deserialize;

use super::defence::Rule;
use super::files;
use super::limits::{Quota, Quotas};
use crate::error::Error;

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
    pub(crate) tiers: BTreeMap<Arc<str>, Quota>,
    /// The Redis in which several instances count together.
    #[cfg(feature = "redis")]
    pub(crate) redis: Option<super::shared::Settings>,
    /// When addresses are left out.
    pub(crate) defence: Option<Rule>,
}

impl Policy {
    /// Reads the file. Paths in it are relative to it.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        let mut policy: Self = files::toml(path)?;
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

    fn check(&self) -> Result<(), String> {
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
        Ok(())
    }
}
