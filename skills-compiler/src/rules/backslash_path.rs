//! SK214: a path that only Windows understands.

use std::ops::Range;

use super::brief::brief;
use super::destination::{directory_of, path_of};
use super::target::{exists, links, pages};
use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::{FileId, resolved};

declare_rule! {
    /// A link or inline code names a file of the skill with `\` between the directories.
    ///
    /// ## Why
    ///
    /// On Linux and macOS, `\` is a letter of the name, so that the file is not found; in Markdown it may vanish as an escape.
    /// Windows understands `/` as well.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Read `references\forms.md` first.
    /// === pdf/references/forms.md
    /// # How to fill forms
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
    /// Read `references/forms.md` first.
    /// === pdf/references/forms.md
    /// # How to fill forms
    /// ```
    BACKSLASH_PATH = "SK214", "backslash-path", Content, Allow, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for (file, path, outline) in pages(cx) {
        let text = cx.text(file);
        if !text.contains('\\') {
            continue;
        }
        for link in links(outline) {
            let written = path_of(&link.destination);
            let span = link.span.start..link.span.start + written.len();
            if text.get(span.clone()) == Some(written) {
                out.extend(finding(cx, (file, path), written, span));
            }
        }
        for span in &outline.code_spans {
            let code = text.get(span.clone()).unwrap_or_default();
            let mut start = span.start;
            for word in code.split([' ', '`', '"', '\'', '\n']) {
                out.extend(finding(cx, (file, path), word, start..start + word.len()));
                start += word.len() + 1;
            }
        }
    }
}

/// The finding about a path that is one with `/` in place of `\`.
fn finding(
    cx: &SkillContext<'_>,
    (file, document): (FileId, &str),
    written: &str,
    span: Range<usize>,
) -> Option<Finding> {
    if !written.contains('\\') || written.starts_with('\\') {
        return None;
    }
    let path = written.replace('\\', "/");
    let is_ours = [cx.skill.directory, directory_of(document)]
        .iter()
        .filter_map(|from| resolved(from, &path))
        .any(|target| target != cx.skill.directory && exists(cx, &target));
    let message = format!("`{}` is a path on Windows only", brief(written));
    is_ours.then(|| {
        Finding::at(&BACKSLASH_PATH, file, span.clone(), message)
            .note("elsewhere `\\` is a letter of the name; Windows understands `/` as well")
            .patch("write `/`", [Patch::replace(span, path)])
    })
}
