//! SK105: a name that is taken.

use super::name::Name;
use super::unportable_filename::device;
use crate::diagnostics::{Finding, Level};
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// A `name` is that of a device on Windows, or contains `claude` or `anthropic`.
    ///
    /// ## Why
    ///
    /// A host writes a skill into a directory of its name, and no directory on Windows can be called `aux` or `com1`. Uploads to
    /// Claude refuse names that contain `claude` or `anthropic`, which is only a warning except in the profile `claude-upload`.
    ///
    /// ## Example
    ///
    /// ```text
    /// === aux/SKILL.md
    /// ---
    /// name: aux
    /// description: Mixes audio. Use when the user wants to mix several tracks.
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === mixing-audio/SKILL.md
    /// ---
    /// name: mixing-audio
    /// description: Mixes audio. Use when the user wants to mix several tracks.
    /// ---
    /// Open the form and fill it.
    /// ```
    RESERVED_NAME = "SK105", "reserved-name", Naming, Deny, Check::Skill(check)
}

/// The words that uploads to Claude do not allow in names.
const WORDS: &[&str] = &["anthropic", "claude"];

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let Some(name) = Name::of(cx.skill) else {
        return;
    };
    if let Some(device) = device(name.text) {
        let message = format!("no directory on Windows can be called `{}`", name.text);
        out.push(
            Finding::at(
                &RESERVED_NAME,
                cx.skill.document,
                name.bytes(0..name.text.len()),
                message,
            )
            .label(format!("the device `{device}`"))
            .note("a host writes a skill into a directory of its name")
            .help("call the skill and its directory something else"),
        );
    }
    let lower = name.text.to_ascii_lowercase();
    let Some((at, word)) = WORDS
        .iter()
        .find_map(|word| Some((lower.find(word)?, word)))
    else {
        return;
    };
    let message = format!("the name contains `{word}`");
    let mut finding = Finding::at(
        &RESERVED_NAME,
        cx.skill.document,
        name.bytes(at..at + word.len()),
        message,
    )
    .note("uploads to Claude refuse it")
    .help("name the skill after what it does, or allow this rule if it will never be uploaded");
    // Of those who write about Claude, few upload skills.
    finding.level = Level::Allow;
    out.push(finding);
}
