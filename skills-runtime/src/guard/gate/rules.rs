//! The policy with all that it names, as it holds until the next one is read.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use clap::Args;

use super::bearers::Bearers;
use super::defence::Defence;
use super::keys::{self, Key, Keys, State};
use super::limits::Limits;
use super::policy::Policy;
use super::tiers::{self, Tiers};
use crate::clock;
use crate::error::Error;

/// The files that say who may ask.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Who may ask")]
pub(crate) struct Sources {
    /// A file that says who may ask how often (TOML; see docs/secure.md), read again at SIGHUP
    #[arg(
        long,
        env = "SKILLS_POLICY",
        value_name = "FILE",
        hide_env_values = true
    )]
    pub(crate) policy: Option<PathBuf>,
    /// A file of API keys, as `keys new` writes it: callers need one of them
    #[arg(
        long,
        env = "SKILLS_API_KEYS",
        value_name = "FILE",
        hide_env_values = true
    )]
    pub(crate) api_keys: Option<PathBuf>,
    /// A file of bearer tokens, one a line: callers need one of them, and see everything with it
    #[arg(
        long,
        env = "SKILLS_BEARER_TOKENS",
        value_name = "FILE",
        hide_env_values = true
    )]
    pub(crate) bearer_tokens: Option<PathBuf>,
}

/// What holds now.
#[derive(Debug)]
pub(super) struct Rules {
    pub(super) policy: Policy,
    pub(super) keys: Option<Keys>,
    pub(super) bearers: Option<Bearers>,
    pub(super) limits: Arc<Limits>,
    pub(super) defence: Arc<Defence>,
}

impl Sources {
    /// Whether nothing is said.
    pub(super) const fn is_empty(&self) -> bool {
        self.policy.is_none() && self.api_keys.is_none() && self.bearer_tokens.is_none()
    }

    /// The policy that the files come to.
    pub(super) fn policy(&self) -> Result<Policy, Error> {
        let read = self.policy.as_deref().map(Policy::read).transpose()?;
        let mut policy = read.unwrap_or_default();
        let named = [
            ("--api-keys", &self.api_keys, &mut policy.api_keys),
            (
                "--bearer-tokens",
                &self.bearer_tokens,
                &mut policy.bearer_tokens,
            ),
        ];
        for (flag, here, there) in named {
            if here.is_some() && there.is_some() {
                return Err(Error::Settings {
                    problem: format!(
                        "{flag} and the policy name two files for the same; leave one of them out"
                    ),
                });
            }
            *there = here.clone().or(there.take());
        }
        Ok(policy)
    }
}

impl Rules {
    /// Reads everything. What counts against callers goes on counting where the numbers are still the same.
    pub(super) fn read(sources: &Sources, before: Option<&Self>) -> Result<Self, Error> {
        let policy = sources.policy()?;
        let keys = policy
            .api_keys
            .as_deref()
            .map(|path| read_keys(path, &policy.tiers));
        let keys = keys.transpose()?;
        let limits = before.filter(|before| before.policy.has_limits_of(&policy));
        let defence = before.filter(|before| before.policy.defence == policy.defence);
        Ok(Self {
            keys,
            bearers: policy
                .bearer_tokens
                .as_deref()
                .map(Bearers::read)
                .transpose()?,
            limits: limits.map_or_else(
                || Arc::new(Limits::new(&policy.limits, &policy.tiers, policy.share())),
                |before| Arc::clone(&before.limits),
            ),
            defence: defence.map_or_else(
                || Arc::new(Defence::new(policy.defence)),
                |before| Arc::clone(&before.defence),
            ),
            policy,
        })
    }

    /// Forgets callers that have not been seen for long.
    pub(super) fn forget(&self) {
        self.limits.forget();
        self.defence.forget(clock::now());
    }

    /// How long until the first valid API key ends; nothing if none does.
    pub(super) fn first_key_ends_in(&self) -> Option<Duration> {
        self.keys.as_ref()?.ends_in(clock::wall())
    }
}

/// The API keys in a file. The tier of each that is or may become valid has to be there.
fn read_keys(path: &Path, tiers: &Tiers) -> Result<Keys, Error> {
    let keys = keys::read(path)?;
    let now = clock::wall();
    let counts = |key: &&Key| !matches!(key.state(now), State::Expired | State::Revoked);
    for key in keys.iter().filter(counts) {
        let tier = key.tier.as_deref();
        if let Some(problem) = tier.and_then(|tier| tiers::problem(tier, tiers)) {
            let (id, path) = (&key.id, path.to_owned());
            let problem = format!("the key {id} is of {problem}");
            return Err(Error::Policy { path, problem });
        }
    }
    Ok(keys)
}
