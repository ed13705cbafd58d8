//! A tree with its findings.

use skills_compiler::Options;
use skills_compiler::diagnostics::{Finding, Level};
use skills_compiler::source::SourceTree;

use crate::error::Error;
use crate::levels::Levels;
use crate::repair::is_repairable;
use crate::target::Target;

/// What came of checking one target.
#[derive(Debug)]
pub(crate) struct Checked {
    pub(crate) target: Target,
    pub(crate) tree: SourceTree,
    pub(crate) findings: Vec<Finding>,
}

impl Checked {
    /// Reads and checks a target.
    pub(crate) fn read(target: Target, linter: &Linter) -> Result<Self, Error> {
        let tree = target.read()?;
        let findings = linter.lint(&tree, &target);
        Ok(Self {
            target,
            tree,
            findings,
        })
    }

    /// How many skills were looked at.
    pub(crate) fn skills(&self) -> usize {
        self.tree.skills().count()
    }

    /// How many findings have this level.
    pub(crate) fn count(&self, level: Level) -> usize {
        let findings = self.findings.iter();
        findings.filter(|finding| finding.level == level).count()
    }

    /// How many findings `--fix` knows a repair for.
    pub(crate) fn repairable(&self) -> usize {
        let findings = self.findings.iter();
        findings
            .filter(|finding| is_repairable(&self.tree, finding))
            .count()
    }
}

/// The rules with their levels.
#[derive(Debug)]
pub(crate) struct Linter {
    options: Options,
}

impl Linter {
    pub(crate) fn new(levels: &Levels) -> Result<Self, Error> {
        let options = levels.options()?;
        Ok(Self { options })
    }

    /// The findings about what the target is.
    pub(crate) fn lint(&self, tree: &SourceTree, target: &Target) -> Vec<Finding> {
        let mut options = self.options.clone();
        options.settings.only_skills = target.is_for_skills;
        let mut findings = skills_compiler::lint(tree, &options);
        findings.retain(|finding| target.wants(finding.path(tree)));
        findings
    }
}
