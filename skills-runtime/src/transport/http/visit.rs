//! What is kept of a request while it is answered, for the log.

use std::fmt;
use std::sync::Arc;

use http::header::HeaderName;
use http::{HeaderMap, HeaderValue};

use super::forwarded::Peer;
use super::site::Site;
use crate::audit::{Kind, Place};
use crate::guard::{Asked, Client, Principal};
use crate::pool::Lease;
use crate::protocol::operation::Verdict;

/// The longest id of a request that is taken over from a client or a proxy, in bytes.
const ID_BYTES: usize = 128;

pub(super) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

/// One request, as the log knows it.
#[derive(Debug)]
pub(super) struct Visit {
    pub(super) id: RequestId,
    pub(super) client: Peer,
    /// Who sent it, once that is known.
    pub(super) principal: Option<Arc<Principal>>,
    /// Room in the record for what comes of it.
    pub(super) place: Option<Place>,
    /// Its place among the requests that are being answered.
    pub(super) turn: Option<Lease<Client>>,
    /// What it asks for, where that is recorded.
    pub(super) asked: Option<Asked>,
    /// The size of its body.
    pub(super) bytes: Option<u64>,
    /// What its answer says that went wrong.
    pub(super) verdict: Verdict,
    /// The method of JSON-RPC.
    pub(super) rpc_method: Option<&'static str>,
    /// The trace that the request is part of (W3C Trace Context).
    pub(super) traceparent: Option<String>,
    pub(super) refused: Option<&'static str>,
    /// What the record calls it.
    pub(super) kind: Kind,
}

/// What a request is called in the log and in the header `X-Request-Id`.
#[derive(Debug)]
pub(super) enum RequestId {
    /// What it came with.
    Given(HeaderValue),
    /// What the server calls it.
    Own(&'static str, u64),
}

impl Visit {
    pub(super) fn new(site: &'static Site, headers: &HeaderMap, client: Peer) -> Self {
        let traceparent = headers
            .get(TRACEPARENT)
            .and_then(|value| value.to_str().ok());
        Self {
            id: RequestId::given(headers).unwrap_or_else(|| RequestId::new(site)),
            client,
            principal: None,
            place: None,
            turn: None,
            asked: None,
            bytes: None,
            verdict: Verdict::default(),
            rpc_method: None,
            traceparent: traceparent
                .filter(|text| is_traceparent(text))
                .map(str::to_owned),
            refused: None,
            kind: Kind::Request,
        }
    }

    /// The trace that is named in the request itself, where the headers name none.
    pub(super) fn in_trace(&mut self, traceparent: Option<&str>) {
        if self.traceparent.is_none() {
            let traceparent = traceparent.filter(|text| is_traceparent(text));
            self.traceparent = traceparent.map(str::to_owned);
        }
    }
}

impl RequestId {
    /// The one that the request came with.
    fn given(headers: &HeaderMap) -> Option<Self> {
        let value = headers.get(X_REQUEST_ID)?;
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.:+/=@".contains(byte);
        let bytes = value.as_bytes();
        let is_usable = !bytes.is_empty() && bytes.len() <= ID_BYTES && bytes.iter().all(is_plain);
        is_usable.then(|| Self::Given(value.clone()))
    }

    /// One of our own.
    fn new(site: &'static Site) -> Self {
        let (instance, number) = site.next_request_id();
        Self::Own(instance, number)
    }

    pub(super) fn value(&self) -> HeaderValue {
        match self {
            Self::Given(value) => value.clone(),
            Self::Own(instance, number) => {
                let text = [instance, number.to_string().as_str()].concat();
                HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
            }
        }
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Given(value) => formatter.write_str(value.to_str().unwrap_or_default()),
            Self::Own(instance, number) => write!(formatter, "{instance}{number}"),
        }
    }
}

/// Whether a text is a `traceparent`: version, trace, parent and flags in hexadecimal digits.
fn is_traceparent(text: &str) -> bool {
    let lengths = text.split('-').take(5).map(str::len);
    lengths.eq([2, 32, 16, 2])
        && text
            .bytes()
            .all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_id_is_taken_over() {
        let given = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert("x-request-id", HeaderValue::from_static(value));
            RequestId::given(&headers).map(|id| id.to_string())
        };
        assert_eq!(given("a1-b2").as_deref(), Some("a1-b2"));
        assert_eq!(given(""), None);
        assert_eq!(given("a b"), None);
        assert_eq!(given("{\"x\"}"), None);
    }

    #[test]
    fn a_traceparent_has_four_parts() {
        assert!(is_traceparent(
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
        ));
        assert!(!is_traceparent(
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7"
        ));
        assert!(!is_traceparent(
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x"
        ));
        assert!(!is_traceparent("hello"));
    }
}
