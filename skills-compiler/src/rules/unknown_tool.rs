//! SK034: a permission for a tool that nobody has.

use std::ops::Range;

use super::allowed_tools_comma::outside;
use super::brief::brief;
use super::tool::{CLAUDE_CODE, is_tool_of_client, name};
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::{Node, NodeKind};

declare_rule! {
    /// `allowed-tools` names a tool that no known client has, beside tools of Claude Code.
    ///
    /// Tools of MCP servers (`mcp__server__tool`) are left alone, and so are lists without any tool of Claude Code: another program
    /// may have those.
    ///
    /// ## Why
    ///
    /// A client ignores the name, so that the skill asks for permission where its author wanted none. Names are case-sensitive,
    /// and one that is misspelt is not told of by any client.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// allowed-tools: Read Wirte
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
    /// allowed-tools: Read Write
    /// ---
    /// Open the form and fill it.
    /// ```
    UNKNOWN_TOOL = "SK034", "unknown-tool", Format, Warn, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let frontmatter = cx.skill.frontmatter.as_ref();
    let Some(entry) = frontmatter.and_then(|frontmatter| frontmatter.get("allowed-tools")) else {
        return;
    };
    let tools = tools(cx.skill.text, &entry.value);
    let is_of_claude = |(tool, _): &(&str, _)| CLAUDE_CODE.contains(&name(tool));
    if !tools.iter().any(is_of_claude) {
        return;
    }
    let unknown = |(tool, _): &&(&str, Range<usize>)| {
        let is_plain = name(tool)
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        is_plain && !tool.is_empty() && !is_tool_of_client(name(tool))
    };
    let mut unknown = tools.iter().filter(unknown);
    let Some((tool, span)) = unknown.next() else {
        return;
    };
    let message = format!("no known client has a tool `{}`", brief(name(tool)));
    let finding = Finding::at(&UNKNOWN_TOOL, cx.skill.document, span.clone(), message);
    let finding = unknown.take(MARKED).fold(finding, |finding, (_, span)| {
        finding.related(cx.skill.document, span.clone(), "and none has this one")
    });
    let finding = finding.note("clients ignore it, so that the skill has to ask for permission");
    out.push(match near(name(tool)) {
        Some(near) => finding.help(format!("`{near}` is a tool of Claude Code")),
        None => finding.help("correct the name, or, if a server has it, write `mcp__SERVER__TOOL`"),
    });
}

/// How many further unknown tools are pointed at.
const MARKED: usize = 8;

fn near(name: &str) -> Option<&'static str> {
    let distance = |tool: &&&str| strsim::osa_distance(&name.to_lowercase(), &tool.to_lowercase());
    let tools = CLAUDE_CODE
        .iter()
        .filter(|tool| tool.len() > 3 && distance(tool) <= 2);
    tools.min_by_key(distance).copied()
}

/// The tools of a value, with where they are written.
fn tools<'text>(text: &'text str, node: &Node) -> Vec<(&'text str, Range<usize>)> {
    match &node.kind {
        NodeKind::Sequence(items, _) => items.iter().flat_map(|item| tools(text, item)).collect(),
        NodeKind::Scalar(..) => {
            let written = text.get(node.span.clone()).unwrap_or_default();
            let mut borders: Vec<_> = [' ', ',', '\n']
                .into_iter()
                .flat_map(|sign| outside(written, sign))
                .collect();
            borders.push(written.len());
            borders.sort_unstable();
            let mut start = 0;
            let words = borders.into_iter().filter_map(|end| {
                let word = written.get(start..end)?;
                let at = node.span.start + start;
                start = end + 1;
                let quotes = ['"', '\'', '\r', '|', '>', '-'];
                let inner = word.trim_start_matches(quotes);
                let at = at + word.len() - inner.len();
                let inner = inner.trim_end_matches(quotes);
                Some((inner, at..at + inner.len()))
            });
            words.filter(|(word, _)| !word.is_empty()).collect()
        }
        _ => Vec::new(),
    }
}
