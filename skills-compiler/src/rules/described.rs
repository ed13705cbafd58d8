//! The description of a skill, for the rules about how it is written.

use std::ops::Range;

use super::rule::SkillContext;
use crate::syntax::{NodeKind, ScalarStyle};

/// The description of a skill.
#[derive(Clone, Debug)]
pub(super) struct Description<'a> {
    /// What it says, without blanks around it.
    pub(super) text: &'a str,
    /// Where it is written, quotes or block indicator included, blanks at the end not.
    pub(super) span: Range<usize>,
    /// What of `span` to point at: its first line.
    pub(super) line: Range<usize>,
    /// How it is written.
    pub(super) style: ScalarStyle,
}

/// The description, if there is one that is text.
pub(super) fn described<'a>(cx: &SkillContext<'a>) -> Option<Description<'a>> {
    let value = &cx.skill.frontmatter.as_ref()?.get("description")?.value;
    let NodeKind::Scalar(_, style) = value.kind else {
        return None;
    };
    let text = value.as_text()?.trim();
    let written = cx.skill.text.get(value.span.clone())?.trim_end();
    let (start, mut from) = (value.span.start, value.span.start);
    if matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
        // The first line of a block is its indicator.
        let body = written
            .find('\n')
            .and_then(|newline| written.get(newline..));
        from = start + written.len() - body.unwrap_or(written).trim_start().len();
    }
    let rest = written.get(from - start..)?;
    let end = from + rest.find(['\n', '\r']).unwrap_or(rest.len());
    (!text.is_empty()).then(|| Description {
        text,
        span: start..start + written.len(),
        line: from..end,
        style,
    })
}
