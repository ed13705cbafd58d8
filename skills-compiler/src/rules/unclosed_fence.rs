//! SK204: a code block that nothing ends.

use std::ops::Range;

use super::section::line_at;
use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::FileId;
use crate::syntax::{Border, CodeBlock, Outline};

declare_rule! {
    /// A fenced code block in a Markdown file of the skill has no closing fence, or ends at the fence of a block inside of it.
    ///
    /// ## Why
    ///
    /// All that follows is code: its headings are no headings, its links lead nowhere, and instructions read like an example.
    /// Often the fence was meant to close a block that already ended at a fence inside of it: outer fences need more backticks
    /// than inner ones.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Run the script:
    ///
    /// ~~~sh
    /// python fill.py form.pdf
    ///
    /// Then compare the result with the form.
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
    /// Run the script:
    ///
    /// ~~~sh
    /// python fill.py form.pdf
    /// ~~~
    ///
    /// Then compare the result with the form.
    /// ```
    UNCLOSED_FENCE = "SK204", "unclosed-fence", Content, Warn, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for (&file, outline) in &cx.skill.outlines {
        out.extend(nested(file, outline));
        let mut blocks = outline.code_blocks.iter().enumerate();
        // In a list or a quotation the block ends with it; the fence that was to close it then opens another one.
        if let Some((index, block)) = blocks.find(|(_, block)| block.border == Border::OpenFence) {
            out.push(finding(cx, file, outline, (index, block)));
        }
    }
}

/// One finding for all blocks of a file that end at the fence of a block in them.
fn nested(file: FileId, outline: &Outline) -> Option<Finding> {
    let (first, others) = outline.nested.split_first()?;
    let message = "this code block ends at the fence of a block inside of it";
    let mut finding = Finding::at(&UNCLOSED_FENCE, file, first.outer.clone(), message)
        .label("it was meant to hold another block")
        .related(file, first.inner.clone(), "the next fence closes both, and this one opens nothing")
        .note("from there on, what was meant as text is code and the other way round; the rest of this report goes by what was meant");
    if !others.is_empty() {
        finding = finding.note(format!("{} more in this file", others.len()));
    }
    Some(finding.help("give the outer fences one backtick more than the inner ones, such as four"))
}

fn finding(
    cx: &SkillContext<'_>,
    file: FileId,
    outline: &Outline,
    (index, block): (usize, &CodeBlock),
) -> Finding {
    let text = cx.text(file);
    let source = text.get(block.span.clone()).unwrap_or_default();
    let line = source.lines().next().unwrap_or_default().trim_end();
    let span = block.span.start..block.span.start + line.len();
    let finding = Finding::at(
        &UNCLOSED_FENCE,
        file,
        span.clone(),
        "this code block is never closed",
    );
    let is_blank = |rest: Option<&str>| rest.unwrap_or_default().trim().is_empty();
    let is_inside = !is_blank(text.get(block.span.end..));
    let note = if is_inside {
        "it ends with the list or quotation that it stands in; a fence outside of that opens another block"
    } else {
        "everything after the fence is code: its headings, lists and links are none"
    };
    let before = outline.code_blocks.get(..index).unwrap_or_default();
    let mut before = before.iter().rev();
    // What stands in a list or quotation goes together as long as nothing is at the start of a line.
    let reaches = |outer: &CodeBlock| {
        let between = text.get(outer.span.end..block.span.start);
        !is_inside || !between.unwrap_or_default().lines().any(is_outside)
    };
    let before_it = before.clone().take_while(|outer| reaches(outer));
    // The first, because it ends too early, and what comes after it is not what it seems to be.
    let outer = before_it
        .filter_map(|block| Some((block, inner(text, block)?)))
        .last();
    if let Some((outer, inner)) = outer {
        return finding
            .note(note)
            .related(
                file,
                opening(text, outer),
                "this block was meant to hold another one",
            )
            .related(file, inner, "and ends at the fence that closes this one")
            .help("give the outer fences one backtick more than the inner ones, such as four");
    }
    if is_inside {
        let finding = finding.note(note);
        let rest = text.get(block.span.end..).unwrap_or_default();
        let next = line_at(
            text,
            text.len() - rest.trim_start_matches(['\n', '\r']).len(),
        );
        let written = text.get(next.clone()).unwrap_or_default();
        return if written.trim_start().starts_with(fence(line)) {
            finding.help("indent the closing fence as the opening one is")
        } else {
            finding
                .related(file, next, "the list or quotation ends here")
                .help("indent what belongs to the block as its fences are")
        };
    }
    let finding = finding.note(note);
    if is_blank(source.get(line.len()..)) {
        return finding.offer(
            "if it was to close nothing, remove it: nothing follows",
            [Patch::replace(span, "")],
        );
    }
    let finding = match inner(text, block) {
        Some(inner) => finding.related(file, inner, "a fence that names a language closes nothing"),
        None => finding,
    };
    let fence = fence(line);
    let close = format!("close it with {fence} on a line of its own where the code ends");
    if !block.language.is_empty() {
        return finding.help(close);
    }
    let finding = finding.help(format!(
        "remove this fence if it belongs to nothing, or {close}"
    ));
    match before.find(|block| !block.language.is_empty()) {
        Some(outer) if is_page(outer) => finding
            .related(file, opening(text, outer), "this block may be meant to go on")
            .help("if the page that is shown above goes on here, give its fences one backtick more, and close it where it ends"),
        _ => finding,
    }
}

/// Whether a line is text that stands in no list and no quotation.
fn is_outside(line: &str) -> bool {
    line.starts_with(|first: char| !first.is_whitespace() && first != '>')
}

/// Whether a closed block shows a Markdown page, which may have blocks of its own.
fn is_page(block: &CodeBlock) -> bool {
    let language = block.language.to_ascii_lowercase();
    block.border == Border::Fences && matches!(&*language, "markdown" | "md")
}

/// The fence that opens a block.
fn opening(text: &str, block: &CodeBlock) -> Range<usize> {
    let start = block.span.start;
    start..start + fence(text.get(block.span.clone()).unwrap_or_default()).len()
}

/// The fence that a line begins with.
fn fence(line: &str) -> &str {
    let end = line
        .find(|symbol| !matches!(symbol, '`' | '~'))
        .unwrap_or(line.len());
    line.get(..end).unwrap_or_default()
}

/// Inside of a block, a fence that opens another one: it names a language. Offsets count from the start of the file.
fn inner(text: &str, block: &CodeBlock) -> Option<Range<usize>> {
    if block.border == Border::Indentation {
        return None;
    }
    let source = text.get(block.span.clone())?;
    let outer = fence(source);
    let mut start = block.span.start;
    for line in source.split_inclusive('\n') {
        let trimmed = line.trim_start();
        let at = start + line.len() - trimmed.len();
        let names_a_language = trimmed
            .get(fence(trimmed).len()..)?
            .starts_with(char::is_alphabetic);
        if at > block.span.start && trimmed.starts_with(outer) && names_a_language {
            return Some(at..at + trimmed.trim_end().len());
        }
        start += line.len();
    }
    None
}
