//! What only those who run the server get to see: metrics and settings.

use http::header::{CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue, Response};
use serde_json::json;

use super::body::Body;
use super::exposition::Exposition;
use super::refusal::Refusal;
use super::site::Site;
use crate::logging::{self, Said};

/// All metrics, as the text that these headers ask for.
pub(super) fn metrics(site: &Site, headers: &HeaderMap) -> Result<Response<Body>, Refusal> {
    let text = site.metrics.text().map_err(|_| Refusal::Internal)?;
    let wanted = Exposition::wanted(headers);
    let mut response = typed(wanted.of(text), wanted.content_type());
    let accept = HeaderValue::from_static("Accept");
    response.headers_mut().insert(VARY, accept);
    Ok(response)
}

/// The settings that the server runs with, and where each is from.
pub(super) fn config(site: &Site) -> Response<Body> {
    let Said { level, by } = logging::said();
    let level = json!({ "value": level.name(), "source": by.name(), "variable": "SKILLS_LOG" });
    let mut settings = site.effective.json();
    if let Some(settings) = settings.as_object_mut() {
        settings.insert("log-level".to_owned(), level);
    }
    typed(format!("{settings:#}\n"), "application/json")
}

fn typed(text: String, content_type: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::text(text));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
