//! Files as `resources/read` sends them: the larger part of every answer to it, ready to be sent as it is.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::{Blob, ContentPlan, ResourcePlan, json};

/// The MCP `ResourceContents` of a file: text as it is, everything else in base64.
pub(super) fn of_resource(resource: &ResourcePlan, blob: &Blob) -> String {
    let (member, content) = match resource.content {
        ContentPlan::Text(part) => ("text", json::string(blob.text(part))),
        // The alphabet of base64 needs no escapes.
        ContentPlan::Blob(part) => {
            let encoded = BASE64_STANDARD.encode(blob.bytes(part));
            ("blob", format!("\"{encoded}\""))
        }
    };
    let uri = json::string(&resource.uri);
    let media_type = json::string(resource.media_type);
    format!(r#"{{"uri":{uri},"mimeType":{media_type},"{member}":{content}}}"#)
}
