//! The client of a request and the host that it asked for, where a proxy stands in between: `Forwarded` (RFC 7239) or the older
//! `X-Forwarded-For` and `X-Forwarded-Host`.
//!
//! Two settings decide what is believed: the proxies (`--trusted-proxy`) and the headers that those proxies write
//! (`--trusted-proxy-header`). A proxy hands every other header on as the client sent it, so all others count as absent.

use std::net::{IpAddr, SocketAddr};

use clap::ValueEnum;
use http::HeaderMap;
use http::header::{FORWARDED, HeaderName};

use super::settings::{Proxy, Trust};

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The other end of a connection; nothing is known of one at a UNIX socket.
pub(super) type Peer = Option<IpAddr>;

/// A header in which trusted proxies report the client or the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum ProxyHeader {
    /// Client and host, as RFC 7239 writes them
    Forwarded,
    /// The client
    XForwardedFor,
    /// The host
    XForwardedHost,
}

impl ProxyHeader {
    /// Why these headers cannot be believed together. A proxy writes one kind and hands the other on as the client sent it.
    pub(super) fn contradiction(headers: &[Self]) -> Option<&'static str> {
        let is_modern = |header: &Self| *header == Self::Forwarded;
        let is_mixed = headers.iter().any(is_modern) && !headers.iter().all(is_modern);
        is_mixed.then_some(
            "--trusted-proxy-header names both `forwarded` and `x-forwarded-...`; name only the kind that your proxies write",
        )
    }
}

/// Whether a peer is believed about the clients it speaks for.
pub(super) fn is_trusted(peer: Peer, trusted: &[Proxy]) -> bool {
    trusted.iter().any(|proxy| match (proxy, peer) {
        (Proxy::Network(network), Some(ip)) => network.contains(&ip.to_canonical()),
        (Proxy::Unix, None) => true,
        _ => false,
    })
}

/// What a request says of where it came from.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Origin {
    /// The client: the nearest address that is not a trusted proxy's.
    pub(super) client: Peer,
    /// The host that the client asked for, if a proxy says so.
    pub(super) host: Option<String>,
}

/// Where a request came from; nothing if a header that is believed cannot be read.
pub(super) fn origin(peer: Peer, headers: &HeaderMap, trust: &Trust) -> Option<Origin> {
    let mut origin = Origin {
        client: peer,
        host: None,
    };
    let trusted = &trust.trusted_proxy;
    if trusted.is_empty() || !is_trusted(peer, trusted) {
        return Some(origin);
    }
    // From the nearest hop back, as long as the proxy that wrote it is trusted. A hop that hides its address ends the search.
    for hop in hops(peer, headers, &trust.trusted_proxy_header)?
        .into_iter()
        .rev()
    {
        origin = Origin {
            client: hop.ip,
            host: hop.host.or(origin.host),
        };
        if hop.ip.is_none() || !is_trusted(hop.ip, trusted) {
            break;
        }
    }
    Some(origin)
}

/// What the believed headers say, the nearest hop last.
fn hops(peer: Peer, headers: &HeaderMap, believed: &[ProxyHeader]) -> Option<Vec<Hop>> {
    if believed.contains(&ProxyHeader::Forwarded) {
        let elements = values(headers, &FORWARDED, quoted)?;
        return Some(elements.into_iter().map(forwarded).collect());
    }
    let mut hops = Vec::new();
    if believed.contains(&ProxyHeader::XForwardedFor) {
        let addresses = values(headers, &X_FORWARDED_FOR, plain)?;
        hops.extend(addresses.into_iter().map(|text| Hop {
            ip: ip(text),
            host: None,
        }));
    }
    if believed.contains(&ProxyHeader::XForwardedHost) {
        let hosts = values(headers, &X_FORWARDED_HOST, plain)?;
        let host = hosts.last().map(|host| (*host).to_owned());
        match hops.last_mut() {
            Some(last) => last.host = host,
            None => hops.push(Hop { ip: peer, host }),
        }
    }
    Some(hops)
}

/// What one proxy says of the request that it got.
#[derive(Debug)]
struct Hop {
    ip: Option<IpAddr>,
    host: Option<String>,
}

/// The elements of a header that is a list, in order; nothing if some of it cannot be read, because what a client has sent must
/// not hide what a proxy has added.
fn values<'a>(
    headers: &'a HeaderMap,
    name: &HeaderName,
    elements: fn(&'a str) -> Option<Vec<&'a str>>,
) -> Option<Vec<&'a str>> {
    let mut values = Vec::new();
    for value in headers.get_all(name) {
        values.extend(elements(value.to_str().ok()?)?);
    }
    Some(values)
}

/// The elements of `X-Forwarded-For` and its like, which know no quotes.
#[expect(clippy::unnecessary_wraps, reason = "the same as of the other header")]
fn plain(text: &str) -> Option<Vec<&str>> {
    let elements = text.split(',').map(str::trim);
    Some(elements.filter(|element| !element.is_empty()).collect())
}

/// The elements of `Forwarded`, in which a comma in quotes is none; nothing if a quote has no end.
fn quoted(text: &str) -> Option<Vec<&str>> {
    let is_whole = text.matches('"').count().is_multiple_of(2);
    let elements = split(text, ',').map(str::trim);
    is_whole.then(|| elements.filter(|element| !element.is_empty()).collect())
}

/// The parts between separators that are not in quotes.
fn split(text: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut in_quotes = false;
    text.split(move |character| {
        in_quotes ^= character == '"';
        character == separator && !in_quotes
    })
}

/// One element of `Forwarded`.
fn forwarded(element: &str) -> Hop {
    let mut hop = Hop {
        ip: None,
        host: None,
    };
    for pair in split(element, ';') {
        let Some((name, value)) = pair.split_once('=') else {
            continue;
        };
        let value = value.trim().trim_matches('"');
        match name.trim() {
            name if name.eq_ignore_ascii_case("for") => hop.ip = ip(value),
            name if name.eq_ignore_ascii_case("host") => hop.host = Some(value.to_owned()),
            _ => {}
        }
    }
    hop
}

/// An address, perhaps with a port, perhaps in brackets; nothing for `unknown` and for hidden ones.
fn ip(text: &str) -> Option<IpAddr> {
    let address = text.parse::<SocketAddr>().map(|address| address.ip());
    let bare = text.trim_start_matches('[').trim_end_matches(']');
    address
        .or_else(|_| bare.parse())
        .ok()
        .map(|ip: IpAddr| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::ProxyHeader::{Forwarded, XForwardedFor, XForwardedHost};
    use super::*;

    fn trusting(headers: &[ProxyHeader]) -> Trust {
        Trust {
            sources: crate::guard::Sources::default(),
            allowed_host: Vec::new(),
            allowed_origin: Vec::new(),
            trusted_proxy: vec!["10.0.0.0/8".parse().unwrap(), "unix".parse().unwrap()],
            trusted_proxy_header: headers.to_vec(),
        }
    }

    fn map(headers: &[(HeaderName, &[u8])]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(name, HeaderValue::from_bytes(value).unwrap());
        }
        map
    }

    /// The client and the host of a request that came from a trusted proxy.
    fn origin_of(
        believed: &[ProxyHeader],
        headers: &[(HeaderName, &str)],
    ) -> (Option<String>, Option<String>) {
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| (name.clone(), value.as_bytes()))
            .collect();
        let peer = Some("10.0.0.1".parse().unwrap());
        let Origin { client, host } = origin(peer, &map(&headers), &trusting(believed)).unwrap();
        (client.map(|ip| ip.to_string()), host)
    }

    fn found(client: &str, host: Option<&str>) -> (Option<String>, Option<String>) {
        (Some(client.into()), host.map(Into::into))
    }

    #[test]
    fn the_nearest_address_that_is_no_proxy_is_the_client() {
        let both = [XForwardedFor, XForwardedHost];
        assert_eq!(origin_of(&both, &[]), found("10.0.0.1", None));
        let lied = [(X_FORWARDED_FOR, "1.1.1.1, 203.0.113.7, 10.0.0.2")];
        assert_eq!(origin_of(&both, &lied), found("203.0.113.7", None));
        let two = [
            (X_FORWARDED_FOR, "203.0.113.7"),
            (X_FORWARDED_FOR, "10.1.1.1:80"),
            (X_FORWARDED_HOST, "a.test"),
        ];
        assert_eq!(origin_of(&both, &two), found("203.0.113.7", Some("a.test")));
        let standard = [(
            FORWARDED,
            r#"for="[2001:db8::7]:4711";host=a.test, for=10.0.0.3;proto=https"#,
        )];
        assert_eq!(
            origin_of(&[Forwarded], &standard),
            found("2001:db8::7", Some("a.test"))
        );
        let hidden = [(FORWARDED, "for=_hidden")];
        assert_eq!(origin_of(&[Forwarded], &hidden), (None, None));
    }

    #[test]
    fn a_header_that_is_not_named_counts_as_absent() {
        let all = [
            (FORWARDED, "for=192.0.2.1;host=standard.test"),
            (X_FORWARDED_FOR, "192.0.2.2"),
            (X_FORWARDED_HOST, "older.test"),
        ];
        for (believed, expected) in [
            (&[Forwarded][..], found("192.0.2.1", Some("standard.test"))),
            (&[XForwardedFor], found("192.0.2.2", None)),
            (&[XForwardedHost], found("10.0.0.1", Some("older.test"))),
            (
                &[XForwardedFor, XForwardedHost],
                found("192.0.2.2", Some("older.test")),
            ),
            (&[], found("10.0.0.1", None)),
        ] {
            assert_eq!(origin_of(believed, &all), expected, "{believed:?}");
        }
        let unreadable = map(&[(FORWARDED, b"for=\"x"), (X_FORWARDED_HOST, b"\xff")]);
        let peer = Some("10.0.0.1".parse().unwrap());
        assert!(origin(peer, &unreadable, &trusting(&[XForwardedFor])).is_some());
    }

    #[test]
    fn the_two_kinds_are_not_believed_together() {
        for (headers, is_good) in [
            (&[Forwarded][..], true),
            (&[XForwardedFor, XForwardedHost], true),
            (&[Forwarded, XForwardedFor], false),
            (&[XForwardedHost, Forwarded], false),
        ] {
            let contradiction = ProxyHeader::contradiction(headers);
            assert_eq!(contradiction.is_none(), is_good, "{headers:?}");
        }
    }

    #[test]
    fn what_a_client_sends_does_not_hide_what_a_proxy_adds() {
        let quoted = [(X_FORWARDED_FOR, "\", 203.0.113.7")];
        assert_eq!(
            origin_of(&[XForwardedFor], &quoted),
            found("203.0.113.7", None)
        );
        let peer = Some("10.0.0.1".parse().unwrap());
        for (believed, header) in [
            (Forwarded, (FORWARDED, &b"for=\"x, for=203.0.113.7"[..])),
            (XForwardedFor, (X_FORWARDED_FOR, b"\xff, 203.0.113.7")),
        ] {
            let map = map(&[header]);
            assert_eq!(origin(peer, &map, &trusting(&[believed])), None, "{map:?}");
        }
    }

    #[test]
    fn a_stranger_is_not_believed() {
        let headers = map(&[(X_FORWARDED_FOR, b"1.1.1.1")]);
        let stranger = Some("203.0.113.7".parse().unwrap());
        let mut trust = trusting(&[XForwardedFor]);
        trust.trusted_proxy.pop();
        let client = |peer| origin(peer, &headers, &trust).unwrap().client;
        assert_eq!((client(stranger), client(None)), (stranger, None));
    }
}
