//! The second step: who asks? What does not hold counts against its address.

use std::net::IpAddr;
use std::sync::Arc;

use super::keys::State;
use super::keys::token::PREFIX;
use super::principal::{Means, Principal, granted};
use super::rules::Rules;
use super::{Client, Denial, Guard};
#[cfg(feature = "oauth")]
use super::{
    denial::{Limit, Rate},
    tiers,
};
use crate::clock;
use crate::logging::GUARD;
#[cfg(feature = "oauth")]
use crate::oauth::{Grant, Refusal};

/// What a caller says of who it is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Credential<'a> {
    /// Nothing.
    None,
    /// A bearer token (RFC 6750), or an API key in its place.
    Bearer(&'a str),
    /// No token, but a place for one: empty, or a variable by this name.
    Unfilled(Option<&'a str>),
    /// Something that cannot be read.
    Malformed(&'static str),
}

impl Guard {
    /// Who a caller is.
    pub(crate) async fn identify(
        &self,
        credential: Credential<'_>,
        ip: Option<IpAddr>,
    ) -> Result<Arc<Principal>, Denial> {
        #[cfg(feature = "oauth")]
        if let (Credential::Bearer(token), Some(tokens)) = (credential, &self.tokens)
            && !token.starts_with(PREFIX)
            && !self.knows(token)
        {
            let granted = tokens.verify(token, Client::at(ip).ip()).await;
            let identified = granted.map(|grant| Arc::new(self.principal(grant)));
            let identified = identified.map_err(denial);
            return self.identified(identified, ip);
        }
        self.identify_here(credential, ip)
    }

    /// Whether a token is one of the operator's own.
    #[cfg(feature = "oauth")]
    fn knows(&self, token: &str) -> bool {
        let rules = self.rules.load();
        rules
            .bearers
            .as_ref()
            .is_some_and(|bearers| bearers.contain(token))
    }

    /// Whom an authorization server speaks of.
    #[cfg(feature = "oauth")]
    fn principal(&self, grant: Arc<Grant>) -> Principal {
        Principal {
            subject: format!("{} {}", grant.issuer, grant.subject).into(),
            tier: tiers::of(&self.rules.load().policy.oauth_tiers, &grant),
            granted: granted(self.bundle, |scope| grant.scopes.contains(scope)),
            means: Means::OAuth(grant),
        }
    }

    /// The same where nobody else has to be asked.
    pub(crate) fn identify_here(
        &self,
        credential: Credential<'_>,
        ip: Option<IpAddr>,
    ) -> Result<Arc<Principal>, Denial> {
        let rules = self.rules.load();
        if !rules.policy.identifies() {
            return Ok(Principal::anonymous());
        }
        let identified = self.judged(&rules, credential);
        self.identified(identified, ip)
    }

    /// Takes down what came of it.
    fn identified(
        &self,
        identified: Result<Arc<Principal>, Denial>,
        ip: Option<IpAddr>,
    ) -> Result<Arc<Principal>, Denial> {
        match &identified {
            Ok(principal) => self.counters.identified(&principal.means),
            Err(denial @ (Denial::Invalid { .. } | Denial::Malformed { .. })) => {
                self.counters.refused(denial);
                let client = Client::at(ip);
                if self.rules.load().defence.failed(&client, clock::now()) {
                    self.counters.violation("blocked_address");
                    tracing::warn!(target: GUARD, ip = %client, "Left out an address, because of too many refused credentials");
                }
            }
            Err(denial) => self.counters.refused(denial),
        }
        identified
    }

    fn judged(&self, rules: &Rules, credential: Credential<'_>) -> Result<Arc<Principal>, Denial> {
        match credential {
            Credential::None if rules.policy.anonymous => Ok(Principal::anonymous()),
            Credential::None => Err(Denial::Unidentified),
            Credential::Unfilled(variable) => Err(Denial::Unfilled {
                variable: variable.map(str::to_owned),
            }),
            Credential::Malformed(problem) => Err(Denial::Malformed {
                problem: problem.into(),
            }),
            Credential::Bearer(token) => self.bearer(rules, token),
        }
    }

    /// Who has a bearer token.
    fn bearer(&self, rules: &Rules, token: &str) -> Result<Arc<Principal>, Denial> {
        let invalid = |reason, problem: &'static str| Denial::Invalid {
            reason,
            problem: problem.into(),
        };
        if token.starts_with(PREFIX) {
            let key = rules.keys.as_ref().and_then(|keys| keys.find(token));
            let key = key.ok_or_else(|| invalid("unknown_key", "nobody has this API key"))?;
            return match key.state(clock::wall()) {
                State::NotYet => Err(invalid("early_key", "the API key is not valid yet")),
                State::Expired => Err(invalid("expired_key", "the API key has expired")),
                State::Revoked => Err(invalid("revoked_key", "the API key was revoked")),
                State::Valid => Ok(Arc::new(Principal {
                    means: Means::Key(Arc::clone(&key.id)),
                    subject: Arc::clone(&key.principal),
                    tier: key.tier.clone(),
                    granted: granted(self.bundle, |scope| {
                        key.scopes.iter().any(|one| one == scope)
                    }),
                })),
            };
        }
        if rules
            .bearers
            .as_ref()
            .is_some_and(|bearers| bearers.contain(token))
        {
            return Ok(Arc::new(Principal {
                means: Means::Token,
                subject: "bearer".into(),
                ..Principal::local()
            }));
        }
        Err(invalid("unknown_token", "nobody has this token"))
    }
}

/// Why a token was not taken.
#[cfg(feature = "oauth")]
fn denial(refusal: Refusal) -> Denial {
    match refusal {
        Refusal::Malformed { description } => Denial::Malformed {
            problem: description.into(),
        },
        Refusal::Invalid {
            reason,
            description,
        } => Denial::Invalid {
            reason: reason.name(),
            problem: description.into(),
        },
        Refusal::Unavailable { retry_after } => Denial::Unavailable { wait: retry_after },
        Refusal::Limited {
            tokens,
            window,
            retry_after,
        } => Denial::Limited {
            by: Limit::UnknownTokens,
            rate: Rate {
                requests: tokens,
                window,
            },
            wait: retry_after,
        },
    }
}
