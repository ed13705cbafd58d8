//! `keys`: API keys for callers, made, listed and revoked in the file that `serve --api-keys` reads.

use std::fmt::Write;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use skills_model::{Bundle, Scope};

use super::terminal;
use crate::clock;
use crate::error::Error;
use crate::guard::keys::{self, Key, NewKey};
use crate::text::{count, escape_line, printable_json};

/// What is to be done with API keys.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum Action {
    /// Make a key and print it, the only time that it is shown; servers know it after a SIGHUP
    New(New),
    /// List the keys that there are; the keys themselves are not kept
    List {
        #[command(flatten)]
        file: File,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Revoke a key; servers refuse it after a SIGHUP
    Revoke {
        /// Its id, as `keys list` shows it
        #[arg(value_name = "ID")]
        id: String,
        #[command(flatten)]
        file: File,
    },
}

/// Where the keys are.
#[derive(Args, Clone, Debug)]
pub(crate) struct File {
    /// The file of keys; `new` makes it if it is not there
    #[arg(
        long,
        env = "SKILLS_API_KEYS",
        value_name = "FILE",
        hide_env_values = true
    )]
    api_keys: PathBuf,
}

/// A key to be made.
#[derive(Args, Clone, Debug)]
pub(crate) struct New {
    /// Who is to have it: a person, a program, a team. One may have several keys, so that a new one is in use before the old
    /// one ends
    #[arg(value_name = "PRINCIPAL")]
    principal: String,
    #[command(flatten)]
    file: File,
    /// How much it may ask: a tier of the policy
    #[arg(long, value_name = "TIER")]
    tier: Option<String>,
    /// A scope that it has, so that it sees skills which require it. May be repeated
    #[arg(long, value_name = "SCOPE")]
    scope: Vec<String>,
    /// When it begins to be valid, counted from now
    #[arg(long, value_name = "DURATION", value_parser = humantime::parse_duration)]
    starts_in: Option<Duration>,
    /// When it ends to be valid, counted from now, or `never`
    #[arg(long, value_name = "DURATION", default_value = "90days", value_parser = lifetime)]
    expires_in: Lifetime,
}

/// How long a key is valid.
#[derive(Clone, Copy, Debug)]
enum Lifetime {
    For(Duration),
    Unlimited,
}

fn lifetime(text: &str) -> Result<Lifetime, String> {
    if text == "never" {
        return Ok(Lifetime::Unlimited);
    }
    let duration = humantime::parse_duration(text);
    let duration =
        duration.map_err(|error| format!("{error}; write it like 90days, or `never`"))?;
    Ok(Lifetime::For(duration))
}

/// Does it; what is to be printed.
pub(super) fn run(bundle: &Bundle, action: Action) -> Result<String, Error> {
    let now = clock::wall();
    match action {
        Action::New(new) => make(bundle, new, now),
        Action::List { file, json: true } => {
            let keys = keys::read(&file.api_keys)?;
            let keys: Vec<_> = keys.iter().map(|key| item(key, now)).collect();
            Ok(printable_json(&format!("{:#}", Value::Array(keys))) + "\n")
        }
        Action::List { file, json: false } => Ok(table(&keys::read(&file.api_keys)?, now)),
        Action::Revoke { id, file } => {
            keys::revoke(&file.api_keys, &id, now)?;
            Ok(format!("Revoked {id}; servers refuse it after a SIGHUP\n"))
        }
    }
}

/// The key goes to standard output alone, so that a script can take it from there.
fn make(bundle: &Bundle, new: New, now: SystemTime) -> Result<String, Error> {
    if let Some(scope) = new.scope.iter().find(|scope| !is_known(bundle, scope)) {
        let known: Vec<_> = bundle.scopes.iter().map(Scope::name).collect();
        let known = match known.as_slice() {
            [] => "none does".to_owned(),
            known => format!("they require {}", known.join(", ")),
        };
        return Err(Error::Settings {
            problem: format!("no skill requires the scope {scope:?}; {known}"),
        });
    }
    let not_after = match new.expires_in {
        Lifetime::For(duration) => now.checked_add(duration),
        Lifetime::Unlimited => None,
    };
    let wanted = NewKey {
        not_before: new.starts_in.and_then(|duration| now.checked_add(duration)),
        not_after,
        principal: new.principal,
        tier: new.tier,
        scopes: new.scope,
    };
    let principal = escape_line(&wanted.principal, usize::MAX);
    let (id, key) = keys::store(&new.file.api_keys, wanted, now)?;
    let ends = not_after.map_or_else(
        || "never ends".to_owned(),
        |end| format!("ends {}", date(end)),
    );
    terminal::relay(
        &format!("Key {id} for {principal}; it {ends}, and is shown only now:\n"),
        true,
    );
    Ok(format!("{}\n", *key))
}

fn is_known(bundle: &Bundle, scope: &str) -> bool {
    bundle.scopes.iter().any(|known| known.name() == scope)
}

fn item(key: &Key, now: SystemTime) -> Value {
    json!({
        "id": &*key.id,
        "principal": &*key.principal,
        "state": key.state(now).name(),
        "tier": key.tier.as_deref(),
        "scopes": key.scopes,
        "created": date(key.created),
        "notBefore": key.not_before.map(date),
        "notAfter": key.not_after.map(date),
        "revoked": key.revoked.map(date),
    })
}

fn table(keys: &keys::Keys, now: SystemTime) -> String {
    let mut text = format!("{:<12}  {:<8}  {:<20}  PRINCIPAL\n", "ID", "STATE", "ENDS");
    for key in keys.iter() {
        let ends = key.not_after.map_or_else(|| "never".to_owned(), date);
        let principal = escape_line(&key.principal, usize::MAX);
        let scopes = key
            .scopes
            .iter()
            .map(|scope| format!("; {}", escape_line(scope, usize::MAX)));
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "{:<12}  {:<8}  {ends:<20}  {principal}{}",
            escape_line(&key.id, usize::MAX),
            key.state(now).name(),
            scopes.collect::<String>()
        );
    }
    text + &count(keys.iter().count(), "key") + "\n"
}

/// A time as people and programs read it (RFC 3339).
fn date(time: SystemTime) -> String {
    humantime::format_rfc3339_seconds(time).to_string()
}
