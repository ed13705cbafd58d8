//! One authorization server: how its tokens are verified.

use std::sync::Arc;

use super::check::{endpoint, optional};
use crate::oauth::algorithm::Algorithm;
use crate::oauth::claims::Rules;
use crate::oauth::endpoint::Endpoint;
use crate::oauth::secret::{self, Source};
use crate::oauth::settings::{ClientAuth, IntrospectionSettings, IssuerSettings, Method};
use crate::secret::Secret;

/// One authorization server.
#[derive(Clone, Debug)]
pub(in crate::oauth) struct Issuer {
    /// Its identifier, to the letter.
    pub(in crate::oauth) name: Arc<str>,
    pub(in crate::oauth) address: Endpoint,
    pub(in crate::oauth) method: Method,
    pub(in crate::oauth) jwks_uri: Option<Endpoint>,
    pub(in crate::oauth) algorithms: Vec<Algorithm>,
    pub(in crate::oauth) types: Vec<String>,
    pub(in crate::oauth) rules: Rules,
    pub(in crate::oauth) introspection: Option<Introspection>,
}

/// How it is asked about tokens.
#[derive(Clone, Debug)]
pub(in crate::oauth) struct Introspection {
    pub(in crate::oauth) endpoint: Option<Endpoint>,
    pub(in crate::oauth) client_id: String,
    pub(in crate::oauth) secret: Secret,
    pub(in crate::oauth) client_auth: ClientAuth,
    pub(in crate::oauth) trust_as_audience: bool,
}

impl IssuerSettings {
    pub(super) fn plan(
        &self,
        place: &str,
        rules: Rules,
        secret: Option<Secret>,
        problems: &mut Vec<String>,
    ) -> Option<Issuer> {
        let address = endpoint(place, &self.issuer, problems);
        let jwks_uri = optional(
            &format!("{place}.jwks-uri"),
            self.jwks_uri.as_ref(),
            problems,
        );
        let method = match (self.verify, &self.introspection) {
            (Some(method), _) => method,
            (None, Some(_)) => Method::Both,
            (None, None) => Method::Keys,
        };
        if method != Method::Keys && self.introspection.is_none() {
            problems.push(format!("`{place}.verify` wants the authorization server asked, and `introspection` does not say how"));
        }
        if method == Method::Keys && self.introspection.is_some() {
            problems.push(format!(
                "`{place}.introspection` is set, and `verify` says not to use it"
            ));
        }
        if method == Method::Introspection && self.jwks_uri.is_some() {
            problems.push(format!(
                "`{place}.jwks-uri` is set, and `verify` says not to use it"
            ));
        }
        for (name, list) in [("audiences", &self.audiences), ("types", &self.types)] {
            if list.as_ref().is_some_and(Vec::is_empty) {
                problems.push(format!(
                    "`{place}.{name}` is empty, so that no token would be accepted"
                ));
            }
        }
        if self.algorithms.as_ref().is_some_and(Vec::is_empty) {
            problems.push(format!(
                "`{place}.algorithms` is empty, so that no token would be accepted"
            ));
        }
        let introspection = self.introspection.as_ref().and_then(|settings| {
            let name = format!("{place}.introspection.endpoint");
            let endpoint = optional(&name, settings.endpoint.as_ref(), problems);
            Some(Introspection {
                endpoint,
                client_id: settings.client_id.clone(),
                secret: secret?,
                client_auth: settings.client_auth,
                trust_as_audience: settings.trust_as_audience,
            })
        });
        Some(Issuer {
            name: self.issuer.as_str().into(),
            address: address?,
            method,
            jwks_uri,
            algorithms: self
                .algorithms
                .clone()
                .unwrap_or_else(|| Algorithm::DEFAULT.to_vec()),
            types: self.types.clone().unwrap_or_else(|| vec!["at+jwt".into()]),
            rules,
            introspection,
        })
    }
}

/// What this server says who it is with.
pub(super) fn client_secret(
    settings: &IntrospectionSettings,
    place: &str,
) -> Result<Secret, String> {
    let source = match (&settings.client_secret_file, &settings.client_secret_env) {
        (Some(path), None) => Source::File(path),
        (None, Some(name)) => Source::Variable(name),
        _ => {
            return Err(format!(
                "`{place}.introspection` needs either `client-secret-file` or `client-secret-env`"
            ));
        }
    };
    secret::read(source).map_err(|error| error.to_string())
}
