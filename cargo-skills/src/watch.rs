//! `--watch`: checks again whenever something below the targets changes, or what configures them, until it is interrupted.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::mpsc;

use crate::changes::{Changes, Wake, wait};
use crate::check::{Order, check};
use crate::error::{Error, explain};
use crate::output::{Output, complain};
use crate::target;

/// Checks, and checks again after every change. Ends only when nothing can be watched.
pub(crate) fn watch(order: &Order, output: Output) -> Result<(), Error> {
    let targets = target::resolve(&order.paths, None, order.copies())?.all;
    let (sender, wakes) = mpsc::channel();
    let roots = targets.iter().map(|target| target.root.as_path());
    let mut changes = Changes::of(roots, Vec::new(), sender)?;
    let mut known = content(order);
    loop {
        round(order, output);
        output.tell("waiting for changes; Ctrl-C ends\n");
        loop {
            if wait(&wakes) == Wake::Ended {
                return Ok(());
            }
            changes.look_again();
            // What is written without being read, such as our own report, is no reason to report again.
            let now = content(order);
            let is_same = now.is_some() && now == known;
            known = now;
            if !is_same {
                break;
            }
        }
        output.tell("something changed\n");
    }
}

/// A number for all that a check would read; nothing where it cannot be read.
fn content(order: &Order) -> Option<u64> {
    let mut hasher = DefaultHasher::new();
    for target in target::resolve(&order.paths, None, order.copies())
        .ok()?
        .all
    {
        let tree = target.read().ok()?;
        for (_, file) in tree.files().chain(tree.configurations()) {
            (&file.path, &file.bytes, file.executable).hash(&mut hasher);
        }
        tree.directories().for_each(|path| path.hash(&mut hasher));
        format!(
            "{:?}{:?}{:?}",
            tree.links(),
            tree.oddities(),
            tree.skipped()
        )
        .hash(&mut hasher);
    }
    Some(hasher.finish())
}

/// One check. While somebody is at work, what cannot be read now can be read later.
fn round(order: &Order, output: Output) {
    if let Err(error) = check(order, output) {
        complain(&explain(&error));
    }
}
