//! `--fix`: does every repair that is certain, and keeps only what made things better.
//!
//! Edits are tried on the tree in memory. They are kept if their findings are gone and no file has more findings than before;
//! otherwise each half of them is tried alone. What was kept is written at the end, each file at once.

mod diff;
mod edit;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use skills_compiler::diagnostics::Finding;
use skills_compiler::source::SourceTree;

pub(crate) use diff::diff;
use edit::{Edit, choose};
pub(crate) use write::write;

use crate::checked::{Checked, Linter};

/// More rounds than any file needs: a repair can only reveal what the fault above it had hidden.
const ROUNDS: usize = 32;

/// A file as it was and as it is to be.
#[derive(Debug)]
pub(crate) struct Repaired {
    /// The path below the root.
    pub(crate) path: String,
    pub(crate) before: Vec<u8>,
    pub(crate) after: Vec<u8>,
    /// How many findings were repaired in it.
    pub(crate) count: usize,
}

/// Repairs a tree in memory: the tree with all that is certain done, its findings, and the files that are different.
pub(crate) fn repair(checked: Checked, linter: &Linter) -> (Checked, Vec<Repaired>) {
    let mut work = Work {
        checked,
        linter,
        versions: BTreeMap::new(),
        counts: BTreeMap::new(),
    };
    for _ in 0..ROUNDS {
        let edits = choose(&work.checked);
        if edits.is_empty() || !work.attempt(&edits) {
            break;
        }
    }
    work.finish()
}

/// Repairing in progress.
struct Work<'a> {
    checked: Checked,
    linter: &'a Linter,
    /// Every content that a file had, the first one first: no repair may lead back to one of them.
    versions: BTreeMap<String, Vec<Vec<u8>>>,
    counts: BTreeMap<String, usize>,
}

impl Work<'_> {
    /// Does the edits, or as many of them as make things better. Whether any did.
    fn attempt(&mut self, edits: &[Edit]) -> bool {
        if self.commit(edits) {
            return true;
        }
        if edits.len() < 2 {
            return false;
        }
        let (left, right) = edits.split_at(edits.len() / 2);
        if self.attempt(left) {
            // The other edits are for a tree that is no more; the next round makes them anew.
            return true;
        }
        self.attempt(right)
    }

    /// Does all of the edits, or nothing if that would not be better.
    fn commit(&mut self, edits: &[Edit]) -> bool {
        let Some(contents) = edit::contents(&self.checked.tree, edits) else {
            return false;
        };
        let is_old = |(path, content): (&String, &Vec<u8>)| {
            let versions = self.versions.get(path);
            versions.is_some_and(|versions| versions.contains(content))
        };
        if contents.iter().any(is_old) {
            return false;
        }
        let before: BTreeMap<_, _> = contents
            .keys()
            .filter_map(|path| Some((path.clone(), self.content(path)?)))
            .collect();
        self.replace(&contents);
        let findings = (self.linter).lint(&self.checked.tree, &self.checked.target);
        if !is_better(&self.checked.tree, &self.checked.findings, &findings, edits) {
            self.replace(&before);
            return false;
        }
        self.checked.findings = findings;
        for (path, content) in before {
            self.versions.entry(path).or_default().push(content);
        }
        for edit in edits {
            *self.counts.entry(edit.path.clone()).or_default() += 1;
        }
        true
    }

    fn content(&self, path: &str) -> Option<Vec<u8>> {
        let file = self.checked.tree.find(path)?;
        Some(self.checked.tree.file(file).bytes.clone())
    }

    fn replace(&mut self, contents: &BTreeMap<String, Vec<u8>>) {
        let mut tree = std::mem::take(&mut self.checked.tree);
        for (path, content) in contents {
            tree = tree.with_content(path, content.clone());
        }
        self.checked.tree = tree;
    }

    fn finish(mut self) -> (Checked, Vec<Repaired>) {
        let versions = std::mem::take(&mut self.versions);
        let repaired = versions.into_iter().filter_map(|(path, versions)| {
            let after = self.content(&path)?;
            let count = self.counts.get(&path).copied().unwrap_or_default();
            Some(Repaired {
                before: versions.into_iter().next()?,
                path,
                after,
                count,
            })
        });
        let repaired = repaired.collect();
        (self.checked, repaired)
    }
}

/// Whether no file has more findings than before, and what the edits are for is gone.
fn is_better(tree: &SourceTree, before: &[Finding], after: &[Finding], edits: &[Edit]) -> bool {
    let per_file =
        |findings: &[Finding]| tally(findings.iter().map(|one| one.path(tree).to_owned()));
    let per_kind = |findings: &[Finding]| tally(findings.iter().map(|one| edit::kind(tree, one)));
    let (files_before, files_after) = (per_file(before), per_file(after));
    let (kinds_before, kinds_after) = (per_kind(before), per_kind(after));
    let grew = files_after
        .iter()
        .any(|(file, count)| *count > files_before.get(file).copied().unwrap_or_default());
    let kinds: BTreeSet<_> = edits.iter().map(|edit| &edit.kind).collect();
    let mut gone = kinds.into_iter().map(|kind| {
        kinds_after.get(kind).copied().unwrap_or_default()
            < kinds_before.get(kind).copied().unwrap_or_default()
    });
    !grew && gone.all(|gone| gone)
}

fn tally<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, usize> {
    keys.fold(BTreeMap::new(), |mut tally, key| {
        *tally.entry(key).or_default() += 1;
        tally
    })
}
