//! What is typed of building, serving and shipping.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Args, CommandFactory};

use super::Arguments;
use crate::build::{self, FEATURES, KNOWN_FEATURES};
use crate::dist;
use crate::error::{Error, explain};

#[derive(Debug, Args)]
pub(super) struct Build {
    #[command(flatten)]
    common: Common,
    /// The file to write; named after the server, in the current directory, unless given
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// What to build for, as rustc calls it; this machine unless given, with musl where that is installed
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// Also write what ships with it: digests, a bill of materials, provenance, packages
    #[arg(long, value_name = "DIR", requires = "release")]
    dist: Option<PathBuf>,
}

/// What building and serving have in common.
#[derive(Debug, Args)]
pub(super) struct Common {
    /// A folder of skills, or of a project
    #[arg(value_name = "DIR", default_value = ".")]
    directory: PathBuf,
    /// Optimise, which takes minutes
    #[arg(long)]
    release: bool,
    /// What the server of a folder of skills can do beside MCP over standard input and output: http, install, oauth, otel,
    /// redis, sandbox, tls, or `none` [default: http,install,oauth,sandbox,tls]
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    features: Option<Vec<String>>,
    /// A checkout of skills to take the libraries from, rather than the published ones
    #[arg(long, value_name = "DIR")]
    checkout: Option<PathBuf>,
    /// Use no network
    #[arg(long)]
    offline: bool,
}

impl Build {
    pub(super) fn order(self) -> Result<build::Order, clap::Error> {
        Ok(build::Order {
            into: self.output,
            target: self.target,
            dist: self.dist,
            ..self.common.order()?
        })
    }
}

impl Common {
    pub(super) fn order(self) -> Result<build::Order, clap::Error> {
        let usual = || FEATURES.map(str::to_owned).to_vec();
        let mut features = self.features.unwrap_or_else(usual);
        if features == ["none"] {
            features.clear();
        }
        let unknown = features
            .iter()
            .find(|asked| !KNOWN_FEATURES.contains(&asked.as_str()));
        if let Some(asked) = unknown.cloned() {
            let problem = explain(&Error::UnknownFeature { asked });
            let problem = problem.trim_start_matches("error: ").trim_end();
            return Err(Arguments::command().error(ErrorKind::InvalidValue, problem));
        }
        Ok(build::Order {
            directory: self.directory,
            into: None,
            target: None,
            is_release: self.release,
            features,
            checkout: self.checkout,
            is_offline: self.offline,
            dist: None,
        })
    }
}

pub(super) const BUILD_EXAMPLES: &str = "Examples:
  cargo skills build skills                 A server of the skills in a folder
  cargo skills build skills -o acme --release
  cargo skills build skills --features none The smallest: standard input and output only
  cargo skills build .                      The project in this folder";

pub(super) const DEV_EXAMPLES: &str = "Examples:
  cargo skills dev skills                   http://127.0.0.1:3001/mcp
  cargo skills dev skills -- --listen 127.0.0.1:8080";

#[derive(Debug, Args)]
pub(super) struct Dist {
    /// The folder of the project: a package whose build.rs compiles skills
    #[arg(value_name = "PROJECT", default_value = ".")]
    project: PathBuf,
    /// The folder to write; one that an earlier run wrote is replaced
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,
    /// The triple to build for, such as x86_64-unknown-linux-musl
    #[arg(long, value_name = "TRIPLE")]
    target: Option<String>,
    /// Features of the package
    #[arg(short = 'F', long, value_name = "NAME", value_delimiter = ',')]
    features: Vec<String>,
    /// The profile of cargo
    #[arg(long, value_name = "NAME", default_value = "release")]
    profile: String,
    /// Which executable, where the package has several
    #[arg(long, value_name = "NAME")]
    bin: Option<String>,
}

impl From<Dist> for dist::Order {
    fn from(dist: Dist) -> Self {
        let Dist {
            project,
            output,
            target,
            features,
            profile,
            bin,
        } = dist;
        Self {
            project,
            into: output,
            target,
            features,
            profile,
            binary: bin,
        }
    }
}
