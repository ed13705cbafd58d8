//! The Skills extension: `skills/list`, `skills/get` and `resources/directory/read`.

use rmcp::model::{
    GetSkillResult, ListSkillsResult, PaginatedRequestParams, ReadResourceDirectoryRequestParams,
    ReadResourceDirectoryResult,
};

use super::identity::{TTL_MS, cache_scope};
use super::listing::{cursor, items, listing};
use crate::catalog::Catalog;
use crate::error::Error;

pub(super) fn list(
    catalog: Catalog,
    params: Option<PaginatedRequestParams>,
) -> Result<ListSkillsResult, Error> {
    let page = items(&catalog.skill_page(cursor(params).as_deref())?)?;
    Ok(listing!(ListSkillsResult, page, cache_scope(catalog)))
}

pub(super) fn get(catalog: Catalog, uri: &str) -> Result<GetSkillResult, Error> {
    let skill = catalog.skill_at(uri)?;
    let entry = serde_json::from_str(skill.entry())?;
    Ok(GetSkillResult::new(entry)
        .with_ttl_ms(TTL_MS)
        .with_cache_scope(cache_scope(catalog)))
}

pub(super) fn directory(
    catalog: Catalog,
    params: &ReadResourceDirectoryRequestParams,
) -> Result<ReadResourceDirectoryResult, Error> {
    let directory = catalog.directory(&params.uri)?;
    let page = items(&catalog.directory_page(directory, params.cursor.as_deref())?)?;
    Ok(listing!(ListResourcesResult, page, cache_scope(catalog)))
}
