//! What is asked for at the command line.

use std::net::Ipv6Addr;
use std::path::PathBuf;

use clap::Args;

use super::host::Choice;
use super::place::Scope;

/// What `install` is told.
#[derive(Args, Clone, Debug)]
pub(crate) struct Install {
    #[command(flatten)]
    common: Common,
    /// The environment variable with the token that the host sends to --http. Its name is written down, the token never
    #[arg(long, value_name = "VARIABLE", requires = "http", value_parser = variable)]
    token_env: Option<String>,
    /// Print what belongs where instead of writing it, with links for hosts that have them
    #[arg(long, conflicts_with_all = ["dry_run", "force"])]
    print: bool,
}

/// What `uninstall` is told.
#[derive(Args, Clone, Debug)]
pub(crate) struct Uninstall {
    #[command(flatten)]
    common: Common,
}

#[derive(Args, Clone, Debug)]
struct Common {
    /// The host: claude-code, claude-desktop, cursor, vscode, codex, gemini, or `all` that are on this machine. May be
    /// repeated
    #[arg(
        long,
        value_name = "HOST",
        required = true,
        value_delimiter = ',',
        hide_possible_values = true
    )]
    host: Vec<Choice>,
    /// For whom: user (you, in all projects) or project (whoever works in the current directory)
    #[arg(
        long,
        value_name = "SCOPE",
        default_value = "user",
        hide_possible_values = true
    )]
    scope: Scope,
    /// What the host calls the server [default: the name of this server]
    #[arg(long, value_name = "NAME", value_parser = name)]
    name: Option<String>,
    /// A server that listens at this URL, instead of this executable
    #[arg(long, value_name = "URL", value_parser = url, required = !cfg!(feature = "stdio"))]
    http: Option<String>,
    /// Replace or remove an entry of this name, too, that is not this server's
    #[arg(long)]
    force: bool,
    /// Show what would change, and change nothing
    #[arg(long)]
    dry_run: bool,
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verb {
    Install,
    Uninstall,
    Print,
}

/// Everything that was said.
#[derive(Debug)]
pub(crate) struct Order {
    pub(super) verb: Verb,
    pub(super) hosts: Vec<Choice>,
    pub(super) scope: Scope,
    pub(super) name: Option<String>,
    pub(super) http: Option<String>,
    pub(super) token: Option<String>,
    pub(super) is_forced: bool,
    pub(super) is_dry: bool,
    /// Where this executable is.
    pub(super) executable: PathBuf,
}

impl Install {
    /// With where this executable is.
    pub(crate) fn order(self, executable: PathBuf) -> Order {
        let verb = if self.print {
            Verb::Print
        } else {
            Verb::Install
        };
        self.common.order(verb, self.token_env, executable)
    }
}

impl Uninstall {
    /// With where this executable is.
    pub(crate) fn order(self, executable: PathBuf) -> Order {
        self.common.order(Verb::Uninstall, None, executable)
    }
}

impl Common {
    fn order(self, verb: Verb, token: Option<String>, executable: PathBuf) -> Order {
        Order {
            verb,
            hosts: self.host,
            scope: self.scope,
            name: self.name,
            http: self.http,
            token,
            is_forced: self.force,
            is_dry: self.dry_run,
            executable,
        }
    }
}

/// A name that all hosts take, and no file system minds.
fn name(text: &str) -> Result<String, &'static str> {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || "-_".contains(character);
    if (1..=64).contains(&text.len()) && text.chars().all(is_plain) {
        return Ok(text.to_owned());
    }
    Err("hosts take at most 64 letters, digits, `-` and `_`")
}

/// The nearest that hosts take as a name.
pub(super) fn plain(text: &str) -> String {
    let plain = text.chars().map(|character| {
        if name(character.encode_utf8(&mut [0; 4])).is_ok() {
            character
        } else {
            '-'
        }
    });
    let plain: String = plain.take(64).collect();
    if plain.is_empty() {
        "skills".to_owned()
    } else {
        plain
    }
}

/// A URL that a host can connect to, with the scheme in lower case, which all hosts know.
fn url(text: &str) -> Result<String, &'static str> {
    let (scheme, rest) = text.split_once("://").unwrap_or_default();
    let scheme = scheme.to_ascii_lowercase();
    if !matches!(scheme.as_str(), "http" | "https") {
        return Err("it has to begin with http:// or https://");
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err("this is no URL: it has a character that a URL writes as %XX");
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err("a password does not belong into a configuration; see --token-env");
    }
    check_authority(authority)?;
    Ok(format!("{scheme}://{rest}"))
}

/// Refuses what is no host, or no host and port.
fn check_authority(authority: &str) -> Result<(), &'static str> {
    let bracketed = authority
        .strip_prefix('[')
        .map(|rest| rest.split_once(']').unwrap_or((rest, "]")));
    let (is_host, port) = if let Some((address, port)) = bracketed {
        (address.parse::<Ipv6Addr>().is_ok(), port)
    } else {
        let end = authority.find(':').unwrap_or(authority.len());
        let (host, port) = authority.split_at(end);
        let is_plain =
            |character: char| character.is_ascii_alphanumeric() || "-._~".contains(character);
        (!host.is_empty() && host.chars().all(is_plain), port)
    };
    if !is_host {
        return Err("this is no URL: after the :// comes the name or the address of a host");
    }
    let is_port = |port: &str| {
        port.bytes().all(|byte| byte.is_ascii_digit())
            && port.parse().is_ok_and(|port: u16| port > 0)
    };
    match port.strip_prefix(':') {
        _ if port.is_empty() => Ok(()),
        Some(port) if is_port(port) => Ok(()),
        _ => Err("a port is a number from 1 to 65535, after the host and a `:`"),
    }
}

/// What is not a name may be the token itself, so that it is not quoted.
fn variable(text: &str) -> Result<String, &'static str> {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let begins =
        text.starts_with(|character: char| character.is_ascii_alphabetic() || character == '_');
    if begins && text.chars().all(is_plain) {
        return Ok(text.to_owned());
    }
    Err("a variable has letters, digits and `_`; give its name, never the token")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_that_hosts_take() {
        assert_eq!(plain("@acme/skills server"), "-acme-skills-server");
        assert_eq!(plain(""), "skills");
        assert!(name("skills_server-1").is_ok());
        assert!(name("a.b").is_err() && name("").is_err() && name(&"x".repeat(65)).is_err());
    }

    #[test]
    fn urls_have_a_host_and_no_password() {
        for good in [
            "http://127.0.0.1:3001/mcp",
            "https://skills.example/mcp?x=1",
            "https://[::1]:65535",
            "http://skills_1.local?a=b@c",
        ] {
            assert_eq!(url(good).as_deref(), Ok(good));
        }
        assert_eq!(url("HTTPS://Skills/A").as_deref(), Ok("https://Skills/A"));
        for bad in [
            "",
            "skills.example",
            "ftp://x/",
            "http://",
            "http:///mcp",
            "http://:80/",
            "http://a b/",
            "https://u:p@x/",
            "https://[bad/",
            "https://[::1/",
            "https://[::1]x/",
            "https://x:/",
            "https://x:0/",
            "https://x:+1/",
            "https://x:99999/",
            "https://x:1:2/",
        ] {
            assert!(url(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_token_is_no_name_of_a_variable() {
        assert!(variable("SKILLS_TOKEN").is_ok());
        for bad in ["", "1A", "eyJ.x.y", "${A}", "A B"] {
            assert!(variable(bad).is_err(), "{bad}");
        }
    }
}
