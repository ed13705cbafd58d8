//! SK706: a comment that allows what does not occur.

use super::run::{Used, may_be_allowed};
use super::{find, index};
use crate::config::Setting;
use crate::diagnostics::Finding;
use crate::rules::rule::{BundleContext, Check, declare_rule};

declare_rule! {
    /// A comment allows a rule that finds nothing here.
    ///
    /// ## Why
    ///
    /// What it was written for is gone; what comes next at this place would pass unseen.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// <!-- skills: allow(broken-link) reason="the file is made by the script" -->
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
    UNUSED_ALLOW = "SK706", "unused-allow", Configuration, Warn, Check::Last(check)
}

fn check(cx: &BundleContext<'_>, used: &Used, out: &mut Vec<Finding>) {
    for skill in cx.skills {
        let levels = cx.configuration.levels.of(skill.path);
        for (file, allowance) in &skill.allowances {
            let in_effect = allowance
                .rules
                .iter()
                .filter(|_| allowance.reason.is_some());
            for (name, span) in in_effect {
                let Some(rule) = find(name).filter(|rule| may_be_allowed(rule)) else {
                    continue;
                };
                let is_off = index(rule)
                    .and_then(|index| levels.get(index))
                    .is_some_and(Setting::is_off);
                if is_off || used.contains(&(*file, allowance.span.start, rule.code)) {
                    continue;
                }
                let message = format!("`{}` finds nothing that this would allow", rule.name);
                out.push(
                    Finding::at(&UNUSED_ALLOW, *file, span.clone(), message)
                        .note("it would hide what comes next")
                        .help("remove it"),
                );
            }
        }
    }
}
