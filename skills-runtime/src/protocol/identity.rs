//! Who the server is and what it can do, and how long its answers keep: a bundle does not change while the process lives.

use rmcp::model::{
    CacheScope, DiscoverResult, Implementation, ProtocolVersion, ServerCapabilities, ServerConfig,
};
use skills_model::Bundle;

use crate::catalog::Catalog;

/// How long a client may take an answer for current: an hour, after which a newer server may stand at its place.
pub(super) const TTL_MS: u64 = 60 * 60 * 1000;

/// Whom an answer may be kept for: everybody, unless callers are told apart.
pub(super) const fn cache_scope(catalog: Catalog) -> CacheScope {
    if catalog.is_personal() {
        CacheScope::Private
    } else {
        CacheScope::Public
    }
}

/// Who answers and what it can do.
pub(super) fn config(bundle: &Bundle) -> ServerConfig {
    ServerConfig::new(capabilities()).with_server_info(implementation(bundle))
}

/// The same with what the caller's model is told: the answer to `initialize`, before the protocol version is negotiated.
pub(super) fn config_for(bundle: &Bundle, catalog: Catalog) -> ServerConfig {
    let instructions = catalog.guidance().instructions;
    config(bundle).with_instructions(instructions)
}

/// The answer to `server/discover`.
pub(super) fn discovery(
    versions: Vec<ProtocolVersion>,
    config: ServerConfig,
    scope: CacheScope,
) -> DiscoverResult {
    DiscoverResult::from_server_info(versions, config)
        .with_ttl_ms(TTL_MS)
        .with_cache_scope(scope)
}

fn implementation(bundle: &Bundle) -> Implementation {
    Implementation::new(bundle.server.name, bundle.server.version)
}

/// No `listChanged` and no `subscribe`: nothing that is served can change.
fn capabilities() -> ServerCapabilities {
    ServerCapabilities::builder()
        .enable_completions()
        .enable_prompts()
        .enable_resources()
        .enable_tools()
        .enable_skills_with_directory_read()
        .build()
}
