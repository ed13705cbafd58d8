//! SK029: angle brackets in a description.

use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::{NodeKind, ScalarStyle};

declare_rule! {
    /// A `description` contains `<` or `>`.
    ///
    /// ## Why
    ///
    /// Clients put descriptions between tags of XML in the prompt. Uploads to Claude refuse one with angle brackets, because it
    /// could close the tag and pose as the prompt. Off by default, and denied in the profile `claude-upload`.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user says "fill <file>".
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user says "fill" and names a file.
    /// ---
    /// Open the form and fill it.
    /// ```
    DESCRIPTION_MARKUP = "SK029", "description-markup", Format, Allow, Check::Skill(check)
}

/// How much of a tag is marked, in bytes.
const MARKED: usize = 40;

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let frontmatter = cx.skill.frontmatter.as_ref();
    let Some(entry) = frontmatter.and_then(|frontmatter| frontmatter.get("description")) else {
        return;
    };
    let Some(bracket) = entry
        .value
        .as_text()
        .and_then(|text| text.chars().find(|&symbol| is_bracket(symbol)))
    else {
        return;
    };
    let span = entry.value.span.clone();
    let written = cx.skill.text.get(span.clone()).unwrap_or_default();
    // The header of a block is no text of it.
    let is_block = matches!(
        entry.value.kind,
        NodeKind::Scalar(_, ScalarStyle::Literal | ScalarStyle::Folded)
    );
    let header = written.find('\n').filter(|_| is_block).unwrap_or_default();
    let text = written.get(header..).unwrap_or_default();
    // One that is written as an escape stands nowhere.
    let place = text.find(is_bracket).map_or(span.clone(), |at| {
        let length = tag(text.get(at..).unwrap_or_default());
        span.start + header + at..span.start + header + at + length
    });
    out.push(
        Finding::at(&DESCRIPTION_MARKUP, cx.skill.document, place, format!("`description` contains `{bracket}`"))
            .note("uploads to Claude refuse it: clients put descriptions between tags of XML in the prompt")
            .help("say it in words, without angle brackets"),
    );
}

fn is_bracket(symbol: char) -> bool {
    matches!(symbol, '<' | '>')
}

/// The length of the tag that a text begins with; of its first character where it is none.
fn tag(text: &str) -> usize {
    let end = text.find(['>', '\n', ' ']);
    end.filter(|&end| end < MARKED && text.starts_with('<') && text.get(end..=end) == Some(">"))
        .map_or(1, |end| end + 1)
}
