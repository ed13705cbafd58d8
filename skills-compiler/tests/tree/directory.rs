//! Directories of tests, and what compiling them has to come to whatever is in them.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::{fs, io};

use skills_compiler::diagnostics::{Style, render, summary};
use skills_compiler::source::{OddityKind, SourceTree};
use skills_compiler::{Compilation, Options, compile};

pub(crate) const DOCUMENT: &str = "---
name: NAME
description: Does what NAME is for. Use when the user asks for it by that name.
---

# How to do it

Begin.
";

/// A directory of a test, which starts empty.
pub(crate) struct Directory(pub(crate) PathBuf);

impl Directory {
    pub(crate) fn new(name: &str) -> Self {
        let path = Path::new(env!("CARGO_TARGET_TMPDIR"))
            .join("tree")
            .join(name);
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).expect("it is made");
        Self(path)
    }

    pub(crate) fn file(self, path: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> Self {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("it is in a directory")).expect("it is made");
        fs::write(path, bytes).expect("it is written");
        self
    }

    pub(crate) fn skill(self, path: &str) -> Self {
        let name = path.rsplit('/').next().expect("a last segment");
        self.file(format!("{path}/SKILL.md"), DOCUMENT.replace("NAME", name))
    }

    pub(crate) fn link(self, path: &str, target: impl AsRef<Path>) -> Self {
        let path = self.0.join(path);
        fs::create_dir_all(path.parent().expect("it is in a directory")).expect("it is made");
        symlink(target, path).expect("it is linked");
        self
    }

    pub(crate) fn compile(&self) -> Compilation {
        compile_all(&self.0).expect("the root can be read")
    }
}

/// Compiles, and says all that is to be said.
pub(crate) fn compile_all(root: &Path) -> io::Result<Compilation> {
    let compilation = compile(root, "skills", &Options::default())?;
    for finding in &compilation.findings {
        assert!(!render(&compilation.tree, finding, Style::Plain).is_empty());
        assert_eq!(summary(&compilation.tree, finding).lines().count(), 1);
    }
    let is_denied = compilation.denied().next().is_some();
    assert!(
        !is_denied || compilation.plan.skills.is_empty(),
        "nothing is served beside an error"
    );
    Ok(compilation)
}

pub(crate) fn files(tree: &SourceTree) -> Vec<&str> {
    tree.files().map(|(_, file)| file.path.as_str()).collect()
}

pub(crate) fn skills(compilation: &Compilation) -> Vec<&str> {
    let skills = compilation.plan.skills.iter();
    skills.map(|skill| skill.path.as_str()).collect()
}

pub(crate) fn codes(compilation: &Compilation) -> Vec<&str> {
    let findings = compilation.findings.iter();
    findings.map(|finding| finding.rule.code).collect()
}

/// Compiles a directory with one odd path, whose skill is otherwise good.
#[track_caller]
pub(crate) fn check(directory: &Directory, path: &str, expected: &OddityKind) {
    let compilation = directory.compile();
    let odd = compilation.tree.oddities();
    assert_eq!(odd.len(), 1, "{odd:?}");
    assert_eq!((odd[0].path.as_str(), &odd[0].kind), (path, expected));
    assert!(files(&compilation.tree).contains(&"pdf/SKILL.md"));
    assert!(compilation.denied().next().is_some(), "it is an error");
}
