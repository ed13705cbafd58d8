//! What is written about this server: the same few facts in the words of each host, and whether an entry that is there
//! speaks of this server.

use serde_json::Value;

use super::file::is_same;
use super::host::{Bearer, Command, Host};

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
                if let Some([program, _]) = host.types {
                    members.push(("type", Datum::text(program)));
                }
                let argument = "stdio".to_owned();
                match host.command {
                    Command::WithArguments => {
                        members.push(("command", Datum::text(path)));
                        members.push(("args", Datum::List(vec![argument])));
                    }
                    Command::List => {
                        members.push(("command", Datum::List(vec![path.clone(), argument])));
                    }
                }
                if is_sandboxed {
                    members.push(("sandboxEnabled", Datum::Flag(true)));
                }
            }
            Self::Url { url, token } => {
                if let Some([_, url]) = host.types {
                    members.push(("type", Datum::text(url)));
                }
                members.push((host.url.unwrap_or("url"), Datum::text(url)));
                if let Some(variable) = token {
                    members.push(bearer(host.bearer, variable));
                }
            }
        }
        if host.names_tools {
            members.push(("tools", Datum::List(vec!["*".to_owned()])));
        }
        Datum::Object(members)
    }

    /// Whether an entry speaks of this server, whatever else it says.
    pub(super) fn is_in(&self, entry: &Value) -> bool {
        match self {
            Self::Program { path } => command(entry).is_some_and(|command| is_same(command, path)),
            Self::Url { url, .. } => target(entry) == Some(url),
        }
    }
}

/// The program that an entry names, with its arguments or without.
fn command(entry: &Value) -> Option<&str> {
    let command = entry.get("command")?;
    command.as_str().or_else(|| command.get(0)?.as_str())
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

/// Whether an entry has nothing in it but what this program writes, be it for an executable that has moved since or for another
/// URL: then nobody misses it.
pub(super) fn is_made(host: &Host, entry: &Value) -> bool {
    let text = |key| Some(entry.get(key)?.as_str()?.to_owned());
    let program = command(entry).map(|path| Endpoint::Program {
        path: path.to_owned(),
    });
    let url = text(host.url.unwrap_or("url")).map(|url| Endpoint::Url {
        url,
        token: token(host.bearer, entry),
    });
    let mut endpoints = program.iter().chain(&url);
    endpoints.any(|endpoint| {
        let is_the_same = |is_sandboxed| endpoint.entry(host, is_sandboxed).value() == *entry;
        is_the_same(false) || is_the_same(true)
    })
}

/// The variable with the token that an entry names.
fn token(bearer: Bearer, entry: &Value) -> Option<String> {
    let name = match bearer {
        Bearer::Variable(key) => entry.get(key)?.as_str()?,
        Bearer::Header { open, close } => {
            let value = entry.get("headers")?.get("Authorization")?.as_str()?;
            let value = value.strip_prefix("Bearer ")?.strip_prefix(open)?;
            value.strip_suffix(close)?
        }
    };
    Some(name.to_owned())
}

/// What an entry points at: a command or a URL.
fn target(entry: &Value) -> Option<&str> {
    let keys = ["url", "httpUrl", "serverUrl"];
    let mut urls = keys.iter().filter_map(|key| entry.get(key)?.as_str());
    command(entry).or_else(|| urls.next())
}

/// How long a part of a path may be that is shown. What is longer may be a key.
const SHOWN_CHARS: usize = 24;

/// The same for a person to read, without what may be secret: of a command the program, of a URL where it leads.
pub(super) fn described(entry: &Value) -> String {
    let Some(target) = target(entry) else {
        return "something else".to_owned();
    };
    let (word, _) = target
        .split_once(char::is_whitespace)
        .unwrap_or((target, ""));
    // A shell takes what is before the program as its environment.
    let (word, _) = match word.split_once("://") {
        Some(_) => (word, ""),
        None => word.split_once('=').unwrap_or((word, "")),
    };
    let more = if word.len() < target.len() {
        " …"
    } else {
        ""
    };
    let Some((scheme, rest)) = word.split_once("://") else {
        return format!("{word}{more}");
    };
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let authority = authority.rsplit('@').next().unwrap_or_default();
    let parts = path.split('/').map(|part| match part.len() {
        0..=SHOWN_CHARS => part,
        _ => "…",
    });
    let path: Vec<_> = parts.collect();
    format!("{scheme}://{authority}/{}{more}", path.join("/"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::host::HOSTS;
    use super::*;

    #[test]
    fn an_entry_of_this_program_is_known_in_every_host_whatever_it_is_for() {
        let program = Endpoint::Program { path: "/x".into() };
        let url = |token: Option<&str>| Endpoint::Url {
            url: "https://x/".into(),
            token: token.map(str::to_owned),
        };
        for host in &HOSTS {
            for endpoint in [&program, &url(None), &url(Some("TOKEN"))] {
                let mut entry = endpoint.entry(host, host.has_sandbox).value();
                assert!(is_made(host, &entry), "{entry}");
                entry["env"] = json!({ "KEY": "mine" });
                assert!(!is_made(host, &entry), "{entry}");
            }
        }
        assert!(!is_made(
            &HOSTS[0],
            &json!({ "command": "npx", "args": ["other"] })
        ));
        assert!(!is_made(&HOSTS[0], &json!(1)));
    }

    #[test]
    fn another_server_is_described_without_what_may_be_secret() {
        for (entry, expected) in [
            (
                json!({ "command": "/opt/other", "args": ["--key=secret"] }),
                "/opt/other",
            ),
            (json!({ "command": "env TOKEN=secret node x" }), "env …"),
            (json!({ "command": "TOKEN=secret node x" }), "TOKEN …"),
            (json!({ "command": "curl https://u:secret@x/" }), "curl …"),
            (
                json!({ "url": "https://u:secret@x/mcp?k=secret" }),
                "https://x/mcp",
            ),
            (
                json!({ "url": "https://x/s/0123456789abcdef0123456789/mcp" }),
                "https://x/s/…/mcp",
            ),
            (json!({ "args": ["secret"] }), "something else"),
        ] {
            assert_eq!(described(&entry), expected, "{entry}");
        }
    }
}
