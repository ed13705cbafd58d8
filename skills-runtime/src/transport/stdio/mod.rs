//! MCP over standard input and output: one JSON-RPC message a line. This file is the life of the process; the lines are
//! framed in `lines.rs`, answered through `output.rs`, and `connection.rs` puts these together as a transport of rmcp.

mod connection;
#[cfg(fuzzing)]
pub(crate) mod fuzzing;
mod line;
mod lines;
mod output;

use std::io::ErrorKind;
use std::pin::pin;
use std::sync::Arc;
#[cfg(feature = "http")]
use std::sync::Weak;
use std::time::Duration;

use rmcp::service::{
    QuitReason, RoleServer, RunningService, ServerInitializeError, Service, ServiceExt,
};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::runtime::{Builder, Runtime};
#[cfg(feature = "http")]
use tokio::task::spawn_blocking;

use self::connection::Connection;
#[cfg(feature = "http")]
use super::signal::Hangups;
use super::signal::Signals;
use crate::catalog::Catalog;
use crate::error::Error;
use crate::guard::Session;
use crate::logging::STDIO;
use crate::prepared::Prepared;

/// The longest line that is read, in bytes. Requests are a few hundred bytes; a client that sends more than this without a
/// line break is not speaking MCP.
const LINE_BYTES: usize = 4 * 1024 * 1024;

/// Serves one client until it closes standard input or the process is told to end; both are success. When everything is
/// open, and there is still this one thread only, `seal` closes the process off and gives the caller back.
pub(crate) fn serve(
    service: impl Service<RoleServer>,
    prepared: &'static Prepared,
    catalog: Catalog,
    caller: Session,
    seal: impl FnOnce(Session) -> Result<Session, Error>,
) -> Result<(), Error> {
    let runtime = runtime()?;
    let result = runtime.block_on(session(service, prepared, catalog, caller, seal));
    // Where standard input is not a pipe, a thread is blocked in reading it, which nothing can interrupt.
    runtime.shutdown_timeout(Duration::ZERO);
    result
}

/// One thread is enough: an answer is a lookup and a copy, and a second thread would cost more than it does.
fn runtime() -> Result<Runtime, Error> {
    let runtime = Builder::new_current_thread().enable_all().build();
    runtime.map_err(|source| Error::System {
        action: "start the event loop",
        source,
    })
}

async fn session(
    service: impl Service<RoleServer>,
    prepared: &'static Prepared,
    catalog: Catalog,
    caller: Session,
    seal: impl FnOnce(Session) -> Result<Session, Error>,
) -> Result<(), Error> {
    let signals = Signals::listen()?;
    // Without a policy, this signal ends the process as it always does.
    #[cfg(feature = "http")]
    let hangups = caller.has_policy().then(Hangups::listen);
    let (reader, writer) = rmcp::transport::stdio_pipes();
    let caller = Arc::new(seal(caller)?);
    #[cfg(feature = "http")]
    if let Some(hangups) = hangups {
        tokio::spawn(reload(Arc::downgrade(&caller), hangups));
    }
    let connection = Connection::new(reader, writer, LINE_BYTES);
    let connection = connection.answering_with(prepared, catalog, Arc::clone(&caller));
    let ended = converse(service, connection, signals).await;
    // Somebody may still hold the caller: a policy that is on a disk that does not answer is read for ever.
    #[cfg(feature = "http")]
    caller.end();
    #[cfg(not(feature = "http"))]
    drop(caller);
    ended
}

/// Serves a client until it has gone or the process is told to end.
async fn converse<R, W>(
    service: impl Service<RoleServer>,
    connection: Connection<R, W>,
    mut signals: Signals,
) -> Result<(), Error>
where
    R: AsyncRead + Send + Unpin + 'static,
    W: AsyncWrite + Send + Unpin + 'static,
{
    let failure = connection.failure();
    tracing::info!(target: STDIO, "Server ready");
    let started = tokio::select! {
        started = service.serve(connection) => started,
        signal = signals.next() => {
            log_signal(signal);
            return Ok(());
        }
    };
    match started {
        Ok(running) => attend(running, signals).await?,
        Err(error) if failure.borrow().is_none() => log_unstarted(&error),
        Err(_) => {}
    }
    let failed = *failure.borrow();
    match failed.filter(|kind| *kind != ErrorKind::BrokenPipe) {
        Some(kind) => Err(Error::System {
            action: "write an answer",
            source: kind.into(),
        }),
        None => Ok(()),
    }
}

/// Reads the policy again when a SIGHUP asks for it, as long as somebody is served.
#[cfg(feature = "http")]
async fn reload(caller: Weak<Session>, mut hangups: Hangups) {
    loop {
        hangups.next().await;
        let Some(caller) = caller.upgrade() else {
            return;
        };
        let _ = spawn_blocking(move || caller.reload()).await;
    }
}

/// Waits for the end of a session that has begun.
async fn attend(
    running: RunningService<RoleServer, impl Service<RoleServer>>,
    mut signals: Signals,
) -> Result<(), Error> {
    let token = running.cancellation_token();
    let mut ending = pin!(running.waiting());
    let end = tokio::select! {
        end = &mut ending => end,
        signal = signals.next() => {
            log_signal(signal);
            token.cancel();
            // rmcp first sends the answers that are due, for two seconds at most.
            ending.await
        }
    };
    match end.unwrap_or_else(QuitReason::JoinError) {
        QuitReason::JoinError(error) => Err(Error::System {
            action: "go on serving",
            source: error.into(),
        }),
        QuitReason::Closed => {
            tracing::info!(target: STDIO, "Client closed the connection");
            Ok(())
        }
        _ => Ok(()),
    }
}

fn log_signal(signal: &str) {
    tracing::info!(target: STDIO, "Stopped by {signal}");
}

/// It was over before a session began; rmcp reports as an error what is the ordinary end of a probe.
fn log_unstarted(error: &ServerInitializeError) {
    match error {
        ServerInitializeError::ConnectionClosed(_) => {
            tracing::info!(target: STDIO, "Client closed the connection before a session began");
        }
        other => tracing::warn!(target: STDIO, "Ended before a session began: {other}"),
    }
}
