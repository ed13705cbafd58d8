//! What a server over HTTP needs once it serves; everything else is closed off.

use std::path::PathBuf;

use super::address::Address;
use super::settings::{Addresses, Settings};
use crate::error::Error;
use crate::guard::Guard;
use crate::logging::HTTP;
use crate::sandbox::{Mode, Needs, parent, seal};

/// Closes the process off and says how well, after all addresses are listened on and before there are threads that serve.
pub(super) fn close(guard: &Guard, settings: &Settings, mode: Mode) -> Result<String, Error> {
    let report = seal(&needs(guard, settings)?, mode)?.to_string();
    tracing::info!(target: HTTP, "Sandbox: {report}");
    Ok(report)
}

fn needs(guard: &Guard, settings: &Settings) -> Result<Needs, Error> {
    let Addresses {
        listen,
        admin_listen,
    } = &settings.addresses;
    let sockets = listen.iter().chain(admin_listen);
    let removes = sockets.filter_map(|address| match address {
        Address::Tcp(_) => None,
        Address::Unix(path) => Some(parent(path)),
    });
    Ok(Needs {
        reads: reads(guard, settings),
        writes: guard.writes(),
        removes: removes.collect(),
        connects: connects(guard)?,
        figures: admin_listen.is_some(),
    })
}

fn reads(guard: &Guard, settings: &Settings) -> Vec<PathBuf> {
    let files = guard.files().into_iter();
    #[cfg(feature = "tls")]
    let files = {
        let tls = &settings.tls;
        files.chain(tls.tls_cert.iter().chain(&tls.tls_key).cloned())
    };
    #[cfg(not(feature = "tls"))]
    let _ = settings;
    files.collect()
}

/// The ports of authorization servers and collectors.
#[cfg_attr(
    not(feature = "otel"),
    expect(
        clippy::unnecessary_wraps,
        reason = "what is said of collectors can be wrong"
    )
)]
fn connects(guard: &Guard) -> Result<Vec<u16>, Error> {
    let mut ports = Vec::new();
    #[cfg(any(feature = "oauth", feature = "redis"))]
    ports.extend(guard.ports());
    #[cfg(not(any(feature = "oauth", feature = "redis")))]
    let _ = guard;
    #[cfg(feature = "otel")]
    ports.extend(super::telemetry::ports()?);
    // Some features add none.
    ports.dedup();
    Ok(ports)
}
