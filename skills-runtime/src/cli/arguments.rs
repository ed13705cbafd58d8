//! The command line as it is typed, turned into what is to be done.

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::builder::PossibleValue;
use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use skills_model::Bundle;

#[cfg(feature = "http")]
use super::Effective;
#[cfg(feature = "audit")]
use super::Inspection;
use super::export::Order;
use super::show::Form;
use super::{USAGE, terminal};
use crate::error::Error;
use crate::logging::{Format, Level};
#[cfg(feature = "sandbox")]
use crate::sandbox::Mode;
#[cfg(feature = "http")]
use crate::transport::http::{Probe, Settings};

/// What the process is to do.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) log_level: Level,
    pub(crate) log_format: Format,
    #[cfg(feature = "sandbox")]
    pub(crate) sandbox: Mode,
    pub(crate) task: Task,
}

/// Either the server or something for a person.
#[derive(Debug)]
pub(crate) enum Task {
    #[cfg(feature = "stdio")]
    Stdio,
    #[cfg(feature = "http")]
    Http(Box<Settings>, Effective),
    Print(Command),
}

/// Something that prints and ends.
#[derive(Debug)]
pub(crate) enum Command {
    Welcome {
        program: PathBuf,
        help: String,
    },
    List {
        json: bool,
    },
    Show {
        skill: String,
        form: Form,
    },
    Export(Order),
    About {
        json: bool,
    },
    Completions {
        script: String,
    },
    #[cfg(feature = "audit")]
    Audit(Inspection),
    #[cfg(feature = "http")]
    Settings(Effective),
    #[cfg(feature = "http")]
    Health(Probe),
}

/// Where the words of the command line come from.
#[derive(Debug)]
struct Surroundings {
    /// The name that the executable was started by.
    program: OsString,
    /// Where the executable is.
    executable: PathBuf,
    words: Vec<OsString>,
    /// Whether somebody other than a person is at standard input.
    is_piped: bool,
    /// The value of `SKILLS_LOG`.
    log: Option<OsString>,
    /// The value of `SKILLS_LOG_FORMAT`.
    log_format: Option<OsString>,
    /// The value of `SKILLS_SANDBOX`.
    #[cfg(feature = "sandbox")]
    sandbox: Option<OsString>,
}

/// Reads the command line and the environment. What is only to be printed, such as help and mistakes, is printed, and
/// the exit code comes back.
pub(crate) fn parse(bundle: &'static Bundle) -> Result<Invocation, ExitCode> {
    let surroundings = surroundings(bundle);
    match invocation(bundle, &surroundings) {
        Ok(Ok(invocation)) => Ok(invocation),
        Ok(Err(error)) => Err(super::conclude(Err(error))),
        Err(message) => {
            terminal::relay(&message.render().to_string(), message.use_stderr());
            Err(ExitCode::from(
                u8::try_from(message.exit_code()).unwrap_or(USAGE),
            ))
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the environment is read here, once"
)]
fn surroundings(bundle: &Bundle) -> Surroundings {
    let mut words = std::env::args_os();
    let program = words.next().unwrap_or_else(|| bundle.server.name.into());
    Surroundings {
        program: file_name(&program).to_owned(),
        executable: std::env::current_exe().unwrap_or_else(|_| program.into()),
        words: words.collect(),
        is_piped: !std::io::stdin().is_terminal(),
        log: std::env::var_os("SKILLS_LOG"),
        log_format: std::env::var_os("SKILLS_LOG_FORMAT"),
        #[cfg(feature = "sandbox")]
        sandbox: std::env::var_os("SKILLS_SANDBOX"),
    }
}

fn file_name(program: &OsStr) -> &OsStr {
    Path::new(program).file_name().unwrap_or(program)
}

/// The outer error is clap's, which is also how it gives help; the inner one is ours.
fn invocation(
    bundle: &'static Bundle,
    surroundings: &Surroundings,
) -> Result<Result<Invocation, Error>, clap::Error> {
    let mut command = command(bundle, surroundings);
    let program = std::iter::once(&surroundings.program);
    let matches = command.try_get_matches_from_mut(program.chain(&surroundings.words))?;
    let Arguments {
        action,
        log_level,
        log_format,
        #[cfg(feature = "sandbox")]
        sandbox,
    } = Arguments::from_arg_matches(&matches)?;
    let task = task(action, surroundings, &matches, &mut command);
    let invocation = || {
        Ok(Invocation {
            log_level: settled(log_level, "SKILLS_LOG", surroundings.log.as_deref())?
                .unwrap_or_default(),
            log_format: settled(
                log_format,
                "SKILLS_LOG_FORMAT",
                surroundings.log_format.as_deref(),
            )?
            .unwrap_or(Format::Text),
            #[cfg(feature = "sandbox")]
            sandbox: settled(sandbox, "SKILLS_SANDBOX", surroundings.sandbox.as_deref())?
                .unwrap_or_default(),
            task,
        })
    };
    Ok(invocation())
}

fn task(
    action: Option<Action>,
    surroundings: &Surroundings,
    matches: &ArgMatches,
    command: &mut clap::Command,
) -> Task {
    Task::Print(match action {
        #[cfg(feature = "stdio")]
        Some(Action::Stdio) => return Task::Stdio,
        #[cfg(feature = "http")]
        Some(Action::Serve(settings)) => {
            let effective = effective(matches, command);
            if !settings.operation.print_config {
                return Task::Http(settings, effective);
            }
            Command::Settings(effective)
        }
        #[cfg(feature = "http")]
        Some(Action::Health(probe)) => Command::Health(probe),
        #[cfg(feature = "audit")]
        Some(Action::Audit { question }) => Command::Audit(question.into()),
        #[cfg(feature = "stdio")]
        None if surroundings.is_piped => return Task::Stdio,
        None => Command::Welcome {
            program: surroundings.executable.clone(),
            help: command.render_help().to_string(),
        },
        Some(Action::List { json }) => Command::List { json },
        Some(Action::Show { skill, raw, json }) => Command::Show {
            skill,
            form: match (raw, json) {
                (true, _) => Form::Raw,
                (_, true) => Form::Json,
                _ => Form::Page,
            },
        },
        Some(Action::Export {
            directory,
            skills,
            force,
        }) => Command::Export(Order {
            directory,
            skills,
            force,
        }),
        Some(Action::About { json }) => Command::About { json },
        Some(Action::Completions { shell }) => Command::Completions {
            script: completions(shell, surroundings, command),
        },
    })
}

/// The settings of the subcommand that was typed.
#[cfg(feature = "http")]
fn effective(matches: &ArgMatches, command: &clap::Command) -> Effective {
    let (name, matches) = matches.subcommand().unwrap_or(("", matches));
    Effective::new(command.find_subcommand(name).unwrap_or(command), matches)
}

/// What is asked for by a flag, else by the environment.
fn settled<T: ValueEnum>(
    flag: Option<T>,
    variable: &'static str,
    value: Option<&OsStr>,
) -> Result<Option<T>, Error> {
    flag.map_or_else(|| self::value(variable, value), |flag| Ok(Some(flag)))
}

/// The value that a variable of the environment has.
fn value<T: ValueEnum>(variable: &'static str, value: Option<&OsStr>) -> Result<Option<T>, Error> {
    let Some(value) = value.filter(|value| !value.is_empty()) else {
        return Ok(None);
    };
    let value = value.to_string_lossy();
    let wrong = |_| Error::Variable {
        variable,
        value: value.clone().into_owned(),
        known: T::value_variants()
            .iter()
            .filter_map(ValueEnum::to_possible_value)
            .map(|known| known.get_name().to_owned())
            .collect(),
    };
    T::from_str(&value, true).map(Some).map_err(wrong)
}

fn completions(shell: Shell, surroundings: &Surroundings, command: &mut clap::Command) -> String {
    let program = surroundings.program.to_string_lossy();
    let mut script = Vec::new();
    clap_complete::generate(shell, command, program, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The definition of the command line, in the name of the bundle: the executable is its author's server.
fn command(bundle: &'static Bundle, surroundings: &Surroundings) -> clap::Command {
    let program = surroundings.program.to_string_lossy().into_owned();
    Arguments::command()
        .name(bundle.server.name)
        .version(bundle.server.version)
        .bin_name(program.clone())
        .after_help(examples(&program))
}

fn examples(program: &str) -> String {
    let serve = if cfg!(feature = "http") {
        format!(
            "\n  {program} serve                       Serve MCP over HTTP, at http://127.0.0.1:3001/mcp"
        )
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
  {program} < requests.jsonl            Serve MCP: without a command and a terminal{serve}

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
struct Arguments {
    #[command(subcommand)]
    action: Option<Action>,
    /// How much is logged to standard error: off, error, warn, info, debug or trace [default: info]
    #[arg(long, global = true, value_name = "LEVEL", hide_possible_values = true)]
    log_level: Option<Level>,
    /// How it is logged: text or json [default: text]
    #[arg(
        long,
        global = true,
        value_name = "FORMAT",
        hide_possible_values = true
    )]
    log_format: Option<Format>,
    /// Whether a server closes itself off once it is ready, so that it reaches nothing that it does not need: require, auto
    /// (as far as the system can) or off [default: auto]
    #[cfg(feature = "sandbox")]
    #[arg(long, global = true, value_name = "MODE", hide_possible_values = true)]
    sandbox: Option<Mode>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Serve MCP over standard input and output, also at a terminal
    #[cfg(feature = "stdio")]
    Stdio,
    /// Serve MCP over HTTP, to many clients at once
    #[cfg(feature = "http")]
    Serve(Box<Settings>),
    /// Ask a running server how it is; the exit code says whether it is fit for use
    #[cfg(feature = "http")]
    Health(Probe),
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
    /// Say what this executable holds and how it was built
    About {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
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

/// What is asked of an audit log.
#[cfg(feature = "audit")]
#[derive(Debug, Subcommand)]
enum Question {
    /// Check that no line was changed, left out, put in or moved
    ///
    /// The exit code is 0 if the chain holds, 1 if it does not, and 2 if a file cannot be read.
    Verify {
        /// The files, rotated ones included, in any order
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// The key that the server was given, to check the seals, which nobody can make without it
        #[arg(long, value_name = "FILE")]
        key_file: Option<PathBuf>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Count events by kind, method, skill, reason, status and subject
    Summary {
        /// The files, in any order
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
}

#[cfg(feature = "audit")]
impl From<Question> for Inspection {
    fn from(question: Question) -> Self {
        match question {
            Question::Verify {
                files,
                key_file,
                json,
            } => Self::Verify {
                files,
                key_file,
                json,
            },
            Question::Summary { files, json } => Self::Summary { files, json },
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::BUNDLE;

    fn surroundings(words: &[&str], is_piped: bool) -> Surroundings {
        Surroundings {
            program: "server".into(),
            executable: "/opt/server".into(),
            words: words.iter().map(Into::into).collect(),
            is_piped,
            log: None,
            log_format: None,
            #[cfg(feature = "sandbox")]
            sandbox: None,
        }
    }

    fn task_of(words: &[&str], is_piped: bool) -> Task {
        let invocation = invocation(&BUNDLE, &surroundings(words, is_piped));
        invocation.unwrap().unwrap().task
    }

    #[test]
    fn the_definition_is_sound() {
        command(&BUNDLE, &surroundings(&[], true)).debug_assert();
    }

    #[cfg(feature = "stdio")]
    #[test]
    fn without_a_command_a_host_gets_the_server_and_a_person_the_help() {
        assert!(matches!(task_of(&[], true), Task::Stdio));
        let Task::Print(Command::Welcome { help, .. }) = task_of(&[], false) else {
            panic!("a person is welcomed");
        };
        assert!(help.contains("server list"), "{help}");
    }

    #[test]
    fn the_level_of_the_command_line_wins_over_the_environment() {
        let mut surroundings = surroundings(&["list", "--log-level", "debug"], true);
        surroundings.log = Some("error".into());
        let invocation = invocation(&BUNDLE, &surroundings).unwrap().unwrap();
        assert_eq!(invocation.log_level, Level::Debug);
    }

    #[test]
    fn an_unknown_level_is_an_error_wherever_it_comes_from() {
        let mut from_environment = surroundings(&["list"], true);
        from_environment.log = Some("loud".into());
        let error = invocation(&BUNDLE, &from_environment).unwrap().unwrap_err();
        assert_eq!(error.to_string(), "`loud` is no value of SKILLS_LOG");
        let typed = surroundings(&["list", "--log-level", "loud"], true);
        assert_eq!(invocation(&BUNDLE, &typed).unwrap_err().exit_code(), 2);
    }

    #[test]
    fn the_version_is_the_one_of_the_bundle() {
        let message = invocation(&BUNDLE, &surroundings(&["--version"], true)).unwrap_err();
        assert_eq!(message.render().to_string(), "sample 1.2.3\n");
        assert_eq!(message.exit_code(), 0);
    }
}
