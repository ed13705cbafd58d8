//! Under which names the server may be asked for, and by which web pages: what keeps a page in a browser from reaching a
//! server on its user's machine (DNS rebinding; MCP 2026-07-28, Streamable HTTP, "Security Warning").

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use http::uri::Authority;

/// The names of this machine for itself.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "::1"];

/// Names that the server is reached under.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HostPattern {
    Any,
    /// A host, and its port if that matters.
    Host(String, Option<u16>),
}

/// Web pages that may ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum OriginPattern {
    Any,
    Page {
        scheme: String,
        host: String,
        port: Port,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Port {
    Any,
    One(u16),
}

impl HostPattern {
    /// What is allowed where nothing is said.
    pub(super) fn defaults(listening: impl Iterator<Item = IpAddr>) -> Vec<Self> {
        let own = listening
            .filter(|ip| !ip.is_unspecified())
            .map(|ip| ip.to_string());
        let hosts = LOOPBACK.map(str::to_owned).into_iter().chain(own);
        hosts.map(|host| Self::Host(host, None)).collect()
    }

    /// Whether a `Host` header names it.
    pub(super) fn allows(&self, authority: &Authority) -> bool {
        match self {
            Self::Any => true,
            Self::Host(host, port) => {
                same_host(host, authority.host())
                    && (port.is_none() || *port == authority.port_u16())
            }
        }
    }
}

impl OriginPattern {
    /// The pages of this machine.
    pub(super) fn loopback() -> Vec<Self> {
        let pages = |scheme: &'static str| {
            LOOPBACK.map(|host| Self::Page {
                scheme: scheme.into(),
                host: host.into(),
                port: Port::Any,
            })
        };
        [pages("http"), pages("https")].concat()
    }

    /// Whether an `Origin` header names it.
    pub(super) fn allows(&self, origin: &Origin<'_>) -> bool {
        let Self::Page { scheme, host, port } = self else {
            return true;
        };
        let is_port = match port {
            Port::Any => true,
            Port::One(port) => Some(*port) == origin.port,
        };
        is_port && scheme.eq_ignore_ascii_case(origin.scheme) && same_host(host, origin.host)
    }
}

/// What an `Origin` header says (RFC 6454, section 7).
#[derive(Clone, Copy, Debug)]
pub(super) struct Origin<'a> {
    scheme: &'a str,
    host: &'a str,
    port: Option<u16>,
}

impl<'a> Origin<'a> {
    /// Nothing for `null` and for what is no origin.
    pub(super) fn parse(text: &'a str) -> Option<Self> {
        let (scheme, authority) = text.split_once("://")?;
        let (host, port) = split_port(authority)?;
        let port = match port {
            Some(port) => Some(port.parse().ok()?),
            None => default_port(scheme),
        };
        is_host(host).then_some(Self { scheme, host, port })
    }
}

impl FromStr for HostPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let wrong = || "write it as HOST or HOST:PORT, without a scheme, or * for any".to_owned();
        if let Ok(ip) = text.parse::<IpAddr>() {
            return Ok(Self::Host(ip.to_string(), None));
        }
        let (host, port) = split_port(text)
            .filter(|(host, _)| is_host(host))
            .ok_or_else(wrong)?;
        let port = port.map(str::parse).transpose().map_err(|_| wrong())?;
        Ok(Self::Host(bare(host).to_ascii_lowercase(), port))
    }
}

impl FromStr for OriginPattern {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "*" {
            return Ok(Self::Any);
        }
        let wrong = || {
            "write it as https://app.example.com, http://localhost:6274, http://localhost:*, or * for any"
                .to_owned()
        };
        let (scheme, authority) = text.split_once("://").ok_or_else(wrong)?;
        let (host, port) = split_port(authority)
            .filter(|(host, _)| is_host(host))
            .ok_or_else(wrong)?;
        let port = match port {
            Some("*") => Port::Any,
            Some(port) => Port::One(port.parse().map_err(|_| wrong())?),
            None => Port::One(default_port(scheme).ok_or_else(wrong)?),
        };
        let (scheme, host) = (scheme.to_ascii_lowercase(), bare(host).to_ascii_lowercase());
        Ok(Self::Page { scheme, host, port })
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => formatter.write_str("*"),
            Self::Host(host, None) => formatter.write_str(host),
            // Without brackets, the port of an IPv6 address would be a part of it.
            Self::Host(host, Some(port)) if host.contains(':') => {
                write!(formatter, "[{host}]:{port}")
            }
            Self::Host(host, Some(port)) => write!(formatter, "{host}:{port}"),
        }
    }
}

/// A host, which may be an IPv6 address in brackets, and what stands after the colon behind it.
fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    let end = authority.rfind(']').unwrap_or_default();
    let colon = authority.get(end..)?.find(':').map(|colon| end + colon);
    match colon {
        Some(colon) => Some((authority.get(..colon)?, Some(authority.get(colon + 1..)?))),
        None => Some((authority, None)),
    }
}

fn is_host(host: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    match host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
    {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.bytes().all(is_allowed),
    }
}

/// Whether a host is an IP address, or this machine by its name for itself.
pub(super) fn is_address(authority: &Authority) -> bool {
    let host = authority.host();
    bare(host).parse::<IpAddr>().is_ok() || same_host(host, "localhost")
}

/// Hosts are the same in any case, with or without the dot of the root.
fn same_host(one: &str, other: &str) -> bool {
    bare(one).eq_ignore_ascii_case(bare(other))
}

/// A host without brackets and without the dot of the root.
fn bare(host: &str) -> &str {
    let host = host.strip_suffix('.').unwrap_or(host);
    let inside = host
        .strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'));
    inside.unwrap_or(host)
}

fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host_is_allowed(pattern: &str, host: &str) -> bool {
        pattern
            .parse::<HostPattern>()
            .unwrap()
            .allows(&host.parse().unwrap())
    }

    fn origin_is_allowed(pattern: &str, origin: &str) -> bool {
        let pattern: OriginPattern = pattern.parse().unwrap();
        Origin::parse(origin).is_some_and(|origin| pattern.allows(&origin))
    }

    #[test]
    fn a_host_is_allowed_with_any_port_unless_one_is_said() {
        assert!(host_is_allowed("skills.example.com", "Skills.Example.com."));
        assert!(host_is_allowed(
            "skills.example.com",
            "skills.example.com:8443"
        ));
        assert!(host_is_allowed(
            "skills.example.com:8443",
            "skills.example.com:8443"
        ));
        assert!(!host_is_allowed(
            "skills.example.com:8443",
            "skills.example.com"
        ));
        assert!(!host_is_allowed(
            "skills.example.com",
            "skills.example.com.evil.test"
        ));
        assert!(host_is_allowed("::1", "[::1]:3001"));
        assert!(host_is_allowed("*", "anything"));
    }

    #[test]
    fn an_origin_is_allowed_with_its_scheme_and_port() {
        assert!(origin_is_allowed("https://app.test", "https://app.test"));
        assert!(origin_is_allowed(
            "https://app.test",
            "https://app.test:443"
        ));
        assert!(!origin_is_allowed("https://app.test", "http://app.test"));
        assert!(!origin_is_allowed(
            "https://app.test",
            "https://app.test:8443"
        ));
        assert!(origin_is_allowed(
            "http://localhost:*",
            "http://localhost:6274"
        ));
        assert!(origin_is_allowed("http://[::1]:*", "http://[::1]:6274"));
        assert!(!origin_is_allowed("http://localhost:*", "null"));
        assert!(!origin_is_allowed(
            "http://localhost:*",
            "http://localhost.evil.test"
        ));
        assert!(!origin_is_allowed(
            "http://localhost:*",
            "http://localhost:80@evil.test"
        ));
    }

    #[test]
    fn a_host_is_shown_as_it_can_be_written() {
        for text in [
            "*",
            "localhost",
            "a.test:80",
            "::1",
            "[::1]:80",
            "[2001:db8::1]:443",
        ] {
            let pattern: HostPattern = text.parse().unwrap();
            assert_eq!(pattern.to_string(), text);
        }
    }

    #[test]
    fn what_is_neither_is_refused() {
        for text in ["", "http://x", "x/y", "x:y", "[::1", "a b"] {
            assert!(text.parse::<HostPattern>().is_err(), "{text}");
        }
        for text in ["", "x", "ftp://x", "http://", "http://x/y"] {
            assert!(text.parse::<OriginPattern>().is_err(), "{text}");
        }
    }
}
