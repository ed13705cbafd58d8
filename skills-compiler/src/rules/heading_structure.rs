//! SK215: a body without a title, or with several.

use super::section::line_at;
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::Heading;

declare_rule! {
    /// The body of a `SKILL.md` has headings, but none of the first level, or more than one.
    ///
    /// ## Why
    ///
    /// One title and sections below it say what belongs together. This is a matter of style: agents do without, and pages and
    /// tables of contents that are made of the skill read better.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// ## Reading a form
    ///
    /// List the fields.
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
    /// # PDF forms
    ///
    /// ## Reading a form
    ///
    /// List the fields.
    /// ```
    HEADING_STRUCTURE = "SK215", "heading-structure", Content, Allow, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let document = cx.skill.document;
    let Some(outline) = cx.skill.outlines.get(&document) else {
        return;
    };
    let mut titles = outline.headings.iter().filter(|heading| heading.level == 1);
    let at = |place: &Heading, message: &str| {
        let end = place.span.start
            + cx.skill
                .text
                .get(place.span.clone())
                .map_or(0, |text| text.trim_end().len());
        Finding::at(&HEADING_STRUCTURE, document, place.span.start..end, message)
            .note("one title and sections below it say what belongs together")
    };
    let Some(first) = titles.next() else {
        if let Some(first) = outline.headings.first() {
            out.push(
                at(first, "no title stands above this heading")
                    .help("begin the body with a heading of the first level, `# ...`"),
            );
        }
        return;
    };
    let Some(second) = titles.next() else { return };
    let more = titles.count();
    let finding = at(second, "this is a second title").related(
        document,
        line_at(cx.skill.text, first.span.start),
        "the first one",
    );
    let finding =
        finding.help("make it a section, `## ...`, and its sections those of the next level");
    out.push(match more {
        0 => finding,
        1 => finding.note("one more follows"),
        more => finding.note(format!("{more} more follow")),
    });
}
