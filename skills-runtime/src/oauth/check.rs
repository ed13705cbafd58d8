//! From settings to a plan: whatever makes no sense is found here, all of it at once, and a plan makes sense.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use super::algorithm::Algorithm;
use super::audience::Audiences;
use super::claims::Rules;
use super::endpoint::Endpoint;
use super::error::Error;
use super::scopes::{Hierarchy, is_scope};
use super::secret::{self, Source};
use super::settings::{
    ClientAuth, IntrospectionSettings, IssuerSettings, Method, Settings, Startup, Times,
};
use crate::secret::Secret;

/// How far clocks may differ at most: beyond, an expired token is one that works.
const MOST_LEEWAY: Duration = Duration::from_secs(60);

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

/// One authorization server.
#[derive(Clone, Debug)]
pub(super) struct Issuer {
    /// Its identifier, to the letter.
    pub(super) name: Arc<str>,
    pub(super) address: Endpoint,
    pub(super) method: Method,
    pub(super) jwks_uri: Option<Endpoint>,
    pub(super) algorithms: Vec<Algorithm>,
    pub(super) types: Vec<String>,
    pub(super) rules: Rules,
    pub(super) introspection: Option<Introspection>,
}

/// How it is asked about tokens.
#[derive(Clone, Debug)]
pub(super) struct Introspection {
    pub(super) endpoint: Option<Endpoint>,
    pub(super) client_id: String,
    pub(super) secret: Secret,
    pub(super) client_auth: ClientAuth,
    pub(super) trust_as_audience: bool,
}

impl Settings {
    /// Whether the settings make sense, secrets included; says everything that does not.
    pub(crate) fn validate(&self) -> Result<(), Error> {
        self.plan().map(drop)
    }

    pub(super) fn plan(&self) -> Result<Plan, Error> {
        let mut problems = Vec::new();
        let address = endpoint("resource", &self.resource, &mut problems);
        self.check_names(&mut problems);
        check_times(&self.times, &mut problems);
        let hierarchy = Hierarchy::new(self.implies.clone());
        let mut issuers = Vec::new();
        for settings in &self.issuers {
            let place = format!("issuers[{}]", settings.issuer);
            let secret = settings.introspection.as_ref().and_then(|introspection| {
                let read = client_secret(introspection, &place);
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

    /// What has no type of its own to be right or wrong.
    fn check_names(&self, problems: &mut Vec<String>) {
        if self.accepted_audiences.as_ref().is_some_and(Vec::is_empty) {
            problems.push("`accepted-audiences` is empty, so that no token would be for this server; leave it out for the resource".into());
        }
        if self.issuers.is_empty() {
            problems.push("`issuers` is empty, so that no token would be trusted".into());
        }
        let mut seen = BTreeSet::new();
        for settings in &self.issuers {
            if !seen.insert(&settings.issuer) {
                problems.push(format!("`issuers` has {} twice", settings.issuer));
            }
        }
        let hierarchy = Hierarchy::new(self.implies.clone());
        let supported = self.scopes_supported.iter().flatten();
        let scopes = self
            .required_scopes
            .iter()
            .chain(supported)
            .chain(hierarchy.names());
        for scope in scopes.collect::<BTreeSet<_>>() {
            if !is_scope(scope) {
                problems.push(format!(
                    "the scope `{scope}` cannot be one: spaces, quotes and what is not ASCII are no part of a scope"
                ));
            }
        }
        let mut offered = self
            .required_scopes
            .iter()
            .chain(self.scopes_supported.iter().flatten());
        if offered.any(|scope| scope == "offline_access") {
            problems.push(
                "`offline_access` is between a client and its authorization server, and no scope of this server".into(),
            );
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

impl IssuerSettings {
    fn plan(
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

fn client_secret(settings: &IntrospectionSettings, place: &str) -> Result<Secret, String> {
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

fn check_times(times: &Times, problems: &mut Vec<String>) {
    if times.leeway > MOST_LEEWAY {
        problems
            .push("`times.leeway` is longer than 60s: clocks that differ by more are wrong".into());
    }
    for (name, duration) in [
        ("refresh", times.refresh),
        ("connect", times.connect),
        ("total", times.total),
        ("cool-down", times.cool_down),
        ("max-stale", times.max_stale),
    ] {
        if duration.is_zero() {
            problems.push(format!("`times.{name}` must be longer than nothing"));
        }
    }
    if times.connect > times.total {
        problems.push("`times.connect` is longer than `times.total`, of which it is a part".into());
    }
    if times.max_stale < times.refresh {
        problems.push("`times.max-stale` is shorter than `times.refresh`: keys would be too old before they are looked at again".into());
    }
}

fn endpoint(name: &str, text: &str, problems: &mut Vec<String>) -> Option<Endpoint> {
    let endpoint = Endpoint::without_query(text);
    let wrong = |problem| problems.push(format!("`{name}`: {text} {problem}"));
    endpoint.map_err(wrong).ok()
}

fn optional(name: &str, text: Option<&String>, problems: &mut Vec<String>) -> Option<Endpoint> {
    let text = text?;
    let wrong = |problem| problems.push(format!("`{name}`: {text} {problem}"));
    Endpoint::parse(text).map_err(wrong).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Settings that make sense, with these in their place.
    fn settings(changes: &Value) -> Result<Settings, serde_json::Error> {
        let mut settings = json!({
            "resource": "https://skills.example.com/mcp",
            "issuers": [{ "issuer": "https://id.example.com" }],
        });
        for (name, value) in changes.as_object().expect("an object") {
            settings[name] = value.clone();
        }
        serde_json::from_value(settings)
    }

    #[track_caller]
    fn problems(changes: &Value) -> String {
        match settings(changes) {
            Ok(settings) => settings
                .validate()
                .expect_err("it makes no sense")
                .to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[track_caller]
    fn plan(changes: &Value) -> Plan {
        let settings = settings(changes).expect("it can be read");
        settings.plan().expect("it makes sense")
    }

    #[test]
    fn little_needs_to_be_said() {
        let plan = plan(&json!({}));
        let [issuer] = plan.issuers.as_slice() else {
            panic!("{plan:?}");
        };
        assert_eq!(issuer.method, Method::Keys);
        assert_eq!(issuer.types, ["at+jwt"]);
        assert_eq!(issuer.rules.leeway, 30);
        assert_eq!(
            issuer.rules.audiences.accepted(),
            ["https://skills.example.com/mcp"]
        );
        assert_eq!(plan.startup, Startup::Degraded);
    }

    #[test]
    fn what_clients_can_ask_for_is_what_is_known() {
        let changes = json!({
            "required-scopes": ["skills:read"],
            "implies": { "skills:admin": ["skills:read"] },
        });
        assert_eq!(
            plan(&changes).scopes_supported,
            ["skills:admin", "skills:read"]
        );
        let changes = json!({ "required-scopes": ["a"], "scopes-supported": ["b"] });
        assert_eq!(plan(&changes).scopes_supported, ["b"]);
    }

    #[test]
    fn wrong_values_are_named() {
        let issuer = |changes: Value| {
            let mut issuer = json!({ "issuer": "https://id.example.com" });
            for (name, value) in changes.as_object().expect("an object") {
                issuer[name] = value.clone();
            }
            json!({ "issuers": [issuer] })
        };
        let introspection = |changes: Value| {
            let mut introspection = json!({ "client-id": "us", "client-secret-env": "PATH" });
            for (name, value) in changes.as_object().expect("an object") {
                introspection[name] = value.clone();
            }
            issuer(json!({ "introspection": introspection }))
        };
        for (changes, expected) in [
            (
                json!({ "resource": "http://skills.example.com/mcp" }),
                "`resource`: http://skills.example.com/mcp is not https",
            ),
            (json!({ "resource": "https://a/mcp?x=1" }), "has a query"),
            (json!({ "resource": "https://a/mcp#x" }), "has a fragment"),
            (
                json!({ "resources": "https://a/mcp" }),
                "unknown field `resources`",
            ),
            (
                json!({ "accepted-audiences": [] }),
                "`accepted-audiences` is empty",
            ),
            (json!({ "issuers": [] }), "`issuers` is empty"),
            (
                json!({ "issuers": [{ "issuer": "https://a" }, { "issuer": "https://a" }] }),
                "https://a twice",
            ),
            (json!({ "required-scopes": ["a b"] }), "`a b` cannot be one"),
            (
                json!({ "scopes-supported": ["offline_access"] }),
                "`offline_access`",
            ),
            (json!({ "startup": "maybe" }), "unknown variant `maybe`"),
            (
                json!({ "times": { "leeway": "61s" } }),
                "`times.leeway` is longer than 60s",
            ),
            (
                json!({ "times": { "leeway": "30" } }),
                "`30` is no duration",
            ),
            (json!({ "times": { "leeway": 30 } }), "a duration such as"),
            (
                json!({ "times": { "total": "0s" } }),
                "`times.total` must be longer",
            ),
            (
                json!({ "times": { "connect": "40s" } }),
                "`times.connect` is longer than `times.total`",
            ),
            (
                json!({ "times": { "max-stale": "1m" } }),
                "`times.max-stale` is shorter",
            ),
            (
                issuer(json!({ "issuer": "http://id.example.com" })),
                "not https",
            ),
            (
                issuer(json!({ "jwks-uri": "ftp://id.example.com" })),
                "jwks-uri`: ftp://id.example.com is not https",
            ),
            (
                issuer(json!({ "algorithms": ["HS256"] })),
                "unknown variant `HS256`, expected one of `ES256`",
            ),
            (issuer(json!({ "algorithms": [] })), "algorithms` is empty"),
            (issuer(json!({ "types": [] })), "types` is empty"),
            (issuer(json!({ "audiences": [] })), "audiences` is empty"),
            (issuer(json!({ "verify": "both" })), "does not say how"),
            (
                introspection(json!({ "client-secret": "x" })),
                "unknown field `client-secret`",
            ),
            (
                introspection(json!({ "client-secret-file": "/x" })),
                "needs either",
            ),
            (
                introspection(json!({ "client-secret-env": "NO_SUCH_VARIABLE" })),
                "NO_SUCH_VARIABLE",
            ),
            (
                introspection(json!({ "endpoint": "http://id.example.com" })),
                "endpoint`: http://id.example.com is not https",
            ),
        ] {
            let problems = problems(&changes);
            assert!(
                problems.contains(expected),
                "{problems:?} lacks {expected:?}"
            );
        }
    }

    #[test]
    fn everything_that_is_wrong_is_said_at_once() {
        let problems =
            problems(&json!({ "resource": "x", "issuers": [], "times": { "leeway": "2m" } }));
        for expected in ["`resource`", "`issuers`", "`times.leeway`"] {
            assert!(problems.contains(expected), "{problems}");
        }
    }

    #[test]
    fn no_secret_is_shown() {
        let changes = json!({ "issuers": [{
            "issuer": "https://id.example.com",
            "introspection": { "client-id": "us", "client-secret-env": "PATH" },
        }] });
        let plan = plan(&changes);
        let [
            Issuer {
                introspection: Some(introspection),
                method,
                ..
            },
        ] = plan.issuers.as_slice()
        else {
            panic!("{plan:?}");
        };
        assert_eq!(*method, Method::Both);
        let secret = introspection.secret.expose();
        assert!(!secret.is_empty() && !format!("{plan:?}").contains(secret));
    }
}
