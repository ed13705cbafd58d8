//! How the server is: for machines that restart it, for machines that send it requests, and for people.

use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

use super::body::Body;
use super::route::Audience;
use super::site::Site;
use crate::clock;

/// Whether the process answers at all.
pub(super) fn live() -> Response<Body> {
    answer(StatusCode::OK, &json!({ "status": "alive" }))
}

/// Whether new requests should be sent here.
pub(super) fn ready(site: &Site) -> Response<Body> {
    if site.draining.is_cancelled() {
        return answer(
            StatusCode::SERVICE_UNAVAILABLE,
            &json!({ "status": "draining" }),
        );
    }
    if let Some(reason) = site.guard.unready() {
        return answer(
            StatusCode::SERVICE_UNAVAILABLE,
            &json!({ "status": reason }),
        );
    }
    answer(StatusCode::OK, &json!({ "status": "ready" }))
}

/// How each part is. A part that is at its limit makes the whole degraded, which is still fit for use.
pub(super) fn health(site: &Site, audience: Audience) -> Response<Body> {
    let bundle = site.bundle;
    let limits = &site.settings.limits;
    let connections = Load::new(site.metrics.connections.get(), limits.max_connections.get());
    let requests = Load::new(site.metrics.in_flight.get(), limits.max_requests.get());
    let is_draining = site.draining.is_cancelled();
    let (guard, audit) = (site.guard.health(), site.guard.record_health());
    let mut parts = [&guard, &audit].into_iter().flatten();
    let is_unsure = parts.any(|part| part["status"] != "healthy");
    let is_degraded = connections.is_full() || requests.is_full() || is_unsure;
    let (status, code) = match (is_draining, site.guard.unready(), is_degraded) {
        (true, ..) => ("draining", StatusCode::SERVICE_UNAVAILABLE),
        (false, Some(_), _) => ("unhealthy", StatusCode::SERVICE_UNAVAILABLE),
        (false, None, true) => ("degraded", StatusCode::OK),
        (false, None, false) => ("healthy", StatusCode::OK),
    };
    // Where callers are told apart, how much there is and what it depends on is not for all of them.
    let is_told = audience == Audience::Operators || !site.tells_apart();
    if !is_told {
        return answer(code, &json!({ "status": status }));
    }
    let uptime = clock::now().saturating_duration_since(site.started);
    let body = json!({
        "status": status,
        "name": bundle.server.name,
        "version": bundle.server.version,
        "uptimeSeconds": uptime.as_secs(),
        "components": {
            "skills": {
                "status": "healthy",
                "skills": bundle.skills.len(),
                "files": bundle.resources.len(),
                "digest": bundle.digest.to_string(),
            },
            "authorization": guard,
            "audit": audit,
            "sandbox": site.sandbox,
            "connections": connections.json(),
            "requests": requests.json(),
        },
    });
    answer(code, &body)
}

/// How much of a limit is used.
struct Load {
    used: i64,
    limit: usize,
}

impl Load {
    const fn new(used: i64, limit: usize) -> Self {
        Self { used, limit }
    }

    fn is_full(&self) -> bool {
        usize::try_from(self.used).is_ok_and(|used| used >= self.limit)
    }

    fn json(&self) -> Value {
        let status = if self.is_full() {
            "degraded"
        } else {
            "healthy"
        };
        json!({ "status": status, "open": self.used, "limit": self.limit })
    }
}

fn answer(status: StatusCode, body: &Value) -> Response<Body> {
    let mut response = Response::new(Body::text(format!("{body}\n")));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}
