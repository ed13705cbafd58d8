//! MCP itself: a JSON-RPC message in, an answer out. What is constant is answered at once, everything else by a handler.

use std::borrow::Cow;
use std::time::Instant;

use bytes::{Buf, Bytes};
use http::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use hyper::body::Incoming;

use super::accept::Accepted;
use super::body::Body;
use super::dispatch::dispatched;
use super::receive::receive;
use super::refusal::Refusal;
use super::site::Site;
use super::visit::Visit;
use crate::catalog::Catalog;
use crate::clock;
use crate::guard::{Call, Permit, Principal};
use crate::logging::HTTP;
use crate::prepared::{self, Answer, Era, Version};
use crate::protocol::operation::{Observer, Operation, method_name};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

const JSON: &str = "application/json";

pub(super) const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const MCP_METHOD: HeaderName = HeaderName::from_static("mcp-method");
const MCP_NAME: HeaderName = HeaderName::from_static("mcp-name");
const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
const MAX_AGE: HeaderName = HeaderName::from_static("access-control-max-age");
const ALLOW_METHODS: HeaderName = HeaderName::from_static("access-control-allow-methods");
const ALLOW_HEADERS: HeaderName = HeaderName::from_static("access-control-allow-headers");

/// The versions of the protocol that begin with `initialize` and are sent in a header afterwards.
const INITIALIZED: [&str; 3] = ["2025-11-25", "2025-06-18", "2025-03-26"];

/// The answer to a `POST`, in a form that the client accepts.
pub(super) async fn post(
    site: &'static Site,
    request: Request<Incoming>,
    principal: &Principal,
    visit: &mut Visit,
) -> Result<Response<Body>, Refusal> {
    let (parts, body) = request.into_parts();
    check_content(&parts.headers)?;
    let accepted = Accepted::of(&parts.headers).ok_or(Refusal::NotAcceptable)?;
    let client = principal.client(visit.client);
    let (mut body, memory) = receive(site, &client, body).await?;
    // RFC 8259, section 8.1: a byte order mark may be ignored.
    if body.starts_with(BYTE_ORDER_MARK) {
        body.advance(BYTE_ORDER_MARK.len());
    }
    // Those who send slowly keep nobody else out: a request takes its place when all of it is there.
    visit.turn = Some(site.pools.request(&client)?);
    visit.bytes = Some(body.len() as u64);
    let mut permit = None;
    if let Some(common) = Common::read(&parts.headers, &body) {
        let call = common.call();
        visit.asked = site.guard.asked(principal, &call);
        let admitted = site.guard.admit(principal, visit.client, &call).await?;
        if let Some(response) = constant(site, admitted, &common, visit) {
            return accepted.form(response);
        }
        permit = Some(admitted);
    }
    // What this needs is much, and most requests do without it.
    let response = Box::pin(dispatched(
        site,
        parts,
        (body, memory),
        permit,
        principal,
        visit,
    ))
    .await?;
    accepted.form(response)
}

/// The answer to a browser that asks whether a page may ask.
pub(super) fn preflight(methods: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let headers = response.headers_mut();
    headers.insert(ALLOW_METHODS, HeaderValue::from_static(methods));
    headers.insert(
        ALLOW_HEADERS,
        HeaderValue::from_static(
            "Accept, Authorization, Content-Type, MCP-Protocol-Version, Mcp-Method, Mcp-Name, Mcp-Session-Id, \
             Last-Event-ID, Traceparent, Tracestate, X-API-Key",
        ),
    );
    headers.insert(MAX_AGE, HeaderValue::from_static("86400"));
    response
}

/// Whether the body is JSON, and nothing has to be unpacked to read it.
fn check_content(headers: &HeaderMap) -> Result<(), Refusal> {
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(|text| text == JSON || is_type(text, JSON)) {
        return Err(Refusal::MediaType);
    }
    let mut codings = headers.get_all(CONTENT_ENCODING).iter();
    if codings.any(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        return Err(Refusal::ContentEncoding);
    }
    Ok(())
}

/// Whether a media type is this one, whatever its parameters.
fn is_type(text: &str, wanted: &str) -> bool {
    let essence = text.split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(wanted)
}

/// A request of the common shape, whose headers and body are exactly as they should be. What any other is, is for rmcp to
/// judge.
struct Common<'a> {
    start: Instant,
    request: prepared::Request<'a>,
    era: Era,
    version: &'static str,
}

impl<'a> Common<'a> {
    fn read(headers: &HeaderMap, body: &'a [u8]) -> Option<Self> {
        let start = clock::now();
        let request = prepared::Request::read(body)?;
        let (era, version) = agreed(headers, &request)?;
        Some(Self {
            start,
            request,
            era,
            version,
        })
    }

    fn call(&self) -> Call<'_> {
        Call::of(self.request.method(), self.request.uri())
    }
}

/// The answer to a request whose answer is a constant.
fn constant(
    site: &'static Site,
    permit: Permit,
    common: &Common<'_>,
    visit: &mut Visit,
) -> Option<Response<Body>> {
    let Common {
        start,
        request,
        era,
        version,
    } = common;
    let catalog = Catalog::new(site.bundle, permit);
    let answer = site.prepared.answer(catalog, request, *era)?;
    tracing::debug!(target: HTTP, id = request.id(), method = request.method(), "prepared");
    visit.rpc_method = Some(method_name(request.method()));
    visit.in_trace(request.traceparent());
    site.observers.answered(&Operation {
        method: request.method(),
        target: request.uri(),
        version,
        catalog: Some(catalog),
        error: None,
        duration: start.elapsed(),
        #[cfg(feature = "otel")]
        traceparent: request.traceparent().or(visit.traceparent.as_deref()),
    });
    Some(json(pieces(answer, request.id())))
}

/// The era and the version that headers and body agree on.
fn agreed(headers: &HeaderMap, request: &prepared::Request<'_>) -> Option<(Era, &'static str)> {
    if headers.contains_key(SESSION_ID) {
        return None;
    }
    let version = only(headers, &PROTOCOL_VERSION)?;
    match request.version()? {
        Version::Unsaid => {
            let mut known = INITIALIZED.into_iter();
            let version = known.find(|known| known.as_bytes() == version)?;
            Some((Era::Initialized, version))
        }
        Version::Stateless => {
            let name = only(headers, &MCP_NAME)?;
            let is_named = match request.method() {
                "resources/read" => Some(name) == request.uri().map(str::as_bytes),
                _ => name.is_empty(),
            };
            let method = only(headers, &MCP_METHOD)?;
            let agree =
                version == prepared::STATELESS.as_bytes() && method == request.method().as_bytes();
            (agree && is_named).then_some((Era::Stateless, prepared::STATELESS))
        }
    }
}

/// A header, empty if it does not occur; nothing if it occurs twice.
pub(super) fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Some(b""),
        (Some(value), None) => Some(value.as_bytes()),
        (Some(_), Some(_)) => None,
    }
}

/// An answer, of which only the beginning is made now.
fn pieces(answer: Answer, id: &str) -> Body {
    let before = Bytes::from(answer.before(id));
    let between = answer.between().map(Bytes::from).unwrap_or_default();
    let closing = Bytes::from_static(answer.closing().as_bytes());
    let body = match answer.into_body() {
        Cow::Borrowed(body) => Bytes::from_static(body.as_bytes()),
        Cow::Owned(body) => Bytes::from(body),
    };
    Body::of([before, body, between, closing])
}

fn json(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    response
}
