//! A folder of skills of its own for a test.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use skills_compiler::fixture;
use skills_compiler::source::SourceTree;
use tempfile::TempDir;

/// A skill in which nothing is wrong.
pub(crate) const GOOD: &str = "---
name: pdf
description: Fills PDF forms. Use when the user has a form to fill.
---
Open the form and fill it.
";

/// A skill with two errors, one of which `--fix` repairs.
pub(crate) const BAD: &str = "---
name: pdf
description: Use when: the user asks about PDFs, forms
---
Read [how](references/how.md).
";

/// A skill with a warning.
pub(crate) const ODD: &str = "=== pdf/SKILL.md
---
name: pdf
description: Fills PDF forms. Use when the user has a form to fill.
---
Open the form and fill it.
=== pdf/CONTRIBUTING.md
See [the ticket](tickets/12.md).
";

/// A folder with `skills/` in it, gone at the end of the test.
#[derive(Debug)]
pub(crate) struct Folder {
    folder: TempDir,
}

impl Folder {
    /// A folder with the skills of a text as the compiler's fixtures are written. What has no content stays away.
    pub(crate) fn of(text: &str) -> Self {
        let folder = Self::empty();
        folder.add(&fixture::tree(text));
        folder
    }

    /// A folder without anything.
    pub(crate) fn empty() -> Self {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder below target/");
        Self { folder }
    }

    fn add(&self, tree: &SourceTree) {
        for directory in tree.directories() {
            let directory = self.path(&tree.display(directory));
            fs::create_dir_all(directory).expect("a directory can be made");
        }
        for (_, file) in tree.files() {
            self.write(&tree.display(&file.path), &file.bytes);
        }
    }

    pub(crate) fn root(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root().join(path)
    }

    pub(crate) fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory can be made");
        fs::write(path, bytes).expect("a file can be written");
    }

    pub(crate) fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect("it is there")
    }

    /// Everything in it, by path.
    pub(crate) fn contents(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut contents = BTreeMap::new();
        collect(self.root(), &mut contents);
        contents
    }
}

fn collect(directory: &Path, contents: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(directory).expect("it is a directory") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            collect(&path, contents);
        } else {
            let bytes = fs::read(&path).expect("it can be read");
            contents.insert(path, bytes);
        }
    }
}
