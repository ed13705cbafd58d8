//! SK507: an address that a host does not read for this skill.

use std::ops::Range;

use skills_model::limits::URI_PREFIX as SCHEME;

use super::brief::brief;
use super::destination::is_template;
use super::quoted::is_code;
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::{FileId, resolved};
use crate::syntax::Outline;

declare_rule! {
    /// A text refers to a `skill://` address that this server does not serve, or links to what other servers have, such as
    /// `ui://` and `resource://`.
    ///
    /// Code is left alone, and so are placeholders such as `skill://<name>/SKILL.md`. `file:` is the business of
    /// `absolute-link`.
    ///
    /// ## Why
    ///
    /// A skill must not make a host read from another server, so a host looks for the address only where the skill came
    /// from, and finds nothing there. If it asks the user to read elsewhere, whatever server happens to answer to that
    /// address speaks to the model.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// For tax forms read [the other skill](skill://tax-return/SKILL.md).
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// For tax forms read [the other skill](skill://tax-return/SKILL.md).
    /// === tax-return/SKILL.md
    /// ---
    /// name: tax-return
    /// description: Fills in tax forms. Use when the user has to file a tax return.
    /// ---
    /// Open the form and fill it.
    /// ```
    CROSS_ORIGIN_REFERENCE = "SK507", "cross-origin-reference", Protocol, Warn, Check::Skill(check)
}

/// Schemes of resources that some MCP server has.
const OTHERS: &[&str] = &["mcp://", "resource://", "ui://"];

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for (&file, outline) in &cx.skill.outlines {
        let path = &cx.tree.file(file).path;
        if is_template(path.get(cx.skill.directory.len()..).unwrap_or_default()) {
            continue;
        }
        let text = cx.text(file);
        let text = if text.contains(SCHEME) { text } else { "" };
        let unserved = skill_addresses(text, outline)
            .filter(|span| !is_served(cx, text.get(span.clone()).unwrap_or_default()));
        out.extend(unserved.map(|span| {
            let message = format!("`{}` is not served here", shown(text, &span));
            finding(file, span, message)
                .help("correct it, add the skill to the bundle, or name the other skill in words, so that the user can choose it")
        }));
        let links = outline.links.iter().filter(|link| {
            OTHERS
                .iter()
                .any(|scheme| link.destination.starts_with(scheme))
                && !is_placeholder(&link.destination)
        });
        out.extend(links.map(|link| {
            let message = format!("`{}` is an address of another server", brief(&link.destination));
            finding(file, link.span.clone(), message)
                .help("put what is needed into the skill, or let it say which tool of the other server to use")
        }));
    }
}

/// The `skill://` addresses of a text that stand outside of code and are no placeholders.
fn skill_addresses(text: &str, outline: &Outline) -> impl Iterator<Item = Range<usize>> {
    text.match_indices(SCHEME).filter_map(move |(start, _)| {
        let rest = text.get(start..)?;
        let is_end = |symbol: char| {
            symbol.is_whitespace() || matches!(symbol, ')' | ']' | '"' | '\'' | '`' | '|')
        };
        let address = rest.split(is_end).next()?;
        let address = address.split_once('>').map_or(address, |(before, _)| {
            if before.contains('<') {
                address
            } else {
                before
            }
        });
        let address = address.trim_end_matches(['.', ',', ':', ';', '!', '?', '*', '_']);
        let is_address = address.len() > SCHEME.len() && !is_placeholder(address);
        (is_address && !is_code(outline, start)).then(|| start..start + address.len())
    })
}

/// Whether an address shows a form and means nothing.
fn is_placeholder(address: &str) -> bool {
    address.contains(['<', '{', '*', '$', '…']) || address.contains("...")
}

/// Whether the tree has what an address leads to.
fn is_served(cx: &SkillContext<'_>, address: &str) -> bool {
    let path = address.strip_prefix(SCHEME).unwrap_or(address);
    let path = path.split(['#', '?']).next().unwrap_or_default();
    let exists = |directory: &str, path: &str| {
        resolved(directory, path)
            .is_some_and(|path| cx.tree.find(&path).is_some() || cx.tree.has_directory(&path))
    };
    // A skill may be called otherwise than its directory, and the root is called by its name.
    let name = cx.skill.frontmatter.as_ref();
    let name = name.and_then(|frontmatter| frontmatter.text("name"));
    let below = |name: &str| {
        path.strip_prefix(name)
            .filter(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    exists("", path)
        || below(cx.tree.root_name()).is_some_and(|rest| exists("", rest))
        || name
            .and_then(below)
            .is_some_and(|rest| exists(cx.skill.directory, rest))
}

fn finding(file: FileId, span: Range<usize>, message: String) -> Finding {
    Finding::at(&CROSS_ORIGIN_REFERENCE, file, span, message)
        .note("a host reads what a skill refers to only from the server that the skill came from")
}

fn shown(text: &str, span: &Range<usize>) -> String {
    brief(text.get(span.clone()).unwrap_or_default())
}
