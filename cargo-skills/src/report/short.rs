//! `short`: one line a finding, in the form that compilers have used for ever and every editor knows.

use skills_compiler::diagnostics::{Finding, visible};
use skills_compiler::source::SourceTree;

use super::place::{path_of, region_of};

pub(super) fn line(tree: &SourceTree, finding: &Finding) -> String {
    let (line, column) =
        region_of(tree, finding).map_or((1, 1), |region| (region.start.line, region.start.column));
    let path = path_of(tree, finding);
    let (level, code) = (level(finding), finding.rule.code);
    visible(&format!(
        "{path}:{line}:{column}: {level}[{code}] {}",
        finding.message
    ))
}

/// `error` or `warning`.
pub(super) fn level(finding: &Finding) -> &'static str {
    use skills_compiler::diagnostics::Level;
    if finding.level == Level::Deny {
        "error"
    } else {
        "warning"
    }
}
