//! The way to authorization servers: HTTP/1.1 over TLS, in which nothing is followed and little is read.
//!
//! Names are looked up by `getaddrinfo`, on a thread for what blocks, at each new connection: it opens `/etc/resolv.conf` and
//! `/etc/hosts`, and with glibc `/etc/nsswitch.conf`, `/etc/host.conf`, `/etc/gai.conf` and the libraries that these name
//! (`libnss_*.so`), and it talks UDP and TCP to port 53. Whatever forbids files or sockets later has to leave these.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{ACCEPT, AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, LOCATION, USER_AGENT};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};
use tokio::time::timeout;

use super::endpoint::Endpoint;
use super::error::Error;
use super::settings::Times;
use crate::secret::Secret;

/// The most that is read of an answer, in bytes.
const BODY: usize = 64 * 1024;

/// How long a connection is kept for the next request.
const IDLE: Duration = Duration::from_secs(60);

const AGENT: HeaderValue =
    HeaderValue::from_static(concat!("skills-runtime/", env!("CARGO_PKG_VERSION")));

/// Asks authorization servers.
#[derive(Clone, Debug)]
pub(super) struct Client {
    client: legacy::Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    total: Duration,
}

/// What one answered.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) body: Bytes,
    /// How long it is good, if that is said (`Cache-Control: max-age`).
    pub(super) max_age: Option<Duration>,
}

/// Why there is no answer. What is shown of it never has a token or a secret in it.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("{0} does not answer within {1:?}")]
    Late(Endpoint, Duration),
    #[error("{0} cannot be reached: {1}")]
    Unreachable(Endpoint, String),
    #[error("{0} answers with status {1}")]
    Status(Endpoint, StatusCode),
    #[error("{0} leads to {1}, which is not followed")]
    Redirect(Endpoint, String),
    #[error("the answer of {0} is longer than {BODY} bytes")]
    Long(Endpoint),
    #[error("the answer of {0} makes no sense: {1}")]
    Nonsense(Endpoint, String),
    #[error("it failed too often, and is asked again in {} s", .0.as_secs() + 1)]
    Broken(Duration),
    #[error("{0}")]
    Discovery(String),
}

impl Client {
    pub(super) fn new(times: &Times, authorities: Option<&Path>) -> Result<Self, Error> {
        let mut http = HttpConnector::new();
        http.set_connect_timeout(Some(times.connect));
        http.set_nodelay(true);
        http.enforce_http(false);
        // Which addresses may be asked without TLS is the business of `Endpoint`.
        let connector = HttpsConnectorBuilder::new()
            .with_tls_config(tls(authorities)?)
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        let client = legacy::Client::builder(TokioExecutor::new())
            .pool_idle_timeout(IDLE)
            .pool_max_idle_per_host(8)
            .pool_timer(TokioTimer::new())
            .build(connector);
        Ok(Self {
            client,
            total: times.total,
        })
    }

    pub(super) async fn get(&self, endpoint: &Endpoint) -> Result<Answer, Problem> {
        self.ask(endpoint, Method::GET, HeaderMap::new(), Bytes::new())
            .await
    }

    /// Posts a form, with credentials if they are to stand in a header.
    pub(super) async fn post(
        &self,
        endpoint: &Endpoint,
        form: Secret,
        authorization: Option<HeaderValue>,
    ) -> Result<Answer, Problem> {
        let mut headers = HeaderMap::new();
        let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
        headers.insert(CONTENT_TYPE, kind);
        headers.extend(authorization.map(|value| (AUTHORIZATION, value)));
        self.ask(endpoint, Method::POST, headers, form.into_bytes())
            .await
    }

    async fn ask(
        &self,
        endpoint: &Endpoint,
        method: Method,
        headers: HeaderMap,
        body: Bytes,
    ) -> Result<Answer, Problem> {
        let mut request = Request::new(Full::new(body));
        *request.method_mut() = method;
        *request.uri_mut() = endpoint.uri().clone();
        *request.headers_mut() = headers;
        let headers = request.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(USER_AGENT, AGENT);
        match timeout(self.total, self.exchange(endpoint, request)).await {
            Ok(answer) => answer,
            Err(_) => Err(Problem::Late(endpoint.clone(), self.total)),
        }
    }

    async fn exchange(
        &self,
        endpoint: &Endpoint,
        request: Request<Full<Bytes>>,
    ) -> Result<Answer, Problem> {
        let unreachable = |error: &dyn std::error::Error| {
            Problem::Unreachable(endpoint.clone(), innermost(error))
        };
        let response = self.client.request(request).await;
        let response = response.map_err(|error| unreachable(&error))?;
        let status = response.status();
        if status.is_redirection() {
            let to = response.headers().get(LOCATION);
            let to = to.and_then(|to| to.to_str().ok()).unwrap_or("elsewhere");
            return Err(Problem::Redirect(
                endpoint.clone(),
                to.chars().take(200).collect(),
            ));
        }
        if status != StatusCode::OK {
            return Err(Problem::Status(endpoint.clone(), status));
        }
        let max_age = max_age(response.headers());
        let body = Limited::new(response.into_body(), BODY).collect().await;
        let body = body.map_err(|error| {
            if error.is::<LengthLimitError>() {
                Problem::Long(endpoint.clone())
            } else {
                unreachable(&*error)
            }
        })?;
        Ok(Answer {
            body: body.to_bytes(),
            max_age,
        })
    }
}

/// TLS that trusts the authorities that Mozilla trusts, and those in the file.
fn tls(authorities: Option<&Path>) -> Result<ClientConfig, Error> {
    let mut roots = RootCertStore {
        roots: webpki_roots::TLS_SERVER_ROOTS.to_vec(),
    };
    if let Some(path) = authorities {
        let wrong = |problem: String| Error::File {
            path: path.to_owned(),
            problem,
        };
        let certificates = CertificateDer::pem_file_iter(path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .map_err(|error| wrong(error.to_string()))?;
        if certificates.is_empty() {
            return Err(wrong("there is no certificate in it".into()));
        }
        for certificate in certificates {
            roots
                .add(certificate)
                .map_err(|error| wrong(error.to_string()))?;
        }
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions()?;
    Ok(builder.with_root_certificates(roots).with_no_client_auth())
}

/// The last of the causes, which is the one that says something.
fn innermost(error: &dyn std::error::Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}

fn max_age(headers: &HeaderMap) -> Option<Duration> {
    let value = headers.get(CACHE_CONTROL)?.to_str().ok()?;
    let mut directives = value.split(',').map(str::trim);
    let seconds = directives.find_map(|directive| directive.strip_prefix("max-age="))?;
    seconds
        .trim_matches('"')
        .parse()
        .ok()
        .map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_an_answer_is_good_is_what_its_server_says() {
        for (value, expected) in [
            ("max-age=60", Some(60)),
            ("public, max-age=300, must-revalidate", Some(300)),
            ("max-age=\"5\"", Some(5)),
            ("s-maxage=60", None),
            ("max-age=-1", None),
            ("no-store", None),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CACHE_CONTROL, HeaderValue::from_static(value));
            assert_eq!(
                max_age(&headers),
                expected.map(Duration::from_secs),
                "{value}"
            );
        }
        assert_eq!(max_age(&HeaderMap::new()), None);
    }
}
