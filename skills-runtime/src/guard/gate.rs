//! The gate: what every request goes through on its way to what it asks for. Each step takes what the one before gave, and the
//! last gives the permit.

use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

use arc_swap::ArcSwap;
use ipnet::IpNet;
use skills_model::Bundle;

use super::counters::Counters;
#[cfg(feature = "stdio")]
use super::counting::counted_here;
use super::keys::State;
use super::keys::token::PREFIX;
#[cfg(feature = "oauth")]
use super::principal::names;
use super::principal::{Means, Principal, granted};
use super::record::{Asked, Record};
use super::rules::{Rules, Sources};
#[cfg(feature = "redis")]
use super::shared::Shared;
use super::{Call, Denial, Permit};
use crate::audit::Place;
#[cfg(feature = "oauth")]
use crate::catalog::Catalog;
use crate::clock;
use crate::error::Error;
use crate::logging::GUARD;
#[cfg(feature = "oauth")]
use crate::oauth::{Grant, Refusal, ResourceServer};

/// What stands for all addresses that are not known: those of clients at a UNIX socket, and those that proxies hide.
const UNKNOWN: IpAddr = IpAddr::V6(Ipv6Addr::UNSPECIFIED);

/// What a caller says of who it is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Credential<'a> {
    /// Nothing.
    None,
    /// A bearer token (RFC 6750), or an API key in its place.
    Bearer(&'a str),
    /// Something that cannot be read.
    Malformed(&'static str),
}

/// Decides who may do what.
#[derive(Debug)]
pub(crate) struct Guard {
    pub(super) bundle: &'static Bundle,
    pub(super) sources: Sources,
    pub(super) rules: ArcSwap<Rules>,
    pub(super) counters: Counters,
    pub(super) record: Record,
    #[cfg(feature = "oauth")]
    pub(super) tokens: Option<ResourceServer>,
    #[cfg(feature = "redis")]
    pub(super) shared: Option<Shared>,
}

impl Guard {
    /// Reads what the operator says.
    pub(crate) fn new(bundle: &'static Bundle, sources: Sources) -> Result<Self, Error> {
        let rules = Rules::read(&sources, None)?;
        let record = Record::open(rules.policy.audit.as_ref())?;
        Ok(Self {
            record,
            bundle,
            rules: ArcSwap::from_pointee(rules),
            sources,
            counters: Counters::default(),
            #[cfg(feature = "oauth")]
            tokens: None,
            #[cfg(feature = "redis")]
            shared: None,
        })
    }

    /// The same, when it has begun to keep a record; to be called from inside of the sandbox, of which the record says how
    /// it is.
    pub(crate) fn recording(self, sandbox: Option<&str>) -> Result<Self, Error> {
        let record = self.record.begun(self.bundle, sandbox)?;
        Ok(Self { record, ..self })
    }

    /// Room to write down what comes of a request; nothing where no record is kept.
    pub(crate) fn reserve(&self) -> Result<Option<Place>, Denial> {
        self.record.reserve()
    }

    /// What a call asks for, where that is written down.
    pub(crate) fn asked(&self, call: &Call<'_>) -> Option<Asked> {
        let kept = self.record.kept();
        kept.map(|_| Asked::of(self.bundle, call))
    }

    /// The same, when the authorization servers are known that the policy names, and Redis; to be called on the event loop.
    #[cfg_attr(
        not(any(feature = "oauth", feature = "redis")),
        expect(
            unused_mut,
            unused_variables,
            clippy::unused_async,
            reason = "it depends on nobody"
        )
    )]
    pub(crate) async fn connected(mut self) -> Result<Self, Error> {
        let rules = self.rules.load_full();
        #[cfg(feature = "redis")]
        if let Some(settings) = &rules.policy.redis {
            self.shared = Some(Shared::new(settings)?);
        }
        #[cfg(feature = "oauth")]
        if let Some(settings) = &rules.policy.oauth {
            let name = self.bundle.server.name;
            self.tokens = Some(ResourceServer::start(settings, name).await?);
        }
        Ok(self)
    }

    /// Whether the operator has said anything.
    #[cfg(feature = "stdio")]
    pub(crate) const fn has_policy(&self) -> bool {
        !self.sources.is_empty()
    }

    /// What a caller may see.
    pub(crate) fn permit(&self, principal: &Principal) -> Permit {
        Permit::granting(principal.granted, self.identifies())
    }

    /// Whether callers have to say who they are.
    pub(crate) fn identifies(&self) -> bool {
        self.rules.load().policy.identifies()
    }

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
        let ip = ip.unwrap_or(UNKNOWN);
        let met = rules.defence.check(ip, clock::now());
        let met = match met {
            Ok(()) => self.counted_client(&rules, ip).await,
            refused => refused,
        };
        met.or_else(|denial| self.denied(denial))
    }

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
            let granted = tokens.verify(token).await;
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
            tier: None,
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
                let ip = ip.unwrap_or(UNKNOWN);
                if self.rules.load().defence.failed(ip, clock::now()) {
                    self.counters.violation("blocked_address");
                    tracing::warn!(target: GUARD, %ip, "Left out an address, because of too many refused credentials");
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

    /// Lets a caller in to what it asks for.
    pub(crate) async fn admit(
        &self,
        principal: &Principal,
        call: &Call<'_>,
    ) -> Result<Permit, Denial> {
        let rules = self.rules.load_full();
        let admitted = match self.authorize(principal, call) {
            Ok(permit) => {
                let counted = self.counted_caller(&rules, principal, call.tool()).await;
                counted.map(|()| permit)
            }
            Err(denial) => Err(denial),
        };
        admitted.or_else(|denial| self.denied(denial))
    }

    /// The same where there is one instance only.
    #[cfg(feature = "stdio")]
    pub(crate) fn admit_here(
        &self,
        principal: &Principal,
        call: &Call<'_>,
    ) -> Result<Permit, Denial> {
        let admitted = self.authorize(principal, call).and_then(|permit| {
            let rules = self.rules.load();
            let counted = counted_here(&rules, principal, call.tool());
            counted.map(|()| permit)
        });
        admitted.or_else(|denial| self.denied(denial))
    }

    /// What a caller may see. To one that can get hold of more scopes it is told which it would need (MCP, authorization,
    /// "Step-Up Authorization Flow"); to all others, what they may not see is not there.
    #[cfg_attr(
        not(feature = "oauth"),
        expect(
            unused_variables,
            clippy::unnecessary_wraps,
            reason = "only access tokens can be had with more scopes"
        )
    )]
    fn authorize(&self, principal: &Principal, call: &Call<'_>) -> Result<Permit, Denial> {
        let permit = self.permit(principal);
        #[cfg(feature = "oauth")]
        if let (Means::OAuth(grant), Some(tokens)) = (&principal.means, &self.tokens) {
            let required = call.required(Catalog::new(self.bundle, Permit::owner()));
            let always = tokens.required_scopes();
            if !permit.covers(required) || !grant.missing(always).is_empty() {
                let special = names(self.bundle, required).into_iter().map(str::to_owned);
                let scopes = always.iter().cloned().chain(special).collect();
                return Err(Denial::Insufficient { scopes });
            }
        }
        Ok(permit)
    }

    fn denied<T>(&self, denial: Denial) -> Result<T, Denial> {
        self.counters.refused(&denial);
        Err(denial)
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
    }
}
