//! The edits of certain repairs: which of them can be done together, and what they make of a file.

use std::collections::BTreeMap;
use std::ops::Range;

use skills_compiler::diagnostics::{Finding, Patch};
use skills_compiler::source::SourceTree;

use crate::checked::Checked;

/// What a finding is recognised by after the file has changed: path, rule, message.
pub(super) type Kind = (String, &'static str, String);

/// One certain repair.
#[derive(Clone, Debug)]
pub(super) struct Edit {
    /// The path of the file below the root.
    pub(super) path: String,
    /// The finding that it repairs.
    pub(super) kind: Kind,
    patches: Vec<Patch>,
}

/// The certain repairs that do not touch one another, by path and place.
pub(super) fn choose(checked: &Checked) -> Vec<Edit> {
    let mut taken = BTreeMap::<String, usize>::new();
    let mut edits: Vec<_> = checked
        .findings
        .iter()
        .filter_map(|finding| edit(&checked.tree, finding))
        .collect();
    edits.sort_by_key(|edit| (edit.path.clone(), edit.range().start));
    edits.retain(|edit| {
        let range = edit.range();
        // An offset beyond what is taken, so that two insertions at one place are apart as well.
        let free = taken.entry(edit.path.clone()).or_default();
        let is_free = range.start >= *free;
        if is_free {
            *free = range.end + 1;
        }
        is_free
    });
    edits
}

/// Whether `--fix` does something about a finding. What is configured is for whoever configured it.
pub(crate) fn is_repairable(tree: &SourceTree, finding: &Finding) -> bool {
    edit(tree, finding).is_some()
}

fn edit(tree: &SourceTree, finding: &Finding) -> Option<Edit> {
    let help = finding.certain_repair()?;
    let file = tree.file(help.file?);
    let is_in_tree = tree.find(&file.path).is_some();
    is_in_tree.then(|| Edit {
        path: file.path.clone(),
        kind: kind(tree, finding),
        patches: help.patches.clone(),
    })
}

/// What a finding is recognised by.
pub(super) fn kind(tree: &SourceTree, finding: &Finding) -> Kind {
    let path = finding.path(tree).to_owned();
    (path, finding.rule.code, finding.message.clone())
}

impl Edit {
    /// All that lies between the first and the last patch.
    fn range(&self) -> Range<usize> {
        let start = self.patches.iter().map(|patch| patch.span.start).min();
        let end = self.patches.iter().map(|patch| patch.span.end).max();
        start.unwrap_or_default()..end.unwrap_or_default()
    }
}

/// The files as the edits make them; `None` when an edit does not fit its file.
pub(super) fn contents(tree: &SourceTree, edits: &[Edit]) -> Option<BTreeMap<String, Vec<u8>>> {
    let mut patches = BTreeMap::<&str, Vec<&Patch>>::new();
    for edit in edits {
        patches.entry(&edit.path).or_default().extend(&edit.patches);
    }
    let contents = patches.into_iter().map(|(path, patches)| {
        let bytes = &tree.file(tree.find(path)?).bytes;
        Some((path.to_owned(), patched(bytes, patches)?))
    });
    contents.collect()
}

fn patched(bytes: &[u8], mut patches: Vec<&Patch>) -> Option<Vec<u8>> {
    patches.sort_by_key(|patch| patch.span.start);
    let (mut content, mut done) = (Vec::with_capacity(bytes.len()), 0);
    for patch in patches {
        content.extend_from_slice(bytes.get(done..patch.span.start)?);
        content.extend_from_slice(patch.replacement.as_bytes());
        done = patch.span.end;
    }
    content.extend_from_slice(bytes.get(done..)?);
    Some(content)
}
