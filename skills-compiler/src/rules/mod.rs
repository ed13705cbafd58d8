//! The lint rules: one file each, pure, in the order of their codes.
//!
//! A rule's doc comment is its user documentation; its Example and Instead are executed by `tests/rules.rs`.

pub(crate) mod rule;
mod value;

mod missing_skill_md;
mod unquoted_colon;

use crate::diagnostics::{Finding, Level};
use crate::source::SourceTree;
use crate::syntax::ParsedSkill;

pub use rule::{Group, Rule};
use rule::{BundleContext, Check, SkillContext};

/// Every rule, ascending by code.
pub static RULES: &[&Rule] = &[
    &missing_skill_md::MISSING_SKILL_MD,
    &unquoted_colon::UNQUOTED_COLON,
];

/// The rule with this code or name.
#[must_use]
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    RULES.iter().copied().find(|rule| rule.code.eq_ignore_ascii_case(code_or_name) || rule.name == code_or_name)
}

/// Runs every rule that is on; findings in the order in which they are reported.
pub(crate) fn check(tree: &SourceTree, skills: &[ParsedSkill<'_>], level: impl Fn(&Rule) -> Level) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rule in RULES {
        let level = level(rule);
        if level == Level::Allow {
            continue;
        }
        let before = findings.len();
        match rule.check {
            Check::Bundle(check) => check(&BundleContext { tree, skills }, &mut findings),
            Check::Skill(check) => skills.iter().for_each(|skill| check(&SkillContext { tree, skill }, &mut findings)),
        }
        findings.iter_mut().skip(before).for_each(|finding| finding.level = level_of(finding, rule, level));
    }
    findings.sort_by(|left, right| left.order(tree).cmp(&right.order(tree)));
    findings
}

/// A rule may find something less bad than its worst; configuration can make that milder still, never worse unasked.
fn level_of(finding: &Finding, rule: &Rule, configured: Level) -> Level {
    if configured == rule.default_level { finding.level } else { configured }
}
