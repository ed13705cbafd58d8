//! `dev`: serves skills while they are being written. Every change is checked and built; what is broken is said, and the last
//! server that was good goes on.

mod server;

use std::sync::mpsc::{self, Receiver, Sender};
use std::time::Duration;

use self::server::Server;
use crate::build::{self, Interrupt, Project, Recipe, Triple};
use crate::changes::{Changes, Wake, wait_at_most};
use crate::check::Verdict;
use crate::error::{Error, explain};
use crate::output::{Output, complain};

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
    let interrupt = Interrupt::default();
    end_on_signal(sender.clone(), interrupt.clone())?;
    let own = project.skills().is_none().then_some(&*project.directory);
    let skills = project.folder();
    let roots = own.into_iter().chain(skills.as_deref());
    // What cargo writes into a project of one's own changes nothing.
    let mut changes = Changes::of(roots, vec![project.directory.join("target")], sender)?;
    let work = Work {
        order,
        project: &project,
        interrupt,
        output,
    };
    let mut server = Server::new(&order.arguments);
    loop {
        work.round(&mut server);
        if work.interrupt.is_there() || wait(&wakes, &mut server, output)? == Wake::Ended {
            return Ok(());
        }
        changes.look_again();
    }
}

/// Waits for a change, and looks after the server meanwhile.
fn wait(wakes: &Receiver<Wake>, server: &mut Server, output: Output) -> Result<Wake, Error> {
    loop {
        if let Some(wake) = wait_at_most(wakes, ROUND) {
            return Ok(wake);
        }
        if let Some(ended) = server.ended() {
            let fate = if server.fall_back(ended)? {
                "the one before it is back"
            } else {
                "waiting for changes"
            };
            output.tell(&format!(
                "the server has ended ({}); {fate}\n",
                ended.status
            ));
        }
    }
}

/// What is done after every change.
struct Work<'a> {
    order: &'a Order,
    project: &'a Project,
    interrupt: Interrupt,
    output: Output,
}

impl Work<'_> {
    /// Checks, builds, and lets the new server take over; whatever is wrong leaves the old one alone.
    fn round(&self, server: &mut Server) {
        match self.renew(server) {
            Ok(Verdict::Clean) => {}
            Ok(Verdict::Denied) => self.output.tell(server.consolation()),
            // Whoever interrupted knows why nothing came of it.
            Err(_) if self.interrupt.is_there() => {}
            Err(error) => {
                complain(&explain(&error));
                self.output.tell(server.consolation());
            }
        }
    }

    fn renew(&self, server: &mut Server) -> Result<Verdict, Error> {
        let Self {
            order,
            project,
            interrupt,
            output,
        } = self;
        if build::check_first(project, *output)? == Verdict::Denied {
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
            interrupt: interrupt.clone(),
            ..Recipe::default()
        };
        let claim = project.claim(*output)?;
        let built = build::run(project, &recipe, *output)?;
        // A file that has nothing to do with the server was written, perhaps by the server.
        if !built.is_new && server.runs() {
            return Ok(Verdict::Clean);
        }
        let copy = server.next_place(&project.directory);
        build::place(&built.executable, &copy)?;
        drop(claim);
        if interrupt.is_there() {
            return Ok(Verdict::Clean);
        }
        output.tell(&format!(
            "built in {:.1} s; the server starts, and Ctrl-C ends it\n",
            built.duration.as_secs_f64()
        ));
        server.take_over(copy)?;
        Ok(Verdict::Clean)
    }
}

/// Ends the loop where a person or a supervisor ends the program, so that no server is left behind, and no build goes on.
fn end_on_signal(sender: Sender<Wake>, interrupt: Interrupt) -> Result<(), Error> {
    let handler = move || {
        interrupt.happen();
        // Whoever would be woken has ended already.
        let _ = sender.send(Wake::Ended);
    };
    ctrlc::set_handler(handler).map_err(|source| Error::Signals(source.to_string()))
}
