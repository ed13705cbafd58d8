//! What changes on the disk, for those who go on until they are interrupted: the folders that a check or a build reads, and what
//! configures them above.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use notify::{Config, ErrorKind, Event, RecommendedWatcher, RecursiveMode, Watcher};
use skills_compiler::source::Junk;

use crate::error::{Error, explain};
use crate::machine::{entries, now};
use crate::output::complain;

/// How long nothing has to happen before something is over: one saving is several events.
const SETTLED: Duration = Duration::from_millis(50);

/// How long is waited for the end of something at most: what never rests puts nothing off for ever.
const PATIENCE: Duration = Duration::from_secs(1);

/// The files that configure the skills below them.
const SETTINGS: [&str; 2] = ["skills.toml", "Cargo.toml"];

/// Where the search for such files ends.
const BORDERS: [&str; 2] = ["Cargo.toml", ".git"];

/// As many links as systems follow on the way to a file.
const LINKS: usize = 40;

/// Whether the system tells of a whole tree at once. Elsewhere a tree is as many directories, and one that may not be read, or is
/// gone by then, is no reason to know nothing of the others.
const KNOWS_TREES: bool = cfg!(any(target_os = "macos", windows));

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
    named: Vec<PathBuf>,
    left_out: Vec<PathBuf>,
    sender: Sender<Wake>,
    /// Dropped, it watches no more.
    watcher: RecommendedWatcher,
}

impl Changes {
    /// Watches folders and, for their configuration and for one that comes back, the directories above them. What lies in
    /// `left_out` does not matter.
    pub(crate) fn of<'a>(
        named: impl IntoIterator<Item = &'a Path>,
        left_out: Vec<PathBuf>,
        sender: Sender<Wake>,
    ) -> Result<Self, Error> {
        let absolute = |folder: &Path| {
            std::path::absolute(folder).map_err(|source| Error::Read {
                path: folder.to_owned(),
                source,
            })
        };
        let named = named.into_iter().map(absolute);
        let named = named.collect::<Result<Vec<_>, _>>()?;
        let watcher = Watched::now(&named, &left_out).watch(sender.clone())?;
        Ok(Self {
            named,
            left_out,
            sender,
            watcher,
        })
    }

    /// Watches what is now at the paths. Systems follow a directory that is renamed to wherever it goes, and know nothing of one
    /// that takes its place.
    pub(crate) fn look_again(&mut self) {
        match Watched::now(&self.named, &self.left_out).watch(self.sender.clone()) {
            Ok(watcher) => self.watcher = watcher,
            // What was watched before still is.
            Err(error) => complain(&explain(&error)),
        }
    }
}

/// What is to be watched at some moment.
#[derive(Clone, Debug)]
struct Watched {
    /// The folders that are there, without links: a directory has one path here, because a system knows it by one only.
    roots: Vec<PathBuf>,
    /// What leads to the folders and may lead elsewhere, or where it is missed.
    on_the_way: BTreeSet<PathBuf>,
    left_out: Vec<PathBuf>,
}

impl Watched {
    fn now(named: &[PathBuf], left_out: &[PathBuf]) -> Self {
        let is_link = |place: &&Path| fs::symlink_metadata(place).is_ok_and(|it| it.is_symlink());
        let places = named.iter().flat_map(|folder| folder.ancestors());
        let links = places.filter(is_link).filter_map(real_place);
        Self {
            roots: named.iter().filter_map(|folder| real(folder)).collect(),
            on_the_way: links
                .chain(named.iter().filter_map(|folder| missing(folder)))
                .collect(),
            // It may not be there yet.
            left_out: left_out.iter().filter_map(|it| real_place(it)).collect(),
        }
    }

    fn watch(&self, sender: Sender<Wake>) -> Result<RecommendedWatcher, Error> {
        let failed = |source| Error::Watch {
            path: self.roots.first().cloned().unwrap_or_default(),
            source,
        };
        let this = self.clone();
        let handler = move |event: notify::Result<Event>| {
            if event.is_ok_and(|event| this.have(&event)) {
                // Whoever would be woken has ended already.
                let _ = sender.send(Wake::Changed);
            }
        };
        // The compiler follows no link out of a folder, and what is in it is watched where it is.
        let config = Config::default().with_follow_symlinks(false);
        let mut watcher = RecommendedWatcher::new(handler, config).map_err(failed)?;
        for root in &self.roots {
            watcher
                .watch(root, mode_of_roots())
                .map_err(|source| Error::Watch {
                    path: root.clone(),
                    source,
                })?;
        }
        for directory in self.others() {
            match watcher.watch(&directory, RecursiveMode::NonRecursive) {
                Err(error) if matches!(error.kind, ErrorKind::MaxFilesWatch) => {
                    return Err(failed(error));
                }
                // One that may not be listed, or is gone by now, tells nothing; the others do.
                _ => {}
            }
        }
        Ok(watcher)
    }

    /// The directories that are watched beside the roots themselves.
    fn others(&self) -> BTreeSet<PathBuf> {
        let mut others = BTreeSet::new();
        for root in &self.roots {
            others.extend(above(root).map(Path::to_owned));
            if !KNOWS_TREES {
                self.collect(root, &mut others);
            }
        }
        let holders = self.on_the_way.iter().filter_map(|place| place.parent());
        others.extend(holders.map(Path::to_owned));
        others
    }

    /// The directories below one that the compiler reads.
    fn collect(&self, directory: &Path, found: &mut BTreeSet<PathBuf>) {
        for (name, is_directory) in entries(directory).unwrap_or_default() {
            let path = directory.join(&name);
            let is_read = is_directory
                && Junk::of(&name.to_string_lossy(), true).is_none()
                && !self.left_out.contains(&path);
            if is_read {
                self.collect(&path, found);
                found.insert(path);
            }
        }
    }

    /// Whether an event may change what is found. Reading is an event as well, and so is what editors leave behind. Where a
    /// system has lost count, anything may have happened.
    fn have(&self, event: &Event) -> bool {
        let is_write = event.kind.is_create() || event.kind.is_modify() || event.kind.is_remove();
        event.need_rescan() || is_write && event.paths.iter().any(|path| self.matters(path))
    }

    fn matters(&self, path: &Path) -> bool {
        if self.left_out.iter().any(|folder| path.starts_with(folder)) {
            return false;
        }
        let concerns = |root: &PathBuf| match path.strip_prefix(root) {
            Ok(below) => !is_junk(below),
            Err(_) => root.starts_with(path) || configures(path, root),
        };
        self.on_the_way.contains(path) || self.roots.iter().any(concerns)
    }
}

/// A path without links, of what is there.
fn real(path: &Path) -> Option<PathBuf> {
    fs::canonicalize(path).ok()
}

/// The same of what may not be there, or is a link itself.
fn real_place(path: &Path) -> Option<PathBuf> {
    Some(real(path.parent()?)?.join(path.file_name()?))
}

/// What has to come for a path to be there again: the first thing that is missing, where links lead.
fn missing(path: &Path) -> Option<PathBuf> {
    let mut path = path.to_owned();
    for _ in 0..LINKS {
        let first = path
            .ancestors()
            .take_while(|place| !place.exists())
            .last()?;
        let place = real_place(first)?;
        let Ok(target) = fs::read_link(&place) else {
            return Some(place);
        };
        let rest = path.strip_prefix(first).ok()?;
        path = place.parent()?.join(target).join(rest);
    }
    None
}

const fn mode_of_roots() -> RecursiveMode {
    if KNOWS_TREES {
        RecursiveMode::Recursive
    } else {
        RecursiveMode::NonRecursive
    }
}

/// The directories above a root that may configure it: up to its package or repository. Where there is neither, the nearest one and
/// those that do configure it, because systems may tell of everything below a directory, and there is much below those that
/// everybody shares.
fn above(root: &Path) -> impl Iterator<Item = &Path> {
    let has = |place: &Path, names: &[&str]| names.iter().any(|name| place.join(name).exists());
    let border = root.ancestors().position(|place| has(place, &BORDERS));
    let all = root.ancestors().enumerate().skip(1);
    all.filter(move |(distance, place)| match border {
        Some(border) => *distance <= border,
        None => *distance == 1 || has(place, &SETTINGS),
    })
    .map(|(_, place)| place)
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
