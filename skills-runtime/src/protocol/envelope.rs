//! What every answer has in common, in one place around all handlers: clients of protocol 2026-07-28 and later get the
//! server's identity in each result, and a handler that panics gives an error instead of an answer that never comes.

use std::borrow::Cow;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use rmcp::model::{
    ClientNotification, ClientRequest, ErrorCode, MetaObject, ProtocolVersion, ServerConfig,
    ServerResult,
};
use rmcp::service::{NotificationContext, RequestContext, Service};
use rmcp::{ErrorData, RoleServer};
use serde_json::Value;

use super::refusal::{internal, unknown_method};
use crate::logging::PROTOCOL;

/// The key under which the specification wants the server's identity in `_meta`.
const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";

/// A service around another that completes its results and catches its panics.
#[derive(Debug)]
pub(crate) struct Envelope<S> {
    inner: S,
    server_info: Value,
}

impl<S: Service<RoleServer>> Envelope<S> {
    pub(crate) fn new(inner: S) -> Result<Self, serde_json::Error> {
        let server_info = serde_json::to_value(inner.get_info().server_info)?;
        Ok(Self { inner, server_info })
    }

    fn sign(&self, result: &mut ServerResult) {
        if let Some(meta) = meta(result) {
            meta.get_or_insert_default()
                .entry(SERVER_INFO)
                .or_insert_with(|| self.server_info.clone());
        }
    }
}

impl<S: Service<RoleServer>> Service<RoleServer> for Envelope<S> {
    async fn handle_request(
        &self,
        request: ClientRequest,
        context: RequestContext<RoleServer>,
    ) -> Result<ServerResult, ErrorData> {
        let signed = is_stateless(&context);
        let method = request.method().to_owned();
        tracing::debug!(target: PROTOCOL, id = %context.id, method = request.method(), "request");
        let answer = self.inner.handle_request(request, context);
        // The panic hook has logged what happened; the client only learns that something did.
        let answer = AssertUnwindSafe(answer).catch_unwind().await;
        let answer = answer.unwrap_or_else(|_| Err(internal()));
        let mut result = answer.map_err(|error| explained(error, &method))?;
        if signed {
            self.sign(&mut result);
        }
        Ok(result)
    }

    async fn handle_notification(
        &self,
        notification: ClientNotification,
        context: NotificationContext<RoleServer>,
    ) -> Result<(), ErrorData> {
        let handled = self.inner.handle_notification(notification, context);
        let handled = AssertUnwindSafe(handled).catch_unwind().await;
        handled.unwrap_or_else(|_| Err(internal()))
    }

    fn get_info(&self) -> ServerConfig {
        self.inner.get_info()
    }

    fn supported_protocol_versions(&self) -> Cow<'static, [ProtocolVersion]> {
        self.inner.supported_protocol_versions()
    }
}

/// rmcp's own refusals, with what the client can do about them.
fn explained(mut error: ErrorData, method: &str) -> ErrorData {
    if error.code == ErrorCode::METHOD_NOT_FOUND && error.message == method {
        return unknown_method(method);
    }
    if error.code == ErrorCode::INVALID_PARAMS && error.message.starts_with("request _meta ") {
        let advice = ". Clients of protocol 2025-11-25 and earlier send initialize first";
        error.message.to_mut().push_str(advice);
    }
    error
}

/// Whether the request belongs to the era without `initialize`, where each result says who answers.
fn is_stateless(context: &RequestContext<RoleServer>) -> bool {
    let version = context.protocol_version();
    version.is_some_and(|version| !version.has_initialize())
}

/// The `_meta` of the kinds of result that this server gives; an empty result has none.
fn meta(result: &mut ServerResult) -> Option<&mut Option<MetaObject>> {
    Some(match result {
        ServerResult::CallToolResult(result) => &mut result.meta,
        ServerResult::CompleteResult(result) => &mut result.meta,
        ServerResult::DiscoverResult(result) => &mut result.meta,
        ServerResult::GetPromptResult(result) => &mut result.meta,
        ServerResult::GetSkillResult(result) => &mut result.meta,
        ServerResult::ListPromptsResult(result) => &mut result.meta,
        ServerResult::ListResourceTemplatesResult(result) => &mut result.meta,
        ServerResult::ListResourcesResult(result) => &mut result.meta,
        ServerResult::ListSkillsResult(result) => &mut result.meta,
        ServerResult::ListToolsResult(result) => &mut result.meta,
        ServerResult::ReadResourceResult(result) => &mut result.meta,
        _ => return None,
    })
}
