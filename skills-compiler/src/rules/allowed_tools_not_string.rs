//! SK024: `allowed-tools` that are a list.

use super::allowed_tools_comma::outside;
use super::value::quoted;
use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::{Entry, Node, NodeKind, Scalar};

declare_rule! {
    /// `allowed-tools` is a list or something else, where the specification wants text with blanks between the tools.
    ///
    /// ## Why
    ///
    /// Claude Code takes a list as well, but other clients expect text: they ignore the list, or refuse the skill.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// allowed-tools: [Read, "Bash(qpdf *)"]
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
    /// allowed-tools: Read Bash(qpdf *)
    /// ---
    /// Open the form and fill it.
    /// ```
    ALLOWED_TOOLS_NOT_STRING = "SK024", "allowed-tools-not-string", Format, Warn, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let frontmatter = cx.skill.frontmatter.as_ref();
    let Some(entry) = frontmatter.and_then(|frontmatter| frontmatter.get("allowed-tools")) else {
        return;
    };
    match &entry.value.kind {
        NodeKind::Scalar(Scalar::Text(_) | Scalar::Null, _) | NodeKind::Faulty => return,
        _ => {}
    }
    let message = format!(
        "`allowed-tools` has to be text, but this is {}",
        entry.value.describe()
    );
    // A list over several lines would be marked whole.
    let is_long = cx
        .skill
        .text
        .get(entry.value.span.clone())
        .is_none_or(|value| value.contains('\n'));
    let place = if is_long {
        &entry.key_span
    } else {
        &entry.value.span
    };
    let finding = Finding::at(
        &ALLOWED_TOOLS_NOT_STRING,
        cx.skill.document,
        place.clone(),
        message,
    )
    .note("clients that expect text ignore it, or refuse the skill");
    let help = "write the tools on one line, with blanks between them";
    out.push(match join(cx.skill.text, entry) {
        Some(patch) => finding.patch(help, [patch]),
        None => finding.help(help),
    });
}

/// The edit that writes a list of tools as one text.
fn join(text: &str, entry: &Entry) -> Option<Patch> {
    let NodeKind::Sequence(items, _) = &entry.value.kind else {
        return None;
    };
    let tools: Option<Vec<_>> = items.iter().map(tool).collect();
    let tools = tools.filter(|tools| !tools.is_empty())?.join(" ");
    let colon = entry.key_span.end;
    let between = text.get(colon..entry.value.span.start)?;
    // A comment would be lost.
    let has_comment = text.get(entry.value.span.clone())?.contains(" #");
    let is_plain = tools.starts_with(|first: char| first.is_ascii_alphabetic())
        && !tools.contains(": ")
        && !tools.contains(" #")
        && !tools.ends_with(':')
        && Scalar::of_plain(&tools) == Scalar::Text(tools.clone());
    let tools = if is_plain { tools } else { quoted(&tools) };
    (between.trim() == ":" && !has_comment)
        .then(|| Patch::replace(colon + 1..entry.value.span.end, format!(" {tools}")))
}

/// One tool, if that is what an item is: blanks only inside of parentheses.
fn tool(item: &Node) -> Option<&str> {
    let text = item.as_text()?;
    let is_single = [' ', ',']
        .iter()
        .all(|&separator| outside(text, separator).next().is_none());
    (!text.is_empty() && is_single && !text.contains(char::is_control)).then_some(text)
}
