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
use super::{Junk, Link, Linked, Oddity, OddityKind, Reading, Skipped, SourceFile, SourceTree};

/// The deepest directory that is read, counted from the root. Skills are shallow; a generated tree may not be.
const MAX_DEPTH: usize = 32;

/// The most entries of directories that are looked at: links inside the tree can multiply it without end.
const MAX_ENTRIES: usize = 200_000;

/// The most files outside of skills that are opened to see how they begin.
const MAX_DESCRIBED: usize = 1_000;

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
    read_scope(root, label, Scope::Skills, &Reading::default())
}

/// The same, with what is known of the repository.
///
/// Fails only when `root` itself cannot be read.
pub fn read_with(root: &Path, label: &str, reading: &Reading) -> io::Result<SourceTree> {
    read_scope(root, label, Scope::Skills, reading)
}

/// The top of the repository that a directory lies in. What lies in the output of a build or among installed packages is in none.
#[must_use]
pub fn repository(directory: &Path) -> Option<PathBuf> {
    for above in directory.ancestors().take(MAX_DEPTH) {
        if above.join(".git").exists() {
            return Some(above.to_owned());
        }
        let name = above.file_name().and_then(|name| name.to_str());
        if name.is_some_and(|name| Junk::of(name, true).is_some()) {
            return None;
        }
    }
    None
}

/// Reads everything below `root`, as somebody needs who copies it.
///
/// Fails only when `root` itself cannot be read.
pub fn read_everything(root: &Path, label: &str) -> io::Result<SourceTree> {
    read_scope(root, label, Scope::Everything, &Reading::default())
}

fn read_scope(root: &Path, label: &str, scope: Scope, reading: &Reading) -> io::Result<SourceTree> {
    let real = fs::canonicalize(root)?;
    let root_name = real
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let walk = |read: &mut dyn FnMut(Vec<Found>)| -> io::Result<SourceTree> {
        let mut walk = Walk {
            tree: SourceTree::new(label, &root_name),
            reading,
            repository: Allowed::of(&real, reading),
            root: real.clone(),
            open: vec![real.clone()],
            found: Vec::new(),
            read,
            entries: 0,
            described: 0,
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
    let mut tree = with_files(tree?, files.into_iter().flatten()).with_reading(reading.clone());
    if real.join(".git").exists() {
        tree = tree.as_clone();
    }
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

/// Where no repository tells what belongs together: the directory with the folder of a client in which the root is its `skills`.
fn project(root: &Path) -> Option<PathBuf> {
    let client = root.parent()?;
    let is_client = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
    let is_folder = root.ends_with("skills") && client.file_name().is_some_and(is_client);
    is_folder.then(|| client.parent().map(Path::to_owned))?
}

/// Where links may lead outside of the root.
enum Allowed {
    /// To all that lies in a repository.
    Everything(PathBuf),
    /// To what lies in a repository and is a skill.
    Skills(PathBuf),
    /// Nowhere.
    Nothing,
}

impl Allowed {
    fn of(root: &Path, reading: &Reading) -> Self {
        match &reading.repository {
            Some(path) => Self::Everything(fs::canonicalize(path).unwrap_or_else(|_| path.clone())),
            None => repository(root)
                .or_else(|| project(root))
                .map_or(Self::Nothing, Self::Skills),
        }
    }

    /// The repository, if a link may lead to a place in it.
    fn allows(&self, real: &Path) -> Option<&Path> {
        let (repository, is_allowed) = match self {
            Self::Everything(repository) => (repository, true),
            Self::Skills(repository) => (repository, real.join(SKILL_FILE).is_file()),
            Self::Nothing => return None,
        };
        (is_allowed && real.starts_with(repository)).then_some(repository)
    }
}

/// A walk in progress.
struct Walk<'read> {
    tree: SourceTree,
    reading: &'read Reading,
    repository: Allowed,
    /// The canonical root, which no link may leave, but for what is allowed.
    root: PathBuf,
    /// The canonical directories that are being read now, outermost first; a link to one of them is a cycle.
    open: Vec<PathBuf>,
    /// The files that were found and not yet handed on.
    found: Vec<Found>,
    /// Reads files.
    read: &'read mut dyn FnMut(Vec<Found>),
    entries: usize,
    /// How many files outside of skills were opened.
    described: usize,
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
        let is_skill = entries.iter().any(|entry| entry.file_name() == SKILL_FILE)
            && !self.reading.no_skills.contains_key(path);
        let way = Way {
            is_read: (way.is_read || is_skill) && !self.reading.is_elsewhere(path),
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
            self.describe(at, &path);
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

    /// Notes where a file outside of skills begins like a skill.
    fn describe(&mut self, at: &Path, path: &str) {
        if path
            .rsplit_once('.')
            .is_none_or(|(_, extension)| extension != "md")
            || self.described == MAX_DESCRIBED
            || self.reading.is_elsewhere(path)
        {
            return;
        }
        self.described += 1;
        let mut start = [0; 4];
        let is_read = File::open(at).and_then(|mut file| file.read_exact(&mut start));
        if is_read.is_ok() && matches!(&start, b"---\n" | b"---\r") {
            let (directory, _) = path.rsplit_once('/').unwrap_or_default();
            self.tree.described.push(directory.to_owned());
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
        if self.reading.is_elsewhere(&path) && real.is_dir() {
            // The skills that it leads to are looked at where they are.
            return self.tree.directories.push(path);
        }
        let is_inside = real.starts_with(&self.root);
        if !is_inside {
            match self.repository.allows(&real) {
                None => return self.odd(path, OddityKind::LinkEscapes(target)),
                Some(repository) if real == repository || self.root.starts_with(&real) => {
                    return self.odd(path, OddityKind::LinkCycle(target));
                }
                Some(_) if real.join(SKILL_FILE).is_file() => {}
                Some(_) => self.odd(path.clone(), OddityKind::LinkInRepository(target.clone())),
            }
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
                if is_inside {
                    self.tree.links.push(Link {
                        path: path.clone(),
                        target: target.clone(),
                    });
                }
                let way = Way {
                    link: Some(&target),
                    ..*way
                };
                self.item(&real, path, metadata.file_type(), &way);
            }
        }
    }

    /// The path of something outside of the root below the repository.
    fn below_repository<'path>(&self, at: &'path Path) -> &'path Path {
        match &self.repository {
            Allowed::Everything(repository) | Allowed::Skills(repository) => {
                at.strip_prefix(repository).unwrap_or(at)
            }
            Allowed::Nothing => at,
        }
    }

    /// What a link leads to is left out if it, or a directory above it, would be.
    fn junk(&self, real: &Path) -> Option<Junk> {
        let below = match real.strip_prefix(&self.root) {
            Ok(below) => below,
            Err(_) => self.below_repository(real),
        };
        let mut place = real.to_owned();
        for _ in below.components() {
            place.pop();
        }
        below.components().find_map(|segment| {
            place.push(segment);
            Junk::of(segment.as_os_str().to_str()?, place.is_dir())
        })
    }

    /// The path below the root of what stands at a real path.
    fn original(&self, at: &Path) -> String {
        let below = match at.strip_prefix(&self.root) {
            Ok(below) => below.to_owned(),
            // No file of the tree has a path that begins so.
            Err(_) => Path::new("..").join(self.below_repository(at)),
        };
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
