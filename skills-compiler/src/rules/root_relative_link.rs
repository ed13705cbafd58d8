//! SK209: a link that is right only from the directory of the skill.

use super::brief::brief;
use super::destination::{directory_of, path_of, relative};
use super::target::{Target, links, pages};
use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::FileId;
use crate::syntax::Link;

declare_rule! {
    /// A link in a file in a subdirectory leads to nothing from there, but to a file from the directory of the skill.
    ///
    /// ## Why
    ///
    /// Links are relative to the file that they stand in: 99 of 100 links in real skills are, and so do editors, code hosts and
    /// agents follow them. The specification speaks of paths from the directory of the skill, so that some clients find these
    /// files and others do not.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Read [how to fill forms](references/forms.md) first.
    /// === pdf/references/forms.md
    /// The fields are in [the list](references/fields.md).
    /// === pdf/references/fields.md
    /// # Fields
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
    /// Read [how to fill forms](references/forms.md) first.
    /// === pdf/references/forms.md
    /// The fields are in [the list](fields.md).
    /// === pdf/references/fields.md
    /// # Fields
    /// ```
    ROOT_RELATIVE_LINK = "SK209", "root-relative-link", Content, Warn, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for (file, path, outline) in pages(cx) {
        for link in links(outline) {
            if let Some(Target::FoundFromRoot(target)) = Target::of(cx, path, link) {
                out.push(finding(cx, file, link, &target));
            }
        }
    }
}

fn finding(cx: &SkillContext<'_>, file: FileId, link: &Link, target: &str) -> Finding {
    let written = path_of(&link.destination);
    let span = link.span.start..link.span.start + written.len();
    let is_verbatim = cx.tree.file(file).bytes.get(span.clone()) == Some(written.as_bytes());
    let meant = relative(directory_of(&cx.tree.file(file).path), target);
    let message = format!(
        "`{}` is found from the directory of the skill, and not from this file",
        brief(written)
    );
    let finding = Finding::at(&ROOT_RELATIVE_LINK, file, link.span.clone(), message)
        .note("links are relative to the file that they stand in; some agents look nowhere else");
    if is_verbatim {
        finding.patch(
            "write the path from this file",
            [Patch::replace(span, meant)],
        )
    } else {
        finding.help(format!("write the path from this file: `{meant}`"))
    }
}
