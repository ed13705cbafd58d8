//! One request of HTTP through rmcp's handlers, and the answer as a response.
//!
//! rmcp's own service for HTTP takes the text of a request and parses it again, trying type after type; here the request is
//! parsed already. What else that service does is in `standard_headers.rs`, what the handlers do is rmcp's.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Response, StatusCode};
use http_body::Frame;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, StreamBody};
use rmcp::RoleServer;
use rmcp::model::{
    ClientRequest, ErrorCode, GetExtensions, GetMeta, InitializeRequestParams, JsonRpcMessage,
    ProtocolVersion, RequestId, ServerJsonRpcMessage,
};
use rmcp::service::serve_directly_with_ct;
use rmcp::transport::OneshotTransport;
use serde::Serialize;
use tokio::sync::mpsc::Receiver;
use tokio::time::{Instant, interval_at};
use tokio_util::sync::{CancellationToken, DropGuard};

use super::body::Body;
use super::refusal::Refusal;
use super::site::Site;
use super::standard_headers::version;

/// How often a stream on which nothing happens says that it is there.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// A comment, which readers of streams pass over.
const COMMENT: Bytes = Bytes::from_static(b":\n\n");

const X_ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// What a handler has to say.
pub(super) struct Handled {
    first: ServerJsonRpcMessage,
    rest: Receiver<ServerJsonRpcMessage>,
    /// Ends the handler when nobody listens any more.
    guard: DropGuard,
    status: StatusCode,
}

impl Handled {
    /// Has a request handled, up to the first message that comes of it. To drop the future is to stop the handler.
    pub(super) async fn start(
        site: &Site,
        id: RequestId,
        mut request: ClientRequest,
        parts: Parts,
    ) -> Result<Self, Refusal> {
        let manners = Manners::of(&request);
        let peer = peer(&request, &parts.headers);
        request.extensions_mut().insert(parts);
        let message = JsonRpcMessage::request(request, id);
        let (transport, mut messages) = OneshotTransport::<RoleServer>::new(message);
        let cancelled = CancellationToken::new();
        let guard = cancelled.clone().drop_guard();
        let running = serve_directly_with_ct(site.server.clone(), transport, Some(peer), cancelled);
        tokio::spawn(running.waiting());
        let first = messages.recv().await.ok_or(Refusal::Internal)?;
        Ok(Self {
            status: manners.status(&first),
            first,
            rest: messages,
            guard,
        })
    }

    /// The answer, where it is the first thing that is said; else it may come after other messages, in a stream, which ends when
    /// the server does.
    pub(super) fn into_answer(self, stopping: &CancellationToken) -> Answer {
        match self.first {
            JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_) => {
                Answer::Whole(json(self.status, &self.first))
            }
            _ => {
                let frames = events(&self.first, self.rest, self.guard);
                let frames = frames.take_until(stopping.clone().cancelled_owned());
                Answer::Stream(event_stream(frames))
            }
        }
    }

    /// The same for a subscription. Nothing that is served can change, so nothing is ever said after its acknowledgement: the
    /// handler ends here, and the stream costs a timer in place of a task with its queues.
    pub(super) fn into_subscription(self, stopping: &CancellationToken) -> Answer {
        if matches!(
            self.first,
            JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_)
        ) {
            return self.into_answer(stopping);
        }
        let first = stream::iter([event(&self.first)]);
        let frames = first
            .chain(comments())
            .take_until(stopping.clone().cancelled_owned());
        Answer::Stream(event_stream(frames))
    }
}

/// A response, by what becomes of it.
pub(super) enum Answer {
    Whole(Response<Body>),
    /// It takes a place for streams.
    Stream(Response<BoxBody<Bytes, Infallible>>),
}

/// What the era of a request says about the status of errors.
struct Manners {
    stands_alone: bool,
    lacks_metadata: bool,
}

impl Manners {
    fn of(request: &ClientRequest) -> Self {
        let meta = request.get_meta();
        let lacking = meta.missing_required_keys(&ProtocolVersion::V_2026_07_28);
        Self {
            stands_alone: meta.protocol_version().is_some()
                || matches!(request, ClientRequest::DiscoverRequest(_)),
            lacks_metadata: !lacking.is_empty(),
        }
    }

    /// Requests that stand alone are answered with a status that proxies understand, others always with 200.
    const fn status(&self, message: &ServerJsonRpcMessage) -> StatusCode {
        let JsonRpcMessage::Error(error) = message else {
            return StatusCode::OK;
        };
        if !self.stands_alone {
            return StatusCode::OK;
        }
        match error.error.code {
            ErrorCode::UNSUPPORTED_PROTOCOL_VERSION
            | ErrorCode::MISSING_REQUIRED_CLIENT_CAPABILITY
            | ErrorCode::HEADER_MISMATCH => StatusCode::BAD_REQUEST,
            ErrorCode::INVALID_PARAMS if self.lacks_metadata => StatusCode::BAD_REQUEST,
            ErrorCode::METHOD_NOT_FOUND => StatusCode::NOT_FOUND,
            _ => StatusCode::OK,
        }
    }
}

/// The client as far as a request tells, so that handlers know the version of the protocol.
fn peer(request: &ClientRequest, headers: &HeaderMap) -> InitializeRequestParams {
    let mut peer = InitializeRequestParams::default();
    peer.protocol_version = match request {
        ClientRequest::InitializeRequest(request) => request.params.protocol_version.clone(),
        _ => version(headers).unwrap_or(ProtocolVersion::V_2025_03_26),
    };
    peer
}

fn json(status: StatusCode, message: &impl Serialize) -> Response<Body> {
    // What is written is text and numbers, which cannot fail.
    let text = serde_json::to_vec(message).unwrap_or_default();
    let mut response = Response::new(Body::text(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// The messages as events, and comments while there are none.
fn events(
    first: &ServerJsonRpcMessage,
    mut rest: Receiver<ServerJsonRpcMessage>,
    guard: DropGuard,
) -> impl Stream<Item = Bytes> + Send + Sync + use<> {
    let mut pulse = interval_at(Instant::now() + KEEP_ALIVE, KEEP_ALIVE);
    let rest = stream::poll_fn(move |context| {
        let _alive = &guard;
        let message = rest.poll_recv(context);
        if message.is_ready() {
            pulse.reset();
            return message.map(|message| message.as_ref().map(event));
        }
        pulse.poll_tick(context).map(|_| Some(COMMENT))
    });
    stream::iter([event(first)]).chain(rest)
}

/// Comments only.
fn comments() -> impl Stream<Item = Bytes> + Send + Sync + 'static {
    let mut pulse = interval_at(Instant::now() + KEEP_ALIVE, KEEP_ALIVE);
    stream::poll_fn(move |context| pulse.poll_tick(context).map(|_| Some(COMMENT)))
}

/// JSON has no line breaks of its own, so that it is one line of an event.
fn event(message: &ServerJsonRpcMessage) -> Bytes {
    let text = serde_json::to_string(message).unwrap_or_default();
    format!("data: {text}\n\n").into()
}

fn event_stream(
    frames: impl Stream<Item = Bytes> + Send + Sync + 'static,
) -> Response<BoxBody<Bytes, Infallible>> {
    let frames = frames.map(|bytes| Ok(Frame::data(bytes)));
    let mut response = Response::new(BodyExt::boxed(StreamBody::new(frames)));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers.insert(X_ACCEL_BUFFERING, HeaderValue::from_static("no"));
    response
}
