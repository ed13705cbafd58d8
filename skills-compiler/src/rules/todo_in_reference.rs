//! SK608: a note that something is still to be written.

use std::ops::Range;
use std::sync::LazyLock;

use super::destination::is_template;
use super::occurrence::{and_more, begins_word, line_around};
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::words::Words;

declare_rule! {
    /// A Markdown file beside `SKILL.md` has a `TODO:`, `FIXME:` or `TBD` outside of code. Templates are left alone.
    ///
    /// ## Why
    ///
    /// The agent takes the note for content: it works with what is not there, or tries to do what its author did not.
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
    /// === pdf/references/forms.md
    /// # Forms
    ///
    /// TODO: describe signatures.
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
    /// === pdf/references/forms.md
    /// # Forms
    ///
    /// Signatures cannot be filled in.
    /// ```
    TODO_IN_REFERENCE = "SK608", "todo-in-reference", Style, Allow, Check::Skill(check)
}

/// What such a note begins with.
static NOTES: LazyLock<Words> = LazyLock::new(|| Words::new(["TODO", "FIXME", "TBD"]));

/// How far from a word its line is looked at, in bytes.
const REACH: usize = 200;

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for (&file, outline) in &cx.skill.outlines {
        let path = &cx.tree.file(file).path;
        if file == cx.skill.document || is_template(path) || path.contains("/assets/") {
            continue;
        }
        let text = cx.text(file);
        let found: Vec<_> = NOTES
            .places(text)
            .filter(|&(at, _)| !outline.is_code(at))
            .filter_map(|(at, _)| note(text, at))
            .collect();
        let Some(first) = found.first() else {
            continue;
        };
        let more = and_more(found.len());
        let message = format!("something is still to be written here{more}");
        out.push(
            Finding::at(&TODO_IN_REFERENCE, file, first.clone(), message)
                .note("the agent takes the note for content")
                .help("write it, or delete the note"),
        );
    }
}

/// The word at an offset, if it is a note and not a word about notes: it begins a line or a bracket, and is cut off from what
/// follows.
fn note(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.get(at..)?;
    let after = rest.trim_start_matches(|symbol: char| symbol.is_ascii_uppercase());
    let word = rest.get(..rest.len() - after.len())?;
    let line = text.get(line_around(text, at, REACH).start..at)?;
    let begins = line.ends_with(['[', '('])
        || line
            .trim_matches([' ', '\t', '-', '*', '>', '_', '#'])
            .is_empty();
    let is_note = match word {
        "TBD" => after.is_empty() || after.starts_with(['\n', '\r', ']', ')', ':', '.', '*', '_']),
        "TODO" | "FIXME" => after.starts_with([':', '(', ']']) || after.starts_with("**:"),
        _ => false,
    };
    (begins && is_note && begins_word(text, at)).then(|| at..at + word.len())
}
