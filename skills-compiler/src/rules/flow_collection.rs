//! SK028: a list or mapping in brackets.

use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::{Entry, Node, NodeKind, ParsedSkill};

declare_rule! {
    /// A list or mapping of the frontmatter is written in brackets, `[a, b]` or `{a: b}`.
    ///
    /// ## Why
    ///
    /// This is YAML, and nearly every loader reads it. The reference validator does not: its parser knows a part of YAML in
    /// which brackets mean nothing. Off by default, and denied in the profile `portable`.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// paths: ["**/*.pdf", "**/*.fdf"]
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// paths:
    ///   - "**/*.pdf"
    ///   - "**/*.fdf"
    /// ---
    /// Open the form and fill it.
    /// ```
    FLOW_COLLECTION = "SK028", "flow-collection", Format, Allow, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let entries = cx
        .skill
        .frontmatter
        .iter()
        .flat_map(|frontmatter| &frontmatter.entries);
    for entry in entries {
        let Some(flow) = outermost(&entry.value) else {
            continue;
        };
        let (what, open) = match flow.kind {
            NodeKind::Sequence(..) => ("list", '['),
            _ => ("mapping", '{'),
        };
        let message = format!("`{}` has a {what} in brackets", entry.key);
        let place = flow.span.start..flow.span.start + open.len_utf8();
        let finding = Finding::at(&FLOW_COLLECTION, cx.skill.document, place, message)
            .note("the reference validator refuses a skill whose frontmatter has brackets");
        let help = "write one item on a line";
        out.push(match block(cx.skill, entry) {
            Some(patch) => finding.patch(help, [patch]),
            None => finding.help(help),
        });
    }
}

/// The first collection in brackets that is in no other brackets.
fn outermost(node: &Node) -> Option<&Node> {
    match &node.kind {
        NodeKind::Sequence(_, true) | NodeKind::Mapping(_, true) => Some(node),
        NodeKind::Sequence(items, _) => items.iter().find_map(outermost),
        NodeKind::Mapping(entries, _) => entries.iter().find_map(|entry| outermost(&entry.value)),
        _ => None,
    }
}

/// The edit that writes a list on one line, of nothing but scalars, with a line for each.
fn block(skill: &ParsedSkill<'_>, entry: &Entry) -> Option<Patch> {
    let NodeKind::Sequence(items, true) = &entry.value.kind else {
        return None;
    };
    let text = skill.text;
    let written = text.get(entry.key_span.end..entry.value.span.end)?;
    if written.contains('\n') || items.is_empty() {
        return None;
    }
    let lines: Option<String> = items
        .iter()
        .map(|item| match item.kind {
            NodeKind::Scalar(..) => Some(format!("\n  - {}", text.get(item.span.clone())?)),
            _ => None,
        })
        .collect();
    Some(Patch::replace(
        entry.key_span.end + 1..entry.value.span.end,
        lines?,
    ))
}
