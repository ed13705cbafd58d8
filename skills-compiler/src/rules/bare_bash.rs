//! SK408: permission to run anything.

use std::ops::Range;

use super::occurrence::begins_word;
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::{Node, NodeKind};

declare_rule! {
    /// `allowed-tools` has `Bash` without a pattern, or with one that everything matches, such as `Bash(*)`.
    ///
    /// ## Why
    ///
    /// With it the agent runs every command without asking, as long as the skill is active. A pattern names the commands
    /// that the skill needs, and the user is asked for all others.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// allowed-tools: Read Bash
    /// ---
    /// Fill in the form with `pdftk`.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// allowed-tools: Read Bash(pdftk:*)
    /// ---
    /// Fill in the form with `pdftk`.
    /// ```
    BARE_BASH = "SK408", "bare-bash", Security, Warn, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let tools = cx
        .skill
        .frontmatter
        .as_ref()
        .and_then(|frontmatter| frontmatter.get("allowed-tools"));
    let Some(span) = tools.and_then(|tools| bare(cx.skill.text, &tools.value)) else {
        return;
    };
    let written = cx.skill.text.get(span.clone()).unwrap_or_default();
    out.push(
        Finding::at(&BARE_BASH, cx.skill.document, span, format!("`{written}` permits every command"))
            .note("while the skill is active, the agent runs whatever it thinks fit without asking the user")
            .help("name the commands that the skill needs, as in `Bash(git status:*) Bash(npm test:*)`"),
    );
}

/// Where a value permits every command.
fn bare(text: &str, node: &Node) -> Option<Range<usize>> {
    match &node.kind {
        NodeKind::Sequence(items, _) => items.iter().find_map(|item| bare(text, item)),
        NodeKind::Scalar(..) => {
            let written = text.get(node.span.clone())?;
            let mut tools = written
                .match_indices("Bash")
                .map(|(at, _)| node.span.start + at);
            tools.find_map(|at| {
                Some(at..at + unlimited(text.get(at..node.span.end)?)?)
                    .filter(|_| begins_word(text, at))
            })
        }
        _ => None,
    }
}

/// How long a tool is that permits every command, at the start of a text.
fn unlimited(tool: &str) -> Option<usize> {
    let rest = tool.strip_prefix("Bash")?;
    let Some(pattern) = rest.strip_prefix('(') else {
        let ends = rest.is_empty() || rest.starts_with([' ', ',', '\n', '\r', '"', '\'', ']', ';']);
        return ends.then_some("Bash".len());
    };
    let (pattern, _) = pattern.split_once(')')?;
    let is_anything = pattern
        .trim()
        .chars()
        .all(|symbol| matches!(symbol, '*' | ':' | ' '));
    is_anything.then(|| "Bash()".len() + pattern.len())
}
