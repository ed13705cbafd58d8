//! SK508: more skills than a client tells its model of.

use std::collections::BTreeMap;

use super::brief::brief;
use super::size::{grouped, shown};
use crate::diagnostics::Finding;
use crate::rules::rule::{BundleContext, Check, declare_rule};
use crate::syntax::{NodeKind, ParsedSkill, Scalar};

declare_rule! {
    /// The names and descriptions of all skills are longer together than a client puts before its model.
    ///
    /// The budget is 16,000 bytes unless it is set (`listing-bytes`), for each plugin where the skills come in several. Skills with `disable-model-invocation: true` do not
    /// count, because no model is told of them, and neither does a copy that a symbolic link makes of another skill.
    ///
    /// ## Why
    ///
    /// Names and descriptions stand in the context of every conversation, whether a skill is used or not. Clients allow
    /// them a part of it, which the skills of all servers share, and shorten or drop descriptions beyond: then skills are
    /// not found by what they are for.
    ///
    /// ## Example
    ///
    /// ```text
    /// === form-{n}/SKILL.md copies:60
    /// ---
    /// name: form-{n}
    /// description: Fills in form {n} of the tax office, in which taxpayers declare what they have earned and spent in the last year. Use when the user has received form {n} by mail, has to send it back, or asks what to write into one of its fields, which of its attachments are needed, or by when it is due.
    /// ---
    /// Open the form and fill it.
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
    /// Open the form and fill it.
    /// ```
    LISTING_BUDGET = "SK508", "listing-budget", Protocol, Warn, Check::Bundle(check)
}

/// How many of the longest descriptions are named.
const NAMED: usize = 3;

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    let mut plugins = BTreeMap::<&str, Vec<&ParsedSkill<'_>>>::new();
    for skill in cx.skills {
        if is_listed(skill) && !cx.copies.has(skill.directory) {
            let plugin = cx.tree.reading().plugin(skill.directory);
            plugins.entry(plugin).or_default().push(skill);
        }
    }
    for (plugin, listed) in plugins {
        out.extend(finding(cx, plugin, listed));
    }
}

/// What there is to say of the skills that are installed together.
fn finding(cx: &BundleContext<'_>, plugin: &str, listed: Vec<&ParsedSkill<'_>>) -> Option<Finding> {
    let total: usize = listed
        .iter()
        .map(|skill| skill.directory_name().len() + description(skill).len())
        .sum();
    let budget = cx.configuration.settings.listing_bytes;
    if total <= budget {
        return None;
    }
    let count = listed.len();
    let whose = if plugin.is_empty() {
        String::new()
    } else {
        format!(" of the plugin `{}`", brief(plugin))
    };
    let message = format!(
        "the names and descriptions of {} skills{whose} have {} bytes together, more than the {} that clients have room for",
        grouped(count),
        grouped(total),
        grouped(budget),
    );
    let mut longest = listed;
    longest.sort_by_key(|skill| (std::cmp::Reverse(description(skill).len()), skill.path));
    let named: Vec<_> = longest
        .iter()
        .take(NAMED)
        .map(|skill| {
            format!(
                "`{}` ({})",
                skill.path,
                shown(description(skill).len() as u64)
            )
        })
        .collect();
    Some(
        Finding::at_path(&LISTING_BUDGET, "", message)
            .note("they stand in the context of every conversation; clients shorten or drop descriptions that are too much for it")
            .note(format!("on average a skill has {}; the longest descriptions are those of {}", shown((total / count.max(1)) as u64), named.join(", ")))
            .help("shorten the descriptions, or serve the skills from several servers, so that users choose those they need"),
    )
}

fn description<'skill>(skill: &'skill ParsedSkill<'_>) -> &'skill str {
    skill
        .frontmatter
        .as_ref()
        .and_then(|frontmatter| frontmatter.text("description"))
        .unwrap_or_default()
}

/// Whether clients tell their model of a skill.
fn is_listed(skill: &ParsedSkill<'_>) -> bool {
    let value = skill
        .frontmatter
        .as_ref()
        .and_then(|frontmatter| frontmatter.get("disable-model-invocation"))
        .map(|entry| &entry.value.kind);
    !matches!(value, Some(NodeKind::Scalar(Scalar::Bool(true), _)))
}
