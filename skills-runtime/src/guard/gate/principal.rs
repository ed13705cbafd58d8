//! Who asks.

use std::fmt;
use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

use skills_model::{Bundle, Scopes};

use super::Client;
#[cfg(feature = "oauth")]
use crate::oauth::Grant;

/// A caller that has been identified, or need not be.
#[derive(Clone, Debug)]
pub(crate) struct Principal {
    /// How it was identified.
    pub(crate) means: Means,
    /// What it is called: unique among the callers of its means and issuer.
    pub(crate) subject: Arc<str>,
    /// How much it may ask, where operators tell callers apart by that.
    pub(crate) tier: Option<Arc<str>>,
    /// What it was granted, as far as the bundle requires it.
    pub(crate) granted: Scopes,
}

/// How a caller was identified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Means {
    /// Not at all, and it need not be.
    Anonymous,
    /// It runs the process.
    Local,
    /// By an API key of this id.
    Key(Arc<str>),
    /// By a bearer token that the operator has given out.
    Token,
    /// By an access token of an authorization server.
    #[cfg(feature = "oauth")]
    OAuth(Arc<Grant>),
}

impl Principal {
    /// Somebody.
    pub(crate) fn anonymous() -> Arc<Self> {
        static ANONYMOUS: LazyLock<Arc<Principal>> = LazyLock::new(|| {
            Arc::new(Principal {
                means: Means::Anonymous,
                subject: "anonymous".into(),
                tier: None,
                granted: Scopes::NONE,
            })
        });
        Arc::clone(&ANONYMOUS)
    }

    /// The client that its requests are counted for. Those who do not say who they are are told apart by their addresses.
    pub(crate) fn client(&self, ip: Option<IpAddr>) -> Client {
        match self.means {
            Means::Anonymous => Client::at(ip),
            _ => Client::Subject(Arc::clone(&self.subject)),
        }
    }

    /// Whoever runs the process: it has the executable, and so all that is in it.
    pub(crate) fn local() -> Self {
        Self {
            means: Means::Local,
            subject: "local".into(),
            tier: None,
            granted: Scopes::ALL,
        }
    }
}

impl Means {
    /// The word for it in logs and metrics.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::Anonymous => "anonymous",
            Self::Local => "local",
            Self::Key(_) => "api_key",
            Self::Token => "token",
            #[cfg(feature = "oauth")]
            Self::OAuth(_) => "oauth",
        }
    }
}

impl fmt::Display for Means {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// Those of the bundle's scopes that a caller has.
pub(super) fn granted(bundle: &Bundle, has: impl Fn(&str) -> bool) -> Scopes {
    let scopes = bundle.scopes.iter().enumerate();
    let held = scopes.filter(|(_, scope)| has(scope.name()));
    held.fold(Scopes::NONE, |set, (index, _)| set.with(Scopes::of(index)))
}

/// The names of some of the bundle's scopes.
#[cfg(feature = "oauth")]
pub(super) fn names(bundle: &Bundle, scopes: Scopes) -> Vec<&'static str> {
    let all = bundle.scopes.iter().enumerate();
    let named = all.filter(|(index, _)| scopes.contains(Scopes::of(*index)));
    named.map(|(_, scope)| scope.name()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_those_who_do_not_say_who_they_are_are_told_apart_by_address() {
        let client = |principal: &Principal, ip: &str| principal.client(ip.parse().ok());
        let anonymous = Principal::anonymous();
        let [one, same, other] =
            ["2001:db8::1", "2001:db8::2", "2001:db8:0:1::1"].map(|ip| client(&anonymous, ip));
        assert_eq!(one, same);
        assert_ne!(one, other);
        assert_eq!(anonymous.client(None), Client::Unknown);
        let local = Principal::local();
        assert_eq!(client(&local, "192.0.2.1"), client(&local, "192.0.2.2"));
    }
}
