//! MCP over Streamable HTTP, for many clients at once. This file is the life of the process.
//!
//! A connection is accepted in `listen.rs` and served in `connection.rs`; each of its requests goes through `edge.rs`, which
//! asks `route.rs` where it leads: to `mcp.rs`, `probes.rs` or `admin.rs`. What `mcp.rs` has no constant for goes through `dispatch.rs` to a
//! `handler.rs`. What is not answered is a `refusal.rs`, and
//! everything is told to the `observers.rs`: it is counted in `metrics.rs`, and `telemetry/` takes it to a collector. What all
//! requests share is the `site.rs`.

mod accept;
mod address;
mod admin;
mod body;
#[cfg(feature = "sandbox")]
mod closing;
mod connection;
mod credentials;
mod dispatch;
mod edge;
mod exchange;
mod exposition;
mod flood;
mod forwarded;
mod handler;
mod listen;
mod mcp;
mod metrics;
mod names;
mod observers;
mod pace;
mod places;
mod pools;
mod probe;
mod probes;
mod process;
mod rate_limit;
mod receive;
mod refusal;
mod route;
mod series;
mod settings;
mod site;
mod standard_headers;
#[cfg(feature = "otel")]
mod telemetry;
#[cfg(feature = "tls")]
mod tls;
mod usage;
mod visit;
mod within;

#[cfg(fuzzing)]
pub(crate) mod fuzzing;

use std::borrow::Borrow;
use std::num::NonZero;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use skills_model::Bundle;
use tokio::runtime::{Builder, Runtime};
use tokio::task::spawn_blocking;
#[cfg(feature = "otel")]
use tokio::time::Instant;
use tokio::time::{sleep, timeout};
use tokio_util::task::TaskTracker;

use self::address::Address;
use self::listen::{Listener, Parked};
use self::places::Places;
pub(crate) use self::probe::{Probe, probe};
use self::route::Audience;
use self::settings::Addresses;
pub(crate) use self::settings::Settings;
use self::site::Site;
use super::signal::{Hangups, Signals};
use crate::cli::Effective;
use crate::error::Error;
use crate::guard::Guard;
use crate::logging::{self, HTTP};

/// How long the record of what was decided, and what a collector is told, may take to be finished.
const LAST_WORDS: Duration = Duration::from_secs(5);

/// How long the thread that finishes the record may take to begin.
const GRACE: Duration = Duration::from_secs(1);

/// Serves until the process is told to end.
pub(crate) fn serve(
    bundle: &'static Bundle,
    settings: Settings,
    effective: Effective,
    #[cfg(feature = "sandbox")] mode: crate::sandbox::Mode,
) -> Result<(), Error> {
    let guard = Guard::new(bundle, settings.trust.sources.clone())?;
    if let Some(problem) = settings.contradiction(&guard) {
        return Err(Error::Settings { problem });
    }
    let listeners = bind(&settings.addresses)?;
    // What says how many processors there are for us are files.
    let workers = settings
        .limits
        .workers
        .or_else(|| available_parallelism().ok());
    #[cfg(feature = "sandbox")]
    let sandbox = Some(closing::close(&guard, &settings, mode)?);
    #[cfg(not(feature = "sandbox"))]
    let sandbox = None;
    logging::flow()?;
    let runtime = runtime(workers)?;
    let result = runtime.block_on(live(bundle, guard, settings, effective, listeners, sandbox));
    // What has not ended within its deadlines does not hold up the end of the process.
    runtime.shutdown_timeout(Duration::ZERO);
    result
}

/// Listens on all addresses.
fn bind(addresses: &Addresses) -> Result<Vec<Parked>, Error> {
    let Addresses {
        listen,
        admin_listen,
    } = addresses;
    let clients = listen.iter().map(|address| (address, Audience::Clients));
    let operators = admin_listen
        .iter()
        .map(|address| (address, Audience::Operators));
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(unstarted)?;
    runtime.block_on(async {
        let mut parked = Vec::new();
        for (address, audience) in clients.chain(operators) {
            parked.push(Listener::bind(address, audience).await?.park()?);
        }
        Ok(parked)
    })
}

fn unstarted(source: std::io::Error) -> Error {
    Error::System {
        action: "start the event loop",
        source,
    }
}

fn runtime(workers: Option<NonZero<usize>>) -> Result<Runtime, Error> {
    let mut builder = Builder::new_multi_thread();
    if let Some(workers) = workers {
        builder.worker_threads(workers.get());
    }
    builder.enable_all().build().map_err(unstarted)
}

async fn live(
    bundle: &'static Bundle,
    guard: Guard,
    settings: Settings,
    effective: Effective,
    parked: Vec<Parked>,
    sandbox: Option<String>,
) -> Result<(), Error> {
    let mut signals = Signals::listen()?;
    // From here on, none of these ends the process.
    let hangups = Hangups::listen();
    let listeners = parked.into_iter().map(Parked::resume);
    let listeners = listeners.collect::<Result<Vec<_>, _>>()?;
    let mut guard = guard.recording(sandbox.as_deref())?;
    tokio::select! {
        connected = guard.connect() => connected?,
        signal = signals.next() => {
            tracing::info!(target: HTTP, "Stopping before anything is served, because of {signal}");
            record_end(guard).await;
            return Ok(());
        }
    }
    let site = Site::new(bundle, guard, settings, effective, sandbox)?;
    announce(site, &listeners);
    // Clients that take all places there are do not keep operators from seeing it.
    let (clients, operators) = (Places::new(&site.settings), Places::new(&site.settings));
    let connections = TaskTracker::new();
    for listener in listeners {
        let places = match listener.audience() {
            Audience::Clients => &clients,
            Audience::Operators => &operators,
        };
        connections.spawn(listener.accept(site, Arc::clone(places), connections.clone()));
    }
    connections.spawn(reload(site, hangups));
    connections.spawn(async {
        let _ = site.stopping.run_until_cancelled(site.guard.forget()).await;
    });
    connections.spawn(async {
        let _ = site.stopping.run_until_cancelled(site.pools.trim()).await;
    });
    #[cfg(feature = "tls")]
    if let Some(tls) = &site.tls {
        connections.spawn(tls.follow(&site.stopping));
    }
    let signal = signals.next().await;
    // Who reads this in the log and asks finds it so.
    site.draining.cancel();
    tracing::info!(target: HTTP, "Stopping, because of {signal}; a second signal ends at once");
    tokio::select! {
        () = stop(site, &connections) => Ok(()),
        // Where the system has such handlers, the process has ended in one before.
        signal = signals.next() => Err(Error::Interrupted { signal }),
    }
}

/// Reads the policy again, when a SIGHUP asks for it.
async fn reload(site: &'static Site, mut hangups: Hangups) {
    loop {
        tokio::select! {
            () = site.stopping.cancelled() => return,
            () = hangups.next() => {
                // The end of the process does not wait for a file that cannot be read.
                let reloaded = spawn_blocking(|| site.guard.reload());
                let _ = site.stopping.run_until_cancelled(reloaded).await;
            }
        }
    }
}

/// Ends in good order: first new work goes elsewhere, then what is under way is finished.
async fn stop(site: &'static Site, connections: &TaskTracker) {
    let deadlines = &site.settings.deadlines;
    if !deadlines.drain_delay.is_zero() {
        sleep(deadlines.drain_delay).await;
    }
    site.stopping.cancel();
    connections.close();
    if timeout(deadlines.drain_timeout, connections.wait())
        .await
        .is_ok()
    {
        tracing::info!(target: HTTP, "Stopped");
    } else {
        let open = site.metrics.connections.get();
        tracing::warn!(target: HTTP, open, "Stopped, with connections that did not end in time");
    }
    let record = record_end(&site.guard);
    #[cfg(feature = "otel")]
    tokio::join!(record, site.observers.stop(Instant::now() + LAST_WORDS));
    #[cfg(not(feature = "otel"))]
    record.await;
}

/// Finishes the record of what was decided.
async fn record_end(guard: impl Borrow<Guard> + Send + 'static) {
    let ended = spawn_blocking(move || guard.borrow().end(LAST_WORDS));
    // No thread may be left for it.
    let ended = timeout(LAST_WORDS + GRACE, ended).await;
    if !matches!(ended, Ok(Ok(true))) {
        tracing::error!(target: HTTP, "The audit log lacks the last events; they could not be written in time");
    }
}

/// Says where clients and operators find what.
fn announce(site: &Site, listeners: &[Listener]) {
    let scheme = site.scheme();
    for listener in listeners {
        let address = listener.address();
        match listener.audience() {
            Audience::Clients => {
                tracing::info!(target: HTTP, "Serving MCP at {scheme}://{address}/mcp");
            }
            Audience::Operators => {
                tracing::info!(target: HTTP, "Serving metrics at http://{address}/metrics");
            }
        }
    }
    for listener in listeners {
        let address = listener.address();
        let is_hidden = matches!(address, Address::Unix(_)) && !site.settings.trusts_unix();
        if is_hidden && listener.audience() == Audience::Clients {
            tracing::warn!(
                target: HTTP,
                "Clients at {address} have no address: limits for each client and the lockout after failures do not apply to \
                 them. If a proxy connects there, set --trusted-proxy unix"
            );
        }
    }
    if site.settings.insecure && !site.settings.is_local() {
        tracing::warn!(target: HTTP, "Everyone who can reach this address can read all skills (--insecure)");
    }
}
