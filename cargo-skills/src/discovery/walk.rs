//! Walking a repository for skills: the edge to the file system.
#![expect(
    clippy::disallowed_methods,
    reason = "this file is where the search for skills meets the file system"
)]

use std::collections::BTreeSet;
use std::fs::{self, DirEntry};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use skills_compiler::source::{Junk, ancestors};

use super::SKILL_FILE;
use super::listing::{Listing, Manifest, is_at_or_below, join, name, parent};
use super::place::is_host_folder;

/// The deepest directory that is looked into.
const MAX_DEPTH: usize = 32;

/// The most entries of directories that are looked at.
const MAX_ENTRIES: usize = 400_000;

/// The largest manifest that is read.
const MAX_MANIFEST: u64 = 1 << 20;

/// The directories of manifests of plugins, and the manifest in the directory itself.
const MANIFESTS: [&str; 4] = [
    ".claude-plugin",
    ".cursor-plugin",
    ".codex-plugin",
    ".agents/plugins",
];

/// A walk through one repository, which may begin in several places.
#[derive(Debug)]
pub(super) struct Walk {
    top: PathBuf,
    listing: Listing,
    seen: BTreeSet<String>,
    entries: usize,
}

impl Walk {
    /// Begins below the top of a repository, without links.
    pub(super) fn new(top: PathBuf) -> Self {
        Self {
            top,
            listing: Listing::default(),
            seen: BTreeSet::new(),
            entries: 0,
        }
    }

    /// What was found so far, links to places that were not walked followed.
    pub(super) fn listing(&mut self) -> Listing {
        loop {
            let targets = self.listing.links.values().flatten();
            let next = targets.filter(|target| !self.is_seen(target)).cloned();
            let next: BTreeSet<_> = next.collect();
            if next.is_empty() {
                return self.listing.clone();
            }
            for target in next {
                self.everything(&target);
            }
        }
    }

    fn is_seen(&self, path: &str) -> bool {
        let mut around = std::iter::once(path).chain(ancestors(path)).chain([""]);
        around.any(|path| self.seen.contains(path))
    }

    /// Looks at all that lies below a directory.
    pub(super) fn everything(&mut self, path: &str) {
        self.directory(path, 0);
        self.seen.insert(path.to_owned());
    }

    /// Looks at the folders of hosts in a directory, and at its `skills`.
    pub(super) fn folders(&mut self, path: &str) {
        let Ok(entries) = fs::read_dir(self.top.join(path)) else {
            return;
        };
        let names = entries.flatten().filter_map(|entry| text(&entry));
        for name in names {
            let folders: &[&str] = match &*name {
                "skills" => &[""],
                name if name.starts_with('.') => &["skills", "skill"],
                _ => continue,
            };
            for inner in folders {
                let folder = join(&join(path, &name), inner);
                let place = self.top.join(&folder);
                if place.is_symlink() {
                    self.link(&place, folder);
                } else if place.is_dir() && !self.is_seen(&folder) {
                    self.everything(&folder);
                }
            }
        }
        self.manifests(path);
    }

    fn directory(&mut self, path: &str, depth: usize) {
        if self.seen.contains(path) {
            return;
        }
        if depth > MAX_DEPTH || self.entries > MAX_ENTRIES {
            self.listing.is_cut = true;
            return;
        }
        let Ok(entries) = fs::read_dir(self.top.join(path)) else {
            return;
        };
        let mut has_content = false;
        for entry in entries.flatten() {
            self.entries += 1;
            has_content |= self.entry(&entry, path, depth);
        }
        if is_host_folder(path) || name(path) == "skills" {
            self.listing.hosts.insert(path.to_owned(), has_content);
        }
        if !name(path).starts_with('.') {
            self.manifests(path);
        }
    }

    /// Looks at an entry, and says whether it could be a skill. What a link leads to is looked at there.
    fn entry(&mut self, entry: &DirEntry, parent: &str, depth: usize) -> bool {
        let (Some(name), Ok(kind)) = (text(entry), entry.file_type()) else {
            return false;
        };
        let path = join(parent, &name);
        if name.eq_ignore_ascii_case(SKILL_FILE) && !kind.is_dir() {
            Arc::make_mut(&mut self.listing.files).add(parent, &name);
            let found = if name == SKILL_FILE {
                &mut self.listing.documents
            } else {
                &mut self.listing.misnamed
            };
            found.insert(parent.to_owned());
            return true;
        }
        if kind.is_file() {
            Arc::make_mut(&mut self.listing.files).add(parent, &name);
        }
        match Junk::of(&name, kind.is_dir()) {
            Some(Junk::InstalledPackages) => {
                self.listing.unsearched.insert(path);
                false
            }
            None if kind.is_symlink() => self.link(&entry.path(), path),
            None if kind.is_dir() => {
                self.directory(&path, depth + 1);
                !name.starts_with('.')
            }
            None if is_host_folder(parent) => {
                if let Some(target) = written_link(&entry.path()) {
                    self.listing.links.insert(path, self.below_top(&target));
                }
                false
            }
            Some(_) | None => false,
        }
    }

    /// The path of a real place below the top.
    fn below_top(&self, real: &Path) -> Option<String> {
        let below = real.strip_prefix(&self.top).ok()?.to_str()?;
        Some(below.replace('\\', "/"))
    }

    /// Notes a link to a directory or to nothing.
    fn link(&mut self, at: &Path, path: String) -> bool {
        let real = fs::canonicalize(at).ok();
        if real.as_ref().is_some_and(|real| !real.is_dir()) {
            return false;
        }
        let target = real.and_then(|real| self.below_top(&real));
        // A link to a directory around itself leads to nothing new.
        let target = target.filter(|target| !is_at_or_below(&path, target));
        self.listing.links.insert(path, target);
        false
    }

    fn manifests(&mut self, path: &str) {
        for folder in MANIFESTS {
            for (file, is_marketplace) in [("plugin.json", false), ("marketplace.json", true)] {
                let place = self.top.join(path).join(folder).join(file);
                let is_small =
                    fs::metadata(&place).is_ok_and(|metadata| metadata.len() < MAX_MANIFEST);
                let Some(text) = is_small.then(|| fs::read_to_string(&place).ok()).flatten() else {
                    continue;
                };
                let known = &self.listing.manifests;
                let directory = path.to_owned();
                if !known.iter().any(|other| {
                    other.directory == directory
                        && other.is_marketplace == is_marketplace
                        && other.text == text
                }) {
                    self.listing.manifests.push(Manifest {
                        directory,
                        is_marketplace,
                        text,
                    });
                }
            }
        }
    }
}

fn text(entry: &DirEntry) -> Option<String> {
    entry.file_name().to_str().map(str::to_owned)
}

/// The directory that a text file leads to which Git has written in place of a symbolic link, as it does on Windows.
fn written_link(at: &Path) -> Option<PathBuf> {
    let is_short = fs::metadata(at).is_ok_and(|metadata| (1..512).contains(&metadata.len()));
    let text = is_short.then(|| fs::read_to_string(at).ok())??;
    if text.contains('\n') || !text.contains('/') {
        return None;
    }
    let target = fs::canonicalize(at.parent()?.join(&text)).ok()?;
    target.is_dir().then_some(target)
}

/// Whether two directories hold the same files.
pub(super) fn is_same(top: &Path, one: &str, other: &str) -> bool {
    is_same_directory(&top.join(one), &top.join(other), 0).unwrap_or(false)
}

fn is_same_directory(one: &Path, other: &Path, depth: usize) -> std::io::Result<bool> {
    let names = |directory: &Path| -> std::io::Result<BTreeSet<_>> {
        let entries = fs::read_dir(directory)?;
        entries.map(|entry| Ok(entry?.file_name())).collect()
    };
    let all = names(one)?;
    if depth > MAX_DEPTH || all != names(other)? {
        return Ok(false);
    }
    for name in all {
        let (one, other) = (one.join(&name), other.join(&name));
        let is_same = if one.is_dir() {
            other.is_dir() && is_same_directory(&one, &other, depth + 1)?
        } else {
            fs::metadata(&one)?.len() == fs::metadata(&other)?.len()
                && fs::read(&one)? == fs::read(&other)?
        };
        if !is_same {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The folders above a directory, which hosts look into as well, innermost first.
pub(super) fn above(path: &str) -> impl Iterator<Item = &str> {
    let own = (!path.is_empty()).then(|| parent(path));
    own.into_iter()
        .flat_map(|first| std::iter::once(first).chain(ancestors(first)).chain([""]))
}
