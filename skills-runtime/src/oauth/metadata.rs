//! Protected resource metadata (RFC 9728): where clients learn which authorization servers this server trusts.

use serde::Serialize;

use super::plan::Plan;

/// Where metadata of a resource without a path is, and what goes before the path of one that has a path.
pub(crate) const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";

#[derive(Debug, Serialize)]
struct Metadata<'a> {
    resource: &'a str,
    authorization_servers: Vec<&'a str>,
    scopes_supported: &'a [String],
    bearer_methods_supported: [&'static str; 1],
    resource_name: &'a str,
}

/// The document, as JSON. `name` is what people call the server.
pub(super) fn document(plan: &Plan, name: &str) -> Result<Vec<u8>, serde_json::Error> {
    let servers = plan.issuers.iter().map(|issuer| &*issuer.name);
    serde_json::to_vec(&Metadata {
        resource: &plan.resource,
        authorization_servers: servers.collect(),
        scopes_supported: &plan.scopes_supported,
        bearer_methods_supported: ["header"],
        resource_name: name,
    })
}

/// The URL of the document: the well-known path goes between the host and the path of the resource (section 3.1).
pub(super) fn url(plan: &Plan) -> String {
    let (origin, path) = (plan.address.origin(), plan.address.path());
    format!("{origin}{WELL_KNOWN}{path}")
}
