//! Who a request is from and which name it asked for, where a proxy stands in between: `Forwarded` (RFC 7239) or the older
//! `X-Forwarded-*`, believed only as far as trusted proxies have written them.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;
use http::header::{FORWARDED, HeaderName};

use super::settings::Proxy;

const X_FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const X_FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// The other end of a connection; nothing is known of one at a UNIX socket.
pub(super) type Peer = Option<IpAddr>;

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

/// Where a request came from. The headers are looked at only if the peer is trusted.
///
/// A proxy writes one kind of header and hands on the other as the client sent it: where both are there, nobody knows which is
/// true, and there is no origin.
pub(super) fn origin(peer: Peer, headers: &HeaderMap, trusted: &[Proxy]) -> Option<Origin> {
    if trusted.is_empty() || !is_trusted(peer, trusted) {
        return Some(Origin {
            client: peer,
            host: None,
        });
    }
    let is_modern = headers.contains_key(FORWARDED);
    if is_modern
        && (headers.contains_key(X_FORWARDED_FOR) || headers.contains_key(X_FORWARDED_HOST))
    {
        return None;
    }
    let hops = if is_modern {
        values(headers, &FORWARDED, quoted)?
            .into_iter()
            .map(forwarded)
            .collect()
    } else {
        let mut hops: Vec<_> = values(headers, &X_FORWARDED_FOR, plain)?
            .into_iter()
            .map(|text| Hop {
                ip: ip(text),
                host: None,
            })
            .collect();
        let hosts = values(headers, &X_FORWARDED_HOST, plain)?;
        let host = hosts.last().map(|host| (*host).to_owned());
        match hops.last_mut() {
            Some(last) => last.host = host,
            None => hops.push(Hop { ip: peer, host }),
        }
        hops
    };
    // From the nearest hop back, as long as who wrote it is trusted. A hop that hides its address ends the search.
    let mut origin = Origin {
        client: peer,
        host: None,
    };
    for hop in hops.into_iter().rev() {
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

    use super::*;

    fn origin_of(headers: &[(HeaderName, &'static str)]) -> (Option<String>, Option<String>) {
        let headers = headers.iter().cloned();
        let headers = headers.map(|(name, value)| (name, HeaderValue::from_static(value)));
        let mut map = HeaderMap::new();
        headers.for_each(|(name, value)| {
            map.append(name, value);
        });
        let trusted = ["10.0.0.0/8".parse().unwrap(), "unix".parse().unwrap()];
        let peer = Some("10.0.0.1".parse().unwrap());
        let Origin { client, host } = origin(peer, &map, &trusted).unwrap();
        (client.map(|ip| ip.to_string()), host)
    }

    fn found(client: &str, host: Option<&str>) -> (Option<String>, Option<String>) {
        (Some(client.into()), host.map(Into::into))
    }

    #[test]
    fn the_nearest_address_that_is_no_proxy_is_the_client() {
        assert_eq!(origin_of(&[]), found("10.0.0.1", None));
        let lied = [(X_FORWARDED_FOR, "1.1.1.1, 203.0.113.7, 10.0.0.2")];
        assert_eq!(origin_of(&lied), found("203.0.113.7", None));
        let two = [
            (X_FORWARDED_FOR, "203.0.113.7"),
            (X_FORWARDED_FOR, "10.1.1.1:80"),
            (X_FORWARDED_HOST, "a.test"),
        ];
        assert_eq!(origin_of(&two), found("203.0.113.7", Some("a.test")));
        let standard = [(
            FORWARDED,
            r#"for="[2001:db8::7]:4711";host=a.test, for=10.0.0.3;proto=https"#,
        )];
        assert_eq!(origin_of(&standard), found("2001:db8::7", Some("a.test")));
        assert_eq!(origin_of(&[(FORWARDED, "for=_hidden")]), (None, None));
    }

    #[test]
    fn what_a_client_sends_does_not_hide_what_a_proxy_adds() {
        let quoted = [(X_FORWARDED_FOR, "\", 203.0.113.7")];
        assert_eq!(origin_of(&quoted), found("203.0.113.7", None));
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let peer = Some("10.0.0.1".parse().unwrap());
        for headers in [
            vec![
                (FORWARDED, &b"for=10.1.1.1"[..]),
                (X_FORWARDED_FOR, b"203.0.113.7"),
            ],
            vec![(FORWARDED, b"for=\"x, for=203.0.113.7")],
            vec![(X_FORWARDED_FOR, b"\xff, 203.0.113.7")],
        ] {
            let headers = headers
                .into_iter()
                .map(|(name, value)| (name, HeaderValue::from_bytes(value).unwrap()));
            let map: HeaderMap = headers.collect();
            assert_eq!(origin(peer, &map, &trusted), None, "{map:?}");
        }
    }

    #[test]
    fn a_stranger_is_not_believed() {
        let mut headers = HeaderMap::new();
        headers.insert(X_FORWARDED_FOR, HeaderValue::from_static("1.1.1.1"));
        let stranger = Some("203.0.113.7".parse().unwrap());
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let client = |peer| origin(peer, &headers, &trusted).unwrap().client;
        assert_eq!((client(stranger), client(None)), (stranger, None));
    }
}
