//! What a server is made of before it runs: the bundle, and tools of its author.

use std::process::ExitCode;

use rmcp::handler::server::router::tool::ToolRouter;
use skills_model::Bundle;

use crate::protocol::own;

/// Begins a server of a bundle; [`Server::run`] runs it.
///
/// ```text
/// skills_runtime::server(&BUNDLE).tools(Clock, Clock::tool_router()).run()
/// ```
pub fn server(bundle: &'static Bundle) -> Server {
    Server {
        bundle,
        tools: own::Tools::default(),
    }
}

/// A server that does not run yet.
#[derive(Debug)]
#[must_use = "nothing is served before `run`"]
pub struct Server {
    pub(crate) bundle: &'static Bundle,
    pub(crate) tools: own::Tools,
}

impl Server {
    /// Adds the tools of a router of rmcp, which work on `service`, beside those for skills.
    ///
    /// Every caller that the server admits may call them. Limits, metrics and the audit log know each by its name. With two
    /// tools of one name, the server does not start.
    pub fn tools<T: Send + Sync + 'static>(mut self, service: T, router: ToolRouter<T>) -> Self {
        self.tools.add(service, router);
        self
    }

    /// The whole program: reads the command line and does what it says.
    ///
    /// The exit code is 0 for success, 1 for a failure and 2 for a command line that makes no sense.
    #[must_use]
    pub fn run(self) -> ExitCode {
        crate::program(self)
    }
}
