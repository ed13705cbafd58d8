//! The command line as it is typed, turned into what is to be done.

mod building;
mod checking;

use std::ffi::OsString;
use std::path::PathBuf;

use anstream::ColorChoice;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use self::building::{BUILD_EXAMPLES, Build, Common, DEV_EXAMPLES, Dist};
use self::checking::Check;
use crate::build;
use crate::check::Order;
use crate::dev;
use crate::dist;
use crate::import;
use crate::levels::Levels;
use crate::project;
use crate::rule_list::Form;

/// What is to be done, and how it is shown.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) task: Task,
    pub(crate) color: ColorChoice,
    pub(crate) is_quiet: bool,
}

/// What is to be done.
#[derive(Debug)]
pub(crate) enum Task {
    Check(Order),
    Watch(Order),
    List(Vec<PathBuf>),
    Explain {
        rule: String,
    },
    Rules(Form),
    Dist(dist::Order),
    NewSkill {
        name: String,
        directory: Option<PathBuf>,
    },
    New(project::Order),
    Build(build::Order),
    Dev(dev::Order),
    Import(import::Order),
    Completions {
        script: String,
    },
}

/// Reads the command line. What comes back otherwise is help, or why it makes no sense.
pub(crate) fn parse() -> Result<Invocation, clap::Error> {
    let mut words: Vec<_> = std::env::args_os().collect();
    // As `cargo skills`, cargo gives the name of the command first.
    if words.get(1).is_some_and(|word| word == "skills") {
        words.remove(1);
    }
    invocation(words)
}

fn invocation(words: Vec<OsString>) -> Result<Invocation, clap::Error> {
    let matches = Arguments::command().try_get_matches_from(words)?;
    let Arguments { action, color } = Arguments::from_arg_matches(&matches)?;
    let is_quiet = matches!(&action, Action::Check(check) if check.quiet);
    let task = match action {
        Action::Check(check) => {
            let levels = matches.subcommand_matches("check").map(Levels::of);
            check.task(levels.unwrap_or_default())?
        }
        Action::Explain { rule } => Task::Explain { rule },
        Action::Rules { format } => Task::Rules(format),
        Action::Dist(dist) => Task::Dist(dist.into()),
        Action::NewSkill { name, directory } => Task::NewSkill { name, directory },
        Action::New {
            path,
            skills,
            checkout,
        } => Task::New(project::Order {
            path,
            skills,
            checkout,
        }),
        Action::Import {
            configuration,
            output,
            checkout,
        } => Task::Import(import::Order {
            configuration,
            into: output,
            checkout,
        }),
        Action::Build(build) => Task::Build(build.order()?),
        Action::Dev { build, arguments } => Task::Dev(dev::Order {
            build: build.order()?,
            arguments,
        }),
        Action::Completions { shell } => Task::Completions {
            script: completions(shell),
        },
    };
    Ok(Invocation {
        task,
        color: color.into(),
        is_quiet,
    })
}

fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(
        shell,
        &mut Arguments::command(),
        "cargo-skills",
        &mut script,
    );
    String::from_utf8_lossy(&script).into_owned()
}

/// Checks, repairs and explains Agent Skills: the same lints as the build of `skills`, without a build.
#[derive(Debug, Parser)]
#[command(
    name = "cargo-skills",
    bin_name = "cargo skills",
    version,
    disable_help_subcommand = true,
    after_help = EXAMPLES
)]
struct Arguments {
    #[command(subcommand)]
    action: Action,
    /// When to use colours
    #[arg(
        long,
        global = true,
        value_name = "WHEN",
        default_value = "auto",
        display_order = 100
    )]
    color: Color,
}

const EXAMPLES: &str = "Examples:
  cargo skills check                        Check the skills of this repository
  cargo skills check --list                 Say which these are, and why
  cargo skills check skills/pdf             Check one skill
  cargo skills check --fix                  Do the repairs that are certain
  cargo skills check -D warnings            Fail on warnings too
  cargo skills explain SK005                Say what a finding is about
  cargo skills new-skill pdf-forms          Start a skill
  cargo skills new acme-skills              Start a project of your own
  cargo skills build skills -o acme         Build a server of a folder of skills
  cargo skills dev skills                   Serve them while you write
  cargo skills dist -o dist                 Build what ships

Exit codes:
  0  nothing is denied; there may be warnings
  1  something is denied
  2  the command line makes no sense, or something cannot be read or written

Configuration:
  skills.toml in the directory, or above it up to the package or the repository

Environment:
  SKILLS_LINTS                              Levels, such as \"-D warnings\"
  NO_COLOR, CLICOLOR, CLICOLOR_FORCE        Whether there are colours";

#[derive(Debug, Subcommand)]
enum Action {
    /// Check skills
    Check(Check),
    /// Say what a rule finds, why, and what to write instead
    Explain {
        /// Its code or its name, such as SK005 or unquoted-colon
        #[arg(value_name = "RULE")]
        rule: String,
    },
    /// List the rules
    Rules {
        /// How
        #[arg(long, value_name = "FORMAT", default_value = "table")]
        format: Form,
    },
    /// Make a skill to start from
    NewSkill {
        /// What it is called: lower-case letters, digits and hyphens
        name: String,
        /// The folder of skills to make it in; where `check` would look unless given, or else skills/
        #[arg(long = "in", value_name = "DIR")]
        directory: Option<PathBuf>,
    },
    /// Make a project: a package that becomes a server of your skills
    New {
        /// Where; the last segment is what it is called
        #[arg(value_name = "NAME")]
        path: PathBuf,
        /// A folder of skills to begin with, which is copied; one example otherwise
        #[arg(long, value_name = "DIR")]
        skills: Option<PathBuf>,
        /// A checkout of skills to take the libraries from, rather than the published ones
        #[arg(long, value_name = "DIR")]
        checkout: Option<PathBuf>,
    },
    /// Build one executable from a folder of skills, or from a project
    #[command(after_help = BUILD_EXAMPLES)]
    Build(Build),
    /// Serve skills over HTTP while they are being written: check, build and restart at every change
    #[command(after_help = DEV_EXAMPLES)]
    Dev {
        #[command(flatten)]
        build: Common,
        /// What the server is told: the options of its command `serve`
        #[arg(last = true, value_name = "ARGS")]
        arguments: Vec<String>,
    },
    /// Make a project from the configuration of a declarative tool server; what does not map is named
    Import {
        /// The configuration, a JSON file
        #[arg(value_name = "FILE")]
        configuration: PathBuf,
        /// The project to make; named after the server unless given
        #[arg(short, long, value_name = "DIR")]
        output: Option<PathBuf>,
        /// A checkout of skills to take the libraries from, rather than the published ones
        #[arg(long, value_name = "DIR")]
        checkout: Option<PathBuf>,
    },
    /// Build a project for release, and write what ships with the executable: digests, a bill of materials, provenance, packages
    Dist(Dist),
    /// Print the completions of this command line for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
}

/// When to use colours.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum Color {
    /// At a terminal, unless the environment says otherwise
    Auto,
    /// Everywhere
    Always,
    /// Nowhere
    Never,
}

impl From<Color> for ColorChoice {
    fn from(color: Color) -> Self {
        match color {
            Color::Auto => Self::Auto,
            Color::Always => Self::Always,
            Color::Never => Self::Never,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        Arguments::command().debug_assert();
    }
}
