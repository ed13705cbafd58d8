//! Results that are the same for every request, as JSON: the parts of the fast path that are not in the bundle.

use rmcp::model::{ProtocolVersion, ServerResult};
use serde_json::{Value, json};
use skills_model::Bundle;

use super::envelope::SERVER_INFO;
use super::identity::{self, TTL_MS, cache_scope};
use super::tools::Toolset;
use crate::catalog::Catalog;
use crate::error::Error;

/// The tools, as a JSON array.
pub(crate) fn tools(bundle: &Bundle, catalog: Catalog) -> Result<String, Error> {
    let tools = Toolset::new(bundle).definitions(catalog);
    Ok(serde_json::to_string(&tools)?)
}

/// The result of `server/discover`.
pub(crate) fn discovery(bundle: &Bundle, catalog: Catalog) -> Result<String, Error> {
    let config = identity::config_for(bundle, catalog);
    let versions = ProtocolVersion::KNOWN_VERSIONS.to_vec();
    let discovery = identity::discovery(versions, config, cache_scope(catalog));
    Ok(serde_json::to_string(&ServerResult::DiscoverResult(
        discovery,
    ))?)
}

/// What every cacheable result says beside what was asked for, to clients that began with `initialize`; a JSON object.
pub(crate) fn plain_hints(catalog: Catalog) -> Result<String, Error> {
    Ok(serde_json::to_string(&hints(catalog))?)
}

/// The same for clients whose requests stand alone.
pub(crate) fn signed_hints(bundle: &Bundle, catalog: Catalog) -> Result<String, Error> {
    let config = identity::config(bundle);
    let mut hints = hints(catalog);
    if let Some(members) = hints.as_object_mut() {
        members.insert("resultType".into(), "complete".into());
        members.insert("_meta".into(), json!({ SERVER_INFO: config.server_info }));
    }
    Ok(serde_json::to_string(&hints)?)
}

fn hints(catalog: Catalog) -> Value {
    json!({ "ttlMs": TTL_MS, "cacheScope": cache_scope(catalog) })
}
