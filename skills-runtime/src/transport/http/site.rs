//! Everything that requests share: what is served, under which names, within which limits. It lives as long as the process.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use skills_model::Bundle;
use tokio_util::sync::CancellationToken;

use super::address::Address;
use super::metrics::Metrics;
use super::names::{HostPattern, OriginPattern};
use super::observers::Observers;
use super::pools::Pools;
use super::settings::{Addresses, Settings};
use crate::cli::Effective;
use crate::clock;
use crate::discovery::Indexes;
use crate::error::Error;
use crate::guard::Guard;
use crate::prepared::Prepared;
use crate::protocol::{Permits, SkillServer};

/// What all requests share.
pub(super) struct Site {
    pub(super) bundle: &'static Bundle,
    pub(super) guard: Guard,
    /// How the process is closed off, in a line.
    pub(super) sandbox: Option<String>,
    pub(super) settings: Settings,
    /// The settings as they are shown.
    pub(super) effective: Effective,
    pub(super) prepared: &'static Prepared,
    /// The indexes of callers who do not see all.
    pub(super) indexes: Indexes,
    /// The handlers of rmcp: each request on its own, so that any instance can answer it.
    pub(super) server: Arc<SkillServer<&'static Observers>>,
    /// Who is told of what was answered.
    pub(super) observers: &'static Observers,
    pub(super) metrics: &'static Metrics,
    pub(super) hosts: Vec<HostPattern>,
    pub(super) origins: Vec<OriginPattern>,
    pub(super) pools: Pools,
    /// Cancelled when the server is no longer ready for new work.
    pub(super) draining: CancellationToken,
    /// Cancelled when connections are to end.
    pub(super) stopping: CancellationToken,
    #[cfg(feature = "tls")]
    pub(super) tls: Option<super::tls::Tls>,
    pub(super) started: Instant,
    /// What the ids of requests begin with; another for each process.
    instance: String,
    last_request: AtomicU64,
}

impl Site {
    pub(super) fn new(
        bundle: &'static Bundle,
        guard: Guard,
        settings: Settings,
        effective: Effective,
        sandbox: Option<String>,
    ) -> Result<&'static Self, Error> {
        let observers: &'static Observers = Box::leak(Box::new(Observers::new(bundle, &guard)?));
        let stopping = CancellationToken::new();
        let server = Arc::new(SkillServer::new(bundle, Permits::OfRequests, observers)?);
        let site = Self {
            bundle,
            guard,
            sandbox,
            hosts: hosts(&settings),
            origins: origins(&settings),
            prepared: Prepared::new(bundle)?,
            indexes: Indexes::default(),
            server,
            metrics: &observers.metrics,
            observers,
            pools: Pools::new(&settings.limits),
            draining: CancellationToken::new(),
            stopping,
            #[cfg(feature = "tls")]
            tls: super::tls::Tls::new(&settings.tls)?,
            started: clock::now(),
            instance: format!("{:012x}-", RandomState::new().hash_one(0) >> 16),
            last_request: AtomicU64::new(0),
            settings,
            effective,
        };
        Ok(Box::leak(Box::new(site)))
    }

    /// Whether callers see different things.
    pub(super) fn tells_apart(&self) -> bool {
        self.guard.identifies() || !self.bundle.scopes.is_empty()
    }

    /// How clients reach it.
    #[cfg_attr(
        not(feature = "tls"),
        expect(clippy::unused_self, reason = "it depends on the certificate")
    )]
    pub(super) const fn scheme(&self) -> &'static str {
        #[cfg(feature = "tls")]
        if self.tls.is_some() {
            return "https";
        }
        "http"
    }

    /// The two parts of an id that no other request has, of this process or any other.
    pub(super) fn next_request_id(&self) -> (&str, u64) {
        let number = self.last_request.fetch_add(1, Ordering::Relaxed);
        (&self.instance, number)
    }
}

fn hosts(settings: &Settings) -> Vec<HostPattern> {
    if settings.trust.allowed_host.is_empty() {
        let Addresses {
            listen,
            admin_listen,
        } = &settings.addresses;
        let listening = listen.iter().chain(admin_listen);
        return HostPattern::defaults(listening.filter_map(|address| match address {
            Address::Tcp(address) => Some(address.ip()),
            Address::Unix(_) => None,
        }));
    }
    settings.trust.allowed_host.clone()
}

fn origins(settings: &Settings) -> Vec<OriginPattern> {
    if settings.trust.allowed_origin.is_empty() && settings.is_local() {
        return OriginPattern::loopback();
    }
    settings.trust.allowed_origin.clone()
}
