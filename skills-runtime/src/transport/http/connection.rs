//! One connection from its first byte to its end: deadlines, and hyper, which reads its requests.

use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::HeaderValue;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::{Instant, sleep_until};
use tokio_io_timeout::TimeoutStream;

use super::edge;
use super::exchange::Exchange;
use super::flood::Guarded;
use super::forwarded::Peer;
use super::route::Audience;
use super::settings::Deadlines;
use super::site::Site;
use super::usage::{Usage, Verdict};
use crate::logging::HTTP;

/// How many requests of one HTTP/2 connection are answered at once.
const STREAMS: u32 = 100;

/// How much of an HTTP/2 stream and connection may be under way, in bytes. Requests are small.
const STREAM_WINDOW: u32 = 64 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;

/// How far above our own limits hyper's are, which ends a connection without a word.
const SLACK: usize = 2;

/// The smallest buffer that hyper takes for the headers of a request.
const SMALLEST_BUFFER: usize = 8192;

/// Either end of a connection that bytes go through.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Send + 'static> Stream for S {}

/// What is known of a connection by all its requests.
#[derive(Debug)]
pub(super) struct Connected {
    pub(super) peer: Peer,
    pub(super) audience: Audience,
    pub(super) is_encrypted: bool,
    pub(super) usage: Arc<Usage>,
    /// The host that was asked for, once that was found to be this server; clients stay with it.
    host: OnceLock<Box<[u8]>>,
}

impl Connected {
    pub(super) const fn new(
        peer: Peer,
        audience: Audience,
        is_encrypted: bool,
        usage: Arc<Usage>,
    ) -> Self {
        Self {
            peer,
            audience,
            is_encrypted,
            usage,
            host: OnceLock::new(),
        }
    }

    /// Whether a `Host` header is one that was let in before.
    pub(super) fn knows(&self, host: &HeaderValue) -> bool {
        self.host
            .get()
            .is_some_and(|known| **known == *host.as_bytes())
    }

    /// Remembers a `Host` header that was let in, unless there is one already.
    pub(super) fn remember(&self, host: &HeaderValue) {
        // Only the bytes: the value would hold on to what was read with it.
        self.host.get_or_init(|| host.as_bytes().into());
    }
}

/// Serves a connection until it ends, is silent for too long, reads too slowly, or the server stops.
pub(super) async fn serve(site: &'static Site, stream: impl Stream, connected: Connected) {
    let deadlines = &site.settings.deadlines;
    let connected = Arc::new(connected);
    let usage = &connected.usage;
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(deadlines.write_timeout));
    let shared = Arc::clone(&connected);
    let service = service_fn(move |request| {
        let connected = Arc::clone(&shared);
        async move {
            let exchange = Exchange::begin(&connected.usage, site.metrics);
            // What a request needs is in memory only while there is one; hyper keeps room for this future all the time.
            Box::pin(edge::respond(site, &connected, exchange, request)).await
        }
    });
    let builder = builder(site);
    let stream = Guarded::new(Box::pin(stream), Arc::clone(usage));
    let mut connection = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    let mut deadline = Instant::now() + deadlines.header_timeout;
    let mut is_ending = false;
    loop {
        tokio::select! {
            biased;
            ended = connection.as_mut() => {
                if let Err(error) = ended {
                    note(site, usage, error.as_ref());
                }
                return;
            }
            () = site.stopping.cancelled(), if !is_ending => {
                is_ending = true;
                connection.as_mut().graceful_shutdown();
            }
            () = usage.watching() => deadline = deadline.min(Instant::now() + tick(deadlines)),
            () = sleep_until(deadline) => {
                let slow = usage.slow_reader(Instant::now());
                if slow == Some(true) {
                    site.metrics.refused("slow_reader");
                    return;
                }
                match usage.verdict(deadlines.header_timeout, deadlines.keep_alive) {
                    Verdict::Until(later) => deadline = later,
                    Verdict::Silent => {
                        site.metrics.refused("header_timeout");
                        return;
                    }
                    // Those who were told to go and have not gone.
                    Verdict::Idle if is_ending => return,
                    Verdict::Idle => {
                        is_ending = true;
                        connection.as_mut().graceful_shutdown();
                        deadline = Instant::now() + deadlines.header_timeout;
                    }
                }
                if slow.is_some() {
                    deadline = deadline.min(Instant::now() + tick(deadlines));
                }
            }
        }
    }
}

/// How often it is looked at how fast answers are read.
fn tick(deadlines: &Deadlines) -> Duration {
    (deadlines.write_timeout / 8).clamp(Duration::from_millis(50), Duration::from_secs(2))
}

fn builder(site: &Site) -> Builder<TokioExecutor> {
    let (limits, deadlines) = (&site.settings.limits, &site.settings.deadlines);
    let headers_size = limits.max_headers_size.as_u64() as usize;
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        // Ours come before it, and tell those who are idle from those who are slow.
        .header_read_timeout(deadlines.keep_alive + 2 * deadlines.header_timeout)
        .max_headers(SLACK * limits.max_headers.get())
        .max_buf_size((SLACK * headers_size).max(SMALLEST_BUFFER));
    builder
        .http2()
        .timer(TokioTimer::new())
        .max_concurrent_streams(STREAMS)
        .max_header_list_size((SLACK * headers_size) as u32)
        .initial_stream_window_size(STREAM_WINDOW)
        .initial_connection_window_size(CONNECTION_WINDOW)
        .keep_alive_interval(Some(deadlines.keep_alive))
        .keep_alive_timeout(deadlines.header_timeout);
    builder
}

/// Why a connection broke off, as far as that is worth knowing.
fn note(site: &Site, usage: &Usage, error: &(dyn std::error::Error + 'static)) {
    let mut cause = Some(error);
    let mut reason = None;
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<hyper::Error>() {
            reason = match error {
                error if error.is_timeout() => Some("header_timeout"),
                error if error.is_parse_too_large() => Some("headers"),
                error if error.is_parse() => Some("malformed"),
                _ => reason,
            };
        }
        if let Some(error) = error.downcast_ref::<io::Error>()
            && error.kind() == io::ErrorKind::TimedOut
        {
            reason = Some("write_timeout");
        }
        cause = error.source();
    }
    if usage.is_flooded() {
        reason = Some("h2_flood");
    }
    // Whoever goes away is not refused.
    if let Some(reason) = reason {
        site.metrics.refused(reason);
    }
    tracing::debug!(target: HTTP, %error, reason, "Connection ended early");
}
