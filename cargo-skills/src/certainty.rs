//! How sure a repair is. Rules only say what to do; this is the one place that decides what may be done unasked.

use skills_compiler::diagnostics::{Finding, Help};

/// How sure a repair is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Certainty {
    /// It can be done unasked.
    Certain,
    /// It is a form that the author has to fill in.
    Draft,
    /// There is another repair, or the help says when this is the right one.
    Possible,
}

/// How sure the repair of one help is.
pub(crate) fn certainty(finding: &Finding, help: &Help) -> Certainty {
    let is_conditional = help.text.starts_with("if ") || help.text.starts_with("or ");
    match () {
        () if describes(finding, help) => Certainty::Draft,
        () if is_conditional || finding.helps.len() > 1 => Certainty::Possible,
        () => Certainty::Certain,
    }
}

/// The repair of a finding that can be done unasked.
pub(crate) fn certain_repair(finding: &Finding) -> Option<&Help> {
    let help = finding.helps.first()?;
    let has_edits = help.file.is_some() && !help.patches.is_empty();
    (has_edits && certainty(finding, help) == Certainty::Certain).then_some(help)
}

/// Whether the edits write a description: what a skill is for, only its author knows.
fn describes(finding: &Finding, help: &Help) -> bool {
    let writes = |text: &str| text.lines().any(|line| line.starts_with("description:"));
    finding.rule.name == "missing-description"
        || help.patches.iter().any(|patch| writes(&patch.replacement))
}
