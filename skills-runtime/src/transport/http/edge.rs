//! What every request goes through, whatever it asks for: who is it from, may it ask, where does it go, and afterwards what is
//! counted and logged of it. Nothing of a request is looked at before this.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Instant;

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderName, ORIGIN, USER_AGENT, VARY, WWW_AUTHENTICATE,
};
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, Version};
use hyper::body::Incoming;

use super::body::Body;
use super::connection::Connected;
use super::credentials::credential;
use super::exchange::Exchange;
use super::forwarded;
use super::metrics::RequestLabels;
use super::names::{self, Origin};
use super::pace::Pace;
use super::refusal::Refusal;
use super::route::{Audience, Route};
use super::settings::AccessLog;
use super::site::Site;
use super::visit::{Visit, X_REQUEST_ID};
use super::{admin, mcp, probes};
use crate::audit::{Decision, Event, Kind};
use crate::catalog::Catalog;
use crate::clock;
use crate::discovery;
use crate::guard::{Call, Denial, Principal};
use crate::logging::ACCESS;

/// The longest query that is read, in bytes.
const QUERY_BYTES: usize = 2048;

const X_CONTENT_TYPE_OPTIONS: HeaderName = HeaderName::from_static("x-content-type-options");
const STRICT_TRANSPORT_SECURITY: HeaderName = HeaderName::from_static("strict-transport-security");
const ALLOW_ORIGIN: HeaderName = HeaderName::from_static("access-control-allow-origin");
const EXPOSE_HEADERS: HeaderName = HeaderName::from_static("access-control-expose-headers");

/// Two years, as browsers' preload lists want it.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=63072000");

/// The answer to a request.
pub(super) async fn respond(
    site: &'static Site,
    connected: &Connected,
    mut exchange: Exchange,
    request: Request<Incoming>,
) -> Result<Response<Body>, Infallible> {
    let start = clock::now();
    let is_multiplexed = request.version() == Version::HTTP_2;
    let trust = &site.settings.trust;
    let origin = forwarded::origin(connected.peer, request.headers(), trust);
    let is_clear = origin.is_some();
    let from = origin.unwrap_or_default();
    let route = Route::of(connected.audience, request.uri().path());
    let mut visit = Visit::new(site, request.headers(), from.client);
    let agent = site.guard.records().then(|| agent(request.headers()));
    let labels = (method_label(request.method()), route.label());
    let (page, stranger) = match page(site, request.headers()) {
        Ok(page) => (page, None),
        Err(refusal) => (None, Some(refusal)),
    };
    let admitted = within_limits(site, &request).and_then(|()| {
        // Probes are asked by machines that know an address only, and tell nothing.
        if route.is_probe() {
            return Ok(());
        }
        if !is_clear {
            return Err(Refusal::Forwarded);
        }
        host(site, connected, &request, from.host.as_deref())?;
        stranger.map_or(Ok(()), Err)
    });
    let answer = match admitted {
        Ok(()) => answer(site, connected.audience, route, request, &mut visit).await,
        Err(refusal) => Err(refusal),
    };
    let mut response = answer.unwrap_or_else(|refusal| {
        site.metrics.refused(refusal.reason());
        visit.refused = Some(refusal.reason());
        visit.kind = refusal.denial().map_or(Kind::Error, Denial::kind);
        let challenge = refusal
            .denial()
            .and_then(|denial| site.guard.challenge(denial));
        let mut response = match route {
            Route::Mcp => refusal.into_message(),
            _ => refusal.into_text(),
        };
        if let Some(challenge) = challenge {
            response.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        response
    });
    finish(connected, &visit, page, response.headers_mut());
    if let Some(place) = visit.place.take() {
        let id = visit.id.to_string();
        place.record(&decided(&visit, &id, agent.as_deref(), start, &response));
    }
    exchange.hold(visit.turn.take());
    let line = record(site, connected, labels, visit, start, &response);
    if response.body().is_lasting() {
        exchange.end_with(line);
    } else if let Some(line) = line {
        line.write(http_body::Body::size_hint(response.body()).exact());
    }
    let body = response.body_mut();
    body.keep(exchange, || pace(site), is_multiplexed);
    Ok(response)
}

/// How fast an answer has to be read.
fn pace(site: &Site) -> Pace {
    let (limits, deadlines) = (&site.settings.limits, &site.settings.deadlines);
    let rate = limits.min_read_rate.as_u64();
    Pace::new(rate, deadlines.write_timeout, tokio::time::Instant::now())
}

/// Whether what comes with a request is no more than that may be.
fn within_limits(site: &Site, request: &Request<Incoming>) -> Result<(), Refusal> {
    let headers = request.headers();
    let limits = &site.settings.limits;
    if headers.len() > limits.max_headers.get() {
        let limit = format!("{} headers", limits.max_headers);
        return Err(Refusal::Headers { limit });
    }
    let bytes: usize = headers
        .iter()
        .map(|(name, value)| name.as_str().len() + value.len() + 4)
        .sum();
    if bytes as u64 > limits.max_headers_size.as_u64() {
        let limit = format!("{} bytes of headers", limits.max_headers_size.as_u64());
        return Err(Refusal::Headers { limit });
    }
    if request
        .uri()
        .query()
        .is_some_and(|query| query.len() > QUERY_BYTES)
    {
        return Err(Refusal::Query { limit: QUERY_BYTES });
    }
    Ok(())
}

/// Whether the request is for a name of this server.
fn host(
    site: &Site,
    connected: &Connected,
    request: &Request<Incoming>,
    forwarded: Option<&str>,
) -> Result<(), Refusal> {
    let mut hosts = request.headers().get_all(HOST).iter();
    // HTTP/2 has it in the URI, and HTTP/1.1 may (RFC 9112, section 3.2.2).
    let target = request.uri().authority();
    let mut alone = None;
    let named = match (forwarded, target, hosts.next(), hosts.next()) {
        (_, _, Some(_), Some(_)) => None,
        (Some(host), ..) => host.parse::<Authority>().ok(),
        (None, target, None, _) => target.cloned(),
        (None, None, Some(host), None) if connected.knows(host) => return Ok(()),
        (None, target, Some(host), None) => {
            alone = target.is_none().then_some(host);
            Authority::try_from(host.as_bytes())
                .ok()
                .filter(|host| target.is_none_or(|target| target == host))
        }
    };
    // What stands before an @ is no part of a name.
    let named = named.filter(|host| !host.as_str().contains('@'));
    let named = named.ok_or(Refusal::Host { named: None })?;
    // What gathers metrics knows addresses, which no page can be made to believe are its own.
    let is_address = connected.audience == Audience::Operators && names::is_address(&named);
    if is_address || site.hosts.iter().any(|pattern| pattern.allows(&named)) {
        if let Some(host) = alone {
            connected.remember(host);
        }
        return Ok(());
    }
    Err(Refusal::Host {
        named: Some(named.to_string()),
    })
}

/// The web page that the request is from, if it is from one; refused if that may not ask.
fn page(site: &Site, headers: &HeaderMap) -> Result<Option<HeaderValue>, Refusal> {
    let mut first = None;
    for value in headers.get_all(ORIGIN) {
        let text = value.to_str().unwrap_or("an unreadable origin");
        let is_allowed = Origin::parse(text)
            .is_some_and(|origin| site.origins.iter().any(|pattern| pattern.allows(&origin)));
        if !is_allowed {
            let named = text.to_owned();
            return Err(Refusal::Origin { named });
        }
        first.get_or_insert(value);
    }
    Ok(first.cloned())
}

/// The answer to a request that may ask.
async fn answer(
    site: &'static Site,
    audience: Audience,
    route: Route,
    request: Request<Incoming>,
    visit: &mut Visit,
) -> Result<Response<Body>, Refusal> {
    let method = request.method();
    if let (&Method::OPTIONS, Some(methods)) = (method, route.methods()) {
        return Ok(mcp::preflight(methods));
    }
    match route {
        Route::Mcp => match *method {
            Method::POST => {
                let principal = identified(site, request.headers(), visit).await?;
                mcp::post(site, request, &principal, visit).await
            }
            _ => Err(Refusal::Method {
                allowed: "POST, OPTIONS",
            }),
        },
        Route::Discovery => {
            let principal = identified(site, request.headers(), visit).await?;
            files(site, &principal, &request, visit).await
        }
        Route::Unknown => Err(Refusal::NotFound),
        // Whoever tries these has been refused, or has no credentials yet: nobody is asked who they are, and nothing counts.
        Route::Authorization => Err(Refusal::NoAuthorizationServer {
            advice: site.guard.way_in(),
        }),
        Route::Metadata if site.guard.metadata().is_none() => Err(Refusal::NoAuthorizationServer {
            advice: site.guard.way_in(),
        }),
        _ if !matches!(*method, Method::GET | Method::HEAD) => Err(Refusal::Method {
            allowed: "GET, HEAD",
        }),
        Route::Metadata => metadata(site),
        Route::Health => Ok(probes::health(site, audience)),
        Route::Live => Ok(probes::live()),
        Route::Ready => Ok(probes::ready(site)),
        Route::Metrics => admin::metrics(site, request.headers()),
        Route::Config => Ok(admin::config(site)),
    }
}

/// Who sends a request, if its sender may ask at all.
async fn identified(
    site: &Site,
    headers: &HeaderMap,
    visit: &mut Visit,
) -> Result<Arc<Principal>, Refusal> {
    if let Err(denial) = site.guard.meet(visit.client).await {
        visit.place = site.guard.reserve_refusal(visit.client, &denial)?;
        return Err(denial.into());
    }
    visit.place = site.guard.reserve()?;
    let credential = credential(headers);
    let principal = site.guard.identify(credential, visit.client).await?;
    visit.principal = Some(Arc::clone(&principal));
    Ok(principal)
}

/// A file, from the bundle as it is.
async fn files(
    site: &Site,
    principal: &Principal,
    request: &Request<Incoming>,
    visit: &mut Visit,
) -> Result<Response<Body>, Refusal> {
    let (path, headers) = (request.uri().path(), request.headers());
    let call = Call::of("discovery", Some(path));
    visit.asked = site.guard.asked_path(principal, path);
    let client = principal.client(visit.client);
    visit.turn = Some(site.pools.request(&client)?);
    let permit = site.guard.admit(principal, visit.client, &call).await?;
    let catalog = Catalog::new(site.bundle, permit);
    let response = discovery::respond(&site.indexes, catalog, request.method(), path, headers);
    Ok(response.ok_or(Refusal::NotFound)?.map(Body::of))
}

/// Where clients get access tokens (RFC 9728). Everybody may know, and pages in browsers have to.
fn metadata(site: &'static Site) -> Result<Response<Body>, Refusal> {
    let metadata = site.guard.metadata().ok_or(Refusal::NotFound)?;
    let mut response = Response::new(Body::of([Bytes::from_static(metadata)]));
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=3600"),
    );
    Ok(response)
}

/// What all answers have. A page that may not ask does not get to read what it was told, either.
fn finish(
    connected: &Connected,
    visit: &Visit,
    page: Option<HeaderValue>,
    headers: &mut HeaderMap,
) {
    headers.insert(X_REQUEST_ID, visit.id.value());
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    if connected.is_encrypted {
        headers.insert(STRICT_TRANSPORT_SECURITY, HSTS);
    }
    if let Some(page) = page {
        headers.entry(ALLOW_ORIGIN).or_insert(page);
        headers.append(VARY, HeaderValue::from_static("Origin"));
        headers.insert(
            EXPOSE_HEADERS,
            HeaderValue::from_static(
                "ETag, RateLimit, RateLimit-Policy, Retry-After, WWW-Authenticate, X-Request-Id",
            ),
        );
    }
}

/// What a client calls itself.
fn agent(headers: &HeaderMap) -> String {
    let value = headers.get(USER_AGENT).map(HeaderValue::as_bytes);
    String::from_utf8_lossy(value.unwrap_or_default()).into_owned()
}

/// The event of a request that was answered or refused.
fn decided<'a>(
    visit: &'a Visit,
    id: &'a str,
    agent: Option<&'a str>,
    start: Instant,
    response: &Response<Body>,
) -> Event<'a> {
    let decision = match visit.kind {
        Kind::Denied | Kind::Security => Some(Decision::Denied),
        Kind::Request => Some(Decision::Allowed),
        _ => None,
    };
    let mut event = Event {
        request: Some(id),
        transport: Some("http"),
        client: visit.client,
        user_agent: agent.filter(|agent| !agent.is_empty()),
        decision,
        reason: visit.refused,
        status: Some(response.status().as_u16()),
        error: visit.verdict.error(),
        duration: Some(start.elapsed()),
        request_bytes: visit.bytes,
        response_bytes: http_body::Body::size_hint(response.body()).exact(),
        trace: visit.traceparent.as_deref(),
        ..Event::new(visit.kind)
    };
    if let Some(asked) = &visit.asked {
        asked.tell(&mut event);
    }
    if let Some(principal) = &visit.principal {
        principal.tell(&mut event);
    }
    event
}

/// Counts a request that was answered; gives the line that the log gets when the answer is sent, if it gets one.
fn record(
    site: &Site,
    connected: &Connected,
    (method, route): (&'static str, &'static str),
    visit: Visit,
    start: Instant,
    response: &Response<Body>,
) -> Option<Line> {
    let status = response.status();
    let labels = RequestLabels {
        http_request_method: method,
        http_route: route,
        http_response_status_code: status.as_u16(),
    };
    site.observers.request(connected, &labels, start.elapsed());
    let is_failure = status.is_client_error() || status.is_server_error();
    let is_logged = match site.settings.operation.access_log {
        AccessLog::Off => false,
        AccessLog::Failures => is_failure && !is_usual(status),
        AccessLog::All => true,
    };
    is_logged.then(|| Line {
        visit,
        method,
        route,
        status,
        start,
    })
}

/// What the access log says of a request.
#[derive(Debug)]
pub(super) struct Line {
    visit: Visit,
    method: &'static str,
    route: &'static str,
    status: StatusCode,
    start: Instant,
}

impl Line {
    /// Writes it, with the size of the answer, or what was sent of it.
    pub(super) fn write(&self, bytes: Option<u64>) {
        let Self {
            visit,
            method,
            route,
            status,
            start,
        } = self;
        let client = visit.client.map(tracing::field::display);
        let micros = start.elapsed().as_micros() as u64;
        tracing::info!(
            target: ACCESS, request = %visit.id, client, method, route, status = status.as_u16(), bytes, micros,
            rpc = visit.rpc_method, caller = visit.principal.as_ref().map(|principal| principal.means.name()), traceparent = visit.traceparent.as_deref(), refused = visit.refused,
            "{method} {route} {}", status.as_u16()
        );
    }
}

/// Whether clients and crawlers get a status by trying what others have: a path that is not here, and the `GET` with which
/// clients of earlier protocols look for a stream.
fn is_usual(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
    )
}

/// The method as a label; others than these are nobody's.
fn method_label(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "_OTHER",
    }
}
