//! Why a request is not answered with what it asks for: a status, a sentence that says what to do, and a word for the metrics.

use std::borrow::Cow;
use std::time::Duration;

use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use rmcp::ErrorData;
use rmcp::model::ErrorCode;
use serde_json::{Value, json};

use super::body::Body;
use super::rate_limit::{self, seconds};
use crate::guard::Denial;
use crate::pool::Exhausted;
use crate::transport::jsonrpc::message;

/// When a client that was sent away should come back, in seconds.
const COME_BACK: u64 = 1;

/// Why a request is refused.
#[derive(Debug)]
pub(super) enum Refusal {
    /// No such path.
    NotFound,
    /// A path at which OAuth clients look for an authorization server; what they should do instead.
    NoAuthorizationServer { advice: &'static str },
    /// The path has other methods.
    Method { allowed: &'static str },
    /// No name that the server is reached under.
    Host { named: Option<String> },
    /// What a trusted proxy says of the client cannot be read.
    Forwarded,
    /// A web page that may not ask.
    Origin { named: String },
    /// More headers, or larger ones, than are read.
    Headers { limit: String },
    /// A query, where there is none.
    Query { limit: usize },
    /// The answer would be in a form that the client does not take.
    NotAcceptable,
    /// The answer is a stream, which the client does not accept.
    OnlyAsStream,
    /// The body is not JSON by its own account.
    MediaType,
    /// The body is compressed.
    ContentEncoding,
    /// The body is too large.
    Body { limit: u64 },
    /// The body did not come in time.
    BodyTimeout { limit: Duration },
    /// The body comes too slowly.
    BodyRate { limit: u64 },
    /// The body broke off.
    BodyBroken,
    /// A defect of the server.
    Internal,
    /// All of something is taken, or the client has its share of it.
    Exhausted(Resource, Exhausted),
    /// The answer took too long to make.
    Timeout { limit: Duration },
    /// The body is no JSON-RPC request.
    Message(message::Refusal),
    /// The caller may not.
    Denied(Denial),
    /// The parameters do not fit the method; an ordinary answer to clients.
    Params(message::Refusal),
}

/// What clients share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Resource {
    /// Requests that are being answered.
    Requests,
    /// Streams that are open.
    Streams,
    /// Memory for bodies.
    Bodies,
    /// Memory for what messages come to.
    Memory,
}

impl Resource {
    /// The value of the label `reason`.
    const fn reason(self, exhausted: Exhausted) -> &'static str {
        match (self, exhausted) {
            (Self::Requests, Exhausted::Total) => "requests",
            (Self::Requests, Exhausted::Share) => "requests_per_client",
            (Self::Streams, Exhausted::Total) => "streams",
            (Self::Streams, Exhausted::Share) => "streams_per_client",
            (Self::Bodies, Exhausted::Total) => "body_memory",
            (Self::Bodies, Exhausted::Share) => "body_memory_per_client",
            (Self::Memory, Exhausted::Total) => "request_memory",
            (Self::Memory, Exhausted::Share) => "request_memory_per_client",
        }
    }

    /// What the client is told.
    const fn message(self, exhausted: Exhausted) -> &'static str {
        match (self, exhausted) {
            (Self::Requests, Exhausted::Total) => {
                "The server is answering as many requests as it can; try again in a second"
            }
            (Self::Requests, Exhausted::Share) => {
                "Too many of your requests are being answered; try again in a second"
            }
            (Self::Streams, Exhausted::Total) => {
                "The server has as many open streams as it can; try again later"
            }
            (Self::Streams, Exhausted::Share) => {
                "Too many of your streams are open; close one first"
            }
            (Self::Bodies, Exhausted::Total) => {
                "The server is receiving as many request bodies as it can; try again in a second"
            }
            (Self::Bodies, Exhausted::Share) => {
                "Too many of your request bodies are under way; try again in a second"
            }
            (Self::Memory, Exhausted::Total) => {
                "The requests under way take as much memory as the server has for them; try again in a second"
            }
            (Self::Memory, Exhausted::Share) => {
                "Your requests under way take as much memory as one client may have; try again in a second"
            }
        }
    }
}

impl Refusal {
    /// All of something is taken.
    pub(super) const fn exhausted(resource: Resource, exhausted: Exhausted) -> Self {
        Self::Exhausted(resource, exhausted)
    }

    /// Why the caller may not, if that is why.
    pub(super) const fn denial(&self) -> Option<&Denial> {
        match self {
            Self::Denied(denial) => Some(denial),
            _ => None,
        }
    }

    pub(super) const fn status(&self) -> StatusCode {
        match self {
            Self::NotFound | Self::NoAuthorizationServer { .. } => StatusCode::NOT_FOUND,
            Self::Method { .. } => StatusCode::METHOD_NOT_ALLOWED,
            Self::Host { named: None }
            | Self::Forwarded
            | Self::Query { .. }
            | Self::BodyBroken
            | Self::Message(_) => StatusCode::BAD_REQUEST,
            Self::Host { named: Some(_) } | Self::Origin { .. } => StatusCode::FORBIDDEN,
            Self::Headers { .. } => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::NotAcceptable | Self::OnlyAsStream => StatusCode::NOT_ACCEPTABLE,
            Self::MediaType | Self::ContentEncoding => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Body { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTimeout { .. } | Self::BodyRate { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            // One request may cost as much as thousands of others: a client that exceeds its share by a few did not send too many.
            Self::Exhausted(Resource::Memory, _) | Self::Exhausted(_, Exhausted::Total) => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Exhausted(_, Exhausted::Share) => StatusCode::TOO_MANY_REQUESTS,
            Self::Timeout { .. } => StatusCode::GATEWAY_TIMEOUT,
            Self::Denied(denial) => match denial {
                Denial::Unidentified | Denial::Unfilled { .. } | Denial::Invalid { .. } => {
                    StatusCode::UNAUTHORIZED
                }
                Denial::Malformed { .. } => StatusCode::BAD_REQUEST,
                Denial::Network | Denial::Blocked { .. } | Denial::Insufficient { .. } => {
                    StatusCode::FORBIDDEN
                }
                Denial::Limited { .. } => StatusCode::TOO_MANY_REQUESTS,
                Denial::Unavailable { .. } | Denial::Unrecorded => StatusCode::SERVICE_UNAVAILABLE,
            },
            Self::Params(_) => StatusCode::OK,
        }
    }

    /// The value of the label `reason`.
    pub(super) const fn reason(&self) -> &'static str {
        match self {
            Self::NotFound | Self::NoAuthorizationServer { .. } => "not_found",
            Self::Method { .. } => "method",
            Self::Host { .. } => "host",
            Self::Forwarded => "forwarded",
            Self::Origin { .. } => "origin",
            Self::Headers { .. } => "headers",
            Self::Query { .. } => "query",
            Self::NotAcceptable | Self::OnlyAsStream => "not_acceptable",
            Self::MediaType => "media_type",
            Self::ContentEncoding => "content_encoding",
            Self::Body { .. } => "body_size",
            Self::BodyTimeout { .. } => "body_timeout",
            Self::BodyRate { .. } => "body_rate",
            Self::BodyBroken => "body_broken",
            Self::Internal => "internal",
            Self::Exhausted(resource, exhausted) => resource.reason(*exhausted),
            Self::Timeout { .. } => "timeout",
            Self::Message(_) => "message",
            Self::Denied(denial) => denial.reason(),
            Self::Params(_) => "params",
        }
    }

    fn message(&self) -> Cow<'static, str> {
        let text = match self {
            Self::NotFound => "Nothing is served at this path; MCP is at /mcp",
            Self::NoAuthorizationServer { advice } => advice,
            Self::Method { allowed } => return format!("This path takes {allowed}").into(),
            Self::Host { named: None } => "The request names no host, or not a valid one",
            Self::Host { named: Some(host) } => {
                return format!(
                    "This server is not reached under the name {host}. Its operator allows names with --allowed-host"
                )
                .into();
            }
            Self::Origin { named } => {
                return format!(
                    "Web pages of {named} may not ask this server. Its operator allows them with --allowed-origin"
                )
                .into();
            }
            Self::Forwarded => {
                "The proxy's header about the client cannot be read. A proxy sets that header anew (--trusted-proxy-header)"
            }
            Self::Headers { limit } => return format!("A request has at most {limit}").into(),
            Self::Query { limit } => {
                return format!("A query has at most {limit} bytes; this server needs none").into();
            }
            Self::NotAcceptable => {
                "Not Acceptable: answers are application/json or text/event-stream, and the Accept header allows neither"
            }
            Self::OnlyAsStream => {
                "Not Acceptable: the answer to this request is a stream, and the Accept header does not allow text/event-stream"
            }
            Self::MediaType => "Unsupported Media Type: Content-Type must be application/json",
            Self::ContentEncoding => {
                "Unsupported Media Type: the body must not be compressed (Content-Encoding); send it as it is"
            }
            Self::Body { limit } => {
                return format!("The body of a request has at most {limit} bytes").into();
            }
            Self::BodyTimeout { limit } => {
                return format!("The body of the request did not come within {limit:?}").into();
            }
            Self::BodyRate { limit } => {
                return format!(
                    "The body of the request came with fewer than {limit} bytes a second"
                )
                .into();
            }
            Self::BodyBroken => "The body of the request broke off or is malformed",
            Self::Internal => "Internal error; the log knows more",
            Self::Exhausted(resource, exhausted) => resource.message(*exhausted),
            Self::Timeout { limit } => {
                return format!("No answer was ready within {limit:?}").into();
            }
            Self::Denied(denial) => return denial.message(),
            Self::Message(refusal) | Self::Params(refusal) => return refusal.error.message.clone(),
        };
        text.into()
    }

    /// The answer where JSON-RPC is spoken.
    pub(super) fn into_message(self) -> Response<Body> {
        let refusal = match &self {
            Self::Message(refusal) | Self::Params(refusal) => {
                serde_json::to_vec(&refusal.response())
            }
            _ => {
                let refusal = message::Refusal {
                    id: None,
                    error: ErrorData::new(self.code(), self.message(), self.data()),
                };
                serde_json::to_vec(&refusal.response())
            }
        };
        // What is written is text and numbers, which cannot fail.
        self.response(refusal.unwrap_or_default(), "application/json")
    }

    /// The answer where it is not.
    pub(super) fn into_text(self) -> Response<Body> {
        if let Self::NoAuthorizationServer { advice } = self {
            // In the form of OAuth's errors (RFC 6749, section 5.2; RFC 7591, section 3.2.2), of which hosts show the description.
            let body = json!({ "error": "invalid_request", "error_description": advice });
            return self.response(body.to_string().into_bytes(), "application/json");
        }
        let text = format!("{}\n", self.message());
        self.response(text.into_bytes(), "text/plain; charset=utf-8")
    }

    /// Which limit was reached, and when to come back, for programs.
    fn data(&self) -> Option<Value> {
        match self {
            Self::Denied(denial) => {
                let wait = denial.wait()?;
                Some(json!({ "retryAfterMs": wait.as_millis() as u64 }))
            }
            Self::Exhausted(..) => {
                Some(json!({ "limit": self.reason(), "retryAfterMs": COME_BACK * 1000 }))
            }
            _ => None,
        }
    }

    const fn code(&self) -> ErrorCode {
        match self {
            // The range that JSON-RPC leaves to servers.
            Self::Exhausted(..) | Self::Timeout { .. } | Self::Denied(_) => ErrorCode(-32000),
            Self::Internal => ErrorCode::INTERNAL_ERROR,
            _ => ErrorCode::INVALID_REQUEST,
        }
    }

    fn response(&self, body: Vec<u8>, content_type: &'static str) -> Response<Body> {
        let mut response = Response::new(Body::text(body));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        match self {
            Self::Method { allowed } => {
                headers.insert(ALLOW, HeaderValue::from_static(allowed));
            }
            Self::Exhausted(resource, _) => {
                headers.insert(RETRY_AFTER, HeaderValue::from(COME_BACK));
                // As below: the body was not read.
                if *resource == Resource::Bodies {
                    headers.insert(CONNECTION, HeaderValue::from_static("close"));
                }
            }
            Self::Denied(denial) => {
                if let Some(wait) = denial.wait() {
                    headers.insert(RETRY_AFTER, HeaderValue::from(seconds(wait)));
                }
                if let Denial::Limited { by, rate, wait } = denial {
                    rate_limit::describe(headers, by.name(), *rate, *wait);
                }
            }
            // What is left of the body would be taken for the next request.
            Self::Body { .. }
            | Self::BodyTimeout { .. }
            | Self::BodyRate { .. }
            | Self::BodyBroken => {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
            _ => {}
        }
        response
    }
}

impl From<Denial> for Refusal {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

impl From<message::Refusal> for Refusal {
    fn from(refusal: message::Refusal) -> Self {
        Self::Message(refusal)
    }
}
