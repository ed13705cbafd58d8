//! The lint rules: one file each, pure, in the order of their codes.
//!
//! A rule's doc comment is its user documentation; its Example and Instead are executed by `tests/rules.rs`.

mod checked;
mod page;
pub(crate) mod rule;
mod value;

mod missing_skill_md;
mod unquoted_colon;

use crate::Options;
use crate::diagnostics::{Finding, Level};
use crate::source::SourceTree;
use crate::syntax::ParsedSkill;

pub use checked::CheckedSkill;
pub use page::page;
use rule::{BundleContext, Check, SkillContext};
pub use rule::{Group, Rule};

/// Every rule, ascending by code.
pub static RULES: &[&Rule] = &[
    &missing_skill_md::MISSING_SKILL_MD,
    &unquoted_colon::UNQUOTED_COLON,
];

/// The rule with this code or name.
#[must_use]
pub fn find(code_or_name: &str) -> Option<&'static Rule> {
    RULES
        .iter()
        .copied()
        .find(|rule| rule.code.eq_ignore_ascii_case(code_or_name) || rule.name == code_or_name)
}

/// The rules without which a skill could not be served: its frontmatter, its name, its description, its URI.
const ESSENTIAL: &[&str] = &[
    "SK002", "SK003", "SK004", "SK005", "SK006", "SK007", "SK009", "SK010", "SK012", "SK015",
    "SK016", "SK017", "SK501",
];

/// Whether a rule cannot be switched off.
#[must_use]
pub fn is_essential(rule: &Rule) -> bool {
    ESSENTIAL.contains(&rule.code)
}

/// Runs every rule that is on, and lets the skills through if none of them was denied.
///
/// The findings come in the order in which they are reported.
pub(crate) fn check<'tree>(
    tree: &'tree SourceTree,
    skills: Vec<ParsedSkill<'tree>>,
    options: &Options,
) -> (Vec<CheckedSkill<'tree>>, Vec<Finding>) {
    let mut findings: Vec<_> = RULES
        .iter()
        .flat_map(|rule| findings_of(rule, tree, &skills, options))
        .collect();
    findings.sort_by(|left, right| left.order(tree).cmp(&right.order(tree)));
    let denied = findings.iter().any(|finding| finding.level == Level::Deny);
    let checked = if denied {
        Vec::new()
    } else {
        skills.into_iter().filter_map(CheckedSkill::new).collect()
    };
    (checked, findings)
}

fn findings_of(
    rule: &'static Rule,
    tree: &SourceTree,
    skills: &[ParsedSkill<'_>],
    options: &Options,
) -> Vec<Finding> {
    let level = options.level(rule);
    let mut findings = Vec::new();
    match rule.check {
        _ if level == Level::Allow => {}
        Check::Bundle(check) => check(&BundleContext { tree, skills }, &mut findings),
        Check::Skill(check) => skills
            .iter()
            .for_each(|skill| check(&SkillContext { tree, skill }, &mut findings)),
    }
    for finding in &mut findings {
        finding.level = level_of(finding, rule, level);
    }
    findings
}

/// A rule may find something less bad than its worst; configuration can make that milder still, never worse unasked.
fn level_of(finding: &Finding, rule: &Rule, configured: Level) -> Level {
    if configured == rule.default_level {
        finding.level
    } else {
        configured
    }
}
