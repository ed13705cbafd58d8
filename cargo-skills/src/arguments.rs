//! The command line as it is typed, turned into what is to be done.

use std::ffi::OsString;
use std::path::PathBuf;

use anstream::ColorChoice;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use crate::build::{self, FEATURES, KNOWN_FEATURES};
use crate::check::{Fix, Order};
use crate::dev;
use crate::dist;
use crate::error::{Error, explain};
use crate::import;
use crate::levels::Levels;
use crate::project;
use crate::report::Format;
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
  cargo skills check                        Check skills/, or wherever skills usually are
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

#[derive(Debug, Args)]
struct Build {
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
struct Common {
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
    fn order(self) -> Result<build::Order, clap::Error> {
        Ok(build::Order {
            into: self.output,
            target: self.target,
            dist: self.dist,
            ..self.common.order()?
        })
    }
}

impl Common {
    fn order(self) -> Result<build::Order, clap::Error> {
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
            return Err(Arguments::command().error(clap::error::ErrorKind::InvalidValue, problem));
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

const BUILD_EXAMPLES: &str = "Examples:
  cargo skills build skills                 A server of the skills in a folder
  cargo skills build skills -o acme --release
  cargo skills build skills --features none The smallest: standard input and output only
  cargo skills build .                      The project in this folder";

const DEV_EXAMPLES: &str = "Examples:
  cargo skills dev skills                   http://127.0.0.1:3001/mcp
  cargo skills dev skills -- --listen 127.0.0.1:8080";

#[derive(Debug, Args)]
#[command(after_help = CHECK_EXAMPLES)]
struct Check {
    /// Folders of skills, folders of one skill, files of a skill, or `-` for standard input
    ///
    /// Without one: skills, .claude/skills or .agents/skills, whichever there is first, or else the current directory.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Which file standard input is; it need not be saved
    #[arg(long, value_name = "PATH")]
    stdin_path: Option<PathBuf>,
    #[command(flatten)]
    repairs: Repairs,
    /// How findings are printed
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// Check again after every change
    #[arg(long, conflicts_with_all = ["fix", "stdin_path"])]
    watch: bool,
    /// What the skills are for: spec, portable, claude-upload, mcp or imported
    #[arg(long, value_name = "NAME")]
    profile: Option<String>,
    /// Do not report what these rules find; a group such as `style` stands for its rules, `warnings` for all that warns
    #[arg(short = 'A', long, value_name = "RULE", value_delimiter = ',')]
    allow: Vec<String>,
    /// Only warn of what these rules find
    #[arg(short = 'W', long, value_name = "RULE", value_delimiter = ',')]
    warn: Vec<String>,
    /// Fail on what these rules find; `warnings` stands for all that warns
    #[arg(short = 'D', long, value_name = "RULE", value_delimiter = ',')]
    deny: Vec<String>,
    /// Print findings only
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Debug, Args)]
struct Dist {
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

#[derive(Debug, Args)]
struct Repairs {
    /// Do the repairs that are certain
    #[arg(long)]
    fix: bool,
    /// Only show what --fix would do, as a diff
    #[arg(long, requires = "fix")]
    dry_run: bool,
}

impl Repairs {
    fn fix(&self) -> Fix {
        match (self.fix, self.dry_run) {
            (false, _) => Fix::No,
            (true, true) => Fix::DryRun,
            (true, false) => Fix::Yes,
        }
    }
}

const CHECK_EXAMPLES: &str = "Examples:
  cargo skills check skills other-skills    Two folders of skills
  cargo skills check skills/pdf/SKILL.md    What is wrong in one file
  cargo skills check - --stdin-path skills/pdf/SKILL.md < buffer
  cargo skills check --fix --dry-run        The repairs, as a diff
  cargo skills check -D warnings -A broken-link
  cargo skills check --format sarif > skills.sarif";

impl Check {
    fn task(self, levels: Levels) -> Result<Task, clap::Error> {
        let is_buffer = self.paths.iter().any(|path| path.as_os_str() == "-");
        if let Some(problem) = self.problem(is_buffer) {
            let mut command = Arguments::command();
            return Err(command.error(clap::error::ErrorKind::ArgumentConflict, problem));
        }
        let order = Order {
            paths: self.paths,
            buffer: self.stdin_path,
            fix: self.repairs.fix(),
            format: self.format,
            levels,
        };
        Ok(if self.watch {
            Task::Watch(order)
        } else {
            Task::Check(order)
        })
    }

    /// What is wrong with standard input among the paths.
    fn problem(&self, is_buffer: bool) -> Option<&'static str> {
        match (is_buffer, &self.stdin_path) {
            (true, None) => Some(
                "`-` needs `--stdin-path PATH`, which says which file of which skill standard input is",
            ),
            (false, Some(_)) => Some("`--stdin-path` is for `-`, which stands for standard input"),
            (true, Some(_)) if self.paths.len() > 1 => {
                Some("`-` is checked alone, without other paths")
            }
            (true, Some(_)) if self.repairs.fix => {
                Some("`--fix` repairs files; standard input is none")
            }
            _ => None,
        }
    }
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
