//! Runs the rules and settles what becomes of what they find: levels from the configuration, comments that allow a rule.

use std::collections::{BTreeSet, HashMap};

use super::owner::Owners;
use super::rule::{BundleContext, Check, SkillContext};
use super::{Group, RULES, Rule, find, index, is_essential};
use crate::config::{Configuration, Setting, Source};
use crate::diagnostics::{Finding, Level, Place};
use crate::parallel;
use crate::source::{FileId, SourceTree, ancestors};
use crate::syntax::{Allowance, ParsedSkill};

type CheckSkill = fn(&SkillContext<'_>, &mut Vec<Finding>);
type CheckBundle = fn(&BundleContext<'_>, &mut Vec<Finding>);

/// What is checked on its own: one skill with the rules for skills, or the bundle with one rule for bundles.
enum Unit<'a> {
    Skill(&'a ParsedSkill<'a>),
    Bundle(CheckBundle),
}

/// The allowances that allowed something: the file, where the comment begins, the code of the rule.
pub(super) type Used = BTreeSet<(FileId, usize, &'static str)>;

/// What all rules find, in no order, at the levels that are configured.
pub(super) fn run(
    tree: &SourceTree,
    skills: &[ParsedSkill<'_>],
    configuration: &Configuration,
) -> Vec<Finding> {
    let context = BundleContext {
        configuration,
        tree,
        skills,
        owners: &Owners::of(skills),
    };
    let by_directory = skills
        .iter()
        .map(|skill| (skill.directory, skill))
        .collect();
    let settling = Settling {
        context,
        by_directory,
    };
    let rules = || {
        RULES
            .iter()
            .enumerate()
            .filter(|(index, _)| configuration.levels.is_on(*index))
    };
    let of_skills: Vec<_> = rules()
        .filter_map(|(index, rule)| match rule.check {
            Check::Skill(check) => Some((index, check)),
            _ => None,
        })
        .collect();
    let of_bundle = rules().filter_map(|(_, rule)| match rule.check {
        Check::Bundle(check) => Some(Unit::Bundle(check)),
        _ => None,
    });
    let units: Vec<_> = of_bundle.chain(skills.iter().map(Unit::Skill)).collect();
    let results = parallel::map(&units, |unit| match *unit {
        Unit::Bundle(check) => settling.bundle(check),
        Unit::Skill(skill) => settling.skill(skill, &of_skills),
    });
    let mut used = Used::new();
    let mut findings = Vec::new();
    for (found, allowed) in results {
        findings.extend(found);
        used.extend(allowed);
    }
    for (_, rule) in rules() {
        if let Check::Last(check) = rule.check {
            let mut found = Vec::new();
            check(&context, &used, &mut found);
            findings.extend(settling.all(found).0);
        }
    }
    for (_, rule) in rules().filter(|_| skills.is_empty() && findings.is_empty()) {
        if let Check::Nothing(finding) = rule.check {
            return settling.all(vec![finding(tree)]).0;
        }
    }
    findings
}

/// Whether a comment in a skill may allow a rule: nothing that protects others, and nothing that serving relies on.
pub(super) fn may_be_allowed(rule: &Rule) -> bool {
    !matches!(rule.group, Group::Security | Group::Configuration) && !is_essential(rule)
}

struct Settling<'a> {
    context: BundleContext<'a>,
    by_directory: HashMap<&'a str, &'a ParsedSkill<'a>>,
}

type Settled = (Vec<Finding>, Used);

impl Settling<'_> {
    fn bundle(&self, check: CheckBundle) -> Settled {
        let mut found = Vec::new();
        check(&self.context, &mut found);
        self.all(found)
    }

    fn skill(&self, skill: &ParsedSkill<'_>, rules: &[(usize, CheckSkill)]) -> Settled {
        let BundleContext {
            configuration,
            tree,
            ..
        } = self.context;
        let levels = configuration.levels.of(skill.path);
        let context = SkillContext {
            settings: &configuration.settings,
            tree,
            skill,
        };
        let mut found = Vec::new();
        for (index, check) in rules {
            if levels.get(*index).is_some_and(|setting| !setting.is_off()) {
                check(&context, &mut found);
            }
        }
        let mut used = Used::new();
        found.retain_mut(|finding| self.settle(finding, Some(skill), &levels, &mut used));
        (found, used)
    }

    /// Findings that may be about any skill, or about none.
    fn all(&self, mut found: Vec<Finding>) -> Settled {
        let mut used = Used::new();
        found.retain_mut(|finding| {
            let skill = self.skill_of(finding);
            let levels = self
                .context
                .configuration
                .levels
                .of(skill.map_or("", |skill| skill.path));
            self.settle(finding, skill, &levels, &mut used)
        });
        (found, used)
    }

    /// Gives a finding its level; `false` if it is not to be reported.
    fn settle(
        &self,
        finding: &mut Finding,
        skill: Option<&ParsedSkill<'_>>,
        levels: &[Setting],
        used: &mut Used,
    ) -> bool {
        let Some(setting) = index(finding.rule).and_then(|index| levels.get(index)) else {
            return true;
        };
        // A rule may find something less bad than its worst; what is configured holds for all it finds.
        let level = match setting.source {
            Source::Default => finding.level,
            _ => setting.level,
        };
        let setting = self.context.configuration.levels.settle(&Setting {
            level,
            source: setting.source.clone(),
        });
        (finding.level, finding.source) = (setting.level, setting.source);
        finding.level > Level::Allow && !skill.is_some_and(|skill| allow(finding, skill, used))
    }

    /// The innermost skill in which a finding is.
    fn skill_of(&self, finding: &Finding) -> Option<&ParsedSkill<'_>> {
        let path = finding.path(self.context.tree);
        let mut around = std::iter::once(path).chain(ancestors(path)).chain([""]);
        around.find_map(|directory| self.by_directory.get(directory).copied())
    }
}

/// Whether a comment allows a finding. One in `SKILL.md` is about the whole skill, any other about its own file.
fn allow(finding: &Finding, skill: &ParsedSkill<'_>, used: &mut Used) -> bool {
    let covers = |file: FileId| match finding.place {
        Place::Bytes(at, _) => at == file || file == skill.document,
        Place::Path(_) => file == skill.document,
    };
    let is_meant = |allowance: &Allowance| {
        allowance.reason.is_some()
            && may_be_allowed(finding.rule)
            && allowance
                .rules
                .iter()
                .any(|(name, _)| find(name).is_some_and(|rule| rule.code == finding.rule.code))
    };
    let allowance = skill
        .allowances
        .iter()
        .find(|(file, allowance)| covers(*file) && is_meant(allowance));
    let key = allowance.map(|(file, allowance)| (*file, allowance.span.start, finding.rule.code));
    used.extend(key);
    key.is_some()
}
