//! Why a caller does not get what it asks for.

use std::borrow::Cow;
use std::time::Duration;

/// Why a caller does not get what it asks for, before anything was looked up for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Denial {
    /// It is at none of the networks that may ask.
    Network,
    /// It has failed too often, and is left out for a while.
    Blocked { wait: Duration },
    /// It says nothing of who it is.
    Unidentified,
    /// What stands for its token is nothing, or a variable that its host did not fill in; the name of the variable, if it shows.
    Unfilled { variable: Option<String> },
    /// What it says of who it is cannot be read.
    Malformed { problem: Cow<'static, str> },
    /// What it says of who it is does not hold: a word for metrics, and a sentence.
    Invalid {
        reason: &'static str,
        problem: Cow<'static, str>,
    },
    /// It would have to be granted all of these.
    #[cfg_attr(
        not(feature = "oauth"),
        allow(dead_code, reason = "only authorization servers are asked for more")
    )]
    Insufficient { scopes: Vec<String> },
    /// Nobody can be asked who it is.
    #[cfg_attr(
        not(feature = "oauth"),
        expect(dead_code, reason = "only authorization servers are asked")
    )]
    Unavailable { wait: Duration },
    /// It asks more often than it may.
    Limited {
        by: Limit,
        rate: Rate,
        wait: Duration,
    },
    /// What it does could not be written down.
    Unrecorded,
}

/// What a limit allows: so many requests in so long a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) requests: u32,
    pub(crate) window: Duration,
}

/// Which of the limits was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Limit {
    /// That of an address.
    Client,
    /// That of a caller, by its tier.
    Tier,
    /// That of a caller for one tool.
    Tool,
    /// That of all together.
    All,
    /// That of an address for tokens that their authorization server does not know.
    #[cfg(feature = "oauth")]
    UnknownTokens,
}

impl Limit {
    /// The value of the label `scope`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Client => "client",
            Self::Tier => "tier",
            Self::Tool => "tool",
            Self::All => "all",
            #[cfg(feature = "oauth")]
            Self::UnknownTokens => "unknown_tokens",
        }
    }
}

impl Denial {
    /// The value of the label `reason`.
    pub(crate) const fn reason(&self) -> &'static str {
        match self {
            Self::Network => "network",
            Self::Blocked { .. } => "blocked",
            Self::Unidentified => "unidentified",
            Self::Unfilled { .. } => "unfilled_credentials",
            Self::Malformed { .. } => "malformed_credentials",
            Self::Invalid { reason, .. } => reason,
            Self::Insufficient { .. } => "insufficient_scope",
            Self::Unavailable { .. } => "provider_unavailable",
            Self::Limited { .. } => "rate_limit",
            Self::Unrecorded => "audit",
        }
    }

    /// When to come back, if that can help.
    pub(crate) const fn wait(&self) -> Option<Duration> {
        match self {
            Self::Blocked { wait } | Self::Unavailable { wait } | Self::Limited { wait, .. } => {
                Some(*wait)
            }
            Self::Unrecorded => Some(Duration::from_secs(5)),
            _ => None,
        }
    }

    /// What the caller is told.
    pub(crate) fn message(&self) -> Cow<'static, str> {
        match self {
            Self::Network => "This server is not for callers at your address".into(),
            Self::Blocked { .. } => "Too many failures from your address; come back later".into(),
            Self::Unidentified => {
                "Say who you are: send an access token or an API key in the header Authorization, as `Bearer TOKEN`"
                    .into()
            }
            Self::Unfilled { variable: Some(variable) } => format!(
                "The host has not filled in the variable {variable}, which stands for the token: set it where the host is \
                 started"
            )
            .into(),
            Self::Unfilled { variable: None } => {
                "The token is empty: set the variable that stands for it where the host is started".into()
            }
            Self::Malformed { problem } => format!("The credentials cannot be read: {problem}").into(),
            Self::Invalid { problem, .. } => format!("The credentials are not valid: {problem}").into(),
            Self::Insufficient { scopes } => {
                format!("This needs the scopes {}", scopes.join(" ")).into()
            }
            Self::Unavailable { .. } => {
                "The authorization server cannot be reached; come back in a moment".into()
            }
            Self::Limited { by, wait, rate: _ } => {
                let of = match by {
                    Limit::Client => "from your address",
                    Limit::Tier => "of yours",
                    Limit::Tool => "of yours for this tool",
                    Limit::All => "of all callers together",
                    #[cfg(feature = "oauth")]
                    Limit::UnknownTokens => "with unknown tokens from your address",
                };
                format!("Too many requests {of}; come back in {} ms", wait.as_millis()).into()
            }
            Self::Unrecorded => "The audit log cannot be written, and nothing is done unrecorded".into(),
        }
    }
}
