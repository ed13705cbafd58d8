//! What decides: what the operator says, the record, and whom they depend on. What it does with a request stands in `meet.rs`,
//! `identify.rs` and `admit.rs`.

use std::net::IpAddr;

use arc_swap::ArcSwap;
use skills_model::Bundle;

use super::counters::Counters;
use super::record::{Asked, Record};
use super::repeats::Repeats;
use super::rules::{Rules, Sources};
#[cfg(feature = "redis")]
use super::shared::Shared;
use super::{Call, Denial, Permit, Principal};
use crate::audit::Place;
use crate::clock;
use crate::error::Error;
use crate::logging;
#[cfg(feature = "oauth")]
use crate::oauth::ResourceServer;

/// Decides who may do what.
#[derive(Debug)]
pub(crate) struct Guard {
    pub(super) bundle: &'static Bundle,
    pub(super) sources: Sources,
    pub(super) rules: ArcSwap<Rules>,
    pub(super) counters: Counters,
    pub(super) record: Record,
    pub(super) repeats: Repeats,
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
        logging::follow(rules.policy.log_level);
        Ok(Self {
            record,
            bundle,
            rules: ArcSwap::from_pointee(rules),
            sources,
            counters: Counters::default(),
            repeats: Repeats::default(),
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

    /// The same for a refusal of somebody who was not even identified; nothing for one that is written down with others.
    pub(crate) fn reserve_refusal(
        &self,
        ip: Option<IpAddr>,
        denial: &Denial,
    ) -> Result<Option<Place>, Denial> {
        if self.records() && self.repeats.note(ip, denial, clock::now()) {
            return self.record.reserve();
        }
        Ok(None)
    }

    /// What a caller asks for, where that is written down.
    pub(crate) fn asked(&self, principal: &Principal, call: &Call<'_>) -> Option<Asked> {
        let kept = self.record.kept();
        kept.map(|_| Asked::of(self.bundle, self.permit(principal), call))
    }

    /// The same where a path of discovery is asked for.
    pub(crate) fn asked_path(&self, principal: &Principal, path: &str) -> Option<Asked> {
        let kept = self.record.kept();
        kept.map(|_| Asked::of_path(self.bundle, self.permit(principal), path))
    }

    /// Gets to know the authorization servers that the policy names, and Redis; to be called on the event loop.
    #[cfg_attr(
        not(any(feature = "oauth", feature = "redis")),
        expect(
            unused_variables,
            clippy::unused_async,
            clippy::unused_self,
            reason = "it depends on nobody"
        )
    )]
    pub(crate) async fn connect(&mut self) -> Result<(), Error> {
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
        Ok(())
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

    /// Counts a refusal.
    pub(super) fn denied<T>(&self, denial: Denial) -> Result<T, Denial> {
        self.counters.refused(&denial);
        Err(denial)
    }
}
