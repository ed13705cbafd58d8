//! SK006: a plain value that begins with a character that YAML keeps for itself.

use crate::diagnostics::Finding;
use crate::rules::claim::{Claim, claim};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::rules::value::{PlainValue, quote};

declare_rule! {
    /// An unquoted value begins with a character that means something to YAML, such as `@`, `*`, `[` or a backtick.
    ///
    /// ## Why
    ///
    /// YAML keeps these characters for lists, references, tags and for later. A description that begins with `**Important**` or
    /// `[beta]` is not text to it, and the frontmatter does not parse. In quotes every character is only itself.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: `pdftk` fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: "`pdftk` fills PDF forms. Use when the user has a form to fill."
    /// ---
    /// Open the form and fill it.
    /// ```
    RESERVED_INDICATOR = "SK006", "reserved-indicator", Format, Deny, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for fault in &cx.skill.faults {
        if let Some(Claim::Indicator(value)) = claim(cx.skill, fault) {
            out.extend(finding(cx, &value));
        }
    }
}

fn finding(cx: &SkillContext<'_>, value: &PlainValue) -> Option<Finding> {
    let text = value.text(cx.skill);
    let first = text.chars().next()?;
    let span = value.span.start..value.span.start + first.len_utf8();
    let message = format!("an unquoted value cannot begin with {}", shown(first));
    let finding = Finding::at(&RESERVED_INDICATOR, cx.skill.document, span, message)
        .label(meaning(first))
        .note("loaders read the value as something else than text, or drop the skill because its frontmatter does not parse");
    Some(finding.patch("quote the value", quote(&value.span, text)))
}

fn shown(symbol: char) -> String {
    if symbol == '`' {
        "a backtick".to_owned()
    } else {
        format!("`{symbol}`")
    }
}

const fn meaning(symbol: char) -> &'static str {
    match symbol {
        '*' => "YAML reads a reference to an anchor here",
        '&' => "YAML reads an anchor here",
        '!' => "YAML reads a tag here",
        ']' => "YAML reads the end of a list here",
        '}' => "YAML reads the end of a mapping here",
        '[' => "YAML reads a list here",
        ',' => "YAML reads the end of an item of a list here",
        '{' => "YAML reads a mapping here",
        '-' => "YAML reads an item of a list here",
        '?' => "YAML reads a key here",
        '%' => "YAML keeps this for directives",
        _ => "YAML reserves this character",
    }
}
