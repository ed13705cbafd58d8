//! The server that runs while its skills are written.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use wait_timeout::ChildExt;

use crate::error::Error;
use crate::machine::{ask_to_end, now};

/// How long a server may take to end in good order before it is ended.
const GRACE: Duration = Duration::from_secs(2);

/// What ends within this time has not started.
const START: Duration = Duration::from_secs(3);

/// The server that runs, if one does. Dropped, it ends.
#[derive(Debug)]
pub(super) struct Server<'a> {
    /// What it is told after `serve`.
    arguments: &'a [String],
    child: Option<(Child, Instant)>,
    /// The executable that runs, and the one before it.
    executable: Option<PathBuf>,
    previous: Option<PathBuf>,
    generation: u32,
}

/// How a server ended that nobody had told to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    /// Whether it had only just been started.
    is_at_once: bool,
}

impl<'a> Server<'a> {
    pub(super) fn new(arguments: &'a [String]) -> Self {
        Self {
            arguments,
            child: None,
            executable: None,
            previous: None,
            generation: 0,
        }
    }

    /// Where the next executable goes: a file that runs cannot be written everywhere.
    pub(super) fn next_place(&self, directory: &Path) -> PathBuf {
        let number = (self.generation + 1) % 3;
        let name = format!("dev-{number}{}", std::env::consts::EXE_SUFFIX);
        directory.join("target").join("dev").join(name)
    }

    /// Starts an executable in place of the one that runs.
    pub(super) fn take_over(&mut self, executable: PathBuf) -> Result<(), Error> {
        self.stop();
        self.generation += 1;
        self.start(&executable)?;
        self.previous = self.executable.replace(executable);
        Ok(())
    }

    /// Starts the executable before the one that has ended, if that one had only just been started. Whether it did.
    pub(super) fn fall_back(&mut self, ended: Ended) -> Result<bool, Error> {
        if !ended.is_at_once {
            return Ok(false);
        }
        let Some(previous) = self.previous.take() else {
            return Ok(false);
        };
        self.start(&previous)?;
        self.executable = Some(previous);
        Ok(true)
    }

    fn start(&mut self, executable: &Path) -> Result<(), Error> {
        let child = Command::new(executable)
            .arg("serve")
            .args(self.arguments)
            .stdin(Stdio::null())
            .spawn();
        let child = child.map_err(|source| Error::Start {
            program: executable.to_owned(),
            source,
        })?;
        self.child = Some((child, now()));
        Ok(())
    }

    /// Whether one runs, as far as is known.
    pub(super) const fn runs(&self) -> bool {
        self.child.is_some()
    }

    /// How it ended, if it did so by itself and nobody knows yet.
    pub(super) fn ended(&mut self) -> Option<Ended> {
        let (child, started) = self.child.as_mut()?;
        let status = child.try_wait().ok()??;
        let is_at_once = now().duration_since(*started) < START;
        self.child = None;
        Some(Ended { status, is_at_once })
    }

    /// What is left when something is broken.
    pub(super) const fn consolation(&self) -> &'static str {
        if self.runs() {
            "the last good build goes on serving; waiting for changes\n"
        } else {
            "nothing is served yet; waiting for changes\n"
        }
    }

    /// Ends it in good order, or after a while at once.
    fn stop(&mut self) {
        let Some((mut child, _)) = self.child.take() else {
            return;
        };
        ask_to_end(child.id());
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
}

impl Drop for Server<'_> {
    fn drop(&mut self) {
        self.stop();
    }
}
