//! Tools that the author of a server wrote in Rust, beside those for skills. What there is of them is a fact of the executable,
//! as the bundle is: it is settled once, before anything is served.

use std::fmt::{self, Debug, Formatter};
use std::sync::OnceLock;

use futures_util::future::BoxFuture;
use rmcp::ErrorData;
use rmcp::handler::server::router::tool::ToolRouter;
use rmcp::handler::server::tool::ToolCallContext;
use rmcp::model::{CallToolRequestParams, CallToolResponse, Tool};
use skills_model::Bundle;

use super::Context;
use super::tools::{self, Toolset};
use crate::error::Error;

static TOOLS: OnceLock<Tools> = OnceLock::new();

/// Tools, in the order in which they were added.
#[derive(Default)]
pub(crate) struct Tools(Vec<Set>);

/// The tools of one router.
struct Set {
    definitions: Vec<Tool>,
    router: Box<dyn Router>,
}

/// What an author's tools do, whatever they work on.
pub(super) trait Router: Send + Sync {
    fn call(
        &self,
        params: CallToolRequestParams,
        context: Context,
    ) -> BoxFuture<'_, Result<CallToolResponse, ErrorData>>;
}

/// A router, and what its tools work on.
struct Routed<T> {
    service: T,
    router: ToolRouter<T>,
}

impl<T: Send + Sync + 'static> Router for Routed<T> {
    fn call(
        &self,
        params: CallToolRequestParams,
        context: Context,
    ) -> BoxFuture<'_, Result<CallToolResponse, ErrorData>> {
        let call = ToolCallContext::new(&self.service, params, context);
        Box::pin(self.router.call(call))
    }
}

impl Tools {
    /// Adds those of a router.
    pub(crate) fn add<T: Send + Sync + 'static>(&mut self, service: T, router: ToolRouter<T>) {
        self.0.push(Set {
            definitions: router.list_all(),
            router: Box::new(Routed { service, router }),
        });
    }

    /// Makes them those of this process, unless two have one name.
    pub(crate) fn install(self, bundle: &Bundle) -> Result<(), Error> {
        let toolset = Toolset::new(bundle);
        let mut taken: Vec<_> = toolset.built_in().collect();
        for tool in self.definitions() {
            if taken.iter().any(|other| other.name == tool.name) {
                let name = tool.name.to_string();
                return Err(Error::SameTool { name });
            }
            taken.push(tool);
        }
        // The first server of a process is the only one: it runs until the process ends.
        let _ = TOOLS.set(self);
        tools::settle(bundle);
        Ok(())
    }

    fn definitions(&self) -> impl Iterator<Item = &Tool> {
        self.0.iter().flat_map(|set| &set.definitions)
    }
}

impl Debug for Tools {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        let names = self.definitions().map(|tool| &tool.name);
        formatter.debug_list().entries(names).finish()
    }
}

/// Has a tool called until it has an answer, or its client has gone or taken the request back: then what the tool does is dropped
/// with all that it holds, because nobody would hear of it.
pub(super) async fn call(
    router: &dyn Router,
    params: CallToolRequestParams,
    context: Context,
) -> Result<CallToolResponse, ErrorData> {
    let cancelled = context.ct.clone();
    tokio::select! {
        biased;
        answer = router.call(params, context) => answer,
        () = cancelled.cancelled() => Err(super::refusal::cancelled()),
    }
}

/// What hosts are told of them.
pub(super) fn definitions() -> impl Iterator<Item = &'static Tool> {
    TOOLS.get().into_iter().flat_map(Tools::definitions)
}

/// The router of the tool with a name.
pub(super) fn router(name: &str) -> Option<&'static dyn Router> {
    let mut sets = TOOLS.get()?.0.iter();
    let set = sets.find(|set| set.definitions.iter().any(|tool| tool.name == name))?;
    Some(&*set.router)
}
