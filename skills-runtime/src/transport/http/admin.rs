//! What only those who run the server get to see: metrics and settings.

use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response};

use super::body::Body;
use super::refusal::Refusal;
use super::site::Site;

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// All metrics.
pub(super) fn metrics(site: &Site) -> Result<Response<Body>, Refusal> {
    let text = site.metrics.text().map_err(|_| Refusal::Internal)?;
    Ok(typed(text, OPEN_METRICS))
}

/// The settings that the server runs with, and where each is from.
pub(super) fn config(site: &Site) -> Response<Body> {
    typed(format!("{:#}\n", site.effective.json()), "application/json")
}

fn typed(text: String, content_type: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::text(text));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}
