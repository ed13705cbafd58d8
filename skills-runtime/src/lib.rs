//! Serves a compiled bundle of Agent Skills over MCP.
//!
//! A server is the bundle that `skills-compiler` wrote and one call:
//!
//! ```text
//! skills_runtime::include_bundle!();
//!
//! fn main() -> std::process::ExitCode {
//!     skills_runtime::run(&BUNDLE)
//! }
//! ```
//!
//! Started by a host, it speaks MCP over standard input and output; started at a terminal, it says what it is.
#![cfg_attr(
    not(any(feature = "http", feature = "stdio")),
    expect(
        dead_code,
        reason = "without a transport, nobody asks the protocol layer"
    )
)]

mod cli;
mod transport;

mod prepared;
mod protocol;

#[cfg(feature = "http")]
mod discovery;

mod catalog;

#[cfg(feature = "audit")]
mod audit;
#[cfg(feature = "sandbox")]
mod sandbox;

mod clock;
mod error;
mod logging;
mod macros;
mod text;

#[cfg(test)]
mod testing;

pub use skills_model as model;

use std::process::ExitCode;

use skills_model::Bundle;

use catalog::Catalog;
#[cfg(feature = "stdio")]
use prepared::Prepared;
#[cfg(feature = "stdio")]
use protocol::SkillServer;

/// The whole program: reads the command line and does what it says.
///
/// The exit code is 0 for success, 1 for a failure and 2 for a command line that makes no sense.
#[must_use]
pub fn run(bundle: &'static Bundle) -> ExitCode {
    let catalog = Catalog::new(bundle);
    let invocation = match cli::parse(bundle) {
        Ok(invocation) => invocation,
        Err(exit) => return exit,
    };
    logging::start(invocation.log_level, invocation.log_format);
    let outcome = match invocation.task {
        #[cfg(feature = "stdio")]
        cli::Task::Stdio => serve(
            catalog,
            #[cfg(feature = "sandbox")]
            invocation.sandbox,
        ),
        #[cfg(feature = "http")]
        cli::Task::Http(settings, effective) => {
            announce(catalog);
            #[cfg(feature = "sandbox")]
            if invocation.sandbox == sandbox::Mode::Require {
                let missing = "servers over HTTP do not close themselves off yet".into();
                return cli::conclude(Err(error::Error::Sandbox { missing }));
            }
            transport::http::serve(catalog, *settings, effective)
        }
        cli::Task::Print(command) => cli::print(catalog, command),
    };
    cli::conclude(outcome)
}

/// Serves the bundle to the client at the other end of standard input and output.
#[cfg(feature = "stdio")]
fn serve(
    catalog: Catalog,
    #[cfg(feature = "sandbox")] mode: sandbox::Mode,
) -> Result<(), error::Error> {
    announce(catalog);
    let server = SkillServer::new(catalog, ())?;
    let seal = || {
        #[cfg(feature = "sandbox")]
        {
            let report = sandbox::seal(&sandbox::Needs::default(), mode)?;
            tracing::info!(target: logging::SERVER, "Sandbox: {report}");
        }
        Ok(())
    };
    transport::stdio::serve(server, Prepared::new(catalog)?, seal)
}

/// Says what is served.
#[cfg(any(feature = "http", feature = "stdio"))]
fn announce(catalog: Catalog) {
    let bundle = catalog.bundle();
    let skills = text::count(bundle.skills.len(), "skill");
    let files = text::count(bundle.resources.len(), "file");
    let (name, version) = (bundle.server.name, bundle.server.version);
    tracing::info!(target: logging::SERVER, "Found {skills} ({files}) in {name} {version}");
}
