//! Closes the process off once it has everything that it needs: from then on, whoever gets to run code in it can reach no
//! file, no other process and no network beyond what the server was set up for. Nothing opens it again.
//!
//! Two layers, each of which holds alone and exists on Linux only (`linux/`): Landlock rules out files, ports and signals;
//! seccomp leaves only the system calls that a server makes.

#[cfg(all(
    target_os = "linux",
    any(target_arch = "aarch64", target_arch = "x86_64")
))]
#[path = "linux/mod.rs"]
mod system;

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "aarch64", target_arch = "x86_64")
)))]
#[path = "elsewhere.rs"]
mod system;

mod needs;
mod report;

pub(crate) use needs::Needs;
#[cfg(feature = "http")]
pub(crate) use needs::parent;
pub(crate) use report::Report;

use crate::error::Error;
use crate::logging::SERVER;

/// How much it matters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// Without both layers, there is no server.
    Require,
    /// What the system has.
    #[default]
    Auto,
    /// Nothing.
    Off,
}

impl Mode {
    /// All modes.
    pub(crate) const ALL: [Self; 3] = [Self::Require, Self::Auto, Self::Off];

    /// The word for it on the command line and in the environment.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Require => "require",
            Self::Auto => "auto",
            Self::Off => "off",
        }
    }
}

/// Closes the process off, but for these needs.
///
/// Before Linux 7.0, Landlock holds only for the thread that calls this and those that it starts later, so that this has to be
/// called before there are others. Code of the author's own may have started some: then `require` fails, and the report of
/// `auto` says so.
pub(crate) fn seal(needs: &Needs, mode: Mode) -> Result<Report, Error> {
    if mode == Mode::Off {
        return Ok(Report::off());
    }
    let report = system::close(needs);
    match report.missing() {
        Some(missing) if mode == Mode::Require => Err(Error::Sandbox { missing }),
        Some(missing) => {
            // What the system lacks is in the report; this the author of the server can mend.
            if report.has_gap() {
                tracing::warn!(target: SERVER, "The sandbox has gaps: {missing}");
            }
            Ok(report)
        }
        None => Ok(report),
    }
}
