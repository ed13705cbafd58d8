//! Why a request is not answered with what it asks for: a status, a sentence that says what to do, and a word for the metrics.

use std::borrow::Cow;
use std::time::Duration;

use http::header::{ALLOW, CONNECTION, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Response, StatusCode};
use rmcp::ErrorData;
use rmcp::model::ErrorCode;
use serde_json::{Value, json};

use super::body::Body;
use crate::guard::Denial;
use crate::transport::jsonrpc::message;

/// When a client that was sent away should come back, in seconds.
const COME_BACK: &str = "1";

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
    /// Nobody knows which proxy says the truth.
    Forwarded,
    /// A web page that may not ask.
    Origin { named: String },
    /// More headers, or larger ones, than are read.
    Headers { limit: String },
    /// A query, where there is none.
    Query { limit: usize },
    /// The answer would be in a form that the client does not take.
    NotAcceptable,
    /// The body is not JSON by its own account.
    MediaType,
    /// The body is too large.
    Body { limit: u64 },
    /// The body did not come in time.
    BodyTimeout { limit: Duration },
    /// The body broke off.
    BodyBroken,
    /// A defect of the server.
    Internal,
    /// Too much is under way.
    Busy,
    /// The answer took too long to make.
    Timeout { limit: Duration },
    /// The body is no JSON-RPC request.
    Message(message::Refusal),
    /// The caller may not.
    Denied(Denial),
    /// The parameters do not fit the method; an ordinary answer to clients.
    Params(message::Refusal),
}

impl Refusal {
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
            Self::NotAcceptable => StatusCode::NOT_ACCEPTABLE,
            Self::MediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Body { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::BodyTimeout { .. } => StatusCode::REQUEST_TIMEOUT,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
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
            Self::NotAcceptable => "not_acceptable",
            Self::MediaType => "media_type",
            Self::Body { .. } => "body_size",
            Self::BodyTimeout { .. } => "body_timeout",
            Self::BodyBroken => "body_broken",
            Self::Internal => "internal",
            Self::Busy => "busy",
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
                "Forwarded or X-Forwarded-* cannot be read, or both are there. A proxy writes one of them and takes the \
                 other away"
            }
            Self::Headers { limit } => return format!("A request has at most {limit}").into(),
            Self::Query { limit } => {
                return format!("A query has at most {limit} bytes; this server needs none").into();
            }
            Self::NotAcceptable => {
                "Not Acceptable: the client must accept both application/json and text/event-stream"
            }
            Self::MediaType => "Unsupported Media Type: Content-Type must be application/json",
            Self::Body { limit } => {
                return format!("The body of a request has at most {limit} bytes").into();
            }
            Self::BodyTimeout { limit } => {
                return format!("The body of the request did not come within {limit:?}").into();
            }
            Self::BodyBroken => "The body of the request broke off or is malformed",
            Self::Internal => "Internal error; the log knows more",
            Self::Busy => "Too many requests are under way; try again in a second",
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

    /// When to come back, for programs.
    fn data(&self) -> Option<Value> {
        let Self::Denied(denial) = self else {
            return None;
        };
        let wait = denial.wait()?;
        Some(json!({ "retryAfterMs": wait.as_millis() as u64 }))
    }

    const fn code(&self) -> ErrorCode {
        match self {
            // The range that JSON-RPC leaves to servers.
            Self::Busy | Self::Timeout { .. } | Self::Denied(_) => ErrorCode(-32000),
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
            Self::Busy => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static(COME_BACK));
            }
            Self::Denied(denial) => {
                if let Some(wait) = denial.wait() {
                    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                    headers.insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
                }
            }
            // What is left of the body would be taken for the next request.
            Self::Body { .. } | Self::BodyTimeout { .. } | Self::BodyBroken => {
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
