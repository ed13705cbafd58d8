//! `--watch`: checks again whenever something below the targets changes, until it is interrupted.

use std::path::Path;
use std::sync::mpsc::{self, Receiver};
use std::time::Duration;

use notify::{Event, RecursiveMode, Watcher};
use skills_compiler::source::Junk;

use crate::check::{Order, check};
use crate::error::{Error, explain};
use crate::machine::now;
use crate::output::{Output, complain};
use crate::target;

/// How long nothing has to happen before something is over: one saving is several events.
pub(crate) const SETTLED: Duration = Duration::from_millis(50);

/// How long is waited for the end of something at most.
pub(crate) const PATIENCE: Duration = Duration::from_secs(1);

/// Checks, and checks again after every change. Ends only when nothing can be watched.
pub(crate) fn watch(order: &Order, output: Output) -> Result<(), Error> {
    let targets = target::resolve(&order.paths, None)?;
    let roots: Vec<_> = targets.into_iter().map(|target| target.root).collect();
    let (sender, events) = mpsc::channel();
    let failed = |path: &Path, source| Error::Watch {
        path: path.to_owned(),
        source,
    };
    let first = roots.first().cloned().unwrap_or_default();
    let mut watcher =
        notify::recommended_watcher(sender).map_err(|source| failed(&first, source))?;
    for root in &roots {
        let started = watcher.watch(root, RecursiveMode::Recursive);
        started.map_err(|source| failed(root, source))?;
    }
    loop {
        round(order, output);
        output.tell("waiting for changes; Ctrl-C ends\n");
        if !changed(&events) {
            return Ok(());
        }
        output.tell("something changed\n");
    }
}

/// One check. While somebody is at work, what cannot be read now can be read later.
fn round(order: &Order, output: Output) {
    if let Err(error) = check(order, output) {
        complain(&explain(&error));
    }
}

/// Waits for a change, and then until nothing more happens. `false` when there is nobody who could tell.
fn changed(events: &Receiver<notify::Result<Event>>) -> bool {
    loop {
        match events.recv() {
            Ok(Ok(event)) if is_change(&event) => break,
            Ok(_) => {}
            Err(_) => return false,
        }
    }
    // Something that never rests puts nothing off for ever.
    let patience = now() + PATIENCE;
    while now() < patience && events.recv_timeout(SETTLED).is_ok() {}
    true
}

/// Whether an event may change a finding. Reading is an event as well, and so is what editors leave behind.
pub(crate) fn is_change(event: &Event) -> bool {
    let is_write = event.kind.is_create() || event.kind.is_modify() || event.kind.is_remove();
    is_write && event.paths.iter().any(|path| !is_junk(path))
}

fn is_junk(path: &Path) -> bool {
    let names = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy());
    let mut names = names.collect::<Vec<_>>().into_iter().rev();
    let file = names.next().unwrap_or_default();
    Junk::of(&file, false).is_some() || names.any(|name| name == ".git")
}
