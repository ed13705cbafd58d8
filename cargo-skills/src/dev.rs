//! `dev`: serves skills while they are being written. Every change is checked and built; what is broken is said, and the last
//! server that was good goes on.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use wait_timeout::ChildExt;

use crate::build::{self, Project, Recipe, Triple};
use crate::changes::{Changes, Wake, wait_at_most};
use crate::check::Verdict;
use crate::error::{Error, explain};
use crate::output::{Output, complain};

/// How long a server may take to end in good order before it is ended.
const GRACE: Duration = Duration::from_secs(2);

/// How often is looked whether the server still runs.
const ROUND: Duration = Duration::from_millis(500);

/// What to serve, and how.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) build: build::Order,
    /// What the server is told after `serve`.
    pub(crate) arguments: Vec<String>,
}

/// Serves until it is interrupted.
pub(crate) fn dev(order: &Order, output: Output) -> Result<(), Error> {
    let project = Project::of(&order.build)?;
    let (sender, wakes) = mpsc::channel();
    end_on_signal(sender.clone())?;
    let root = project.skills().unwrap_or(&project.directory);
    // What cargo writes into a project of one's own changes nothing.
    let mut changes = Changes::of([root], vec![project.directory.join("target")], sender)?;
    let mut server = Server::default();
    loop {
        round(order, &project, &mut server, output);
        if wait(&wakes, &mut server, output) == Wake::Ended {
            server.stop();
            return Ok(());
        }
        output.tell("something changed\n");
        changes.look_again()?;
    }
}

/// Waits for a change, and tells if the server ends meanwhile.
fn wait(wakes: &Receiver<Wake>, server: &mut Server, output: Output) -> Wake {
    loop {
        if let Some(wake) = wait_at_most(wakes, ROUND) {
            return wake;
        }
        if let Some(status) = server.ended() {
            output.tell(&format!(
                "the server has ended ({status}); waiting for changes\n"
            ));
        }
    }
}

/// Checks, builds, and lets the new server take over; whatever is wrong leaves the old one alone.
fn round(order: &Order, project: &Project, server: &mut Server, output: Output) {
    match renew(order, project, server, output) {
        Ok(Verdict::Clean) => {}
        Ok(Verdict::Denied) => output.tell(server.consolation()),
        Err(error) => {
            complain(&explain(&error));
            output.tell(server.consolation());
        }
    }
}

fn renew(
    order: &Order,
    project: &Project,
    server: &mut Server,
    output: Output,
) -> Result<Verdict, Error> {
    if build::check_first(project, output)? == Verdict::Denied {
        return Ok(Verdict::Denied);
    }
    // A folder is built as `build` does it, so that neither compiles what the other has compiled; in a project, as cargo does.
    let triple = match project.skills() {
        Some(_) => Some(Triple::choose(None)?),
        None => None,
    };
    let recipe = Recipe {
        triple,
        profile: order.build.is_release.then(|| "release".to_owned()),
        is_offline: order.build.is_offline,
        ..Recipe::default()
    };
    let lock = project.lock()?;
    let built = build::run(project, &recipe, output)?;
    let copy = server.next_place(&project.directory);
    build::place(&built.executable, &copy)?;
    drop(lock);
    server.take_over(&copy, &order.arguments)?;
    output.tell(&format!(
        "built in {:.1} s; the server starts, and Ctrl-C ends it\n",
        built.duration.as_secs_f64()
    ));
    Ok(Verdict::Clean)
}

/// The server that runs, if one does.
#[derive(Debug, Default)]
struct Server {
    child: Option<Child>,
    generation: u32,
}

impl Server {
    /// Where the next executable goes: a file that runs cannot be written everywhere.
    fn next_place(&self, directory: &Path) -> PathBuf {
        let name = format!(
            "dev-{}{}",
            (self.generation + 1) % 2,
            std::env::consts::EXE_SUFFIX
        );
        directory.join("target").join("dev").join(name)
    }

    fn take_over(&mut self, executable: &Path, arguments: &[String]) -> Result<(), Error> {
        self.stop();
        let child = Command::new(executable)
            .arg("serve")
            .args(arguments)
            .stdin(Stdio::null())
            .spawn();
        self.child = Some(child.map_err(|source| Error::Start {
            program: executable.to_owned(),
            source,
        })?);
        self.generation += 1;
        Ok(())
    }

    /// Ends it in good order, or after a while at once.
    fn stop(&mut self) {
        let Some(mut child) = self.child.take() else {
            return;
        };
        ask_to_end(&child);
        if child
            .wait_timeout(GRACE)
            .is_ok_and(|status| status.is_some())
        {
            return;
        }
        // It has had its time; that it is gone already is no failure.
        let _ = child.kill();
        let _ = child.wait();
    }

    /// How it ended, if it did so by itself and nobody knows yet.
    fn ended(&mut self) -> Option<ExitStatus> {
        let status = self.child.as_mut()?.try_wait().ok()??;
        self.child = None;
        Some(status)
    }

    /// What is left when something is broken.
    fn consolation(&mut self) -> &'static str {
        if self.ended().is_none() && self.child.is_some() {
            "the last good build goes on serving; waiting for changes\n"
        } else {
            "nothing is served yet; waiting for changes\n"
        }
    }
}

#[cfg(unix)]
fn ask_to_end(child: &Child) {
    use rustix::process::{Pid, Signal, kill_process};
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    if let Some(pid) = pid {
        // It may have ended by itself.
        let _ = kill_process(pid, Signal::TERM);
    }
}

#[cfg(not(unix))]
fn ask_to_end(_: &Child) {}

/// Ends the loop where a person or a supervisor ends the program, so that no server is left behind.
fn end_on_signal(sender: Sender<Wake>) -> Result<(), Error> {
    let handler = move || {
        // Whoever would be woken has ended already.
        let _ = sender.send(Wake::Ended);
    };
    ctrlc::set_handler(handler).map_err(|source| Error::Signals(source.to_string()))
}
