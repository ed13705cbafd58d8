//! For the fuzzer: what has to hold for the headers of any request, and for any name that an operator allows.

use std::net::IpAddr;

use http::HeaderMap;
use http::header::{FORWARDED, HeaderName, HeaderValue};
use http::uri::Authority;

use super::credentials::credential;
use super::forwarded;
use super::names::{self, HostPattern, OriginPattern};
use super::settings::Proxy;
use crate::guard::Credential;

/// Reads the head of a request: lines of `name: value`. A proxy of ours stands in between and adds the client's address.
pub fn head(bytes: &[u8]) {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n').take(64) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let (name, value) = line.split_at(colon);
        if let (Ok(name), Ok(value)) = (name.try_into(), value[1..].trim_ascii().try_into()) {
            headers.append::<HeaderName>(name, value);
        }
    }
    if let Credential::Bearer(token) = credential(&headers) {
        let is_plain = token.bytes().all(|byte| byte.is_ascii_graphic());
        assert!(is_plain && !token.is_empty(), "{token:?}");
    }
    let origin = headers
        .get("origin")
        .and_then(|origin| origin.to_str().ok());
    let is_allowed = origin.and_then(names::Origin::parse).is_some_and(|origin| {
        OriginPattern::loopback()
            .iter()
            .any(|pattern| pattern.allows(&origin))
    });
    assert!(
        !is_allowed || is_loopback(origin.unwrap_or_default()),
        "{origin:?}"
    );
    client(headers, "x-forwarded-for", "203.0.113.7");
}

/// Whatever a client sends, a trusted proxy's word on who it is counts: what it added is the client, or the request is refused.
fn client(mut headers: HeaderMap, name: &'static str, address: &'static str) {
    let proxy: IpAddr = "10.0.0.1".parse().expect("an address");
    let trusted: [Proxy; 1] = ["10.0.0.0/8".parse().expect("a network")];
    let stranger = forwarded::origin(address.parse().ok(), &headers, &trusted);
    assert_eq!(
        stranger.and_then(|origin| origin.client),
        address.parse().ok()
    );
    let mut modern = headers.clone();
    headers.append(name, HeaderValue::from_static(address));
    if let Some(origin) = forwarded::origin(Some(proxy), &headers, &trusted) {
        assert_eq!(origin.client, address.parse().ok(), "{headers:?}");
    }
    modern.append(
        FORWARDED,
        HeaderValue::from_static("for=203.0.113.7;host=a.test"),
    );
    if let Some(origin) = forwarded::origin(Some(proxy), &modern, &trusted) {
        assert_eq!(origin.client, address.parse().ok(), "{modern:?}");
        assert_eq!(origin.host.as_deref(), Some("a.test"), "{modern:?}");
    }
}

/// By a reader of URLs that has nothing to do with ours.
fn is_loopback(origin: &str) -> bool {
    let uri: Result<http::Uri, _> = origin.parse();
    let host = uri
        .ok()
        .and_then(|uri| uri.host().map(str::to_ascii_lowercase));
    let host = host.unwrap_or_default();
    let host = host.strip_suffix('.').unwrap_or(&host);
    matches!(host, "localhost" | "127.0.0.1" | "[::1]")
        || host.trim_matches(['[', ']']).parse() == Ok(std::net::Ipv6Addr::LOCALHOST)
}

/// Reads a name that an operator allows. It allows itself, and what is shown of it means the same.
pub fn name_patterns(text: &str) {
    if let Ok(pattern) = text.parse::<HostPattern>() {
        assert_eq!(
            pattern.to_string().parse().as_ref(),
            Ok(&pattern),
            "{pattern}"
        );
        if let (Ok(authority), false) = (text.parse::<Authority>(), text == "*") {
            assert!(pattern.allows(&authority), "{text}");
        }
    }
    let Ok(pattern) = text.parse::<OriginPattern>() else {
        return;
    };
    if let Some(origin) = names::Origin::parse(text) {
        assert!(pattern.allows(&origin), "{text}");
    }
}
