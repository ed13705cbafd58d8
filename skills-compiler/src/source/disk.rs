//! Walking a tree on the disk. This and `content`, which reads the files, are all of the compiler that touches the file system.
//!
//! Reading decides nothing about skills. What cannot become content (a link that leads outside, a socket, a name that is
//! not UTF-8) is recorded as an [`Oddity`], for the rules to talk about; only an unreadable root is an error.
#![expect(
    clippy::disallowed_methods,
    reason = "this file is the compiler's edge to the file system"
)]

use std::fs::{self, DirEntry, File, FileType};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use skills_model::limits::SKILL_FILE;

use crate::parallel;

use super::content::{Found, Total};
use super::{Junk, Link, Linked, Oddity, OddityKind, Skipped, SourceFile, SourceTree};

/// The deepest directory that is read, counted from the root. Skills are shallow; a generated tree may not be.
const MAX_DEPTH: usize = 32;

/// The most entries of directories that are looked at: links inside the tree can multiply it without end.
const MAX_ENTRIES: usize = 200_000;

/// Which files have content in a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Scope {
    /// Those of skills. Of all others, rules want to know no more than that they are there.
    Skills,
    /// All.
    Everything,
}

/// Reads the skills below `root`; `label` is how messages call it. A file outside of them is in the tree, and empty.
///
/// Fails only when `root` itself cannot be read.
pub fn read(root: &Path, label: &str) -> io::Result<SourceTree> {
    read_scope(root, label, Scope::Skills)
}

/// Reads everything below `root`, as somebody needs who copies it.
///
/// Fails only when `root` itself cannot be read.
pub fn read_everything(root: &Path, label: &str) -> io::Result<SourceTree> {
    read_scope(root, label, Scope::Everything)
}

fn read_scope(root: &Path, label: &str, scope: Scope) -> io::Result<SourceTree> {
    let real = fs::canonicalize(root)?;
    let root_name = real
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let walk = |read: &mut dyn FnMut(Vec<Found>)| -> io::Result<SourceTree> {
        let mut walk = Walk {
            tree: SourceTree::new(label, &root_name),
            root: real.clone(),
            open: vec![real.clone()],
            found: Vec::new(),
            read,
            entries: 0,
            is_full: false,
        };
        let is_read = scope == Scope::Everything;
        walk.directory(
            &real,
            "",
            &Way {
                link: None,
                is_read,
            },
        )?;
        Ok(walk.finish())
    };
    let total = Total::default();
    // Files are read while the walk goes on.
    let (tree, files) = parallel::map_produced(walk, |found: Vec<Found>| {
        let files = found.into_iter().filter_map(|file| file.read(&total));
        files.collect::<Vec<_>>()
    });
    let mut tree = with_files(tree?, files.into_iter().flatten());
    for (label, bytes) in configurations(&real, label)? {
        tree = tree.with_configuration(&label, bytes);
    }
    Ok(tree)
}

/// The tree with its files, and an oddity in place of each that could not be read.
fn with_files(
    mut tree: SourceTree,
    read: impl Iterator<Item = Result<SourceFile, Oddity>>,
) -> SourceTree {
    for file in read {
        match file {
            Ok(file) => tree.files.push(file),
            Err(oddity) => tree.oddities.push(oddity),
        }
    }
    tree.sorted()
}

/// The nearest `Cargo.toml` and `skills.toml`, in the root or above it, but not above the package or the repository.
fn configurations(root: &Path, label: &str) -> io::Result<Vec<(String, Vec<u8>)>> {
    let (mut manifest, mut settings) = (None, None);
    let mut shown = PathBuf::from(label);
    for directory in root.ancestors().take(MAX_DEPTH) {
        for (name, found) in [("Cargo.toml", &mut manifest), (SETTINGS, &mut settings)] {
            let path = directory.join(name);
            if found.is_none() && path.is_file() {
                let label = shown.join(name).to_string_lossy().replace('\\', "/");
                let named = |error: io::Error| {
                    io::Error::new(error.kind(), format!("{}: {error}", path.display()))
                };
                let bytes = configuration(&path).map_err(named)?;
                *found = Some((label, bytes));
            }
        }
        if manifest.is_some() || directory.join(".git").exists() {
            break;
        }
        shown = parent(&shown);
    }
    Ok(manifest.into_iter().chain(settings).collect())
}

/// A file of configuration: as much of it as tells whether it is too large.
fn configuration(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_CONFIGURATION)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The parent of a path as it was written: `..` above what it says.
fn parent(path: &Path) -> PathBuf {
    match path.components().next_back() {
        Some(Component::Normal(_)) => path.parent().unwrap_or(path).to_owned(),
        Some(Component::CurDir) | None => PathBuf::from(".."),
        Some(_) => path.join(".."),
    }
}

/// One byte more than a file of configuration may have.
const MAX_CONFIGURATION: u64 = crate::config::MAX_BYTES as u64 + 1;

/// The name of a file of configuration.
const SETTINGS: &str = "skills.toml";

/// How many files are handed on together to be read: enough that handing on takes no time.
const BATCH: usize = 32;

/// A walk in progress.
struct Walk<'read> {
    tree: SourceTree,
    /// The canonical root, which no link may leave.
    root: PathBuf,
    /// The canonical directories that are being read now, outermost first; a link to one of them is a cycle.
    open: Vec<PathBuf>,
    /// The files that were found and not yet handed on.
    found: Vec<Found>,
    /// Reads files.
    read: &'read mut dyn FnMut(Vec<Found>),
    entries: usize,
    /// Whether there are too many entries, after which nothing more is looked at.
    is_full: bool,
}

/// How the walk came to a directory.
#[derive(Clone, Copy)]
struct Way<'target> {
    /// The target of the link that led here, if one did.
    link: Option<&'target str>,
    /// Whether the files are read: the directory is a skill, or in one.
    is_read: bool,
}

impl Walk<'_> {
    fn directory(&mut self, directory: &Path, path: &str, way: &Way<'_>) -> io::Result<()> {
        // Whether this is a skill has to be known before the first of its files is met.
        let entries = fs::read_dir(directory)?.take(MAX_ENTRIES + 1);
        let entries = entries.collect::<io::Result<Vec<_>>>()?;
        let is_skill = entries.iter().any(|entry| entry.file_name() == SKILL_FILE);
        let way = Way {
            is_read: way.is_read || is_skill,
            ..*way
        };
        for entry in &entries {
            if self.is_full {
                break;
            }
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                self.is_full = true;
                self.odd(path.to_owned(), OddityKind::TooMany(MAX_ENTRIES));
                break;
            }
            self.entry(entry, path, &way);
        }
        Ok(())
    }

    fn entry(&mut self, entry: &DirEntry, parent: &str, way: &Way<'_>) {
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            return self.odd(
                join(parent, &name.to_string_lossy()),
                OddityKind::NameNotUtf8,
            );
        };
        let path = join(parent, name);
        if path == SETTINGS {
            // It is no file of a skill, even where the root is one.
            return;
        }
        match entry.file_type() {
            Err(error) => self.odd(path, OddityKind::Unreadable(error.to_string())),
            Ok(kind) => match Junk::of(name, kind.is_dir()) {
                Some(junk) => self.tree.skipped.push(Skipped { path, junk }),
                None if kind.is_symlink() => self.link(&entry.path(), path, way),
                None => self.item(&entry.path(), path, kind, way),
            },
        }
    }

    /// What stands at `at`, which is no link.
    fn item(&mut self, at: &Path, path: String, kind: FileType, way: &Way<'_>) {
        if kind.is_dir() {
            return self.subdirectory(at, path, way);
        }
        if let Some(kind) = special(kind) {
            return self.odd(path, OddityKind::Special(kind));
        }
        let link = way.link.map(|target| Linked {
            target: target.to_owned(),
            original: self.original(at),
        });
        if !way.is_read {
            return self.tree.files.push(SourceFile {
                path,
                bytes: Vec::new(),
                executable: false,
                link,
            });
        }
        self.found.push(Found {
            at: at.to_owned(),
            path,
            link,
        });
        if self.found.len() >= BATCH {
            (self.read)(std::mem::take(&mut self.found));
        }
    }

    /// Hands on what is left to read.
    fn finish(self) -> SourceTree {
        (self.read)(self.found);
        self.tree
    }

    fn subdirectory(&mut self, at: &Path, path: String, way: &Way<'_>) {
        if self.open.len() > MAX_DEPTH {
            return self.odd(path, OddityKind::TooDeep);
        }
        self.open.push(at.to_owned());
        if let Err(error) = self.directory(at, &path, way) {
            self.odd(path.clone(), OddityKind::Unreadable(error.to_string()));
        }
        self.open.pop();
        self.tree.directories.push(path);
    }

    /// A symbolic link: inside the root it stands for what it leads to, anywhere else it is an oddity.
    fn link(&mut self, at: &Path, path: String, way: &Way<'_>) {
        let target = fs::read_link(at)
            .map(|target| target.to_string_lossy().into_owned())
            .unwrap_or_default();
        let Ok(real) = fs::canonicalize(at) else {
            return self.odd(path, OddityKind::LinkDangles(target));
        };
        if !real.starts_with(&self.root) {
            return self.odd(path, OddityKind::LinkEscapes(target));
        }
        if let Some(junk) = self.junk(&real) {
            return self.tree.skipped.push(Skipped { path, junk });
        }
        if self.open.contains(&real) {
            return self.odd(path, OddityKind::LinkCycle(target));
        }
        match fs::metadata(&real) {
            Err(error) => self.odd(path, OddityKind::Unreadable(error.to_string())),
            Ok(metadata) => {
                self.tree.links.push(Link {
                    path: path.clone(),
                    target: target.clone(),
                });
                let way = Way {
                    link: Some(&target),
                    ..*way
                };
                self.item(&real, path, metadata.file_type(), &way);
            }
        }
    }

    /// What a link leads to is left out if it, or a directory above it, would be.
    fn junk(&self, real: &Path) -> Option<Junk> {
        let mut place = self.root.clone();
        real.strip_prefix(&self.root)
            .ok()?
            .components()
            .find_map(|segment| {
                place.push(segment);
                Junk::of(segment.as_os_str().to_str()?, place.is_dir())
            })
    }

    /// The path below the root of what stands at a real path.
    fn original(&self, at: &Path) -> String {
        let below = at.strip_prefix(&self.root).unwrap_or(at);
        let segments = below.iter().map(|segment| segment.to_string_lossy());
        segments.collect::<Vec<_>>().join("/")
    }

    fn odd(&mut self, path: String, kind: OddityKind) {
        self.tree.oddities.push(Oddity { path, kind });
    }
}

fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() {
        name.to_owned()
    } else {
        format!("{parent}/{name}")
    }
}

#[cfg(unix)]
fn special(kind: FileType) -> Option<&'static str> {
    use std::os::unix::fs::FileTypeExt;
    match () {
        () if kind.is_fifo() => Some("a named pipe"),
        () if kind.is_socket() => Some("a socket"),
        () if kind.is_block_device() || kind.is_char_device() => Some("a device"),
        () => None,
    }
}

#[cfg(not(unix))]
fn special(kind: FileType) -> Option<&'static str> {
    (!kind.is_file()).then_some("neither a file nor a directory")
}
