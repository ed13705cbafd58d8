//! Results that are the same for every request, as JSON: the parts of the fast path that are not in the bundle.

use rmcp::model::{CacheScope, ProtocolVersion, ServerResult};
use serde_json::{Value, json};
use skills_model::Bundle;

use super::envelope::SERVER_INFO;
use super::identity::{self, TTL_MS};
use super::tools::Toolset;
use crate::catalog::Catalog;
use crate::error::Error;

/// The tools as a caller is told of them, as a JSON array.
pub(crate) fn tools(catalog: Catalog) -> Result<String, Error> {
    let tools = Toolset::new(catalog.bundle()).definitions(catalog);
    Ok(serde_json::to_string(&tools)?)
}

/// The result of `server/discover` for the same caller.
pub(crate) fn discovery(catalog: Catalog, scope: CacheScope) -> Result<String, Error> {
    let config = identity::config_for(catalog.bundle(), catalog);
    let versions = ProtocolVersion::KNOWN_VERSIONS.to_vec();
    let discovery = identity::discovery(versions, config, scope);
    Ok(serde_json::to_string(&ServerResult::DiscoverResult(
        discovery,
    ))?)
}

/// What every cacheable result says beside what was asked for, to clients that began with `initialize`; a JSON object.
pub(crate) fn plain_hints(scope: CacheScope) -> Result<String, Error> {
    Ok(serde_json::to_string(&hints(scope))?)
}

/// The same for clients whose requests stand alone.
pub(crate) fn signed_hints(bundle: &Bundle, scope: CacheScope) -> Result<String, Error> {
    let config = identity::config(bundle);
    let mut hints = hints(scope);
    if let Some(members) = hints.as_object_mut() {
        members.insert("resultType".into(), "complete".into());
        members.insert("_meta".into(), json!({ SERVER_INFO: config.server_info }));
    }
    Ok(serde_json::to_string(&hints)?)
}

fn hints(scope: CacheScope) -> Value {
    json!({ "ttlMs": TTL_MS, "cacheScope": scope })
}
