//! `--watch`: checks again whenever something below the targets changes, or what configures them, until it is interrupted.

use std::sync::mpsc;

use crate::changes::{Changes, Wake, wait};
use crate::check::{Order, check};
use crate::error::{Error, explain};
use crate::output::{Output, complain};
use crate::target;

/// Checks, and checks again after every change. Ends only when nothing can be watched.
pub(crate) fn watch(order: &Order, output: Output) -> Result<(), Error> {
    let targets = target::resolve(&order.paths, None)?;
    let (sender, wakes) = mpsc::channel();
    let roots = targets.iter().map(|target| target.root.as_path());
    let mut changes = Changes::of(roots, Vec::new(), sender)?;
    loop {
        round(order, output);
        output.tell("waiting for changes; Ctrl-C ends\n");
        if wait(&wakes) == Wake::Ended {
            return Ok(());
        }
        output.tell("something changed\n");
        changes.look_again()?;
    }
}

/// One check. While somebody is at work, what cannot be read now can be read later.
fn round(order: &Order, output: Output) {
    if let Err(error) = check(order, output) {
        complain(&explain(&error));
    }
}
