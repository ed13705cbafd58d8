//! SK505: what one client does to a skill on its own disk, and no host does over MCP.

use std::ops::Range;

use super::quoted::{is_code, is_quoted};
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::syntax::Frontmatter;

declare_rule! {
    /// A skill relies on something that Claude Code does with files on its disk: `hooks`, `context: fork`, commands in
    /// `` !`...` ``, or `$ARGUMENTS`.
    ///
    /// `argument-hint` is left alone: this server shows it as the description of the prompt's argument.
    ///
    /// ## Why
    ///
    /// Over MCP a skill is text that a host must not execute anything for. The hooks do not run, the command is not
    /// replaced by its output, and the model reads the word `$ARGUMENTS` where the user's request was to be.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Fill in the form $ARGUMENTS.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Fill in the form that the user names.
    /// ```
    CLIENT_ONLY_FEATURE = "SK505", "client-only-feature", Protocol, Warn, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    if cx.is_for_claude_code_alone(&CLIENT_ONLY_FEATURE) {
        return;
    }
    out.extend(cx.skill.frontmatter.iter().flat_map(fields).chain(command(cx)).chain(arguments(cx)).map(
        |Feature { span, message, help }| {
            Finding::at(&CLIENT_ONLY_FEATURE, cx.skill.document, span, message)
                .note("only Claude Code does so, with skills on its own disk; other clients, and hosts over MCP, take it for text")
                .help(help)
        },
    ));
}

/// Something that has no effect, and what to do instead.
struct Feature {
    span: Range<usize>,
    message: String,
    help: &'static str,
}

fn fields(frontmatter: &Frontmatter) -> impl Iterator<Item = Feature> {
    let hooks = frontmatter.get("hooks").map(|entry| Feature {
        span: entry.key_span.clone(),
        message: "only Claude Code runs these hooks".to_owned(),
        help: "let the text say what has to be checked or run, and when",
    });
    let fork = frontmatter
        .get("context")
        .filter(|entry| entry.value.as_text() == Some("fork"));
    let fork = fork.map(|entry| Feature {
        span: entry.value.span.clone(),
        message: "only in Claude Code does `context: fork` start an agent of its own".to_owned(),
        help: "let the text say that the task is for a subagent, if it has to be",
    });
    hooks.into_iter().chain(fork)
}

/// The first code span with a `!` in front, which is executed before the model sees the text.
fn command(cx: &SkillContext<'_>) -> Option<Feature> {
    let spans = &cx.skill.outlines.get(&cx.skill.document)?.code_spans;
    let span = spans.iter().find(|span| {
        let before = cx.skill.text.get(..span.start).unwrap_or_default();
        before
            .strip_suffix('!')
            .is_some_and(|before| before.is_empty() || before.ends_with([' ', '\t', '\n', '(']))
    })?;
    let span = span.start.saturating_sub(1)..span.end;
    Some(Feature {
        message: "only Claude Code replaces this command by its output".to_owned(),
        span,
        help: "let the text say that the agent runs the command, and what for",
    })
}

/// What Claude Code replaces by what the user wrote after the name of the skill.
const ARGUMENTS: &str = "$ARGUMENTS";

fn arguments(cx: &SkillContext<'_>) -> Option<Feature> {
    let outline = cx.skill.outlines.get(&cx.skill.document)?;
    let body = cx.skill.fence.as_ref()?.body.clone();
    let text = cx.skill.text.get(body.clone())?;
    let text = text.contains(ARGUMENTS).then_some(text)?;
    let found = text.match_indices(ARGUMENTS).map(|(at, _)| body.start + at);
    let mut found = found.filter(|&at| {
        let rest = cx
            .skill
            .text
            .get(at + ARGUMENTS.len()..)
            .unwrap_or_default();
        let is_longer = rest.starts_with(|next: char| next.is_ascii_alphanumeric() || next == '_');
        !is_longer && !is_quoted(outline, at)
    });
    let first = found.next()?;
    // Who only writes about it does so in code.
    let all: Vec<_> = std::iter::once(first).chain(found).collect();
    let at = all
        .iter()
        .copied()
        .find(|&at| !is_code(outline, at))
        .unwrap_or(first);
    let more = match all.len() - 1 {
        0 => String::new(),
        1 => ", here and in one other place".to_owned(),
        more => format!(", here and in {more} other places"),
    };
    Some(Feature {
        span: at..at + ARGUMENTS.len(),
        message: format!(
            "`{ARGUMENTS}` is replaced by the user's request in Claude Code only{more}"
        ),
        help: "say it in words, such as \"what the user asked for\"; a prompt made of the skill adds the request at its end",
    })
}
