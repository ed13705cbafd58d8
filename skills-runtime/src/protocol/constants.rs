//! Results that are the same for every request, as JSON: the parts of the fast path that are not in the bundle.

use rmcp::model::{ProtocolVersion, ServerResult};
use serde_json::{Value, json};

use super::envelope::SERVER_INFO;
use super::identity::{self, CACHE_SCOPE, TTL_MS};
use super::tools;
use crate::catalog::Catalog;
use crate::error::Error;

/// The tools, as a JSON array.
pub(crate) fn tools() -> Result<String, Error> {
    let tools = serde_json::to_value(tools::list(None)?)?;
    Ok(tools.get("tools").unwrap_or(&Value::Null).to_string())
}

/// The result of `server/discover`.
pub(crate) fn discovery(catalog: Catalog) -> Result<String, Error> {
    let config = identity::config(catalog.bundle());
    let versions = ProtocolVersion::KNOWN_VERSIONS.to_vec();
    let result = ServerResult::DiscoverResult(identity::discovery(versions, config));
    Ok(serde_json::to_string(&result)?)
}

/// What every cacheable result says beside what was asked for, to clients that began with `initialize`; a JSON object.
pub(crate) fn plain_hints() -> Result<String, Error> {
    Ok(serde_json::to_string(&hints())?)
}

/// The same for clients whose requests stand alone.
pub(crate) fn signed_hints(catalog: Catalog) -> Result<String, Error> {
    let config = identity::config(catalog.bundle());
    let mut hints = hints();
    if let Some(members) = hints.as_object_mut() {
        members.insert("resultType".into(), "complete".into());
        members.insert("_meta".into(), json!({ SERVER_INFO: config.server_info }));
    }
    Ok(serde_json::to_string(&hints)?)
}

fn hints() -> Value {
    json!({ "ttlMs": TTL_MS, "cacheScope": CACHE_SCOPE })
}
