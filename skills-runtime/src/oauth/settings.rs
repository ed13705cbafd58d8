//! What an operator can set about access tokens, as it stands in a file. What makes no sense is found in `plan/`.

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer};

use super::algorithm::Algorithm;

/// Whose access tokens are accepted, and for what.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Settings {
    /// The URL of the MCP endpoint as clients write it, such as `https://skills.example.com/mcp`. Required, because nothing
    /// that a client sends may decide what a token must be for.
    pub(crate) resource: String,
    /// What a token may name as its audience. Default: the resource.
    pub(crate) accepted_audiences: Option<Vec<String>>,
    /// Whether an audience with a slash at its end and one without are the same. Default: true.
    #[serde(default = "yes")]
    pub(crate) ignore_trailing_slash: bool,
    /// The authorization servers whose tokens are accepted: at least one.
    pub(crate) issuers: Vec<IssuerSettings>,
    /// What every request needs. Default: nothing.
    #[serde(default)]
    pub(crate) required_scopes: Vec<String>,
    /// What clients are told that they can ask for. Default: what is required, and what `implies` names.
    pub(crate) scopes_supported: Option<Vec<String>>,
    /// Scopes that include others: `{ "skills:admin" = ["skills:read"] }`. Default: none do.
    #[serde(default)]
    pub(crate) implies: BTreeMap<String, Vec<String>>,
    /// What happens if no authorization server answers when the server starts. Default: `degraded`.
    #[serde(default)]
    pub(crate) startup: Startup,
    /// How long is waited for what.
    #[serde(default)]
    pub(crate) times: Times,
    /// A PEM file of certificate authorities that are trusted besides the public ones. Default: none.
    pub(crate) ca_file: Option<PathBuf>,
}

/// One authorization server.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct IssuerSettings {
    /// Its issuer identifier, to the letter as it stands in its metadata and in the `iss` of its tokens.
    pub(crate) issuer: String,
    /// How its tokens are verified. Default: `keys`, and with `introspection` set, `both`.
    pub(crate) verify: Option<Method>,
    /// Where its keys are. Default: what its metadata says (RFC 8414, OpenID Connect Discovery).
    pub(crate) jwks_uri: Option<String>,
    /// What its tokens may name as their audience. Default: what all may.
    pub(crate) audiences: Option<Vec<String>>,
    /// Signatures that are accepted. Default: `ES256`, `RS256`, `PS256` and `EdDSA`.
    pub(crate) algorithms: Option<Vec<Algorithm>>,
    /// The `typ` of its tokens; an empty text is for tokens without one. Default: `at+jwt`. Several well-known servers send
    /// `JWT`, which ID tokens have, too: then everything depends on the audience.
    pub(crate) types: Option<Vec<String>>,
    /// The claim with the scopes, or a path to it such as `realm_access.roles`. Default: `scope`, else `scp`.
    pub(crate) scope_claim: Option<String>,
    /// How it is asked about tokens (RFC 7662). Default: it is not.
    pub(crate) introspection: Option<IntrospectionSettings>,
}

/// How an authorization server is asked about tokens.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct IntrospectionSettings {
    /// Where it is asked. Default: what its metadata says.
    pub(crate) endpoint: Option<String>,
    /// Who this server is there.
    pub(crate) client_id: String,
    /// The file that has the secret for it, and nothing else; read once, at the start.
    pub(crate) client_secret_file: Option<PathBuf>,
    /// The environment variable that has the secret for it, instead of a file.
    pub(crate) client_secret_env: Option<String>,
    /// How the secret is sent. Default: `basic`.
    #[serde(default)]
    pub(crate) client_auth: ClientAuth,
    /// Whether to accept tokens that it says no audience of. Only right where it calls nothing active but tokens for this
    /// server. Default: false.
    #[serde(default)]
    pub(crate) trust_as_audience: bool,
}

/// How the tokens of an authorization server are verified.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Method {
    /// They are JWTs, and their signatures are verified here.
    Keys,
    /// The authorization server is asked about each.
    Introspection,
    /// JWTs are verified here, and it is asked about the others.
    Both,
}

/// How this server says who it is when it asks about tokens (RFC 6749, section 2.3.1).
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ClientAuth {
    /// In the `Authorization` header.
    #[default]
    Basic,
    /// In the form.
    Post,
}

/// What happens if an authorization server does not answer when the server starts.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Startup {
    /// The server does not start.
    FailFast,
    /// It starts, and is not ready until one answers.
    #[default]
    Degraded,
}

/// How long is waited for what; durations such as `30s` or `10m`.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Times {
    /// How far clocks may differ. Default: 30s; at most 60s.
    #[serde(deserialize_with = "duration")]
    pub(crate) leeway: Duration,
    /// How long ago a token may have been issued; 0s for any time. Default: 0s.
    #[serde(deserialize_with = "duration")]
    pub(crate) max_age: Duration,
    /// From one look at the keys to the next, if their server does not say. Default: 10m.
    #[serde(deserialize_with = "duration")]
    pub(crate) refresh: Duration,
    /// For a connection to an authorization server. Default: 5s.
    #[serde(deserialize_with = "duration")]
    pub(crate) connect: Duration,
    /// For a whole answer of one. Default: 30s.
    #[serde(deserialize_with = "duration")]
    pub(crate) total: Duration,
    /// From one look at the keys because of a token that none fits, to the next. Default: 10s.
    #[serde(deserialize_with = "duration")]
    pub(crate) cool_down: Duration,
    /// How long keys are used while their server cannot be asked for newer ones. Default: 24h.
    #[serde(deserialize_with = "duration")]
    pub(crate) max_stale: Duration,
    /// How long an accepted token is accepted without looking at it again; 0s for not at all. Default: 60s.
    #[serde(deserialize_with = "duration")]
    pub(crate) cache: Duration,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            leeway: Duration::from_secs(30),
            max_age: Duration::ZERO,
            refresh: Duration::from_secs(10 * 60),
            connect: Duration::from_secs(5),
            total: Duration::from_secs(30),
            cool_down: Duration::from_secs(10),
            max_stale: Duration::from_secs(24 * 60 * 60),
            cache: Duration::from_secs(60),
        }
    }
}

impl Settings {
    /// The files that it names.
    #[cfg(feature = "sandbox")]
    pub(crate) fn files(&self) -> impl Iterator<Item = &PathBuf> {
        let introspections = self
            .issuers
            .iter()
            .filter_map(|one| one.introspection.as_ref());
        let secrets = introspections.filter_map(|one| one.client_secret_file.as_ref());
        self.ca_file.iter().chain(secrets)
    }

    /// The ports of the addresses that it names. What an authorization server says of itself is expected at one of them.
    #[cfg(feature = "sandbox")]
    pub(crate) fn ports(&self) -> impl Iterator<Item = u16> {
        let addresses = self.issuers.iter().flat_map(|one| {
            let introspection = one.introspection.as_ref();
            let introspection = introspection.and_then(|one| one.endpoint.as_ref());
            [Some(&one.issuer), one.jwks_uri.as_ref(), introspection]
        });
        addresses.flatten().filter_map(|address| {
            let address: http::Uri = address.parse().ok()?;
            let usual = if address.scheme_str() == Some("http") {
                80
            } else {
                443
            };
            Some(address.port_u16().unwrap_or(usual))
        })
    }

    /// Has paths be relative to this directory: the one of the file that they stand in.
    pub(crate) fn relative_to(&mut self, directory: &Path) {
        let secrets = self.issuers.iter_mut().filter_map(|issuer| {
            let introspection = issuer.introspection.as_mut()?;
            introspection.client_secret_file.as_mut()
        });
        for path in secrets.chain(&mut self.ca_file) {
            *path = directory.join(&*path);
        }
    }
}

const fn yes() -> bool {
    true
}

/// A duration with its unit.
fn duration<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
    deserializer.deserialize_str(DurationText)
}

struct DurationText;

impl Visitor<'_> for DurationText {
    type Value = Duration;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a duration such as \"500ms\", \"30s\" or \"10m\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Duration, E> {
        humantime::parse_duration(text).map_err(|error| {
            E::custom(format!(
                "`{text}` is no duration: {error}; write it like 500ms, 30s or 10m"
            ))
        })
    }
}
