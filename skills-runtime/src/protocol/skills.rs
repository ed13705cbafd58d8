//! The Skills extension: `skills/list`, `skills/get` and `resources/directory/read`.

use rmcp::model::{
    GetSkillResult, ListSkillsResult, PaginatedRequestParams, ReadResourceDirectoryRequestParams,
    ReadResourceDirectoryResult,
};

use super::identity::{CACHE_SCOPE, TTL_MS};
use super::listing::{cursor, items, listing};
use crate::catalog::Catalog;
use crate::error::Error;

pub(super) fn list(
    catalog: Catalog,
    params: Option<PaginatedRequestParams>,
) -> Result<ListSkillsResult, Error> {
    let pages = catalog.bundle().listings.skills;
    let page = items(pages, cursor(params).as_deref())?;
    Ok(listing!(ListSkillsResult, page))
}

pub(super) fn get(catalog: Catalog, uri: &str) -> Result<GetSkillResult, Error> {
    let skill = catalog.skill_at(uri)?;
    let entry = serde_json::from_str(skill.entry())?;
    Ok(GetSkillResult::new(entry)
        .with_ttl_ms(TTL_MS)
        .with_cache_scope(CACHE_SCOPE))
}

pub(super) fn directory(
    catalog: Catalog,
    params: &ReadResourceDirectoryRequestParams,
) -> Result<ReadResourceDirectoryResult, Error> {
    let directory = catalog.directory(&params.uri)?;
    let page = items(directory.pages(), params.cursor.as_deref())?;
    Ok(listing!(ListResourcesResult, page))
}
