//! SK026: a byte order mark before the frontmatter.

use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// A `SKILL.md` begins with a byte order mark, U+FEFF.
    ///
    /// ## Why
    ///
    /// The mark stands before the `---`, where nobody sees it. Loaders that want the file to begin with `---` find no
    /// frontmatter, and drop the skill. UTF-8 needs no mark.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md escaped
    /// \u{feff}---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
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
    BOM = "SK026", "bom", Format, Warn, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let mark = '\u{feff}';
    if cx.skill.text.starts_with(mark) {
        let span = 0..mark.len_utf8();
        out.push(
            Finding::at(
                &BOM,
                cx.skill.document,
                span.clone(),
                "the file begins with a byte order mark, U+FEFF",
            )
            .note(
                "loaders that want it to begin with `---` find no frontmatter, and drop the skill",
            )
            .patch(
                "save it as UTF-8 without a byte order mark",
                [Patch::replace(span, "")],
            ),
        );
    }
}
