//! For the fuzzer: what has to hold for the headers of any request, and for any name that an operator allows.

use std::net::IpAddr;

use http::HeaderMap;
use http::header::{HeaderName, HeaderValue};
use http::uri::Authority;
use rmcp::model::ClientRequest;

use super::credentials::credential;
use super::forwarded::{self, ProxyHeader};
use super::names::{self, HostPattern, OriginPattern};
use super::settings::Trust;
use super::standard_headers;
use crate::guard::{Credential, Sources};
use crate::transport::jsonrpc::message::{self, Message};
use crate::transport::jsonrpc::request::typed;

/// Reads the head of a request: lines of `name: value`. A proxy of ours stands in between and adds the client's address.
pub fn head(bytes: &[u8]) {
    let headers = headers(bytes);
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
    client(
        &headers,
        ProxyHeader::XForwardedFor,
        ("x-forwarded-for", "203.0.113.7"),
    );
    client(
        &headers,
        ProxyHeader::Forwarded,
        ("forwarded", "for=203.0.113.7;host=a.test"),
    );
}

/// Reads a request: its head, a blank line, and a message. Where both are taken, the headers say what the message does, whether
/// their text is plain or in Base64.
pub fn request(bytes: &[u8]) {
    let end = bytes.windows(2).position(|window| window == b"\n\n");
    let Some((head, body)) = end.map(|end| (&bytes[..end], &bytes[end + 2..])) else {
        return;
    };
    let headers = headers(head);
    let Ok(Some(Message::Request(call))) = message::read(body) else {
        return;
    };
    let Ok(request) = typed(&call) else {
        return;
    };
    if standard_headers::check_request(&headers, &call, &request).is_err() {
        return;
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    if text("mcp-protocol-version") != Some("2026-07-28") || call.method == "initialize" {
        return;
    }
    assert_eq!(text("mcp-method"), Some(&*call.method));
    if let ClientRequest::ReadResourceRequest(request) = &request {
        let name = text("mcp-name").unwrap_or_default();
        let is_encoded = name.to_ascii_lowercase().starts_with("=?base64?");
        assert!(is_encoded || name == request.params.uri, "{name}");
    }
}

fn headers(bytes: &[u8]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for line in bytes.split(|byte| *byte == b'\n').take(64) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else {
            continue;
        };
        let (name, value) = line.split_at(colon);
        let (name, value) = (
            HeaderName::from_bytes(name),
            HeaderValue::from_bytes(value[1..].trim_ascii()),
        );
        if let (Ok(name), Ok(value)) = (name, value) {
            headers.append(name, value);
        }
    }
    headers
}

/// Whatever a client sends, a trusted proxy's word on who it is counts: what it added is the client, or the request is refused.
fn client(headers: &HeaderMap, believed: ProxyHeader, (name, value): (&'static str, &'static str)) {
    let trust = Trust {
        sources: Sources::default(),
        allowed_host: Vec::new(),
        allowed_origin: Vec::new(),
        trusted_proxy: vec!["10.0.0.0/8".parse().expect("a network")],
        trusted_proxy_header: vec![believed],
    };
    let address: IpAddr = "203.0.113.7".parse().expect("an address");
    let stranger = forwarded::origin(Some(address), headers, &trust);
    assert_eq!(stranger.and_then(|origin| origin.client), Some(address));
    let mut headers = headers.clone();
    headers.append(name, HeaderValue::from_static(value));
    let proxy = "10.0.0.1".parse().expect("an address");
    if let Some(origin) = forwarded::origin(Some(proxy), &headers, &trust) {
        assert_eq!(origin.client, Some(address), "{headers:?}");
        assert!(
            believed != ProxyHeader::Forwarded || origin.host.as_deref() == Some("a.test"),
            "{headers:?}"
        );
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
