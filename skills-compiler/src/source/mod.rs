//! The tree of files as it was read: bytes and what kind of thing each path is, nothing interpreted.
//!
//! `disk` and `content` are the only code of the compiler that reads the file system. A tree can also be made from memory, which is
//! how rules are tested.

mod content;
mod disk;
mod junk;
mod path;
mod reading;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use skills_model::limits::SKILL_FILE;

pub use disk::{read, read_everything, read_with, repository};
pub use junk::Junk;
use path::last_segment;
pub use path::{ancestors, is_below, resolved};
pub use reading::{NoSkill, Reading, RepositoryFiles};

/// What stands in front of the path of a file that is not below the root; no path of a tree begins like this.
const OUTSIDE: &str = "../";

/// A file of a tree: an index into [`SourceTree::files`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(u32);

/// Everything that was found below one root, sorted by path.
#[derive(Debug, Default)]
pub struct SourceTree {
    label: String,
    root_name: String,
    files: Vec<SourceFile>,
    directories: Vec<String>,
    links: Vec<Link>,
    oddities: Vec<Oddity>,
    skipped: Vec<Skipped>,
    /// The files that say how the tree is to be compiled. They are no part of it and are never served.
    configurations: Vec<SourceFile>,
    /// What is known of the place of the tree in a repository.
    reading: Reading,
    /// The directories outside of skills that have a Markdown file with frontmatter.
    described: Vec<String>,
    /// Whether the root is the top of a clone, whose name its owner chose.
    is_clone: bool,
    /// The files by the last segments of their paths, once somebody has asked for one.
    by_name: OnceLock<Vec<FileId>>,
}

/// A regular file, or what a link inside the tree leads to.
#[derive(Debug)]
pub struct SourceFile {
    /// The path below the root, with `/` between the segments.
    pub path: String,
    /// The content, which is also what gets embedded: a file is read once.
    pub bytes: Vec<u8>,
    /// Whether somebody may execute the file (Unix; elsewhere never).
    pub executable: bool,
    /// The symbolic link that stands here or above here, if it is not where its path says.
    pub link: Option<Linked>,
}

/// How a symbolic link leads to a file.
#[derive(Clone, Debug)]
pub struct Linked {
    /// The target of the link as written.
    pub target: String,
    /// Where the file is itself, below the root.
    pub original: String,
}

/// A symbolic link that leads to something inside the tree, of which the tree holds a copy in its place.
#[derive(Debug)]
pub struct Link {
    /// Where the link stands, below the root.
    pub path: String,
    /// Its target, as written.
    pub target: String,
}

/// A path that holds no content that could be embedded.
#[derive(Debug)]
pub struct Oddity {
    /// The path below the root, with `/` between the segments; lossy where the name is not UTF-8.
    pub path: String,
    /// What is odd about it.
    pub kind: OddityKind,
}

/// Why a path holds no content that could be embedded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OddityKind {
    /// A symbolic link to something outside of the root.
    LinkEscapes(String),
    /// A symbolic link to something outside of the root that lies in the same repository, and is read.
    LinkInRepository(String),
    /// A symbolic link to nothing.
    LinkDangles(String),
    /// A symbolic link to a directory that contains it.
    LinkCycle(String),
    /// A FIFO, a socket or a device; the word for it.
    Special(&'static str),
    /// The name is not UTF-8.
    NameNotUtf8,
    /// The file system refused; its message.
    Unreadable(String),
    /// The file alone is larger than a whole bundle may be; its size in bytes.
    TooLarge(u64),
    /// Deeper below the root than is read.
    TooDeep,
    /// More entries lie below the root than are looked at; that limit.
    TooMany(usize),
    /// More bytes lie below the root than are read; that limit.
    TooMuch(u64),
    /// Links lead to more bytes than are read once more; that limit.
    TooManyCopies(u64),
}

/// A path that was left out on purpose.
#[derive(Debug)]
pub struct Skipped {
    /// The path below the root.
    pub path: String,
    /// What kind of junk it is.
    pub junk: Junk,
}

impl SourceTree {
    /// Starts an empty tree. `label` is how its root is called in messages (`skills`), `root_name` the name of the root
    /// directory itself, which is the skill's name when the root is a skill.
    #[must_use]
    pub fn new(label: &str, root_name: &str) -> Self {
        Self {
            label: label.to_owned(),
            root_name: root_name.to_owned(),
            ..Self::default()
        }
    }

    /// Adds one file, as if it had been read from the disk.
    #[must_use]
    pub fn with_file(self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.with(SourceFile {
            path: path.to_owned(),
            bytes: bytes.into(),
            executable: false,
            link: None,
        })
    }

    /// Adds one file with all that is known of it.
    #[must_use]
    pub fn with(mut self, file: SourceFile) -> Self {
        let link = file.link.as_ref().map(|link| Link {
            path: file.path.clone(),
            target: link.target.clone(),
        });
        self.links.extend(link);
        self.files.push(file);
        self.sorted()
    }

    /// Puts bytes in place of those of files, by path, or adds a file that is not there: what an editor holds, or what a repair
    /// would write. Links to a file lead to the new content.
    #[must_use]
    pub fn with_contents(mut self, contents: &BTreeMap<String, Vec<u8>>) -> Self {
        for file in &mut self.files {
            let original = file.link.as_ref().map(|link| &link.original);
            let paths = [Some(&file.path), original].into_iter().flatten();
            if let Some(bytes) = paths.filter_map(|path| contents.get(path)).next_back() {
                file.bytes.clone_from(bytes);
            }
        }
        let is_new = |path: &str| self.find(path).is_none();
        let new: Vec<_> = contents.iter().filter(|(path, _)| is_new(path)).collect();
        new.into_iter().fold(self, |tree, (path, bytes)| {
            tree.with_file(path, bytes.clone())
        })
    }

    /// Adds an empty directory, as if it had been found on the disk.
    #[must_use]
    pub fn with_directory(mut self, path: &str) -> Self {
        self.directories.push(path.to_owned());
        self.sorted()
    }

    /// Adds a link to a directory of the tree, as if it had been found on the disk; its files are added one by one.
    #[must_use]
    pub fn with_link(mut self, path: &str, target: &str) -> Self {
        self.links.push(Link {
            path: path.to_owned(),
            target: target.to_owned(),
        });
        self.with_directory(path)
    }

    /// Adds a path without content, as if it had been found on the disk.
    #[must_use]
    pub fn with_oddity(mut self, path: &str, kind: OddityKind) -> Self {
        self.oddities.push(Oddity {
            path: path.to_owned(),
            kind,
        });
        self.sorted()
    }

    /// Adds a file of configuration that messages call `label`. One added later wins over one added before.
    #[must_use]
    pub fn with_configuration(mut self, label: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.configurations.push(SourceFile {
            path: format!("{OUTSIDE}{label}"),
            bytes: bytes.into(),
            executable: false,
            link: None,
        });
        self
    }

    /// The files of configuration, the one that wins last.
    pub fn configurations(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        let numbered = self.configurations.iter().zip(0..);
        numbered.map(|(file, number)| (FileId(u32::MAX - number), file))
    }

    /// Adds a path that was left out on purpose, as if it had been found on the disk.
    #[must_use]
    pub fn with_skipped(mut self, path: &str, junk: Junk) -> Self {
        self.skipped.push(Skipped {
            path: path.to_owned(),
            junk,
        });
        self.sorted()
    }

    /// Puts everything into the one order that all later phases rely on.
    fn sorted(mut self) -> Self {
        self.by_name = OnceLock::new();
        self.files
            .sort_unstable_by(|left, right| left.path.cmp(&right.path));
        let mut last = "";
        for file in &self.files {
            // Most files lie beside the one before, and their directories are known.
            let unknown = ancestors(&file.path).take_while(|directory| !is_below(last, directory));
            self.directories.extend(unknown.map(str::to_owned));
            last = &file.path;
        }
        self.directories.sort_unstable();
        self.directories.dedup();
        self.links
            .sort_unstable_by(|left, right| left.path.cmp(&right.path));
        self.oddities
            .sort_unstable_by(|left, right| left.path.cmp(&right.path));
        self.skipped
            .sort_unstable_by(|left, right| left.path.cmp(&right.path));
        self
    }

    /// Says where in a repository the tree lies, as if it had been read so.
    #[must_use]
    pub fn with_reading(mut self, reading: Reading) -> Self {
        self.reading = reading;
        self
    }

    /// Makes the root the top of a clone.
    #[must_use]
    pub fn as_clone(mut self) -> Self {
        self.is_clone = true;
        self
    }

    /// Whether the root is the top of a clone: its name is no part of the repository.
    #[must_use]
    pub fn is_clone(&self) -> bool {
        self.is_clone
    }

    /// Says that a directory outside of skills has a Markdown file with frontmatter, as if it had been found on the disk.
    #[must_use]
    pub fn with_described(mut self, directory: &str) -> Self {
        self.described.push(directory.to_owned());
        self
    }

    /// Whether a directory outside of skills, or one below it, has a Markdown file with frontmatter, as a skill would.
    #[must_use]
    pub fn is_described(&self, directory: &str) -> bool {
        let mut described = self.described.iter();
        described.any(|path| path == directory || is_below(path, directory))
    }

    /// What is known of the place of the tree in a repository.
    #[must_use]
    pub fn reading(&self) -> &Reading {
        &self.reading
    }

    /// The directories that are skills, each with its `SKILL.md`, ascending by the path of that.
    pub fn skills(&self) -> impl Iterator<Item = (&str, FileId)> {
        self.files().filter_map(|(id, file)| {
            let directory = match file.path.rsplit_once('/') {
                Some((directory, SKILL_FILE)) => directory,
                None if file.path == SKILL_FILE => "",
                _ => return None,
            };
            (!self.reading.is_no_skill(directory)).then_some((directory, id))
        })
    }

    /// How the root is called in messages: the path that the user wrote.
    #[must_use]
    pub fn label(&self) -> &str {
        &self.label
    }

    /// The name of the root directory itself.
    #[must_use]
    pub fn root_name(&self) -> &str {
        &self.root_name
    }

    /// A path below the root as messages show it.
    #[must_use]
    pub fn display(&self, path: &str) -> String {
        if let Some(label) = path.strip_prefix(OUTSIDE) {
            return label.to_owned();
        }
        match (self.label.as_str(), path) {
            ("", "") => ".".to_owned(),
            ("", path) => path.to_owned(),
            (label, "") => label.to_owned(),
            (label, path) => format!("{label}/{path}"),
        }
    }

    /// All files, ascending by path.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files
            .iter()
            .enumerate()
            .map(|(index, file)| (FileId(index as u32), file))
    }

    /// The file with this identity.
    #[must_use]
    #[expect(
        clippy::indexing_slicing,
        reason = "a FileId is only ever made for a file of the tree it is used with"
    )]
    pub fn file(&self, id: FileId) -> &SourceFile {
        match self.configurations.get((u32::MAX - id.0) as usize) {
            Some(configuration) => configuration,
            None => &self.files[id.0 as usize],
        }
    }

    /// The file at exactly this path.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<FileId> {
        let index = self
            .files
            .binary_search_by(|file| file.path.as_str().cmp(path))
            .ok()?;
        Some(FileId(index as u32))
    }

    /// The files whose paths have this last segment, ascending by path.
    pub fn named(&self, name: &str) -> impl Iterator<Item = (FileId, &SourceFile)> {
        let name_of = |id: FileId| last_segment(&self.file(id).path);
        let by_name = self.by_name.get_or_init(|| {
            let names = self.files().map(|(id, _)| (name_of(id), id));
            let mut names: Vec<_> = names.collect();
            names.sort_unstable();
            names.into_iter().map(|(_, id)| id).collect()
        });
        let first = by_name.partition_point(|id| name_of(*id) < name);
        let from = by_name.get(first..).unwrap_or_default().iter();
        let found = from.take_while(move |id| name_of(**id) == name);
        found.map(|id| (*id, self.file(*id)))
    }

    /// The files below a directory, at any depth; `""` is the root.
    pub fn below<'tree>(
        &'tree self,
        directory: &'tree str,
    ) -> impl Iterator<Item = (FileId, &'tree SourceFile)> {
        let from = match directory {
            "" => String::new(),
            directory => format!("{directory}/"),
        };
        let first = self.files.partition_point(|file| file.path < from);
        let files = self.files.get(first..).unwrap_or_default().iter();
        let numbered = (first as u32..).map(FileId).zip(files);
        numbered.take_while(move |(_, file)| is_below(&file.path, directory))
    }

    /// All directories below the root, ascending by path; the root itself is not among them.
    pub fn directories(&self) -> impl Iterator<Item = &str> {
        self.directories.iter().map(String::as_str)
    }

    /// Whether there is a directory at exactly this path.
    #[must_use]
    pub fn has_directory(&self, path: &str) -> bool {
        path.is_empty()
            || self
                .directories
                .binary_search_by(|directory| directory.as_str().cmp(path))
                .is_ok()
    }

    /// The symbolic links that lead to something inside the tree, ascending by path.
    #[must_use]
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// The symbolic link at exactly this path, if it leads to something inside the tree.
    #[must_use]
    pub fn link(&self, path: &str) -> Option<&Link> {
        let found = self
            .links
            .binary_search_by(|link| link.path.as_str().cmp(path));
        self.links.get(found.ok()?)
    }

    /// The paths that hold no content.
    #[must_use]
    pub fn oddities(&self) -> &[Oddity] {
        &self.oddities
    }

    /// The paths that were left out on purpose.
    #[must_use]
    pub fn skipped(&self) -> &[Skipped] {
        &self.skipped
    }

    /// The size of all files together.
    #[must_use]
    pub fn total_bytes(&self) -> u64 {
        self.files.iter().map(|file| file.bytes.len() as u64).sum()
    }
}
