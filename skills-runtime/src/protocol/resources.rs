//! Files as MCP resources: `resources/list`, `resources/read` and `resources/templates/list`.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use rmcp::model::{
    ListResourceTemplatesResult, ListResourcesResult, PaginatedRequestParams, ReadResourceResult,
    ResourceContents, ResourceTemplate,
};
use skills_model::Resource;

use super::identity::{TTL_MS, cache_scope};
use super::listing::{cursor, items, listing, only_page};
use crate::catalog::Catalog;
use crate::error::Error;

/// The template of every `SKILL.md`.
///
/// Reserved expansion (`+`), because a skill path and a file path have slashes that must stay slashes.
pub(super) const SKILL_TEMPLATE: &str = "skill://{+skill}/SKILL.md";

/// The template of every file of a skill.
pub(super) const FILE_TEMPLATE: &str = "skill://{+skill}/{+file}";

pub(super) fn list(
    catalog: Catalog,
    params: Option<PaginatedRequestParams>,
) -> Result<ListResourcesResult, Error> {
    let page = items(&catalog.resource_page(cursor(params).as_deref())?)?;
    Ok(listing!(ListResourcesResult, page, cache_scope(catalog)))
}

pub(super) fn read(catalog: Catalog, uri: &str) -> Result<ReadResourceResult, Error> {
    let resource = catalog.resource(uri)?;
    Ok(ReadResourceResult::new(vec![contents(resource)?])
        .with_ttl_ms(TTL_MS)
        .with_cache_scope(cache_scope(catalog)))
}

pub(super) fn templates(
    catalog: Catalog,
    params: Option<PaginatedRequestParams>,
) -> Result<ListResourceTemplatesResult, Error> {
    only_page(params)?;
    let skill = ResourceTemplate::new(SKILL_TEMPLATE, "skill")
        .with_title("Instructions of a skill")
        .with_description("The SKILL.md of a skill, by the path of the skill")
        .with_mime_type("text/markdown");
    let file = ResourceTemplate::new(FILE_TEMPLATE, "skill-file")
        .with_title("File of a skill")
        .with_description("A file of a skill, by the path of the skill and the path in it");
    let items = (vec![skill, file], None);
    Ok(listing!(
        ListResourceTemplatesResult,
        items,
        cache_scope(catalog)
    ))
}

/// A file as MCP sends it, read back from the JSON that was prepared at build time.
pub(super) fn contents(resource: Resource) -> Result<ResourceContents, Error> {
    Ok(serde_json::from_str(resource.contents())?)
}

/// The encoding of bytes in JSON.
pub(super) fn base64(bytes: &[u8]) -> String {
    BASE64_STANDARD.encode(bytes)
}
