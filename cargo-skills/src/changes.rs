//! What changes on the disk, for those who go on until they are interrupted: the folders that a check or a build reads, and what
//! configures them above.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use notify::{Event, RecommendedWatcher, RecursiveMode, Watcher};
use skills_compiler::source::Junk;

use crate::error::Error;
use crate::machine::now;

/// How long nothing has to happen before something is over: one saving is several events.
const SETTLED: Duration = Duration::from_millis(50);

/// How long is waited for the end of something at most: what never rests puts nothing off for ever.
const PATIENCE: Duration = Duration::from_secs(1);

/// The files that configure the skills below them.
const SETTINGS: [&str; 2] = ["skills.toml", "Cargo.toml"];

/// What wakes up whoever waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    /// Something may be different now.
    Changed,
    /// Nothing more is wanted.
    Ended,
}

/// The folders that are watched. Dropped, it is silent.
#[derive(Debug)]
pub(crate) struct Changes {
    folders: Folders,
    sender: Sender<Wake>,
    /// Dropped, it watches no more.
    watcher: RecommendedWatcher,
}

/// Which paths matter.
#[derive(Clone, Debug)]
struct Folders {
    /// Absolute, and everything in them counts,
    roots: Vec<PathBuf>,
    /// but for what is below one of these.
    left_out: Vec<PathBuf>,
}

impl Changes {
    /// Watches the roots and, for their configuration and for a root that comes back, the directories above them. What lies in
    /// `left_out` does not matter.
    pub(crate) fn of<'a>(
        roots: impl IntoIterator<Item = &'a Path>,
        left_out: Vec<PathBuf>,
        sender: Sender<Wake>,
    ) -> Result<Self, Error> {
        let absolute = |root: &Path| {
            std::path::absolute(root).map_err(|source| Error::Read {
                path: root.to_owned(),
                source,
            })
        };
        let roots = roots.into_iter().map(absolute);
        let folders = Folders {
            roots: roots.collect::<Result<_, _>>()?,
            left_out,
        };
        let watcher = folders.watch(sender.clone())?;
        Ok(Self {
            folders,
            sender,
            watcher,
        })
    }

    /// Watches what is now at the paths. Systems follow a directory that is renamed to wherever it goes, and know nothing of one
    /// that takes its place.
    pub(crate) fn look_again(&mut self) -> Result<(), Error> {
        self.watcher = self.folders.watch(self.sender.clone())?;
        Ok(())
    }
}

impl Folders {
    fn watch(&self, sender: Sender<Wake>) -> Result<RecommendedWatcher, Error> {
        let first = self.roots.first().map_or(Path::new("."), PathBuf::as_path);
        let failed = |path: &Path, source| Error::Watch {
            path: path.to_owned(),
            source,
        };
        let folders = self.clone();
        let handler = move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| folders.have(&event)) {
                // Whoever would be woken has ended already.
                let _ = sender.send(Wake::Changed);
            }
        };
        let mut watcher =
            notify::recommended_watcher(handler).map_err(|source| failed(first, source))?;
        let above: BTreeSet<_> = self.roots.iter().flat_map(|root| above(root)).collect();
        for directory in above {
            // One that may not be listed tells nothing, and what is in it is watched all the same.
            let _ = watcher.watch(directory, RecursiveMode::NonRecursive);
        }
        for root in self.roots.iter().filter(|root| root.exists()) {
            let started = watcher.watch(root, RecursiveMode::Recursive);
            started.map_err(|source| failed(root, source))?;
        }
        Ok(watcher)
    }

    /// Whether an event may change what is found. Reading is an event as well, and so is what editors leave behind.
    fn have(&self, event: &Event) -> bool {
        let is_write = event.kind.is_create() || event.kind.is_modify() || event.kind.is_remove();
        is_write && event.paths.iter().any(|path| self.matters(path))
    }

    fn matters(&self, path: &Path) -> bool {
        if self.left_out.iter().any(|folder| path.starts_with(folder)) {
            return false;
        }
        self.roots.iter().any(|root| match path.strip_prefix(root) {
            Ok(below) => !is_junk(below),
            // A directory on the way to the root, or what configures it.
            Err(_) => root.starts_with(path) || configures(path, root),
        })
    }
}

/// The directories above a root that may configure it: up to its package or repository, or else the nearest one, because systems
/// tell of everything below a directory, and there is much below those that everybody shares.
fn above(root: &Path) -> impl Iterator<Item = &Path> {
    let is_border = |place: &&Path| {
        let borders = ["Cargo.toml", ".git"];
        borders.iter().any(|name| place.join(name).exists())
    };
    let border = root.ancestors().position(|place| is_border(&place));
    root.ancestors().skip(1).take(border.unwrap_or(1).max(1))
}

fn configures(path: &Path, root: &Path) -> bool {
    let is_settings = path
        .file_name()
        .is_some_and(|name| SETTINGS.iter().any(|settings| name == *settings));
    is_settings && path.parent().is_some_and(|above| root.starts_with(above))
}

fn is_junk(path: &Path) -> bool {
    let names = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy());
    let mut names = names.collect::<Vec<_>>().into_iter().rev();
    let file = names.next().unwrap_or_default();
    Junk::of(&file, false).is_some() || names.any(|name| name == ".git")
}

/// Waits until something has changed and nothing more happens, or for the end.
pub(crate) fn wait(wakes: &Receiver<Wake>) -> Wake {
    settled(wakes.recv().unwrap_or(Wake::Ended), wakes)
}

/// The same, but not for longer than is said: then it is nothing.
pub(crate) fn wait_at_most(wakes: &Receiver<Wake>, time: Duration) -> Option<Wake> {
    match wakes.recv_timeout(time) {
        Ok(wake) => Some(settled(wake, wakes)),
        Err(RecvTimeoutError::Timeout) => None,
        Err(RecvTimeoutError::Disconnected) => Some(Wake::Ended),
    }
}

fn settled(first: Wake, wakes: &Receiver<Wake>) -> Wake {
    let patience = now() + PATIENCE;
    let mut wake = first;
    while wake == Wake::Changed && now() < patience {
        match wakes.recv_timeout(SETTLED) {
            Ok(next) => wake = next,
            Err(_) => break,
        }
    }
    wake
}
