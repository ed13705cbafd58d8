//! What skills mean in MCP: the table of methods and what each answers. No policy and no I/O; what is looked up comes
//! from `catalog/`, what wraps every answer is in `envelope.rs`.

mod completion;
pub(crate) mod envelope;
mod identity;
mod instructions;
mod listing;
mod prompts;
mod refusal;
mod resources;
mod skills;
mod tools;

use rmcp::model::{
    CallToolRequestParams, CallToolResponse, CompleteRequestParams, CompleteResult, CustomRequest,
    CustomResult, DiscoverResult, GetPromptRequestParams, GetPromptResponse, GetSkillRequestParams,
    GetSkillResult, ListPromptsResult, ListResourceTemplatesResult, ListResourcesResult,
    ListSkillsResult, ListToolsResult, PaginatedRequestParams, ReadResourceDirectoryRequestParams,
    ReadResourceDirectoryResult, ReadResourceRequestParams, ReadResourceResponse, ServerConfig,
    Tool,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};

use crate::catalog::Catalog;

type Context = RequestContext<RoleServer>;
type Paginated = Option<PaginatedRequestParams>;

/// The MCP server of one bundle.
#[derive(Debug)]
pub(crate) struct SkillServer {
    catalog: Catalog,
    config: ServerConfig,
}

impl SkillServer {
    pub(crate) fn new(catalog: Catalog) -> Self {
        Self {
            catalog,
            config: identity::config(catalog.bundle()),
        }
    }
}

impl ServerHandler for SkillServer {
    fn get_info(&self) -> ServerConfig {
        self.config.clone()
    }

    async fn discover(&self, _: Context) -> Result<DiscoverResult, ErrorData> {
        let versions = self.supported_protocol_versions().into_owned();
        Ok(identity::discovery(versions, self.get_info()))
    }

    async fn list_skills(
        &self,
        params: Paginated,
        _: Context,
    ) -> Result<ListSkillsResult, ErrorData> {
        Ok(skills::list(self.catalog, params)?)
    }

    async fn get_skill(
        &self,
        params: GetSkillRequestParams,
        _: Context,
    ) -> Result<GetSkillResult, ErrorData> {
        Ok(skills::get(self.catalog, &params.uri)?)
    }

    async fn read_resource_directory(
        &self,
        params: ReadResourceDirectoryRequestParams,
        _: Context,
    ) -> Result<ReadResourceDirectoryResult, ErrorData> {
        Ok(skills::directory(self.catalog, &params)?)
    }

    async fn list_resources(
        &self,
        params: Paginated,
        _: Context,
    ) -> Result<ListResourcesResult, ErrorData> {
        Ok(resources::list(self.catalog, params)?)
    }

    async fn read_resource(
        &self,
        params: ReadResourceRequestParams,
        _: Context,
    ) -> Result<ReadResourceResponse, ErrorData> {
        Ok(resources::read(self.catalog, &params.uri)?.into())
    }

    async fn list_resource_templates(
        &self,
        params: Paginated,
        _: Context,
    ) -> Result<ListResourceTemplatesResult, ErrorData> {
        Ok(resources::templates(params)?)
    }

    async fn complete(
        &self,
        params: CompleteRequestParams,
        _: Context,
    ) -> Result<CompleteResult, ErrorData> {
        Ok(completion::complete(self.catalog, &params)?)
    }

    async fn list_prompts(
        &self,
        params: Paginated,
        _: Context,
    ) -> Result<ListPromptsResult, ErrorData> {
        Ok(prompts::list(self.catalog, params)?)
    }

    async fn get_prompt(
        &self,
        params: GetPromptRequestParams,
        _: Context,
    ) -> Result<GetPromptResponse, ErrorData> {
        Ok(prompts::get(self.catalog, &params)?.into())
    }

    async fn list_tools(
        &self,
        params: Paginated,
        _: Context,
    ) -> Result<ListToolsResult, ErrorData> {
        Ok(tools::list(params)?)
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tools::definition(name)
    }

    async fn call_tool(
        &self,
        params: CallToolRequestParams,
        _: Context,
    ) -> Result<CallToolResponse, ErrorData> {
        Ok(tools::call(self.catalog, params)?.into())
    }

    async fn on_custom_request(
        &self,
        request: CustomRequest,
        _: Context,
    ) -> Result<CustomResult, ErrorData> {
        Err(refusal::unknown_method(&request.method))
    }
}

#[cfg(test)]
mod tests;
