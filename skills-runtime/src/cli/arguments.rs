//! The command line as it is typed, turned into what is to be done.

use std::ffi::{OsStr, OsString};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{ArgMatches, FromArgMatches, ValueEnum};
use clap_complete::Shell;
use skills_model::Bundle;

#[cfg(feature = "http")]
use super::Effective;
#[cfg(feature = "audit")]
use super::Inspection;
use super::definition::{Action, Arguments, command};
use super::export::Order;
#[cfg(feature = "install")]
use super::install;
#[cfg(feature = "http")]
use super::keys;
use super::show::Form;
use super::{USAGE, terminal};
use crate::error::Error;
#[cfg(all(feature = "stdio", feature = "http"))]
use crate::guard::Sources;
use crate::logging::{Format, Level, Said, Source};
#[cfg(feature = "sandbox")]
use crate::sandbox::Mode;
#[cfg(all(feature = "stdio", feature = "http"))]
use crate::secret::Secret;
#[cfg(feature = "http")]
use crate::transport::http::{Probe, Settings};

/// What the process is to do.
#[derive(Debug)]
pub(crate) struct Invocation {
    pub(crate) log_level: Said,
    pub(crate) log_format: Format,
    #[cfg(feature = "sandbox")]
    pub(crate) sandbox: Mode,
    /// Whether a sandbox is wished for and this server has none.
    #[cfg(not(feature = "sandbox"))]
    pub(crate) lacks_sandbox: bool,
    pub(crate) task: Task,
}

/// Either the server or something for a person.
#[derive(Debug)]
pub(crate) enum Task {
    #[cfg(feature = "stdio")]
    Stdio(Desk),
    #[cfg(feature = "http")]
    Http(Box<Settings>, Effective),
    Print(Command),
}

/// Who is served over standard input and output.
#[cfg(feature = "stdio")]
#[derive(Clone, Debug, Default)]
pub(crate) struct Desk {
    /// The files that say who may ask.
    #[cfg(feature = "http")]
    pub(crate) sources: Sources,
    /// What the host says of who asks: the value of `SKILLS_TOKEN`.
    #[cfg(feature = "http")]
    pub(crate) token: Option<Secret>,
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
    #[cfg(feature = "install")]
    Install(install::Order),
    About {
        json: bool,
    },
    Sbom,
    Completions {
        script: String,
    },
    #[cfg(feature = "audit")]
    Audit(Inspection),
    #[cfg(feature = "http")]
    Keys(keys::Action),
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
    /// The value of `SKILLS_TOKEN`.
    #[cfg(all(feature = "stdio", feature = "http"))]
    token: Option<OsString>,
    /// The value of `SKILLS_LOG`.
    log: Option<OsString>,
    /// The value of `SKILLS_LOG_FORMAT`.
    log_format: Option<OsString>,
    /// The value of `SKILLS_SANDBOX`.
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
        #[cfg(all(feature = "stdio", feature = "http"))]
        token: std::env::var_os("SKILLS_TOKEN"),
        log: std::env::var_os("SKILLS_LOG"),
        log_format: std::env::var_os("SKILLS_LOG_FORMAT"),
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
    let mut command = definition(bundle, surroundings);
    let program = std::iter::once(surroundings.program.as_os_str());
    let words = surroundings.words.iter().map(OsString::as_os_str);
    let mut matches = command.try_get_matches_from_mut(program.clone().chain(words.clone()))?;
    if cfg!(feature = "stdio") && matches.subcommand().is_none() && surroundings.is_piped {
        let stdio = std::iter::once(OsStr::new("stdio"));
        matches = command.try_get_matches_from_mut(program.chain(words).chain(stdio))?;
    }
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
            log_level: said(log_level, surroundings.log.as_deref())?,
            log_format: settled(
                log_format,
                "SKILLS_LOG_FORMAT",
                surroundings.log_format.as_deref(),
            )?
            .unwrap_or(Format::Text),
            #[cfg(feature = "sandbox")]
            sandbox: settled(sandbox, "SKILLS_SANDBOX", surroundings.sandbox.as_deref())?
                .unwrap_or_default(),
            #[cfg(not(feature = "sandbox"))]
            lacks_sandbox: lacks_sandbox(&task, surroundings.sandbox.as_deref())?,
            task,
        })
    };
    Ok(invocation())
}

fn task(
    action: Option<Action>,
    surroundings: &Surroundings,
    #[cfg_attr(
        not(feature = "http"),
        expect(unused_variables, reason = "only settings are shown as they were read")
    )]
    matches: &ArgMatches,
    command: &mut clap::Command,
) -> Task {
    Task::Print(match action {
        #[cfg(all(feature = "stdio", feature = "http"))]
        Some(Action::Stdio { sources }) => return Task::Stdio(desk(sources, surroundings)),
        #[cfg(all(feature = "stdio", not(feature = "http")))]
        Some(Action::Stdio {}) => return Task::Stdio(Desk {}),
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
        #[cfg(feature = "http")]
        Some(Action::Keys(action)) => Command::Keys(action),
        #[cfg(feature = "audit")]
        Some(Action::Audit { question }) => Command::Audit(question.into()),
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
        #[cfg(feature = "install")]
        Some(Action::Install(install)) => {
            Command::Install(install.order(surroundings.executable.clone()))
        }
        #[cfg(feature = "install")]
        Some(Action::Uninstall(uninstall)) => {
            Command::Install(uninstall.order(surroundings.executable.clone()))
        }
        Some(Action::About { json }) => Command::About { json },
        Some(Action::Sbom) => Command::Sbom,
        Some(Action::Completions { shell }) => Command::Completions {
            script: completions(shell, surroundings, command),
        },
    })
}

/// The command line, under the name that the executable was started by.
fn definition(bundle: &'static Bundle, surroundings: &Surroundings) -> clap::Command {
    command(bundle, &surroundings.program.to_string_lossy())
}

#[cfg(all(feature = "stdio", feature = "http"))]
fn desk(sources: Sources, surroundings: &Surroundings) -> Desk {
    let token = surroundings.token.as_ref();
    let token = token.filter(|token| !token.is_empty());
    Desk {
        sources,
        token: token.map(|token| token.to_string_lossy().into_owned().into()),
    }
}

/// The settings of the subcommand that was typed.
#[cfg(feature = "http")]
fn effective(matches: &ArgMatches, command: &clap::Command) -> Effective {
    let (name, matches) = matches.subcommand().unwrap_or(("", matches));
    Effective::new(command.find_subcommand(name).unwrap_or(command), matches)
}

/// How much is to be logged.
fn said(flag: Option<Level>, variable: Option<&OsStr>) -> Result<Said, Error> {
    let (level, by) = match flag {
        Some(level) => (Some(level), Source::CommandLine),
        None => (value("SKILLS_LOG", variable)?, Source::Environment),
    };
    Ok(level.map_or_else(Said::default, |level| Said { level, by }))
}

/// What is asked for by a flag, else by the environment.
fn settled<T: ValueEnum>(
    flag: Option<T>,
    variable: &'static str,
    value: Option<&OsStr>,
) -> Result<Option<T>, Error> {
    flag.map_or_else(|| self::value(variable, value), |flag| Ok(Some(flag)))
}

/// Whether a sandbox is wished for that was not built in; an error if it is required. What only prints needs none.
#[cfg(not(feature = "sandbox"))]
fn lacks_sandbox(task: &Task, value: Option<&OsStr>) -> Result<bool, Error> {
    let value = value.unwrap_or_default().to_string_lossy().to_lowercase();
    match &*value {
        _ if matches!(task, Task::Print(_)) => Ok(false),
        "" | "off" => Ok(false),
        "auto" => Ok(true),
        "require" => Err(Error::NoSandbox),
        _ => Err(Error::Variable {
            variable: "SKILLS_SANDBOX",
            value,
            known: ["require", "auto", "off"].map(str::to_owned).to_vec(),
        }),
    }
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
            #[cfg(all(feature = "stdio", feature = "http"))]
            token: None,
            log: None,
            log_format: None,
            sandbox: None,
        }
    }

    fn task_of(words: &[&str], is_piped: bool) -> Task {
        let invocation = invocation(&BUNDLE, &surroundings(words, is_piped));
        invocation.unwrap().unwrap().task
    }

    #[test]
    fn the_definition_is_sound() {
        definition(&BUNDLE, &surroundings(&[], true)).debug_assert();
    }

    #[cfg(feature = "stdio")]
    #[test]
    fn without_a_command_a_host_gets_the_server_and_a_person_the_help() {
        assert!(matches!(task_of(&[], true), Task::Stdio(_)));
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
        let (level, by) = (Level::Debug, Source::CommandLine);
        assert_eq!(invocation.log_level, Said { level, by });
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

    #[cfg(all(feature = "stdio", not(feature = "sandbox")))]
    #[test]
    fn a_sandbox_that_was_not_built_in_is_missed() {
        let read = |words: &[&str], value: &str| {
            let mut surroundings = surroundings(words, true);
            surroundings.sandbox = Some(value.into());
            invocation(&BUNDLE, &surroundings).unwrap()
        };
        assert!(matches!(read(&["stdio"], "require"), Err(Error::NoSandbox)));
        assert!(matches!(
            read(&["stdio"], "reqiure"),
            Err(Error::Variable { .. })
        ));
        assert!(read(&["stdio"], "auto").unwrap().lacks_sandbox);
        assert!(!read(&["stdio"], "off").unwrap().lacks_sandbox);
        assert!(!read(&["list"], "require").unwrap().lacks_sandbox);
    }

    #[test]
    fn the_version_is_the_one_of_the_bundle() {
        let message = invocation(&BUNDLE, &surroundings(&["--version"], true)).unwrap_err();
        assert_eq!(message.render().to_string(), "sample 1.2.3\n");
        assert_eq!(message.exit_code(), 0);
    }
}
