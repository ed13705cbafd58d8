//! What is written about this server: the same few facts in the words of each host, and whether an entry that is there
//! speaks of this server.

use serde_json::Value;

use super::file::is_same;
use super::host::{Bearer, Host};

/// A value of an entry. Objects keep the order in which their keys are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Datum {
    Flag(bool),
    Text(String),
    List(Vec<String>),
    Object(Vec<(&'static str, Datum)>),
}

impl Datum {
    fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// The same without an order, to compare with what a file says.
    pub(super) fn value(&self) -> Value {
        match self {
            Self::Flag(flag) => Value::Bool(*flag),
            Self::Text(text) => Value::String(text.clone()),
            Self::List(items) => items.iter().cloned().map(Value::String).collect(),
            Self::Object(members) => {
                let members = members.iter();
                let members = members.map(|(key, value)| ((*key).to_owned(), value.value()));
                Value::Object(members.collect())
            }
        }
    }

    /// As JSON in one line.
    pub(super) fn json(&self) -> String {
        match self {
            Self::Object(members) => {
                let members = members.iter();
                let members =
                    members.map(|(key, value)| format!("{}:{}", Value::from(*key), value.json()));
                format!("{{{}}}", members.collect::<Vec<_>>().join(","))
            }
            other => other.value().to_string(),
        }
    }
}

/// Where a host finds the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// The host starts this executable.
    Program { path: String },
    /// The server is started by somebody else and listens here.
    Url {
        url: String,
        /// The variable of the environment with the token that the host sends.
        token: Option<String>,
    },
}

impl Endpoint {
    /// The words in which the host is told, which may have a meaning in its configuration.
    pub(super) fn address(&self) -> &str {
        match self {
            Self::Program { path } => path,
            Self::Url { url, .. } => url,
        }
    }

    /// The entry that says so to a host.
    pub(super) fn entry(&self, host: &Host, is_sandboxed: bool) -> Datum {
        let mut members = Vec::new();
        match self {
            Self::Program { path } => {
                if host.is_typed {
                    members.push(("type", Datum::text("stdio")));
                }
                members.push(("command", Datum::text(path)));
                members.push(("args", Datum::List(vec!["stdio".to_owned()])));
                if is_sandboxed {
                    members.push(("sandboxEnabled", Datum::Flag(true)));
                }
            }
            Self::Url { url, token } => {
                if host.is_typed {
                    members.push(("type", Datum::text("http")));
                }
                members.push((host.url.unwrap_or("url"), Datum::text(url)));
                if let Some(variable) = token {
                    members.push(bearer(host.bearer, variable));
                }
            }
        }
        Datum::Object(members)
    }

    /// Whether an entry speaks of this server, whatever else it says.
    pub(super) fn is_in(&self, entry: &Value) -> bool {
        match self {
            Self::Program { path } => {
                let command = entry.get("command").and_then(Value::as_str);
                command.is_some_and(|command| is_same(command, path))
            }
            Self::Url { url, .. } => target(entry) == Some(url),
        }
    }
}

/// The token by the name of its variable; what it is never stands in a configuration.
fn bearer(bearer: Bearer, variable: &str) -> (&'static str, Datum) {
    match bearer {
        Bearer::Variable(key) => (key, Datum::text(variable)),
        Bearer::Header { open, close } => {
            let value = format!("Bearer {open}{variable}{close}");
            let headers = vec![("Authorization", Datum::Text(value))];
            ("headers", Datum::Object(headers))
        }
    }
}

/// What an entry points at: a command or a URL.
fn target(entry: &Value) -> Option<&str> {
    let keys = ["command", "url", "httpUrl", "serverUrl"];
    let mut targets = keys.iter().filter_map(|key| entry.get(key)?.as_str());
    targets.next()
}

/// The same for a person to read: without what may be secret in a URL, and without arguments.
pub(super) fn described(entry: &Value) -> String {
    let Some(target) = target(entry) else {
        return "something else".to_owned();
    };
    let Some((scheme, rest)) = target.split_once("://") else {
        return target.to_owned();
    };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let authority = authority.rsplit('@').next().unwrap_or_default();
    format!("{scheme}://{authority}/{path}")
}
