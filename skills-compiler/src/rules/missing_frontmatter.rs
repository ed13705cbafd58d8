//! SK002: a `SKILL.md` that does not begin with frontmatter.

use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::rules::template;
use crate::syntax::{FaultKind, Opening};

declare_rule! {
    /// The first line of a `SKILL.md` is not `---`, so that it has no frontmatter.
    ///
    /// ## Why
    ///
    /// Clients learn the name and the description of a skill from its frontmatter, and begin to look for it at the first byte.
    /// A blank line, a heading or a code fence above it is enough for the skill not to be loaded.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// # PDF forms
    ///
    /// Fills PDF forms.
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
    ///
    /// # PDF forms
    ///
    /// Fills PDF forms.
    /// ```
    MISSING_FRONTMATTER = "SK002", "missing-frontmatter", Format, Deny, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for fault in &cx.skill.faults {
        if let FaultKind::MissingFrontmatter(opening) = fault.kind {
            let note = "loaders expect `---` on the very first line; without it the skill has no name and no description";
            out.push(finding(cx, opening, fault.span.start).note(note));
        }
    }
}

fn finding(cx: &SkillContext<'_>, opening: Opening, start: usize) -> Finding {
    let rest = cx.skill.text.get(start..).unwrap_or_default();
    let line = rest.lines().next().unwrap_or_default().trim_end().len();
    let here = |message: &str| {
        Finding::at(
            &MISSING_FRONTMATTER,
            cx.skill.document,
            start..start + line,
            message,
        )
    };
    match opening {
        Opening::BlankLines => {
            let fence = start + rest.len() - rest.trim_start().len();
            Finding::at(
                &MISSING_FRONTMATTER,
                cx.skill.document,
                fence..fence + 3,
                "blank space stands above the frontmatter",
            )
            .label("this has to be the first line")
            .patch("remove what is above", [Patch::replace(start..fence, "")])
        }
        Opening::WrongDashes => here("the frontmatter has to begin with exactly three dashes")
            .patch(
                "write three dashes",
                [Patch::replace(start..start + line, "---")],
            ),
        Opening::BareKeys => {
            let here =
                here("the frontmatter has no `---` above it").label("the frontmatter begins here");
            here.patch("fence it in", fences(cx.skill.text, start))
        }
        Opening::LoneCarriageReturns => {
            let path = cx.tree.display(&cx.tree.file(cx.skill.document).path);
            Finding::at(
                &MISSING_FRONTMATTER,
                cx.skill.document,
                start..start + 3,
                "the lines of this file end in lone carriage returns",
            )
            .label("for most loaders the whole file is this one line")
            .help(format!(
                "convert the line ends: `perl -pi -e 's/\\r\\n?/\\n/g' {path}`"
            ))
        }
        Opening::CodeFence if rest.lines().nth(1).is_some_and(is_frontmatter) => {
            here("the frontmatter stands in a code block")
                .help("remove the lines with the code fence, so that the file begins with `---`")
        }
        Opening::Toml => here("the frontmatter is TOML, not YAML")
            .help("fence it with `---` and write `key: value` in place of `key = value`"),
        Opening::Markdown => here(
            "Markdown stands between the first two `---` lines, not frontmatter",
        )
        .help("begin with `---`, one `key: value` a line and `---` again, and put the text below"),
        Opening::Nothing => template(cx, here("this file is empty"), start),
        Opening::Heading => template(
            cx,
            here("the file begins with a heading, not with frontmatter"),
            start,
        ),
        Opening::CodeFence => template(
            cx,
            here("the file begins with a code block, not with frontmatter"),
            start,
        ),
        Opening::Tag => template(
            cx,
            here("the file begins with a tag, not with frontmatter"),
            start,
        ),
        Opening::Text => template(
            cx,
            here("the file begins with text, not with frontmatter"),
            start,
        ),
    }
}

fn is_frontmatter(line: &str) -> bool {
    line.trim() == "---" || line.starts_with("name:") || line.starts_with("description:")
}

/// The fences around keys that have none, or only the one below.
fn fences(text: &str, start: usize) -> Vec<Patch> {
    let (mut offset, mut end) = (start, start);
    for line in text.get(start..).unwrap_or_default().split_inclusive('\n') {
        if line.trim() == "---" {
            return vec![Patch::insert(start, "---\n")];
        }
        if line.trim().is_empty() || line.starts_with("# ") {
            break;
        }
        offset += line.len();
        end = offset - (line.len() - line.trim_end().len());
    }
    vec![Patch::insert(start, "---\n"), Patch::insert(end, "\n---")]
}

fn template(cx: &SkillContext<'_>, finding: Finding, start: usize) -> Finding {
    let text = cx.skill.text.get(start..).unwrap_or_default();
    let (name, description) = (template::name(cx.skill), template::description(text));
    let frontmatter = format!("---\nname: {name}\ndescription: {description}\n---\n\n");
    finding.draft(
        "begin with frontmatter such as this",
        [Patch::insert(start, frontmatter)],
    )
}
