//! `--fix`: does every repair that is certain, and keeps only what made things better.
//!
//! Edits are tried on the tree in memory, all at once. They are kept if their findings are gone and no file has more findings
//! than before; otherwise those of files that are worse are tried apart from the others. What was kept is written at the
//! end, each file at once.

mod diff;
mod edit;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use skills_compiler::diagnostics::{Finding, Level};
use skills_compiler::source::SourceTree;

pub(crate) use diff::diff;
pub(crate) use edit::is_repairable;
use edit::{Edit, Kind, choose};
pub(crate) use write::write;

use crate::checked::{Checked, Linter};

/// More rounds than any file needs: a repair can only reveal what the fault above it had hidden.
const ROUNDS: usize = 100;

/// How often the tree is checked for repairs that are refused: each refusal costs a check of everything.
const REFUSALS: usize = 200;

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
        refused: BTreeSet::new(),
        refusals: 0,
    };
    for _ in 0..ROUNDS {
        let mut edits = choose(&work.checked);
        edits.retain(|edit| !work.refused.contains(&edit.kind));
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
    /// What cannot be repaired without harm, of which every further attempt would be refused, too.
    refused: BTreeSet<Kind>,
    /// How many attempts came to nothing.
    refusals: usize,
}

impl Work<'_> {
    /// Does the edits, or as many of them as make things better. Whether any did; what is left is for the next round, because
    /// its places may have moved.
    fn attempt(&mut self, edits: &[Edit]) -> bool {
        let Err(worse) = self.commit(edits) else {
            return true;
        };
        self.refusals += 1;
        if let [edit] = edits {
            self.refused.insert(edit.kind.clone());
        }
        if edits.len() < 2 || self.refusals > REFUSALS {
            return false;
        }
        let is_worse = |edit: &Edit| worse.contains(&edit.path);
        let (mut one, mut other): (Vec<_>, Vec<_>) = edits.iter().cloned().partition(is_worse);
        if one.is_empty() || other.is_empty() {
            let (left, right) = edits.split_at(middle(edits));
            (one, other) = (left.to_vec(), right.to_vec());
        }
        let is_done = self.attempt(&other);
        let is_same_file = |edit: &Edit| one.iter().any(|other| other.path == edit.path);
        // In a file that was changed, the places of other edits may have moved.
        if is_done && other.iter().any(is_same_file) {
            return true;
        }
        self.attempt(&one) || is_done
    }

    /// Does all of the edits, or nothing if that would not be better: then it says which files would be worse.
    fn commit(&mut self, edits: &[Edit]) -> Result<(), BTreeSet<String>> {
        let Some(contents) = edit::contents(&self.checked.tree, edits) else {
            return Err(BTreeSet::new());
        };
        let old = contents.iter().filter(|(path, content)| {
            let versions = self.versions.get(*path);
            versions.is_some_and(|versions| versions.contains(content))
        });
        let old: BTreeSet<_> = old.map(|(path, _)| path.clone()).collect();
        if !old.is_empty() {
            return Err(old);
        }
        let before: BTreeMap<_, _> = contents
            .keys()
            .filter_map(|path| Some((path.clone(), self.content(path)?)))
            .collect();
        self.replace(&contents);
        let findings = (self.linter).lint(&self.checked.tree, &self.checked.target);
        let worse = worse(&self.checked.tree, &self.checked.findings, &findings, edits);
        if !worse.is_empty() {
            self.replace(&before);
            return Err(worse);
        }
        self.checked.findings = findings;
        for (path, content) in before {
            self.versions.entry(path).or_default().push(content);
        }
        for edit in edits {
            *self.counts.entry(edit.path.clone()).or_default() += 1;
        }
        Ok(())
    }

    fn content(&self, path: &str) -> Option<Vec<u8>> {
        let file = self.checked.tree.find(path)?;
        Some(self.checked.tree.file(file).bytes.clone())
    }

    fn replace(&mut self, contents: &BTreeMap<String, Vec<u8>>) {
        let tree = std::mem::take(&mut self.checked.tree);
        self.checked.tree = tree.with_contents(contents);
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

/// Where to divide edits, which are sorted by path: between two files if there are several.
fn middle(edits: &[Edit]) -> usize {
    let half = edits.len() / 2;
    let is_border = |at: &usize| match (edits.get(at - 1), edits.get(*at)) {
        (Some(before), Some(after)) => before.path != after.path,
        _ => false,
    };
    let borders = (1..edits.len()).filter(is_border);
    borders
        .min_by_key(|border| border.abs_diff(half))
        .unwrap_or(half)
}

/// The files that are worse than before, by what is denied in them or else by all that is found, and those in which what an
/// edit is for is still there.
fn worse(
    tree: &SourceTree,
    before: &[Finding],
    after: &[Finding],
    edits: &[Edit],
) -> BTreeSet<String> {
    let per_file = |findings: &[Finding]| {
        let denied = findings.iter().filter(|one| one.level == Level::Deny);
        let denied = tally(denied.map(|one| one.path(tree).to_owned()));
        let all = tally(findings.iter().map(|one| one.path(tree).to_owned()));
        let counts = all.into_iter().map(|(path, count)| {
            let denied = number(&denied, &path);
            (path, (denied, count))
        });
        counts.collect::<BTreeMap<_, _>>()
    };
    let per_kind = |findings: &[Finding]| tally(findings.iter().map(|one| edit::kind(tree, one)));
    let (files, kinds) = (per_file(before), per_kind(before));
    let kinds_after = per_kind(after);
    let is_more = |(file, counts): &(String, (usize, usize))| {
        *counts > files.get(file).copied().unwrap_or_default()
    };
    let grown = per_file(after).into_iter().filter(is_more);
    let is_there = |edit: &&Edit| number(&kinds_after, &edit.kind) >= number(&kinds, &edit.kind);
    let futile = edits.iter().filter(is_there).map(|edit| edit.path.clone());
    grown.map(|(file, _)| file).chain(futile).collect()
}

fn number<K: Ord>(tally: &BTreeMap<K, usize>, key: &K) -> usize {
    tally.get(key).copied().unwrap_or_default()
}

fn tally<K: Ord>(keys: impl Iterator<Item = K>) -> BTreeMap<K, usize> {
    keys.fold(BTreeMap::new(), |mut tally, key| {
        *tally.entry(key).or_default() += 1;
        tally
    })
}
