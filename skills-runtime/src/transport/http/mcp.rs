//! MCP itself: a JSON-RPC message in, an answer out. What is constant is answered at once, everything else by rmcp.

use std::convert::Infallible;
use std::time::Instant;

use bytes::{Buf, Bytes};
use http::header::{ACCEPT, CONTENT_TYPE, HeaderName};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use rmcp::model::{Implementation, RequestId, SubscriptionsListenResult};
use serde_json::json as value;

use super::body::Body;
use super::credentials;
use super::receive::receive;
use super::refusal::Refusal;
use super::site::Site;
use super::visit::Visit;
use super::within::within;
use crate::catalog::Catalog;
use crate::clock;
use crate::guard::{Call, Permit, Principal};
use crate::logging::HTTP;
use crate::prepared::{self, Answer, Era, Version};
use crate::protocol::operation::{Observer, Operation, method_name};
use crate::transport::jsonrpc::{message, request};

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

const JSON: &str = "application/json";
/// The method whose answer is a stream.
const LISTEN: &str = "subscriptions/listen";

const EVENT_STREAM: &str = "text/event-stream";

/// How most clients say that they take either.
const BOTH: &str = "application/json, text/event-stream";

const PROTOCOL_VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const MCP_METHOD: HeaderName = HeaderName::from_static("mcp-method");
const MCP_NAME: HeaderName = HeaderName::from_static("mcp-name");
const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
const MAX_AGE: HeaderName = HeaderName::from_static("access-control-max-age");
const ALLOW_METHODS: HeaderName = HeaderName::from_static("access-control-allow-methods");
const ALLOW_HEADERS: HeaderName = HeaderName::from_static("access-control-allow-headers");

/// The versions of the protocol that begin with `initialize` and are sent in a header afterwards.
const INITIALIZED: [&str; 3] = ["2025-11-25", "2025-06-18", "2025-03-26"];

/// The answer to a `POST`.
pub(super) async fn post(
    site: &'static Site,
    request: Request<Incoming>,
    principal: &Principal,
    visit: &mut Visit,
) -> Result<Response<Body>, Refusal> {
    let (parts, body) = request.into_parts();
    check_types(&parts.headers)?;
    let client = principal.client(visit.client);
    let (mut body, _memory) = receive(site, &client, body).await?;
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
        visit.asked = site.guard.asked(&call);
        let admitted = site.guard.admit(principal, visit.client, &call).await?;
        if let Some(response) = constant(site, admitted, &common, visit) {
            return Ok(response);
        }
        permit = Some(admitted);
    }
    // What this needs is much, and most requests do without it.
    Box::pin(dispatched(site, parts, body, permit, principal, visit)).await
}

/// The answer of rmcp, to a caller that has a permit already or is yet to get one.
async fn dispatched(
    site: &'static Site,
    mut parts: Parts,
    body: Bytes,
    permit: Option<Permit>,
    principal: &Principal,
    visit: &mut Visit,
) -> Result<Response<Body>, Refusal> {
    let judged = judge(&parts.headers, &body, visit);
    let permit = if let Some(permit) = permit {
        permit
    } else {
        // What is no request counts as well, and needs what all requests need.
        let asked = match &judged {
            Ok(Some(call)) => Call::read(&call.method, call.params),
            _ => Call::of("", None),
        };
        visit.asked = site.guard.asked(&asked);
        site.guard.admit(principal, visit.client, &asked).await?
    };
    let id = judged?.map(|call| call.id);
    // It is a stream in place of a request from the start: one that has no place costs nothing more.
    if visit.rpc_method == Some(LISTEN) {
        visit.turn = Some(site.pools.stream(&principal.client(visit.client))?);
    }
    credentials::remove(&mut parts.headers);
    parts.extensions.insert(permit);
    parts.extensions.insert(visit.verdict.clone());
    let request = Request::from_parts(parts, Full::new(body));
    let limit = site.settings.deadlines.request_timeout;
    let answer = within(limit, site.service.handle(request)).await;
    let response = answer.map_err(|_| Refusal::Timeout { limit })?;
    completed(site, response, id, principal, visit).await
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

/// Whether both sides can speak JSON.
fn check_types(headers: &HeaderMap) -> Result<(), Refusal> {
    let content_type = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok());
    if !content_type.is_some_and(|text| text == JSON || is_type(text, JSON)) {
        return Err(Refusal::MediaType);
    }
    if only(headers, &ACCEPT) == Some(BOTH.as_bytes()) {
        return Ok(());
    }
    let accepts = |wanted: &str| {
        let texts = headers
            .get_all(ACCEPT)
            .iter()
            .filter_map(|value| value.to_str().ok());
        let mut types = texts.flat_map(|text| text.split(','));
        types.any(|text| is_type(text, wanted))
    };
    if accepts(JSON) && accepts(EVENT_STREAM) {
        return Ok(());
    }
    Err(Refusal::NotAcceptable)
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
        error: None,
        duration: start.elapsed(),
        #[cfg(feature = "otel")]
        traceparent: request.traceparent().or(visit.traceparent.as_deref()),
    });
    Some(json(pieces(&answer, request.id())))
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
fn only<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a [u8]> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (None, _) => Some(b""),
        (Some(value), None) => Some(value.as_bytes()),
        (Some(_), Some(_)) => None,
    }
}

/// An answer, of which only the beginning is made now.
fn pieces(answer: &Answer, id: &str) -> Body {
    let between = answer.between().map(Bytes::from).unwrap_or_default();
    Body::of([
        Bytes::from(answer.before(id)),
        Bytes::from_static(answer.body().as_bytes()),
        between,
        Bytes::from_static(answer.closing().as_bytes()),
    ])
}

fn json(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(JSON));
    response
}

/// Refuses what is no JSON-RPC, or has parameters that its method does not take; gives what is a request.
fn judge<'a>(
    headers: &HeaderMap,
    body: &'a [u8],
    visit: &mut Visit,
) -> Result<Option<message::Call<'a>>, Refusal> {
    let message = message::read(body)?.ok_or_else(message::empty)?;
    let message::Message::Request(call) = message else {
        return Ok(None);
    };
    visit.rpc_method = Some(method_name(&call.method));
    visit.in_trace(call.traceparent().as_deref());
    // What rmcp does not know as a request of this method, it takes for one of an unknown method. That is what `initialize`
    // is where requests stand alone, whatever its parameters.
    let is_stateless = only(headers, &PROTOCOL_VERSION) == Some(prepared::STATELESS.as_bytes());
    if is_stateless && call.method == "initialize" {
        return Ok(Some(call));
    }
    request::typed(&call)
        .map(drop)
        .or_else(|refusal| match refusal.error.code {
            rmcp::model::ErrorCode::INVALID_PARAMS => Err(Refusal::Params(refusal)),
            _ => Ok(()),
        })?;
    Ok(Some(call))
}

/// The answer of rmcp. What it says in plain text is said in JSON-RPC, and a stream takes one of the places for streams.
async fn completed(
    site: &Site,
    response: Response<BoxBody<Bytes, Infallible>>,
    id: Option<RequestId>,
    principal: &Principal,
    visit: &mut Visit,
) -> Result<Response<Body>, Refusal> {
    let content_type = response
        .headers()
        .get(CONTENT_TYPE)
        .map(HeaderValue::as_bytes);
    let is_stream = content_type.is_some_and(|value| value.starts_with(EVENT_STREAM.as_bytes()));
    let is_json = content_type.is_some_and(|value| value.starts_with(JSON.as_bytes()));
    if is_stream {
        if visit.rpc_method != Some(LISTEN) {
            visit.turn = Some(site.pools.stream(&principal.client(visit.client))?);
        }
        let longest = site.settings.deadlines.max_stream_duration;
        let last = last_event(site, id, visit.rpc_method);
        return Ok(response.map(|body| Body::events(body, longest, last)));
    }
    let (parts, body) = response.into_parts();
    let whole = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes);
    let whole = whole.unwrap_or_default();
    if is_json || parts.status.is_success() {
        return Ok(Response::from_parts(parts, Body::of([whole])));
    }
    let refusal = message::invalid(id, &String::from_utf8_lossy(&whole));
    let mut response = Refusal::Message(refusal).into_message();
    *response.status_mut() = parts.status;
    Ok(response)
}

/// How a stream ends that has lasted as long as it may: a subscription with its result (MCP 2026-07-28, "subscriptions/listen"),
/// any other with an error.
fn last_event(site: &Site, id: Option<RequestId>, method: Option<&str>) -> String {
    let id = id.unwrap_or(RequestId::Number(0));
    let message = if method == Some(LISTEN) {
        let mut result = SubscriptionsListenResult::complete(id.clone());
        let server = &site.bundle.server;
        let server = Implementation::new(server.name, server.version);
        result.meta.set_server_info(server);
        value!({ "jsonrpc": "2.0", "id": id, "result": result })
    } else {
        let longest = site.settings.deadlines.max_stream_duration;
        let text = format!("The stream has lasted {longest:?}, which is the longest that it may");
        value!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32000, "message": text } })
    };
    format!("data: {message}\n\n")
}
