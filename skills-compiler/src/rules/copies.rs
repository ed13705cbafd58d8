//! Skills that are there twice, because a symbolic link leads to the other one.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostics::{Finding, Level, Place};
use crate::source::{SourceTree, ancestors, is_below};
use crate::syntax::ParsedSkill;

/// The directories of the skills that links have made, each with that of the skill it is a copy of.
#[derive(Debug, Default)]
pub(crate) struct Copies<'skills>(BTreeMap<&'skills str, &'skills str>);

/// What a finding in a copy has in common with that in its original: the rule, the level, the path and the bytes.
type Core = (&'static str, Level, String, Option<(usize, usize)>);

impl<'skills> Copies<'skills> {
    /// Finds the copies: skills behind a link that have the name and all the files of one that no link leads to.
    pub(super) fn of(tree: &'skills SourceTree, skills: &'skills [ParsedSkill<'_>]) -> Self {
        let is_linked = |skill: &ParsedSkill<'_>| tree.file(skill.document).link.is_some();
        // Most trees have no such link, and then nothing is compared.
        if !skills.iter().any(is_linked) {
            return Self::default();
        }
        let unlinked = skills.iter().filter(|skill| !is_linked(skill));
        let originals: BTreeMap<_, _> = unlinked
            .map(|skill| ((skill.directory_name(), skill.text), skill))
            .collect();
        let linked = skills.iter().filter(|skill| is_linked(skill));
        let pairs = linked.filter_map(|skill| {
            let original = originals.get(&(skill.directory_name(), skill.text))?;
            has_files_of(tree, skill, original).then_some((skill.directory, original.directory))
        });
        Self(pairs.collect())
    }

    /// Whether the skill in a directory is a copy.
    pub(super) fn has(&self, directory: &str) -> bool {
        self.0.contains_key(directory)
    }

    /// Whether the skills at and below a path are there, and all of them copies.
    pub(super) fn are_at(&self, path: &str, skills: &[ParsedSkill<'_>]) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let is_here =
            |skill: &&ParsedSkill<'_>| skill.directory == path || is_below(skill.directory, path);
        let mut here = skills.iter().filter(is_here).peekable();
        here.peek().is_some() && here.all(|skill| self.has(skill.directory))
    }

    /// Leaves out what is found in a copy just as in its original.
    pub(super) fn without_doubles(&self, tree: &SourceTree, found: Vec<Finding>) -> Vec<Finding> {
        if self.0.is_empty() {
            return found;
        }
        let core = |finding: &Finding, path: String| -> Core {
            let span = match &finding.place {
                Place::Bytes(_, span) => Some((span.start, span.end)),
                Place::Path(_) => None,
            };
            (finding.rule.code, finding.level, path, span)
        };
        let known: BTreeSet<_> = found
            .iter()
            .map(|finding| core(finding, finding.path(tree).to_owned()))
            .collect();
        let is_double = |finding: &Finding| {
            let original = self.original(finding.path(tree));
            original.is_some_and(|path| known.contains(&core(finding, path)))
        };
        found
            .into_iter()
            .filter(|finding| !is_double(finding))
            .collect()
    }

    /// The path in the original that a path in a copy stands for.
    fn original(&self, path: &str) -> Option<String> {
        let mut around = std::iter::once(path).chain(ancestors(path));
        let (copy, original) = around.find_map(|directory| self.0.get_key_value(directory))?;
        Some(format!("{original}{}", path.get(copy.len()..)?))
    }
}

/// Whether two skills have the same files with the same content.
pub(super) fn has_files_of(
    tree: &SourceTree,
    skill: &ParsedSkill<'_>,
    other: &ParsedSkill<'_>,
) -> bool {
    let is_same = |(&one, &two)| {
        let (one, two) = (tree.file(one), tree.file(two));
        let inner = one.path.get(skill.directory.len()..);
        inner == two.path.get(other.directory.len()..) && one.bytes == two.bytes
    };
    skill.files.len() == other.files.len() && skill.files.iter().zip(&other.files).all(is_same)
}
