//! SK610: a description that says no more than the name.

use std::collections::BTreeSet;

use super::described::described;
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// The `description` has no word of meaning that is not in the name already.
    ///
    /// Only descriptions in ASCII are looked at.
    ///
    /// ## Why
    ///
    /// A model sees name and description before it chooses a skill. A description such as "A skill for PDF" tells it nothing that
    /// the name has not told it, so that it cannot know when the skill is of use.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: This skill helps with PDF tasks. Use when the user needs help with PDF.
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
    CIRCULAR_DESCRIPTION = "SK610", "circular-description", Style, Warn, Check::Skill(check)
}

/// Words that say nothing of what a skill is for.
const EMPTY: &str = "\
    a about agent agents ai all an and any are as ask asks assist assistant be by can claude comprehensive \
    custom do does everything expert for from guide handles has have help helper helpful helping helps how i in \
    into invoke is it its me my need needs of on or our perform performs please provide provides related run \
    skill skills some specialist specialized stuff support supports task tasks that the their this to tool tools \
    up use used useful user users uses using various want wants we when whenever which with work working works \
    you your";

/// Words that stand where a description should say something; without one, verbs of the name may say enough.
const FILLERS: [&str; 16] = [
    "assistant",
    "comprehensive",
    "expert",
    "guide",
    "help",
    "helper",
    "helping",
    "helps",
    "related",
    "skill",
    "specialist",
    "support",
    "task",
    "tasks",
    "tool",
    "working",
];

/// The most words of a name that can still be all that there is to say.
const MOST_WORDS: usize = 4;

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let Some(description) = described(cx) else {
        return;
    };
    // A name of many words is a sentence of its own.
    let is_sentence = words(cx.skill.directory_name()).count() > MOST_WORDS;
    if !description.text.is_ascii() || is_sentence {
        return;
    }
    let name = cx
        .skill
        .frontmatter
        .as_ref()
        .and_then(|frontmatter| frontmatter.text("name"));
    let known: BTreeSet<_> = EMPTY
        .split(' ')
        .map(str::to_owned)
        .chain(words(name.unwrap_or_default()))
        .chain(words(cx.skill.directory_name()))
        .map(|word| stem(&word).to_owned())
        .collect();
    let is_filled = words(description.text).any(|word| FILLERS.contains(&&*word));
    if is_filled && words(description.text).all(|word| known.contains(stem(&word))) {
        out.push(
            Finding::at(
                &CIRCULAR_DESCRIPTION,
                cx.skill.document,
                description.line,
                "`description` says no more than the name",
            )
            .note("it is what a model chooses by, and nothing in it tells when the skill is of use")
            .help("say what the skill does, with the words that users say, and when to use it"),
        );
    }
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|symbol: char| !symbol.is_ascii_alphanumeric());
    words
        .filter(|word| !word.is_empty())
        .map(str::to_ascii_lowercase)
}

/// A word without the end that makes it another form of itself.
fn stem(word: &str) -> &str {
    word.strip_suffix('s')
        .filter(|stem| stem.len() > 2)
        .unwrap_or(word)
}
