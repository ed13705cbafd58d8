//! The command line: what is asked for, and what a person is told. Commands make their text without printing it; this file
//! and `terminal/` are where it meets the world.

mod about;
mod arguments;
#[cfg(feature = "audit")]
mod audit;
mod definition;
#[cfg(feature = "http")]
mod effective;
mod export;
#[cfg(feature = "install")]
mod install;
#[cfg(feature = "http")]
mod keys;
mod list;
mod sbom;
mod show;
mod terminal;
mod welcome;

use std::error::Error as _;
use std::fmt::Write;
use std::process::ExitCode;

#[cfg(feature = "stdio")]
pub(crate) use arguments::Desk;
pub(crate) use arguments::{Command, Task, parse};
#[cfg(feature = "audit")]
use audit::Inspection;
#[cfg(feature = "http")]
pub(crate) use effective::Effective;
#[cfg(feature = "install")]
pub(crate) use install::Failure;
use show::Form;
use terminal::Terminal;

use skills_model::Bundle;

use crate::catalog::Catalog;
use crate::error::Error;
use crate::guard::Permit;
use crate::text::{escape_line, printable};

/// A command line that makes no sense; the convention of Unix.
const USAGE: u8 = 2;

/// How much of a text that is quoted back is shown.
const QUOTED_CHARS: usize = 500;

/// How many of the paths that are in the way are listed.
const LISTED_PATHS: usize = 10;

/// Does what was asked for and prints what came out of it.
pub(crate) fn print(bundle: &'static Bundle, command: Command) -> Result<(), Error> {
    let catalog = Catalog::new(bundle, Permit::owner());
    let terminal = Terminal::detect();
    match command {
        Command::Welcome { program, help } => {
            terminal.print(&welcome::welcome(bundle, &program, &help))
        }
        Command::List { json } => terminal.print(&list::list(catalog, json, &terminal)?),
        Command::Show { skill, form } => {
            let skill = catalog.skill(&skill)?;
            match form {
                Form::Raw => terminal.print_verbatim(skill.document()),
                Form::Json => terminal.print(&show::json(catalog, skill)?),
                Form::Page => terminal.print(&show::page(catalog, skill, &terminal)),
            }
        }
        Command::Export(order) => terminal.print(&export::export(catalog, &order)?),
        Command::About { json } => {
            let sandbox = sandbox();
            terminal.print(&about::about(bundle, sandbox.as_deref(), json)?)
        }
        Command::Sbom => terminal.print_verbatim(bundle.sbom),
        Command::Completions { script } => terminal.print(&script),
        #[cfg(feature = "install")]
        Command::Install(order) => {
            let report = install::run(bundle, &order, &terminal)?;
            terminal.print(&report.text)?;
            told(report)
        }
        #[cfg(feature = "audit")]
        Command::Audit(inspection) => {
            let (text, faults) = audit::inspect(&inspection)?;
            terminal.print(&text)?;
            match faults {
                0 => Ok(()),
                _ => Err(Error::AuditBroken),
            }
        }
        #[cfg(feature = "http")]
        Command::Keys(action) => terminal.print(&keys::run(bundle, action)?),
        #[cfg(feature = "http")]
        Command::Settings(effective) => terminal.print(&effective.text()),
        #[cfg(feature = "http")]
        Command::Health(probe) => terminal.print(&crate::transport::http::probe(&probe)?),
    }
}

/// Whether all hosts were told. Of several, each failure is told by itself, and none keeps others from being told.
#[cfg(feature = "install")]
fn told(report: install::Report) -> Result<(), Error> {
    let install::Report {
        text: _,
        failures,
        hosts,
    } = report;
    let failed = failures.len();
    if hosts == 0 {
        return Err(Error::NoHost);
    }
    for failure in failures {
        let error = Error::Install(Box::new(failure));
        if hosts == 1 {
            return Err(error);
        }
        terminal::complain(&explain(&error));
    }
    match failed {
        0 => Ok(()),
        _ => Err(Error::Hosts { failed, hosts }),
    }
}

/// What this system lets a process close itself off with: this one, which has nothing left to do but to print, does it.
#[cfg(feature = "sandbox")]
fn sandbox() -> Option<String> {
    use crate::sandbox::{Mode, Needs, seal};

    let report = seal(&Needs::default(), Mode::Auto).ok()?;
    Some(report.to_string())
}

#[cfg(not(feature = "sandbox"))]
const fn sandbox() -> Option<String> {
    None
}

/// The exit code of the program; an error is told first: what, why, and what to do.
pub(crate) fn conclude(outcome: Result<(), Error>) -> ExitCode {
    let Err(error) = outcome else {
        return ExitCode::SUCCESS;
    };
    terminal::complain(&explain(&error));
    match error {
        Error::Variable { .. } => ExitCode::from(USAGE),
        #[cfg(feature = "audit")]
        Error::Audit { .. } | Error::AuditFile { .. } => ExitCode::from(USAGE),
        #[cfg(feature = "http")]
        Error::Settings { .. } | Error::Policy { .. } => ExitCode::from(USAGE),
        #[cfg(feature = "oauth")]
        Error::OAuth(crate::oauth::Error::Settings(_)) => ExitCode::from(USAGE),
        _ => ExitCode::FAILURE,
    }
}

/// An error as a person reads it.
fn explain(error: &Error) -> String {
    let mut text = format!(
        "error: {}\n",
        escape_line(&uncapitalised(error), QUOTED_CHARS)
    );
    let mut cause = error.source();
    while let Some(source) = cause {
        // Writing to a string cannot fail.
        let _ = writeln!(
            text,
            "  why: {}",
            escape_line(&source.to_string(), QUOTED_CHARS)
        );
        cause = source.source();
    }
    for help in advice(error) {
        let _ = writeln!(text, "  help: {}", printable(&help));
    }
    text
}

/// The message as it reads after `error:`. Protocols quote it as a sentence.
fn uncapitalised(error: &Error) -> String {
    let message = error.to_string();
    let mut characters = message.chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => message,
    }
}

/// What to do about it.
fn advice(error: &Error) -> Vec<String> {
    match error {
        Error::AmbiguousSkill { candidates, .. } => {
            let paths: Vec<_> = candidates.iter().map(|skill| skill.path()).collect();
            vec![format!("say which one by its path: {}", paths.join(", "))]
        }
        Error::UnknownSkill { nearest, .. } | Error::UnknownSkillUri { nearest, .. } => {
            let nearest = nearest.map(|nearest| format!("did you mean `{nearest}`?"));
            let all = "`list` shows all skills".to_owned();
            nearest.into_iter().chain([all]).collect()
        }
        Error::Exists { paths } => {
            let shown = paths.iter().take(LISTED_PATHS);
            let list: Vec<_> = shown.map(|path| path.display().to_string()).collect();
            let more = if paths.len() > LISTED_PATHS {
                ", ..."
            } else {
                ""
            };
            vec![
                format!("they are: {}{more}", list.join(", ")),
                "choose another directory, or replace them with --force".into(),
            ]
        }
        #[cfg(feature = "install")]
        Error::Install(failure) => {
            let by_hand = failure.by_hand.iter();
            let by_hand = by_hand.map(|text| format!("to do it by hand: {text}"));
            failure.problem.advice().into_iter().chain(by_hand).collect()
        }
        #[cfg(feature = "install")]
        Error::NoHost => vec!["name one, such as --host claude-code: its configuration is made".into()],
        #[cfg(feature = "http")]
        Error::Listen { source, .. } if source.kind() == std::io::ErrorKind::AddrInUse => vec![
            "another program listens there; stop it, or choose another address with --listen".into(),
        ],
        #[cfg(feature = "http")]
        Error::Unreachable { .. } => vec![
            "start it with `serve`, or say where it listens with --listen; a server with HTTPS is asked at its \
             --admin-listen"
                .into(),
        ],
        #[cfg(feature = "sandbox")]
        Error::Sandbox { .. } => vec![
            "serve with what the system has by --sandbox=auto, which says what that is".into(),
        ],
        #[cfg(not(feature = "sandbox"))]
        Error::NoSandbox => vec![
            "build it with the feature `sandbox` of skills-runtime, or set SKILLS_SANDBOX to off and close it off by other \
             means"
                .into(),
        ],
        Error::Variable {
            variable, known, ..
        } => vec![format!("set {variable} to one of {}", known.join(", "))],
        _ => Vec::new(),
    }
}
