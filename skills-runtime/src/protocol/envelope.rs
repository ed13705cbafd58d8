//! What every answer has in common, in one place around all handlers: clients of protocol 2026-07-28 and later get the
//! server's identity in each result, a handler that panics gives an error instead of an answer that never comes, and
//! whoever counts learns how it went.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use futures_util::FutureExt;
use rmcp::ErrorData;
use rmcp::model::{
    CallToolResponse, CallToolResult, CompleteResult, DiscoverResult, GetPromptResult,
    GetSkillResult, InitializeResult, ListPromptsResult, ListResourceTemplatesResult,
    ListResourcesResult, ListSkillsResult, ListToolsResult, MetaObject, ProtocolVersion,
    ReadResourceResult, ServerConfig,
};
use serde_json::Value;

use super::Context;
use super::operation::{self, Observer, Operation};
use super::refusal::internal;
use crate::catalog::Catalog;
use crate::clock;
use crate::logging::PROTOCOL;

/// The key under which the specification wants the server's identity in `_meta`.
pub(super) const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";

/// What is put around every answer.
#[derive(Debug)]
pub(super) struct Envelope<O> {
    server_info: Value,
    observer: O,
}

/// What is asked, of what, and by whom.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    /// The URI, the name of the prompt or the name of the tool.
    pub(super) target: Option<&'a str>,
    /// What the caller sees, if it sees anything.
    pub(super) catalog: Option<Catalog>,
    pub(super) context: &'a Context,
}

impl<O: Observer> Envelope<O> {
    pub(super) fn new(config: &ServerConfig, observer: O) -> Result<Self, serde_json::Error> {
        let server_info = serde_json::to_value(&config.server_info)?;
        Ok(Self {
            server_info,
            observer,
        })
    }

    /// The answer that a handler makes.
    pub(super) fn answer<R: Outcome>(
        &self,
        asked: &Asked<'_>,
        handler: impl FnOnce() -> Result<R, ErrorData>,
    ) -> Result<R, ErrorData> {
        let start = asked.begin();
        self.finish(asked, start, guarded(handler))
    }

    /// The answer that a handler makes in its own time.
    pub(super) async fn answer_in_time<R: Outcome>(
        &self,
        asked: &Asked<'_>,
        handler: impl Future<Output = Result<R, ErrorData>> + Send,
    ) -> Result<R, ErrorData> {
        let start = asked.begin();
        let caught = AssertUnwindSafe(handler).catch_unwind().await;
        self.finish(asked, start, caught.unwrap_or_else(|_| Err(internal())))
    }

    fn finish<R: Outcome>(
        &self,
        asked: &Asked<'_>,
        start: Instant,
        mut result: Result<R, ErrorData>,
    ) -> Result<R, ErrorData> {
        let Asked {
            method,
            target,
            catalog,
            context,
        } = *asked;
        let version = context.protocol_version();
        self.observer.answered(&Operation {
            method,
            target,
            version: version.as_ref().map_or("", ProtocolVersion::as_str),
            catalog,
            error: match &result {
                Ok(result) => result.failure(),
                Err(error) => Some(operation::code(error.code)),
            },
            duration: start.elapsed(),
            #[cfg(feature = "otel")]
            traceparent: operation::traceparent(context),
        });
        #[cfg(feature = "http")]
        if let Err(error) = &result {
            operation::Verdict::pass(context, error.code);
        }
        if let Ok(result) = &mut result
            && version.is_some_and(|version| !version.has_initialize())
            && let Some(meta) = result.meta()
        {
            meta.get_or_insert_default()
                .entry(SERVER_INFO)
                .or_insert_with(|| self.server_info.clone());
        }
        result
    }
}

impl Asked<'_> {
    fn begin(&self) -> Instant {
        let Self {
            method, context, ..
        } = self;
        tracing::debug!(target: PROTOCOL, id = %context.id, method, "request");
        clock::now()
    }
}

/// What a handler makes; an error where it panics. The panic hook has logged what happened, and the client only learns that
/// something did.
pub(super) fn guarded<R>(handler: impl FnOnce() -> Result<R, ErrorData>) -> Result<R, ErrorData> {
    catch_unwind(AssertUnwindSafe(handler)).unwrap_or_else(|_| Err(internal()))
}

/// A result, as far as all results are alike.
pub(super) trait Outcome {
    /// Where it says who answers; nothing for a result that has no place for it.
    fn meta(&mut self) -> Option<&mut Option<MetaObject>> {
        None
    }

    /// What went wrong, where that is part of the result.
    fn failure(&self) -> Option<&'static str> {
        None
    }
}

impl Outcome for () {}

impl Outcome for InitializeResult {}

impl Outcome for CallToolResult {
    fn meta(&mut self) -> Option<&mut Option<MetaObject>> {
        Some(&mut self.meta)
    }

    fn failure(&self) -> Option<&'static str> {
        (self.is_error == Some(true)).then_some("tool_error")
    }
}

impl Outcome for CallToolResponse {
    fn meta(&mut self) -> Option<&mut Option<MetaObject>> {
        match self {
            Self::Complete(result) => result.meta(),
            _ => None,
        }
    }

    fn failure(&self) -> Option<&'static str> {
        match self {
            Self::Complete(result) => result.failure(),
            _ => None,
        }
    }
}

macro_rules! outcomes {
    ($($result:ident)*) => {$(
        impl Outcome for $result {
            fn meta(&mut self) -> Option<&mut Option<MetaObject>> {
                Some(&mut self.meta)
            }
        }
    )*};
}

outcomes! {
    CompleteResult DiscoverResult GetPromptResult GetSkillResult ListPromptsResult ListResourceTemplatesResult
    ListResourcesResult ListSkillsResult ListToolsResult ReadResourceResult
}
