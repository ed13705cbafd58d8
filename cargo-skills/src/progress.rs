//! What takes so long: one line on standard error, for a person, and only when there is something to wait for.

use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use skills_compiler::diagnostics::visible;

use crate::output::{Output, complain};

/// Nobody wonders before this.
const PATIENCE: Duration = Duration::from_millis(300);

/// Clears the line that the cursor is in.
const CLEAR: &str = "\r\u{1b}[K";

/// Work that a person may have to wait for. Its line is gone when this is dropped.
#[derive(Debug)]
pub(crate) struct Progress {
    work: Option<(Sender<String>, JoinHandle<()>)>,
}

impl Progress {
    /// Starts to watch the time, if anybody is there to be told.
    pub(crate) fn start(output: Output) -> Self {
        let work = output.has_audience().then(|| {
            let (sender, steps) = mpsc::channel();
            (sender, thread::spawn(move || tell(&steps)))
        });
        Self { work }
    }

    /// Says what is being done now.
    pub(crate) fn step(&self, what: impl Into<String>) {
        if let Some((sender, _)) = &self.work {
            // Whoever is told has not gone away before this is dropped.
            let _ = sender.send(what.into());
        }
    }
}

/// Shows the latest step once it has taken long, and every one after it.
fn tell(steps: &Receiver<String>) {
    let (mut latest, mut is_shown) = (String::new(), false);
    loop {
        match steps.recv_timeout(PATIENCE) {
            Ok(step) => latest = step,
            Err(RecvTimeoutError::Timeout) if is_shown || latest.is_empty() => continue,
            Err(RecvTimeoutError::Timeout) => is_shown = true,
            Err(RecvTimeoutError::Disconnected) => break,
        }
        if is_shown {
            complain(&format!("{CLEAR}{} ...", visible(&latest)));
        }
    }
    if is_shown {
        complain(CLEAR);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.work.take() {
            drop(sender);
            // A thread that only prints has nothing to tell of its end.
            let _ = thread.join();
        }
    }
}
