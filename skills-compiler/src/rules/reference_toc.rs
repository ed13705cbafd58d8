//! SK607: a long reference without a table of contents.

use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::{Heading, Outline};

declare_rule! {
    /// A Markdown file beside `SKILL.md` has more than 100 lines and three or more sections, and no table of contents at its top.
    ///
    /// ## Why
    ///
    /// An agent often reads only the first lines of a long file. A table of contents tells it what the rest holds, and what to read.
    /// Anthropic's guide asks for one in files of more than 100 lines.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Read [the reference](references/forms.md).
    /// === pdf/references/forms.md padded:8500
    /// # Forms
    ///
    /// ## Text fields
    /// ## Check boxes
    /// ## Signatures
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
    /// Read [the reference](references/forms.md).
    /// === pdf/references/forms.md padded:8500
    /// # Forms
    ///
    /// - [Text fields](#text-fields)
    /// - [Check boxes](#check-boxes)
    /// - [Signatures](#signatures)
    ///
    /// ## Text fields
    /// ## Check boxes
    /// ## Signatures
    /// ```
    REFERENCE_TOC = "SK607", "reference-toc", Style, Allow, Check::Skill(check)
}

/// More lines than an agent can be expected to read at once.
const LONG: usize = 100;

/// The fewest sections that are worth a table.
const SECTIONS: usize = 3;

/// Where the table has to be: in the first lines.
const TOP: usize = 40;

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for (&file, outline) in &cx.skill.outlines {
        let text = cx.text(file);
        let lines = memchr::memchr_iter(b'\n', text.as_bytes()).count();
        let sections: Vec<_> = outline
            .headings
            .iter()
            .filter(|heading| heading.level == 2)
            .collect();
        if file == cx.skill.document
            || lines <= LONG
            || sections.len() < SECTIONS
            || has_table(text, outline, &sections)
        {
            continue;
        }
        // The frontmatter of another tool would be read as a heading with a line below it.
        let mut headings = outline.headings.iter();
        let begins = |heading: &&Heading| {
            text.get(heading.span.start..)
                .is_some_and(|rest| rest.starts_with('#'))
        };
        let Some(heading) = headings.find(begins) else {
            continue;
        };
        let title = text
            .get(heading.span.clone())
            .unwrap_or_default()
            .trim_end()
            .len();
        let message = format!("this file has {lines} lines and no table of contents");
        out.push(
            Finding::at(
                &REFERENCE_TOC,
                file,
                heading.span.start..heading.span.start + title,
                message,
            )
            .note("an agent that reads only the first lines does not learn what the rest holds")
            .help(format!(
                "list its {} sections below this heading",
                sections.len()
            )),
        );
    }
}

/// Whether the top of a file has a heading for a table, links to headings, or the names of most sections.
fn has_table(text: &str, outline: &Outline, sections: &[&Heading]) -> bool {
    let top = memchr::memchr_iter(b'\n', text.as_bytes())
        .nth(TOP)
        .unwrap_or(text.len());
    let titles = [
        "contents",
        "toc",
        "index",
        "overview of",
        "in this file",
        "quick navigation",
    ];
    let heading = outline
        .headings
        .iter()
        .take_while(|heading| heading.span.start < top)
        .any(|heading| {
            let title = heading.text.to_lowercase();
            titles.iter().any(|name| title.contains(name))
        });
    let links = outline
        .links
        .iter()
        .filter(|link| link.span.start < top && link.destination.starts_with('#'))
        .count();
    let first = sections.first().map_or(top, |section| section.span.start);
    let head = text.get(..first.min(top)).unwrap_or_default();
    let named = sections
        .iter()
        .filter(|section| head.contains(section.text.as_str()))
        .count();
    let lower = head.to_lowercase();
    heading
        || links >= SECTIONS
        || named * 2 > sections.len()
        || lower.contains("table of contents")
        || lower.contains("**contents")
}
