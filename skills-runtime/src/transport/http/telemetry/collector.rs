//! The way to the collector: one HTTP/1.1 request for each batch, on the event loop of the server, while a thread of the SDK
//! waits. A collector that is not there is said once.

use std::fmt::Display;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::header::{CONNECTION, HOST};
use http::{HeaderValue, Request, Response, Uri};
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use opentelemetry_http::{HttpClient, HttpError};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use super::environment::Signal;
use crate::logging::HTTP;

/// The most that is read of an answer, in bytes.
const ANSWER: usize = 64 * 1024;

/// What stands for no signal in [`Collector::failing`].
const NONE: u8 = 0;

/// A collector, as it is reached for one signal.
#[derive(Clone, Debug)]
pub(super) struct Collector {
    runtime: Handle,
    timeout: Duration,
    signal: Signal,
    /// The signal whose export fails and that this was said of; only its success takes that back.
    failing: Arc<AtomicU8>,
}

impl Collector {
    /// To be made on the event loop.
    pub(super) fn new(timeout: Duration) -> Self {
        Self {
            runtime: Handle::current(),
            timeout,
            signal: Signal::Traces,
            failing: Arc::new(AtomicU8::new(NONE)),
        }
    }

    /// The same collector for another signal.
    pub(super) fn of(self, signal: Signal) -> Self {
        Self { signal, ..self }
    }

    /// Says that exporting fails, or that it works again, when that changes.
    fn note(&self, endpoint: &Uri, problem: Option<&dyn Display>) {
        let change = |from, to| {
            let change =
                self.failing
                    .compare_exchange(from, to, Ordering::Relaxed, Ordering::Relaxed);
            change.is_ok()
        };
        let signal = self.signal as u8;
        match problem {
            Some(problem) if change(NONE, signal) => {
                tracing::warn!(
                    target: HTTP,
                    "Cannot export telemetry to {endpoint}: {problem}; this is not said again until it works"
                );
            }
            None if change(signal, NONE) => {
                tracing::info!(target: HTTP, "Exporting telemetry to {endpoint} works again");
            }
            _ => {}
        }
    }
}

#[async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        let endpoint = request.uri().clone();
        let limit = self.timeout;
        // Whoever calls this is no task of the event loop, so that not even the timer can be made here.
        let task = self
            .runtime
            .spawn(async move { timeout(limit, exchange(request)).await });
        let answer = match task.await {
            Ok(Ok(answer)) => answer,
            Ok(Err(late)) => Err(late.into()),
            Err(ended) => Err(ended.into()),
        };
        match &answer {
            Ok(response) if response.status().is_success() => self.note(&endpoint, None),
            Ok(response) => self.note(&endpoint, Some(&response.status())),
            Err(error) => self.note(&endpoint, Some(error)),
        }
        answer
    }
}

async fn exchange(request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
    let (mut parts, body) = request.into_parts();
    let authority = parts.uri.authority().ok_or("the endpoint names no host")?;
    let port = authority.port_u16().unwrap_or(80);
    let host = authority.host();
    // An IPv6 address is in brackets in a URI and nowhere else.
    let address = host.trim_start_matches('[').trim_end_matches(']');
    let stream = TcpStream::connect((address, port)).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
    let named = HeaderValue::try_from(format!("{host}:{port}"))?;
    parts.headers.insert(HOST, named);
    parts
        .headers
        .insert(CONNECTION, HeaderValue::from_static("close"));
    parts.uri = match parts.uri.path_and_query() {
        Some(path) => Uri::from(path.clone()),
        None => Uri::from_static("/"),
    };
    let request = Request::from_parts(parts, Full::new(body));
    let (parts, body) = sender.send_request(request).await?.into_parts();
    let body = Limited::new(body, ANSWER).collect().await?.to_bytes();
    Ok(Response::from_parts(parts, body))
}
