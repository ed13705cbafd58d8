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

mod guard;

#[cfg(feature = "http")]
mod discovery;

#[cfg(feature = "oauth")]
mod oauth;

mod catalog;

#[cfg(feature = "audit")]
mod audit;
#[cfg(feature = "sandbox")]
mod sandbox;

#[cfg(any(feature = "http", feature = "stdio"))]
mod allocator;
mod clock;
mod error;
#[cfg(feature = "audit")]
mod files;
#[cfg(any(feature = "http", feature = "stdio"))]
mod hardening;
mod logging;
mod macros;
#[cfg(any(feature = "http", feature = "stdio"))]
#[cfg(feature = "http")]
mod pool;
#[cfg(feature = "http")]
mod secret;
mod server;
#[cfg(any(feature = "http", feature = "stdio"))]
#[cfg(feature = "http")]
mod sync;
mod text;

#[cfg(all(fuzzing, feature = "stdio"))]
#[doc(hidden)]
pub mod fuzzing;
#[cfg(test)]
mod testing;

#[cfg(test)]
#[cfg(all(feature = "http", feature = "stdio"))]
mod hidden;

pub use rmcp;
pub use server::{Server, server};
pub use skills_model as model;

use std::process::ExitCode;

use skills_model::Bundle;

#[cfg(feature = "stdio")]
use catalog::Catalog;
#[cfg(feature = "stdio")]
use guard::Session;
#[cfg(feature = "stdio")]
use prepared::Prepared;
#[cfg(feature = "stdio")]
use protocol::{Permits, SkillServer};

/// The whole program: reads the command line and does what it says.
///
/// The exit code is 0 for success, 1 for a failure and 2 for a command line that makes no sense.
#[must_use]
pub fn run(bundle: &'static Bundle) -> ExitCode {
    server(bundle).run()
}

fn program(server: Server) -> ExitCode {
    let Server { bundle, tools } = server;
    #[cfg(any(feature = "http", feature = "stdio"))]
    let hardened = hardening::harden();
    if let Err(error) = tools.install(bundle) {
        return cli::conclude(Err(error));
    }
    let invocation = match cli::parse(bundle) {
        Ok(invocation) => invocation,
        Err(exit) => return exit,
    };
    #[cfg(any(feature = "http", feature = "stdio"))]
    allocator::configure();
    let is_server = !matches!(invocation.task, cli::Task::Print(_));
    // Dropped last, so that what is said of the end is written.
    let _log = logging::start(invocation.log_level, invocation.log_format, is_server);
    #[cfg(any(feature = "http", feature = "stdio"))]
    if let Err(problem) = hardened {
        tracing::warn!(target: logging::SERVER, "{problem}");
    }
    #[cfg(not(feature = "sandbox"))]
    if invocation.lacks_sandbox {
        tracing::warn!(target: logging::SERVER, "Sandbox: none; SKILLS_SANDBOX is `auto`, and this server was built without one");
    }
    let outcome = match invocation.task {
        #[cfg(feature = "stdio")]
        cli::Task::Stdio(desk) => serve(
            bundle,
            desk,
            #[cfg(feature = "sandbox")]
            invocation.sandbox,
        ),
        #[cfg(feature = "http")]
        cli::Task::Http(settings, effective) => {
            announce(bundle);
            transport::http::serve(
                bundle,
                *settings,
                effective,
                #[cfg(feature = "sandbox")]
                invocation.sandbox,
            )
        }
        cli::Task::Print(command) => cli::print(bundle, command),
    };
    cli::conclude(outcome)
}

/// Serves the bundle to the client at the other end of standard input and output.
#[cfg(feature = "stdio")]
fn serve(
    bundle: &'static Bundle,
    desk: cli::Desk,
    #[cfg(feature = "sandbox")] mode: sandbox::Mode,
) -> Result<(), error::Error> {
    announce(bundle);
    let session = Session::open(bundle, desk)?;
    let permits = Permits::One(session.permit());
    let server = SkillServer::new(bundle, permits, ())?;
    let catalog = Catalog::new(bundle, session.permit());
    #[cfg(feature = "sandbox")]
    let seal = |session: Session| {
        let needs = sandbox::Needs {
            reads: session.files(),
            writes: session.writes(),
            ..sandbox::Needs::default()
        };
        let report = sandbox::seal(&needs, mode)?.to_string();
        logging::flow()?;
        tracing::info!(target: logging::SERVER, "Sandbox: {report}");
        session.recording(Some(&report))
    };
    #[cfg(not(feature = "sandbox"))]
    let seal = |session: Session| {
        logging::flow()?;
        session.recording(None)
    };
    transport::stdio::serve(server, Prepared::new(bundle)?, catalog, session, seal)
}

/// Says what is served.
#[cfg(any(feature = "http", feature = "stdio"))]
fn announce(bundle: &Bundle) {
    let skills = text::count(bundle.skills.len(), "skill");
    let files = text::count(bundle.resources.len(), "file");
    let (name, version) = (bundle.server.name, bundle.server.version);
    tracing::info!(target: logging::SERVER, "Found {skills} ({files}) in {name} {version}");
}
