//! SK025: `allowed-tools` with commas.

use super::value::EDITS;
use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// The tools of `allowed-tools` are separated by commas, where the specification wants blanks.
    ///
    /// ## Why
    ///
    /// A client that splits at blanks, as the specification says, looks for a tool with the name `Read,` and finds none. Commas
    /// inside of parentheses belong to the tool and are left in peace.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// allowed-tools: Read, Bash(qpdf *)
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
    ALLOWED_TOOLS_COMMA = "SK025", "allowed-tools-comma", Format, Warn, Check::Skill(check)
}

/// How many commas are pointed at.
const MARKED: usize = 8;

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    if cx.is_for_claude_code_alone(&ALLOWED_TOOLS_COMMA) {
        return;
    }
    let frontmatter = cx.skill.frontmatter.as_ref();
    let Some(entry) = frontmatter.and_then(|frontmatter| frontmatter.get("allowed-tools")) else {
        return;
    };
    if entry.value.as_text().is_none_or(|text| !text.contains(',')) {
        return;
    }
    let (start, written) = (
        entry.value.span.start,
        cx.skill.text.get(entry.value.span.clone()),
    );
    let written = written.unwrap_or_default();
    let found: Vec<_> = outside(written, ',').collect();
    let Some((first, others)) = found.split_first() else {
        return;
    };
    let place = |at: &usize| start + at..start + at + 1;
    let message = "`allowed-tools` are separated by commas, not by spaces";
    let finding = Finding::at(
        &ALLOWED_TOOLS_COMMA,
        cx.skill.document,
        place(first),
        message,
    )
    .note("a client that splits at spaces reads the comma as a part of the tool's name");
    let finding = others.iter().take(MARKED).fold(finding, |finding, at| {
        finding.related(cx.skill.document, place(at), "")
    });
    let patches = found.iter().map(|at| {
        let is_spaced = written
            .get(at + 1..)
            .is_none_or(|rest| rest.is_empty() || rest.starts_with([' ', '\n', '\r', '"', '\'']));
        Patch::replace(place(at), if is_spaced { "" } else { " " })
    });
    let help = "separate them by spaces alone";
    out.push(if found.len() <= EDITS {
        finding.patch(help, patches)
    } else {
        finding.help(help)
    });
}

/// Where a separator stands outside of parentheses, in order.
pub(super) fn outside(text: &str, separator: char) -> impl Iterator<Item = usize> {
    let mut depth = 0_usize;
    text.char_indices().filter_map(move |(at, symbol)| {
        match symbol {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        (symbol == separator && depth == 0).then_some(at)
    })
}
