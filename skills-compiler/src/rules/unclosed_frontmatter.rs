//! SK003: frontmatter that never ends.

use std::ops::Range;

use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::FaultKind;

declare_rule! {
    /// The frontmatter begins with `---` but no line with `---` ends it.
    ///
    /// ## Why
    ///
    /// Without its end a loader cannot tell the frontmatter from the text, and takes the file for one without frontmatter.
    /// The end is a line of exactly three dashes: neither `...` nor dashes behind other text will do.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    ///
    /// # PDF forms
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    ///
    /// # PDF forms
    /// ```
    UNCLOSED_FRONTMATTER = "SK003", "unclosed-frontmatter", Format, Deny, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for fault in &cx.skill.faults {
        if let FaultKind::UnclosedFrontmatter(almost) = &fault.kind {
            let finding = Finding::at(&UNCLOSED_FRONTMATTER, cx.skill.document, fault.span.clone(), "the frontmatter is not closed")
                .label("opened here")
                .note("only a line of exactly three dashes ends the frontmatter; without it loaders see none at all");
            out.push(repaired(cx, finding, fault.span.end, almost.as_ref()));
        }
    }
}

fn repaired(
    cx: &SkillContext<'_>,
    finding: Finding,
    opened: usize,
    almost: Option<&Range<usize>>,
) -> Finding {
    let document = cx.skill.document;
    let body = body_start(cx.skill.text, opened);
    let Some(almost) = almost.filter(|almost| almost.start <= body) else {
        let (line, newline) = (cx.skill.text.get(..body).unwrap_or_default(), "---\n");
        let newline = if line.ends_with('\n') {
            newline.to_owned()
        } else {
            format!("\n{newline}")
        };
        return finding.patch(
            "close it in front of the text",
            [Patch::insert(body, newline)],
        );
    };
    let line = cx.skill.text.get(almost.clone()).unwrap_or_default();
    if let Some(before) = line
        .strip_suffix("---")
        .map(str::trim_end)
        .filter(|before| before.contains(char::is_alphanumeric))
    {
        let at = almost.start + before.len();
        return finding
            .related(
                document,
                almost.end - 3..almost.end,
                "these dashes do not stand on their own line",
            )
            .patch(
                "move them to a line of their own",
                [Patch::replace(at..almost.end, "\n---")],
            );
    }
    finding
        .related(document, almost.clone(), "this is not `---`")
        .patch(
            "close it with three dashes",
            [Patch::replace(almost.clone(), "---")],
        )
}

/// Where the text seems to begin: at the first line that can be no part of a frontmatter, without the blank ones above.
fn body_start(text: &str, opened: usize) -> usize {
    let mut offset = opened
        + text
            .get(opened..)
            .and_then(|rest| rest.find('\n'))
            .map_or(0, |newline| newline + 1);
    let mut end = offset;
    for line in text.get(offset..).unwrap_or_default().split_inclusive('\n') {
        offset += line.len();
        let entry = line.starts_with([' ', '\t', '-'])
            || line
                .split(' ')
                .next()
                .is_some_and(|word| word.trim_end().ends_with(':'));
        if entry {
            end = offset;
        } else if !line.trim().is_empty() {
            break;
        }
    }
    end
}
