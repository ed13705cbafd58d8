//! SK018: a description that clients cut off or refuse.

use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::{Node, NodeKind, ScalarStyle};

declare_rule! {
    /// The `description` has more than 1,024 characters.
    ///
    /// ## Why
    ///
    /// The specification allows 1,024 characters, and validators refuse more. The descriptions of all skills are in the context of
    /// every conversation, so that what is not needed to choose the skill is better said in its text.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms. Fills forms.
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
    /// ---
    /// Open the form and fill it.
    /// ```
    DESCRIPTION_TOO_LONG = "SK018", "description-too-long", Format, Deny, Check::Skill(check)
}

/// The most characters that the specification allows.
const MOST: usize = 1024;

/// Where Claude Code cuts a description in its list of skills.
const LISTED: usize = 1536;

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let Some(entry) = cx
        .skill
        .frontmatter
        .as_ref()
        .and_then(|frontmatter| frontmatter.get("description"))
    else {
        return;
    };
    // As the reference validator counts: the line break at the end of a block is a character too.
    let length = entry.value.as_text().map_or(0, |text| text.chars().count());
    if length <= MOST {
        return;
    }
    let (over, end) = (length - MOST, entry.value.span.end);
    let written = cx
        .skill
        .text
        .get(entry.value.span.clone())
        .unwrap_or_default();
    let cut = entry.value.span.start + cut_point(written, &entry.value);
    let line_end = cx
        .skill
        .text
        .get(cut..end)
        .and_then(|rest| rest.find('\n'))
        .map_or(end, |newline| cut + newline);
    let message =
        format!("`description` has {length} characters, {over} more than the 1024 allowed");
    let finding = Finding::at(
        &DESCRIPTION_TOO_LONG,
        cx.skill.document,
        cut..line_end,
        message,
    )
    .label("what begins here is too much")
    .note("validators and uploads refuse a longer one; it is in the context of every conversation");
    let finding = if length > LISTED {
        finding.note("Claude Code cuts it after 1536 characters")
    } else {
        finding
    };
    out.push(
        finding.help("say what it does and when to use it, and move the rest into the text below"),
    );
}

/// Where in the notation of a value its 1,025th character stands, counting a line break with its indentation as one.
fn cut_point(written: &str, node: &Node) -> usize {
    let is_block = matches!(
        &node.kind,
        NodeKind::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded)
    );
    let header = written
        .find('\n')
        .filter(|_| is_block && written.starts_with(['>', '|']))
        .map_or(0, |newline| newline + 1);
    let mut count = 0;
    let mut in_break = true;
    for (at, symbol) in written.char_indices().skip_while(|(at, _)| *at < header) {
        let blank = symbol.is_whitespace();
        in_break = symbol == '\n' || (in_break && blank);
        count += usize::from(symbol == '\n' || !in_break);
        if count > MOST {
            return at;
        }
    }
    0
}
