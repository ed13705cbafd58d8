//! From settings to a plan: whatever makes no sense is found here, all of it at once, and a plan makes sense.

mod check;
mod issuer;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::path::PathBuf;

pub(super) use self::issuer::{Introspection, Issuer};
use super::audience::Audiences;
use super::claims::Rules;
use super::endpoint::Endpoint;
use super::error::Error;
use super::scopes::Hierarchy;
use super::settings::{Settings, Startup, Times};

/// Settings that make sense.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    /// The resource, to the letter.
    pub(super) resource: String,
    pub(super) address: Endpoint,
    pub(super) issuers: Vec<Issuer>,
    pub(super) required_scopes: Vec<String>,
    pub(super) scopes_supported: Vec<String>,
    pub(super) startup: Startup,
    pub(super) times: Times,
    pub(super) ca_file: Option<PathBuf>,
}

impl Settings {
    /// Whether the settings make sense, secrets included; says everything that does not.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        self.plan().map(drop)
    }

    pub(super) fn plan(&self) -> Result<Plan, Error> {
        let mut problems = Vec::new();
        let address = check::endpoint("resource", &self.resource, &mut problems);
        self.check_names(&mut problems);
        check::times(&self.times, &mut problems);
        let hierarchy = Hierarchy::new(self.implies.clone());
        let mut issuers = Vec::new();
        for settings in &self.issuers {
            let place = format!("issuers[{}]", settings.issuer);
            let secret = settings.introspection.as_ref().and_then(|introspection| {
                let read = issuer::client_secret(introspection, &place);
                read.map_err(|problem| problems.push(problem)).ok()
            });
            let audiences = settings.audiences.clone();
            let audiences = audiences.or_else(|| self.accepted_audiences.clone());
            let audiences = audiences.unwrap_or_else(|| vec![self.resource.clone()]);
            let rules = Rules {
                issuer: settings.issuer.as_str().into(),
                audiences: Audiences::new(audiences, self.ignore_trailing_slash),
                scope_claim: settings.scope_claim.clone(),
                hierarchy: hierarchy.clone(),
                leeway: self.times.leeway.as_secs(),
                max_age: self.times.max_age.as_secs(),
            };
            issuers.extend(settings.plan(&place, rules, secret, &mut problems));
        }
        match address {
            Some(address) if problems.is_empty() => Ok(Plan {
                resource: self.resource.clone(),
                address,
                issuers,
                required_scopes: self.required_scopes.clone(),
                scopes_supported: self.supported(&hierarchy),
                startup: self.startup,
                times: self.times.clone(),
                ca_file: self.ca_file.clone(),
            }),
            _ => Err(Error::Settings(problems)),
        }
    }

    fn supported(&self, hierarchy: &Hierarchy) -> Vec<String> {
        let known = || {
            let known = self.required_scopes.iter().chain(hierarchy.names());
            known
                .cloned()
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect()
        };
        self.scopes_supported.clone().unwrap_or_else(known)
    }
}
