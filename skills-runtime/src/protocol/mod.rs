//! What skills mean in MCP: the table of methods and what each answers. No policy and no I/O; what is looked up comes
//! from `catalog/`, what wraps every answer is in `envelope.rs`.

mod completion;
pub(crate) mod constants;
mod envelope;
mod identity;
mod instructions;
mod listing;
#[cfg_attr(
    not(feature = "http"),
    expect(dead_code, reason = "nobody counts over pipes")
)]
pub(crate) mod operation;
pub(crate) mod own;
mod prompts;
mod refusal;
mod resources;
mod skills;
mod tools;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CompleteRequestParams, CompleteResult, CustomRequest,
    CustomResult, DiscoverResult, GetPromptRequestParams, GetPromptResponse, GetSkillRequestParams,
    GetSkillResult, InitializeRequestParams, InitializeResult, ListPromptsResult,
    ListResourceTemplatesResult, ListResourcesResult, ListSkillsResult, ListToolsResult,
    PaginatedRequestParams, ReadResourceDirectoryRequestParams, ReadResourceDirectoryResult,
    ReadResourceRequestParams, ReadResourceResponse, ServerConfig, SubscriptionFilter, Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};
use skills_model::Bundle;

use self::envelope::{Asked, Envelope, Outcome};
use self::operation::Observer;
use self::tools::Toolset;
use crate::catalog::Catalog;
use crate::error::Error;
use crate::guard::Permit;

/// A tool by its name: one of those that every server has, or of the author's.
#[cfg(feature = "http")]
pub(crate) fn tool(name: &str) -> Option<&'static Tool> {
    tools::definition(name)
}

type Context = RequestContext<RoleServer>;
type Paginated = Option<PaginatedRequestParams>;

/// The MCP server of one bundle, which tells an observer of what it answers.
#[derive(Debug)]
pub(crate) struct SkillServer<O> {
    bundle: &'static Bundle,
    permits: Permits,
    config: ServerConfig,
    tools: Toolset,
    envelope: Envelope<O>,
}

/// Where the permits of requests are.
#[derive(Debug)]
pub(crate) enum Permits {
    /// There is one caller.
    One(Permit),
    /// With each request of HTTP, in its extensions.
    #[cfg(feature = "http")]
    OfRequests,
}

impl Permits {
    #[cfg_attr(
        not(feature = "http"),
        expect(
            unused_variables,
            reason = "over pipes, all requests are of one caller"
        )
    )]
    fn of(&self, context: &Context) -> Option<Permit> {
        match self {
            Self::One(permit) => Some(*permit),
            #[cfg(feature = "http")]
            Self::OfRequests => {
                let parts = context.extensions.get::<http::request::Parts>()?;
                parts.extensions.get::<Permit>().copied()
            }
        }
    }
}

impl<O: Observer> SkillServer<O> {
    pub(crate) fn new(
        bundle: &'static Bundle,
        permits: Permits,
        observer: O,
    ) -> Result<Self, Error> {
        let config = identity::config(bundle);
        let envelope = Envelope::new(&config, observer)?;
        Ok(Self {
            bundle,
            permits,
            config,
            tools: Toolset::new(bundle),
            envelope,
        })
    }

    /// The answer to a request, from its handler.
    fn answer<R: Outcome, E: Into<ErrorData>>(
        &self,
        context: &Context,
        (method, target): (&str, Option<&str>),
        handler: impl FnOnce(Catalog) -> Result<R, E>,
    ) -> Result<R, ErrorData> {
        let asked = self.asked(context, (method, target));
        self.envelope.answer(&asked, || {
            let catalog = asked.catalog.ok_or_else(refusal::internal)?;
            handler(catalog).map_err(Into::into)
        })
    }

    /// A request. A transport that hands one on without a permit has a defect; nothing is read then.
    fn asked<'a>(
        &self,
        context: &'a Context,
        (method, target): (&'a str, Option<&'a str>),
    ) -> Asked<'a> {
        let permit = self.permits.of(context);
        Asked {
            method,
            target,
            catalog: permit.map(|permit| Catalog::new(self.bundle, permit)),
            context,
        }
    }
}

impl<O: Observer> SkillServer<O> {
    /// The answer of a tool of the author's, which may take its time.
    async fn answer_in_time<R: Outcome>(
        &self,
        context: &Context,
        (method, target): (&str, Option<&str>),
        handler: impl Future<Output = Result<R, ErrorData>> + Send,
    ) -> Result<R, ErrorData> {
        let asked = self.asked(context, (method, target));
        let permitted = async {
            asked.catalog.ok_or_else(refusal::internal)?;
            handler.await
        };
        self.envelope.answer_in_time(&asked, permitted).await
    }
}

impl<O: Observer> ServerHandler for SkillServer<O> {
    fn get_info(&self) -> ServerConfig {
        self.config.clone()
    }

    async fn initialize(
        &self,
        params: InitializeRequestParams,
        context: Context,
    ) -> Result<InitializeResult, ErrorData> {
        context.peer.set_peer_info(params.clone());
        self.answer(&context, ("initialize", None), |catalog| {
            let mut result = self.negotiate_initialize(&params)?;
            result.instructions = identity::config_for(self.bundle, catalog).instructions;
            Ok::<_, ErrorData>(result)
        })
    }

    async fn ping(&self, context: Context) -> Result<(), ErrorData> {
        self.answer(&context, ("ping", None), |_| Ok::<_, ErrorData>(()))
    }

    async fn discover(&self, context: Context) -> Result<DiscoverResult, ErrorData> {
        self.answer(&context, ("server/discover", None), |catalog| {
            let versions = self.supported_protocol_versions().into_owned();
            let scope = identity::cache_scope(catalog);
            let config = identity::config_for(self.bundle, catalog);
            Ok::<_, ErrorData>(identity::discovery(versions, config, scope))
        })
    }

    async fn list_skills(
        &self,
        params: Paginated,
        context: Context,
    ) -> Result<ListSkillsResult, ErrorData> {
        self.answer(&context, ("skills/list", None), |catalog| {
            skills::list(catalog, params)
        })
    }

    async fn get_skill(
        &self,
        params: GetSkillRequestParams,
        context: Context,
    ) -> Result<GetSkillResult, ErrorData> {
        let uri = params.uri.as_str();
        self.answer(&context, ("skills/get", Some(uri)), |catalog| {
            skills::get(catalog, uri)
        })
    }

    async fn read_resource_directory(
        &self,
        params: ReadResourceDirectoryRequestParams,
        context: Context,
    ) -> Result<ReadResourceDirectoryResult, ErrorData> {
        let asked = ("resources/directory/read", Some(params.uri.as_str()));
        self.answer(&context, asked, |catalog| {
            skills::directory(catalog, &params)
        })
    }

    async fn list_resources(
        &self,
        params: Paginated,
        context: Context,
    ) -> Result<ListResourcesResult, ErrorData> {
        self.answer(&context, ("resources/list", None), |catalog| {
            resources::list(catalog, params)
        })
    }

    async fn read_resource(
        &self,
        params: ReadResourceRequestParams,
        context: Context,
    ) -> Result<ReadResourceResponse, ErrorData> {
        let uri = params.uri.as_str();
        let result = self.answer(&context, ("resources/read", Some(uri)), |catalog| {
            resources::read(catalog, uri)
        });
        result.map(Into::into)
    }

    async fn list_resource_templates(
        &self,
        params: Paginated,
        context: Context,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        self.answer(&context, ("resources/templates/list", None), |catalog| {
            resources::templates(catalog, params)
        })
    }

    async fn complete(
        &self,
        params: CompleteRequestParams,
        context: Context,
    ) -> Result<CompleteResult, ErrorData> {
        self.answer(&context, ("completion/complete", None), |catalog| {
            completion::complete(catalog, &params)
        })
    }

    async fn list_prompts(
        &self,
        params: Paginated,
        context: Context,
    ) -> Result<ListPromptsResult, ErrorData> {
        self.answer(&context, ("prompts/list", None), |catalog| {
            prompts::list(catalog, params)
        })
    }

    async fn get_prompt(
        &self,
        params: GetPromptRequestParams,
        context: Context,
    ) -> Result<GetPromptResponse, ErrorData> {
        let asked = ("prompts/get", Some(params.name.as_str()));
        let result = self.answer(&context, asked, |catalog| {
            prompts::get(catalog, &params, self.tools.names())
        });
        result.map(Into::into)
    }

    async fn list_tools(
        &self,
        params: Paginated,
        context: Context,
    ) -> Result<ListToolsResult, ErrorData> {
        self.answer(&context, ("tools/list", None), |catalog| {
            self.tools
                .list(catalog, context.protocol_version().as_ref(), params)
        })
    }

    /// Nothing that is served can change, so every subscription is accepted and none is ever told anything.
    fn accepted_subscription_filter(&self, _: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(SubscriptionFilter::default())
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        self.tools.definition(name)
    }

    async fn call_tool(
        &self,
        params: CallToolRequestParams,
        context: Context,
    ) -> Result<CallToolResponse, ErrorData> {
        let name = params.name.to_string();
        if let Some(router) = own::router(&name) {
            let called = own::call(router, params, context.clone());
            return self
                .answer_in_time(&context, ("tools/call", Some(&name)), called)
                .await;
        }
        let result = self.answer(&context, ("tools/call", Some(&name)), |catalog| {
            self.tools
                .call(catalog, context.protocol_version().as_ref(), params)
        });
        result.map(Into::into)
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        context: Context,
    ) -> Result<CustomResult, ErrorData> {
        let refused = self.answer(&context, (&request.method, None), |_| {
            Err::<(), _>(refusal::unknown_method(&request.method))
        });
        refused.map(|()| CustomResult::new(serde_json::Value::Null))
    }
}

#[cfg(test)]
mod tests;
