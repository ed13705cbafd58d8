//! The command line as clap knows it: commands, flags, and what help says of them.

use std::path::PathBuf;

use clap::builder::PossibleValue;
use clap::{CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use skills_model::Bundle;

#[cfg(feature = "audit")]
use super::audit::Question;
#[cfg(feature = "install")]
use super::install::{Install, Uninstall};
#[cfg(feature = "http")]
use super::keys;
#[cfg(all(feature = "stdio", feature = "http"))]
use crate::guard::Sources;
use crate::logging::{Format, Level};
#[cfg(feature = "sandbox")]
use crate::sandbox::Mode;
#[cfg(feature = "http")]
use crate::transport::http::{Probe, Settings};

/// The definition of the command line, in the name of the bundle: the executable is its author's server.
pub(super) fn command(bundle: &'static Bundle, program: &str) -> clap::Command {
    Arguments::command()
        .name(bundle.server.name)
        .version(bundle.server.version)
        .bin_name(program.to_owned())
        .after_help(examples(program))
}

fn examples(program: &str) -> String {
    let serve = if cfg!(feature = "http") {
        format!(
            "\n  {program} serve                       Serve MCP over HTTP, at http://127.0.0.1:3001/mcp"
        )
    } else {
        String::new()
    };
    let install = if cfg!(feature = "install") {
        format!("\n  {program} install --host all          Add it to the agents on this machine")
    } else {
        String::new()
    };
    let sandbox = if cfg!(feature = "sandbox") {
        "\n  SKILLS_SANDBOX     Whether a server closes itself off, as --sandbox"
    } else {
        ""
    };
    format!(
        "Examples:
  {program} list                        What skills there are
  {program} show NAME                   Read one
  {program} export ~/.claude/skills     Write them out as folders
  {program} about --json                What this executable holds, for scripts
  {program} < requests.jsonl            Serve MCP: without a command and a terminal{serve}{install}

Environment:
  SKILLS_LOG         How much is logged to standard error, as --log-level
  SKILLS_LOG_FORMAT  How, as --log-format{sandbox}
  NO_COLOR           Anything: no colours"
    )
}

/// Agent Skills in one executable that serves them over MCP.
///
/// Started by an MCP host, it serves MCP over standard input and output. Started at a terminal without a command, it says
/// how to add it to a host.
#[derive(Debug, Parser)]
#[command(disable_help_subcommand = true)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) action: Option<Action>,
    /// How much is logged to standard error: off, error, warn, info, debug or trace [default: info]
    #[arg(long, global = true, value_name = "LEVEL", hide_possible_values = true)]
    pub(super) log_level: Option<Level>,
    /// How it is logged: text or json [default: text]
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    pub(super) log_format: Option<Format>,
    /// Whether a server closes itself off once it is ready, so that it reaches nothing that it does not need: require, auto
    /// (as far as the system can) or off [default: auto]
    #[cfg(feature = "sandbox")]
    #[arg(long, global = true, value_name = "MODE", hide_possible_values = true)]
    pub(super) sandbox: Option<Mode>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Action {
    /// Serve MCP over standard input and output, also at a terminal
    #[cfg(feature = "stdio")]
    Stdio {
        #[cfg(feature = "http")]
        #[command(flatten)]
        sources: Sources,
    },
    /// Serve MCP over HTTP, to many clients at once
    #[cfg(feature = "http")]
    Serve(Box<Settings>),
    /// Ask a running server how it is; the exit code says whether it is fit for use
    #[cfg(feature = "http")]
    Health(Probe),
    /// Make, list and revoke API keys
    #[cfg(feature = "http")]
    #[command(subcommand)]
    Keys(keys::Action),
    /// List the skills
    List {
        /// As JSON, with everything that is known of each skill
        #[arg(long)]
        json: bool,
    },
    /// Show one skill: its facts, its files and its instructions
    Show {
        /// Its name, or its path where several skills have the name
        #[arg(value_name = "NAME")]
        skill: String,
        /// The SKILL.md as it is
        #[arg(long, conflicts_with = "json")]
        raw: bool,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Write skills out as folders, byte for byte as they were compiled
    Export {
        /// The directory to write them into; it is made if it does not exist
        #[arg(value_name = "DIR")]
        directory: PathBuf,
        /// The skills to write; all of them without a name
        #[arg(value_name = "NAME")]
        skills: Vec<String>,
        /// Replace files that exist and differ
        #[arg(long)]
        force: bool,
    },
    /// Add this server to the configurations of hosts: Claude Code, Claude Desktop, Cursor, VS Code, Codex, Gemini CLI
    ///
    /// Files are edited in place: all that is not this server's entry stays byte for byte, comments included, and a copy of the
    /// file is kept beside it. To do it twice changes nothing.
    #[cfg(feature = "install")]
    Install(Install),
    /// Take this server out of the configurations of hosts
    ///
    /// A file that nothing else has changed since is again what it was before.
    #[cfg(feature = "install")]
    Uninstall(Uninstall),
    /// Say what this executable holds and how it was built
    About {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Print the bill of materials: the crates and skills in this executable, as CycloneDX in JSON
    Sbom,
    /// Check or sum up files of a server's audit log
    #[cfg(feature = "audit")]
    Audit {
        #[command(subcommand)]
        question: Question,
    },
    /// Print the completions of this command line for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

impl ValueEnum for Level {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

#[cfg(feature = "sandbox")]
impl ValueEnum for Mode {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}
