//! SK032: a description that ends in the middle.

use super::described::described;
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// The `description` ends in the middle of a word or of a sentence.
    ///
    /// A word before `...` counts as cut off if it is too short to be one, if the text of the skill has a word that begins so, or if it
    /// is one that cannot end a sentence, such as `the`. Without `...`, only the last kind counts, and a comma at the end.
    ///
    /// ## Why
    ///
    /// A tool that made or converted the skill has cut the text at some length. What is missing is mostly the end, which says
    /// when to use the skill, and a model cannot choose by what is not there.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms with the values that the user gives, and checks that all of the fields that are requi...
    /// ---
    /// Open the form and fill the required fields.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms and checks that all required fields have values. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill the required fields.
    /// ```
    DESCRIPTION_CUT_OFF = "SK032", "description-cut-off", Format, Warn, Check::Skill(check)
}

/// What is shorter was not cut by a tool.
const LEAST: usize = 60;

/// Words that cannot be the last of a sentence.
const OPEN: [&str; 24] = [
    "a", "an", "and", "as", "at", "because", "but", "by", "for", "from", "how", "if", "into", "of",
    "or", "such", "than", "that", "the", "their", "to", "when", "which", "with",
];

/// Short words, and abbreviations, that may well stand before three dots.
const SHORT: [&str; 58] = [
    "add", "ai", "all", "any", "api", "app", "are", "be", "can", "cli", "css", "csv", "day", "db",
    "dev", "do", "doc", "end", "etc", "fix", "get", "git", "go", "in", "io", "is", "it", "job",
    "js", "key", "log", "me", "ml", "new", "no", "not", "now", "off", "ok", "on", "one", "out",
    "own", "pdf", "pr", "run", "so", "sql", "too", "ui", "up", "url", "us", "use", "ux", "web",
    "xml", "you",
];

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let Some(description) = described(cx) else {
        return;
    };
    let text = description.text;
    let stem = text.strip_suffix("...").or_else(|| text.strip_suffix('…'));
    let is_cut = text.chars().count() >= LEAST
        && match stem {
            Some(stem) => is_cut_before_dots(cx, stem),
            None => is_open(last_word(text)) || text.ends_with([',', '(']),
        };
    if !is_cut {
        return;
    }
    let end = description.span.end;
    let written = cx
        .skill
        .text
        .get(description.span.clone())
        .unwrap_or_default();
    let written = written.trim_end_matches(['"', '\'']);
    let end = end - (description.span.len() - written.len());
    let from = written.rfind([' ', '\n']).map_or(0, |blank| blank + 1);
    let place = description.span.start + from..end;
    out.push(
        Finding::at(
            &DESCRIPTION_CUT_OFF,
            cx.skill.document,
            place,
            "`description` ends in the middle",
        )
        .label("cut off here")
        .note("a model chooses the skill by this text, and does not see what was cut off")
        .help("write the end, or a shorter text that is whole"),
    );
}

/// Whether the last word of a text before three dots is a part of a word or cannot be the last.
fn is_cut_before_dots(cx: &SkillContext<'_>, stem: &str) -> bool {
    let word = last_word(stem);
    if word.is_empty() || !word.bytes().all(|byte| byte.is_ascii_lowercase()) {
        return false;
    }
    is_open(word) || word.len() < 4 && !SHORT.contains(&word) || is_part_of_a_word(cx, word)
}

/// Whether the body never has a word alone, and has one that begins with it.
fn is_part_of_a_word(cx: &SkillContext<'_>, part: &str) -> bool {
    let body = cx
        .skill
        .fence
        .as_ref()
        .and_then(|fence| cx.skill.text.get(fence.body.clone()));
    let words = body
        .unwrap_or_default()
        .split(|symbol: char| !symbol.is_ascii_alphabetic());
    let (mut is_longer, mut is_whole) = (false, false);
    for word in words {
        let is_same = word
            .get(..part.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(part));
        is_whole |= is_same && word.len() == part.len();
        is_longer |= is_same && word.len() > part.len();
    }
    // A plural or a form of a verb is no longer word.
    is_longer && !is_whole && !part.ends_with('s') && !part.ends_with('e')
}

fn is_open(word: &str) -> bool {
    OPEN.contains(&word)
}

fn last_word(text: &str) -> &str {
    let start = text
        .rfind(|symbol: char| !symbol.is_alphanumeric())
        .map_or(0, |at| {
            at + text
                .get(at..)
                .and_then(|rest| rest.chars().next())
                .map_or(1, char::len_utf8)
        });
    text.get(start..).unwrap_or_default()
}
