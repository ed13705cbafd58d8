//! SK004: YAML errors that no other rule explains better.

use crate::diagnostics::{Finding, Patch};
use crate::rules::claim::{Claim, claim, is_misplaced_key};
use crate::rules::field::SPECIFIED;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::rules::value::PlainValue;
use crate::rules::yaml_message::{described, is_tab_error};
use crate::syntax::{ErrorKind, Fault, FaultKind};

declare_rule! {
    /// The frontmatter is not valid YAML.
    ///
    /// ## Why
    ///
    /// Claude Code, Codex, Copilot and the `skills` CLI drop a skill whose frontmatter does not parse, mostly without a word. What
    /// goes wrong most often has rules of its own: `unquoted-colon`, `reserved-indicator`, `bad-quotes` and `unportable-yaml`.
    /// What a merge conflict left behind is told of once.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description:Fills PDF forms. Use when the user has a form to fill.
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
    INVALID_YAML = "SK004", "invalid-yaml", Format, Deny, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let mut conflict = conflict(cx);
    let is_conflict = conflict.is_some();
    for fault in &cx.skill.faults {
        let note = "Claude Code, Codex, Copilot and the `skills` CLI silently drop a skill whose frontmatter does not parse";
        match &fault.kind {
            FaultKind::Yaml(kind) if claim(cx.skill, fault) == Some(Claim::Other) => {
                let one = || (!is_conflict).then(|| finding(cx, kind, fault));
                out.extend(
                    conflict
                        .take()
                        .or_else(one)
                        .map(|finding| finding.note(note)),
                );
            }
            FaultKind::FrontmatterTooLarge(size) => {
                let message =
                    format!("the frontmatter has {size} bytes; no more than 65536 are read");
                let finding = here(cx, 0, 3, &message).note(
                    "clients keep the frontmatter of every skill in memory, and models in context",
                );
                out.push(finding.help("move the text below the closing `---`"));
            }
            _ => {}
        }
    }
}

fn here(cx: &SkillContext<'_>, at: usize, len: usize, message: &str) -> Finding {
    Finding::at(&INVALID_YAML, cx.skill.document, at..at + len, message)
}

/// What Git writes where two versions of a file differ, and nobody has chosen yet.
fn conflict(cx: &SkillContext<'_>) -> Option<Finding> {
    let range = cx.skill.fence.as_ref()?.frontmatter.clone();
    let mut marks = cx
        .skill
        .text
        .get(range.clone())?
        .split_inclusive('\n')
        .scan(range.start, |offset, line| {
            let start = *offset;
            *offset += line.len();
            Some((start, line.trim_end()))
        });
    let (ours, line) = marks.find(|(_, line)| line.starts_with("<<<<<<< "))?;
    let (theirs, end) = marks.find(|(_, line)| line.starts_with(">>>>>>> "))?;
    let message = "a merge conflict was left in the frontmatter";
    let finding = here(cx, ours, line.len(), message).label("one version begins here");
    let finding = finding.related(
        cx.skill.document,
        theirs..theirs + end.len(),
        "the other ends here",
    );
    Some(finding.help("choose what is to stay, and remove the lines of `<`, `=` and `>`"))
}

/// The parser stops near the mark, not always at it.
fn byte_order_mark(cx: &SkillContext<'_>, at: usize) -> Option<Finding> {
    const MARK: char = '\u{feff}';
    let (before, after) = cx.skill.text.split_at_checked(at)?;
    let at = match after.find(MARK) {
        Some(offset) => at + offset,
        None => before.rfind(MARK)?,
    };
    let message = "a byte-order mark stands in the middle of the frontmatter";
    let end = at + MARK.len_utf8();
    Some(here(cx, at, MARK.len_utf8(), message).patch("remove it", [Patch::replace(at..end, "")]))
}

fn finding(cx: &SkillContext<'_>, kind: &ErrorKind, fault: &Fault) -> Finding {
    let at = fault.span.start;
    let special = match kind {
        kind if is_tab_error(kind) || *kind == ErrorKind::ExpectedBlockMappingKey => tab(cx, at),
        ErrorKind::SimpleKeyExpected => Some(no_entry(cx, at)),
        ErrorKind::MappingValueNotAllowed => misplaced(cx, at),
        ErrorKind::InvalidBlockScalarHeader => block_header(cx, at),
        ErrorKind::BomInsideDocument => byte_order_mark(cx, at),
        ErrorKind::CommentNotSeparated => Some(
            here(cx, at, 1, "a `#` begins a comment only after a blank")
                .patch("put a blank in front", [Patch::insert(at, " ")]),
        ),
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator => {
            escaped_bracket(cx, fault)
        }
        _ => None,
    };
    special.unwrap_or_else(|| general(cx, kind, fault))
}

/// An error as the table of kinds describes it.
fn general(cx: &SkillContext<'_>, kind: &ErrorKind, fault: &Fault) -> Finding {
    let (message, help) = described(kind);
    let rest = cx.skill.text.get(fault.span.start..).unwrap_or_default();
    let len = rest
        .chars()
        .next()
        .filter(|symbol| *symbol != '\n')
        .map_or(0, char::len_utf8);
    let finding = here(cx, fault.span.start, len, &message).help(help);
    if fault.span.end > fault.span.start {
        let end = fault.span.end.min(cx.skill.text.len());
        return finding.label("this bracket").related(
            cx.skill.document,
            end..end,
            "the error shows here",
        );
    }
    finding
}

/// Backslashes that an editor of Markdown has put before the brackets of a list or a mapping.
fn escaped_bracket(cx: &SkillContext<'_>, fault: &Fault) -> Option<Finding> {
    let end = cx.skill.text.get(fault.span.end..)?.find('\n')?;
    let text = cx.skill.text.get(fault.span.start..fault.span.end + end)?;
    let mut is_quoted = false;
    let mut escaped = text.char_indices().filter_map(|(offset, symbol)| {
        is_quoted ^= symbol == '"';
        let rest = text.get(offset + symbol.len_utf8()..)?;
        let is_escape = symbol == '\\' && !is_quoted && rest.starts_with(['[', ']', '{', '}']);
        is_escape.then_some(fault.span.start + offset)
    });
    let first = escaped.next()?;
    let patches = std::iter::once(first).chain(escaped);
    let patches: Vec<_> = patches.map(|at| Patch::replace(at..at + 1, "")).collect();
    let message = "a backslash before a bracket makes it text";
    Some(
        here(cx, first, 2, message)
            .label("editors of Markdown write such escapes, and YAML has none")
            .offer("remove the backslashes", patches),
    )
}

/// A tab at the beginning of the line of the error, or of one of the next lines, where the parser has only looked ahead.
fn tab(cx: &SkillContext<'_>, at: usize) -> Option<Finding> {
    let end = cx.skill.fence.as_ref()?.frontmatter.end;
    let mut start = line_start(cx.skill.text, at);
    for line in cx.skill.text.get(start..end)?.split_inclusive('\n').take(3) {
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        if line.get(..blanks)?.contains('\t') && !line.trim().is_empty() && start + blanks >= at {
            // A field of the specification is never part of another one.
            let is_field = line
                .trim()
                .split_once(':')
                .is_some_and(|(key, _)| SPECIFIED.contains(&key));
            let wide = if is_field {
                String::new()
            } else {
                line.get(..blanks)?.replace('\t', "  ")
            };
            return Some(
                here(
                    cx,
                    start,
                    blanks,
                    "a tab indents this line, and YAML allows only blanks",
                )
                .label("a tab is here")
                .patch(
                    if is_field {
                        "begin the line with the field"
                    } else {
                        "indent with blanks"
                    },
                    [Patch::replace(start..start + blanks, wide)],
                ),
            );
        }
        start += line.len();
    }
    None
}

/// A line that is neither an entry nor a part of one.
fn no_entry(cx: &SkillContext<'_>, at: usize) -> Finding {
    let start = line_start(cx.skill.text, at);
    let line = cx
        .skill
        .text
        .get(at..)
        .and_then(|rest| rest.lines().next())
        .unwrap_or_default()
        .trim_end();
    let colon = line.find(':').filter(|&colon| {
        colon > 0
            && !line
                .get(..colon)
                .unwrap_or_default()
                .contains([' ', '*', '"'])
    });
    if let Some(colon) = colon.filter(|&colon| colon + 1 < line.len()) {
        let at = at + colon;
        return here(cx, at, 1, "a blank is missing after this colon")
            .label("without a blank it does not end the key")
            .patch("put a blank after it", [Patch::insert(at + 1, " ")]);
    }
    let finding = here(cx, at, line.len(), "this line is not `key: value`");
    let above =
        PlainValue::around(cx.skill, start).filter(|_| !line.contains(": ") && line.contains(' '));
    match above {
        Some(value) => finding.offer(
            format!("if it belongs to `{}`, indent it", value.key),
            [Patch::insert(start, "  ")],
        ),
        None => finding.help("write a key, a colon, a blank and a value; or remove the line"),
    }
}

/// An entry that is indented more than the ones above it.
fn misplaced(cx: &SkillContext<'_>, at: usize) -> Option<Finding> {
    let value = PlainValue::around(cx.skill, at)?;
    if !is_misplaced_key(cx.skill, &value, at) {
        return None;
    }
    let start = line_start(cx.skill.text, at);
    let line = cx.skill.text.get(start..at)?;
    let blanks = line.len() - line.trim_start().len();
    let wanted = cx
        .skill
        .text
        .get(start..start + blanks.min(value.indent))?
        .to_owned();
    Some(
        here(
            cx,
            start + blanks,
            line.len() - blanks,
            &format!(
                "`{}` is indented as if it were a part of `{}`",
                line.trim(),
                value.key
            ),
        )
        .label("indented too far")
        .patch(
            format!("indent it as far as `{}`", value.key),
            [Patch::replace(start..start + blanks, wanted)],
        ),
    )
}

/// A `>` or `|` with text behind it.
fn block_header(cx: &SkillContext<'_>, at: usize) -> Option<Finding> {
    let value = PlainValue::around(cx.skill, at).filter(|value| value.span.start == at)?;
    let text = value.text(cx.skill);
    let line = text.lines().next()?;
    let sign = line.get(..1)?;
    let finding = here(
        cx,
        at + 1,
        line.len() - 1,
        &format!("text cannot follow `{sign}` on the same line"),
    );
    let words = line.get(1..)?.trim_start();
    let head = at + line.len() - words.len();
    let indent = " ".repeat(value.indent + 2);
    if !line.get(1..)?.starts_with(' ') {
        return Some(finding.help(format!(
            "begin the text on the next line, or quote it if `{sign}` is a part of it"
        )));
    }
    let lines = Patch::replace(at + 1..head, format!("\n{indent}"));
    Some(finding.patch("begin the text on the next line", [lines]))
}

fn line_start(text: &str, at: usize) -> usize {
    text.get(..at)
        .and_then(|head| head.rfind('\n'))
        .map_or(0, |newline| newline + 1)
}
