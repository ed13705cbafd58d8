//! A message that is not of the common shape: it is read once, takes the memory that it costs, and its handler answers.

use std::sync::Arc;

use http::request::Parts;
use http::{HeaderMap, Response, StatusCode};
use rmcp::model::{ClientRequest, ErrorCode, Implementation, RequestId, SubscriptionsListenResult};
use serde_json::json;

use super::body::Body;
use super::credentials;
use super::handler::{Answer, Handled};
use super::mcp::{PROTOCOL_VERSION, only};
use super::receive::Received;
use super::refusal::Refusal;
use super::site::Site;
use super::standard_headers;
use super::visit::Visit;
use super::within::within;
use crate::guard::{Call, Permit, Principal};
use crate::prepared::STATELESS;
use crate::protocol::operation::method_name;
use crate::transport::jsonrpc::message::{self, Message};
use crate::transport::jsonrpc::request;

/// The method that opens a stream of what changes.
const LISTEN: &str = "subscriptions/listen";

/// The answer of a handler, to a caller that has a permit already or is yet to get one.
pub(super) async fn dispatched(
    site: &'static Site,
    mut parts: Parts,
    (body, body_memory): Received,
    permit: Option<Permit>,
    principal: &Principal,
    visit: &mut Visit,
) -> Result<Response<Body>, Refusal> {
    let message = read(&body, visit);
    let permit = if let Some(permit) = permit {
        permit
    } else {
        // What is no request counts as well, and needs what all requests need.
        let asked = match &message {
            Ok(Message::Request(call)) => Call::read(&call.method, call.params),
            _ => Call::of("", None),
        };
        visit.asked = site.guard.asked(principal, &asked);
        site.guard.admit(principal, visit.client, &asked).await?
    };
    let call = match message? {
        Message::Request(call) => call,
        other => return Ok(unanswered(&parts.headers, &other)),
    };
    let client = principal.client(visit.client);
    // A subscription is a stream in place of a request from the start: one that has no place costs nothing more.
    let is_subscription = call.method == LISTEN;
    if is_subscription {
        visit.turn = Some(site.pools.stream(&client)?);
    }
    let memory = site.pools.memory(&client, call.weight.memory() as u64)?;
    let request = typed(&parts.headers, &call)?;
    if let Err(refusal) = standard_headers::check_request(&parts.headers, &call, &request) {
        return Ok(Refusal::Message(refusal).into_message());
    }
    let id = call.id;
    // The request has all that it needs of the text.
    drop((body, body_memory));
    credentials::remove(&mut parts.headers);
    parts.extensions.insert(permit);
    parts.extensions.insert(visit.verdict.clone());
    // The handler may go on when nobody waits for it any more.
    parts.extensions.insert(Arc::new(memory));
    let limit = site.settings.deadlines.request_timeout;
    let handled = within(limit, Handled::start(site, id.clone(), request, parts)).await;
    let handled = handled.map_err(|_| Refusal::Timeout { limit })??;
    let answer = if is_subscription {
        handled.into_subscription(&site.stopping)
    } else {
        handled.into_answer(&site.stopping)
    };
    match answer {
        Answer::Whole(response) => Ok(response),
        Answer::Stream(response) => {
            if !is_subscription {
                visit.turn = Some(site.pools.stream(&client)?);
            }
            let longest = site.settings.deadlines.max_stream_duration;
            let last = last_event(site, &id, is_subscription);
            Ok(response.map(|body| Body::events(body, longest, last)))
        }
    }
}

/// How a stream ends that has lasted as long as it may: a subscription with its result (MCP 2026-07-28, "subscriptions/listen"),
/// any other with an error.
fn last_event(site: &Site, id: &RequestId, is_subscription: bool) -> String {
    let message = if is_subscription {
        let mut result = SubscriptionsListenResult::complete(id.clone());
        let server = &site.bundle.server;
        let server = Implementation::new(server.name, server.version);
        result.meta.set_server_info(server);
        json!({ "jsonrpc": "2.0", "id": id, "result": result })
    } else {
        let longest = site.settings.deadlines.max_stream_duration;
        let text = format!("The stream has lasted {longest:?}, which is the longest that it may");
        json!({ "jsonrpc": "2.0", "id": id, "error": { "code": -32000, "message": text } })
    };
    format!("data: {message}\n\n")
}

/// What a body says, if that is JSON-RPC.
fn read<'a>(body: &'a [u8], visit: &mut Visit) -> Result<Message<'a>, Refusal> {
    let message = message::read(body)?.ok_or_else(message::empty)?;
    if let Message::Request(call) = &message {
        visit.rpc_method = Some(method_name(&call.method));
        visit.in_trace(call.traceparent().as_deref());
    }
    Ok(message)
}

/// The request that a call means; refused if its method does not take its parameters.
fn typed(headers: &HeaderMap, call: &message::Call<'_>) -> Result<ClientRequest, Refusal> {
    if call.method == LISTEN {
        return Ok(request::subscription(call).unwrap_or_else(|| request::unknown(call)));
    }
    // There is no `initialize` where requests stand alone, whatever its parameters.
    let is_stateless = only(headers, &PROTOCOL_VERSION) == Some(STATELESS.as_bytes());
    let is_opening = is_stateless && call.method == "initialize";
    request::typed(call).or_else(|refusal| match refusal.error.code {
        ErrorCode::INVALID_PARAMS if !is_opening => Err(Refusal::Params(refusal)),
        _ => Ok(request::unknown(call)),
    })
}

/// The answer to what is no request: a notification, of which there is nothing to do, or a response to nothing.
fn unanswered(headers: &HeaderMap, message: &Message<'_>) -> Response<Body> {
    let refused = match message {
        Message::Notification(method) => standard_headers::check_notification(headers, method),
        _ => standard_headers::check_response(headers).and_then(|()| {
            Err(message::invalid(
                None,
                "stateless server does not accept JSON-RPC responses",
            ))
        }),
    };
    if let Err(refusal) = refused {
        return Refusal::Message(refusal).into_message();
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::ACCEPTED;
    response
}
