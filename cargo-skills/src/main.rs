//! `cargo skills`: checks, repairs, explains, builds and ships Agent Skills. The lints are those of `skills-compiler`; here is what a person
//! types, what is read and written, and the formats of reports.
#![forbid(unsafe_code)]

mod arguments;

mod changes;
mod check;
mod watch;

mod checked;
mod discovery;
mod levels;
mod target;

mod repair;

mod dist;

mod report;

mod project;

mod build;
mod dev;
mod import;

mod explain;
mod new_skill;
mod rule_list;

mod digest;
mod error;
mod machine;
mod output;
mod progress;

use std::process::ExitCode;

use arguments::Task;
use check::{Verdict, check};
use error::Error;
use mimalloc::MiMalloc;
use output::{Output, complain, pass};
use skills_compiler::diagnostics::visible;

/// Checking is many small texts on all processors at once, which the allocators of systems are slow at.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// The command line makes no sense, or something cannot be read or written.
const FAILURE: u8 = 2;

fn main() -> ExitCode {
    let invocation = match arguments::parse() {
        Ok(invocation) => invocation,
        Err(message) => return relay(&message),
    };
    let output = Output::new(invocation.color, invocation.is_quiet);
    match run(invocation.task, output) {
        Ok(Verdict::Clean) => ExitCode::SUCCESS,
        Ok(Verdict::Denied) => ExitCode::FAILURE,
        Err(error) => {
            complain(&error::explain(&error));
            ExitCode::from(FAILURE)
        }
    }
}

fn run(task: Task, output: Output) -> Result<Verdict, Error> {
    match task {
        Task::Check(order) => {
            let (verdict, checked) = check(&order, output)?;
            // It is the whole tree, and the system frees it at once.
            std::mem::forget(checked);
            return Ok(verdict);
        }
        Task::List(paths) => {
            let paths = if paths.is_empty() {
                vec![".".into()]
            } else {
                paths
            };
            for path in paths {
                let list = target::search(&path).list();
                let lines: Vec<_> = list.lines().map(|line| visible(line) + "\n").collect();
                output.print(&lines.concat())?;
            }
        }
        Task::Watch(order) => watch::watch(&order, output)?,
        Task::Dist(order) => return dist::dist(order, output),
        Task::Explain { rule } => output.print(&explain::explain(&rule, output)?)?,
        Task::Rules(form) => rule_list::print(form, output)?,
        Task::NewSkill { name, directory } => {
            let directory = directory.or_else(target::usual).unwrap_or("skills".into());
            let path = new_skill::new_skill(&name, &directory)?;
            let path = visible(&path.display().to_string());
            output.print(&format!(
                "{path} is there; `cargo skills check` finds nothing wrong with it yet\n"
            ))?;
        }
        Task::New(order) => {
            let name = project::new(&order)?;
            let path = visible(&order.path.display().to_string());
            output.print(&format!(
                "{name} is in {path}; `cargo run` in it says how to add it to an agent\n"
            ))?;
        }
        Task::Import(order) => {
            let report = import::import(&order)?;
            let lines: Vec<_> = report.lines().map(visible).collect();
            output.print(&(lines.join("\n") + "\n"))?;
        }
        Task::Build(order) => return build::build(&order, output),
        Task::Dev(order) => dev::dev(&order, output)?,
        Task::Completions { script } => pass(&script)?,
    }
    Ok(Verdict::Clean)
}

/// Passes on what the parser of the command line has to say: help, or what is wrong.
fn relay(message: &clap::Error) -> ExitCode {
    let text: Vec<_> = message
        .render()
        .to_string()
        .split('\n')
        .map(visible)
        .collect();
    let text = text.join("\n");
    if message.use_stderr() {
        complain(&text);
        return ExitCode::from(FAILURE);
    }
    match Output::new(anstream::ColorChoice::Never, false).print(&text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::from(FAILURE),
    }
}
