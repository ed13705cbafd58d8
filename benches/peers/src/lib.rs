//! A server of one skill on rmcp as its documentation shows it: a handler that makes its results from constants.

use rmcp::model::{
    Implementation, ListSkillsResult, PaginatedRequestParams, ReadResourceRequestParams,
    ReadResourceResponse, ReadResourceResult, ResourceContents, ServerCapabilities, ServerConfig,
    Skill, SkillFrontmatter, SkillResource, SkillResources,
};
use rmcp::service::RequestContext;
use rmcp::{ErrorData, RoleServer, ServerHandler};

const URI: &str = "skill://sample-0000/SKILL.md";
const DOCUMENT: &str = include_str!("../SKILL.md");
const DESCRIPTION: &str = "Sorts the incoming reports of area 0000 by urgency, groups those that describe the same cause, \
     and writes a short summary of each group with the evidence quoted. Use when somebody asks for a triage of the \
     reports of area 0000, or pastes several of them at once.";

/// The server.
#[derive(Clone, Copy, Debug)]
pub struct OneSkill;

impl ServerHandler for OneSkill {
    fn get_info(&self) -> ServerConfig {
        let capabilities = ServerCapabilities::builder()
            .enable_resources()
            .enable_skills()
            .build();
        ServerConfig::new(capabilities).with_server_info(Implementation::new("plain", "0.0.0"))
    }

    async fn list_skills(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> Result<ListSkillsResult, ErrorData> {
        let frontmatter =
            SkillFrontmatter::new("sample-0000", DESCRIPTION).with_field("license", "MIT");
        let files =
            SkillResources::Files(vec![SkillResource::from_bytes(URI, DOCUMENT.as_bytes())]);
        Ok(ListSkillsResult::with_all_items(vec![Skill::new(
            URI,
            frontmatter,
            files,
        )]))
    }

    async fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> Result<ReadResourceResponse, ErrorData> {
        if request.uri != URI {
            return Err(ErrorData::resource_not_found("resource not found", None));
        }
        let contents = ResourceContents::text(DOCUMENT, URI).with_mime_type("text/markdown");
        Ok(ReadResourceResult::new(vec![contents]).into())
    }
}
