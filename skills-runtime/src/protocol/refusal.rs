//! From an error to its JSON-RPC code, message and data. What went wrong inside the server is logged and not told.

use rmcp::ErrorData;
use rmcp::model::ErrorCode;
use serde_json::json;
use skills_model::limits::URI_PREFIX;

use crate::error::Error;
use crate::logging::PROTOCOL;
use crate::text::excerpt;

/// How much of a text that a client chose is repeated, in characters: an answer is not to be as long as what was asked for.
pub(super) const EXCERPT: usize = 1000;

impl From<Error> for ErrorData {
    fn from(error: Error) -> Self {
        let message = message(&error);
        match error {
            // rmcp turns this code into -32602 for clients of protocol 2026-07-28 and later.
            Error::UnknownResource { uri, .. } => {
                Self::resource_not_found(message, Some(json!({ "uri": excerpt(&uri, EXCERPT) })))
            }
            Error::UnknownSkillUri { uri, .. }
            | Error::UnknownDirectory { uri }
            | Error::NotADirectory { uri }
            | Error::IsDirectory { uri } => {
                Self::invalid_params(message, Some(json!({ "uri": excerpt(&uri, EXCERPT) })))
            }
            Error::UnknownSkill { .. }
            | Error::AmbiguousSkill { .. }
            | Error::UnknownFile { .. }
            | Error::UnknownCursor { .. }
            | Error::UnknownPrompt { .. }
            | Error::UnknownTemplate { .. } => Self::invalid_params(message, None),
            Error::Prepared(source) => {
                tracing::error!(target: PROTOCOL, %source, "{message}");
                internal()
            }
            // Nothing that a client can bring about.
            _ => {
                tracing::error!(target: PROTOCOL, "{message}");
                internal()
            }
        }
    }
}

/// What the client is told: what is wrong, and what to do about it.
fn message(error: &Error) -> String {
    let advice = match error {
        Error::IsDirectory { .. } => ". Call resources/directory/read to list it".to_owned(),
        Error::UnknownDirectory { uri } if uri == URI_PREFIX => {
            ". It has no directory at its root: call skills/list or resources/list".to_owned()
        }
        Error::UnknownDirectory { uri } if uri.ends_with('/') => {
            ". The URI of a directory has no trailing slash".to_owned()
        }
        Error::UnknownCursor { .. } => {
            ". Pass the nextCursor of the page before, or none for the first page".to_owned()
        }
        _ => error
            .nearest()
            .map(|nearest| format!(". Did you mean {nearest}?"))
            .unwrap_or_default(),
    };
    format!("{}{advice}", excerpt(&error.to_string(), EXCERPT))
}

/// A method that the server does not have.
pub(super) fn unknown_method(method: &str) -> ErrorData {
    let message = format!("Method not found: {}", excerpt(method, EXCERPT));
    ErrorData::new(ErrorCode::METHOD_NOT_FOUND, message, None)
}

/// A tool that the server does not have.
pub(super) fn unknown_tool(name: &str, known: &[&str]) -> ErrorData {
    let name = excerpt(name, EXCERPT);
    let message = format!("Unknown tool: {name}. The tools are {}", known.join(", "));
    ErrorData::invalid_params(message, None)
}

/// A request that nobody waits for any more.
pub(super) fn cancelled() -> ErrorData {
    ErrorData::internal_error("The request was cancelled", None)
}

/// A defect of the server, of which the log knows more.
pub(super) fn internal() -> ErrorData {
    ErrorData::internal_error("Internal error", None)
}
