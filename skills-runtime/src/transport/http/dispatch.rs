//! A message that is not of the common shape: it is read once, takes the memory that it costs, and its handler answers.

use std::sync::Arc;

use bytes::Bytes;
use http::request::Parts;
use http::{HeaderMap, Response, StatusCode};
use rmcp::model::{ClientRequest, ErrorCode};

use super::body::Body;
use super::handler::{Answer, Exchange};
use super::mcp::{PROTOCOL_VERSION, only};
use super::refusal::Refusal;
use super::site::Site;
use super::standard_headers;
use super::visit::Visit;
use super::within::within;
use crate::guard::{Call, Client, Permit, Principal};
use crate::pool::Lease;
use crate::prepared::STATELESS;
use crate::protocol::operation::method_name;
use crate::transport::jsonrpc::message::{self, Message};
use crate::transport::jsonrpc::request;
use crate::transport::jsonrpc::weight::Weight;

/// A request that costs less, in bytes, takes no memory of those that cost much: the limit of requests at once bounds what all
/// of them cost, and a client that asks for little is never sent away because others ask for much.
const SMALL: usize = 64 * 1024;

/// The answer of a handler, to a caller that has a permit already or is yet to get one.
pub(super) async fn dispatched(
    site: &'static Site,
    mut parts: Parts,
    body: Bytes,
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
        visit.asked = site.guard.asked(&asked);
        site.guard.admit(principal, visit.client, &asked).await?
    };
    let call = match message? {
        Message::Request(call) => call,
        other => return Ok(unanswered(&parts.headers, &other)),
    };
    let memory = memory(site, visit, call.weight)?;
    let request = typed(&parts.headers, &call)?;
    if let Err(refusal) = standard_headers::check_request(&parts.headers, &call, &request) {
        return Ok(Refusal::Message(refusal).into_message());
    }
    let id = call.id;
    // The request has all that it needs of the text.
    drop(body);
    parts.extensions.insert(permit);
    parts.extensions.insert(visit.verdict.clone());
    // The handler may go on when nobody waits for it any more.
    parts.extensions.insert(Arc::new(memory));
    let limit = site.settings.deadlines.request_timeout;
    let handler = within(limit, Exchange::open(site, id, request, parts)).await;
    let handler = handler.map_err(|_| Refusal::Timeout { limit })??;
    match handler.into_response(&site.stopping) {
        Answer::Whole(response) => Ok(response),
        Answer::Stream(response) => {
            let place = site.streams.clone().try_acquire_owned();
            let place = place.map_err(|_| Refusal::Busy)?;
            Ok(response.map(|body| Body::Stream {
                body,
                _place: Some(place),
            }))
        }
    }
}

/// The memory that a message comes to, if the client may have it.
fn memory(site: &Site, visit: &Visit, weight: Weight) -> Result<Lease<Client>, Refusal> {
    let bytes = weight.memory();
    let bytes = if bytes < SMALL { 0 } else { bytes };
    let client = Client::at(visit.client);
    let lease = site.memory.take(client.known(), bytes as u64);
    lease.map_err(|_| Refusal::Memory)
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
    if call.method == "subscriptions/listen" {
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
        _ => standard_headers::check_response(headers)
            .and_then(|()| Err(message::invalid(None, "stateless server does not accept JSON-RPC responses"))),
    };
    if let Err(refusal) = refused {
        return Refusal::Message(refusal).into_message();
    }
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::ACCEPTED;
    response
}
