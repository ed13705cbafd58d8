//! SK601: a description that does not say when the skill is of use.

use super::described::described;
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// The `description` says what the skill does and not when to use it.
    ///
    /// A description is judged if it is in English: words such as `when`, `if`, `before` or `use for` tell of an occasion.
    ///
    /// ## Why
    ///
    /// The description is all that the agent sees before it chooses. One that names the occasion, and the words that users say then,
    /// is chosen when it should be.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms.
    /// ---
    /// Fill in the form.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Fill in the form.
    /// ```
    DESCRIPTION_WHEN = "SK601", "description-when", Style, Allow, Check::Skill(check)
}

/// Words that tell of an occasion. Those of several words, or parts of words, are compared with blanks around the text.
const OCCASIONS: &[&str] = &[
    " when",
    " if ",
    " before ",
    " after ",
    " during ",
    " while ",
    " whenever",
    " use for ",
    " used for ",
    " use to ",
    " used to ",
    " use this ",
    " use it ",
    " use proactively",
    " use on ",
    " use in ",
    " use with ",
    " useful ",
    " ideal for ",
    " trigger",
    " invoke",
    " for tasks",
    " for any ",
    " suitable for ",
    " applies to ",
    " apply to ",
    " apply this ",
    " every time ",
    " asks ",
    " asked ",
    " mentions ",
    " upon ",
    " at the start ",
    " at the end ",
    " helps with ",
    " once ",
    " as soon as ",
    " needs to ",
    " wants to ",
    " user needs",
    " user wants",
    " designed for ",
    " perfect for ",
    " best for ",
    " great for ",
    " keywords",
    " activate",
    " must use ",
    " should be used",
    " always use ",
    " load this ",
    " load for ",
    " read this ",
    " run this ",
];

/// The most common words of English, of which any description of some length holds one.
const ENGLISH: &[&str] = &[
    " the ", " and ", " a ", " an ", " of ", " to ", " for ", " with ", " in ", " from ", " that ",
    " or ", " by ", " using ",
];

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let Some(description) = described(cx) else {
        return;
    };
    let words = spaced(description.text);
    let is_english = description.text.is_ascii()
        || ENGLISH.iter().filter(|word| words.contains(**word)).count() >= 2;
    if !is_english || OCCASIONS.iter().any(|occasion| words.contains(occasion)) {
        return;
    }
    out.push(
        Finding::at(
            &DESCRIPTION_WHEN,
            cx.skill.document,
            description.line,
            "`description` does not say when to use the skill",
        )
        .note("it is all that the agent sees before it chooses a skill")
        .help("add the occasion, with the words that users say then: `Use when the user ...`"),
    );
}

/// A text in lower case with single blanks in place of everything that is no word.
fn spaced(text: &str) -> String {
    let lower = text.to_lowercase();
    let words: Vec<_> = lower
        .split(|symbol: char| !symbol.is_alphanumeric() && symbol != '\'')
        .filter(|word| !word.is_empty())
        .collect();
    format!(" {} ", words.join(" "))
}
