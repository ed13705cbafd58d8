//! Runs the rules and settles what becomes of what they find: levels from the configuration, comments that allow a rule.

use std::collections::{BTreeSet, HashMap};

use super::copies::Copies;
use super::owner::Owners;
use super::rule::{BundleContext, Check, SkillContext};
use super::{Group, RULES, Rule, find, index, is_essential};
use crate::config::{Configuration, Setting, Source};
use crate::diagnostics::{Allowed, Certainty, Finding, Level, Place};
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

/// What all rules find, in no order: what is reported at the levels that are configured, and what comments allow.
pub(super) fn run(
    tree: &SourceTree,
    skills: &[ParsedSkill<'_>],
    configuration: &Configuration,
) -> (Vec<Finding>, Vec<Allowed>) {
    let copies = Copies::of(tree, skills);
    let context = BundleContext {
        configuration,
        tree,
        skills,
        owners: &Owners::of(skills),
        copies: &copies,
    };
    let by_directory = skills
        .iter()
        .map(|skill| (skill.directory, skill))
        .collect();
    let settling = Settling {
        context,
        by_directory,
        allowances: allowances(skills),
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
    let mut all = Settled::default();
    for settled in results {
        all.add(settled);
    }
    for (_, rule) in rules() {
        if let Check::Last(check) = rule.check {
            let mut found = Vec::new();
            check(&context, &all.used, &mut found);
            all.add(settling.all(found));
        }
    }
    for (_, rule) in rules().filter(|_| skills.is_empty() && all.found.is_empty()) {
        if let Check::Nothing(finding) = rule.check {
            all.add(settling.all(vec![finding(tree)]));
            break;
        }
    }
    (copies.without_doubles(tree, all.found), all.allowed)
}

/// Whether a comment in a skill may allow a rule: nothing that protects others, and nothing that serving relies on.
pub(super) fn may_be_allowed(rule: &Rule) -> bool {
    !matches!(rule.group, Group::Security | Group::Configuration) && !is_essential(rule)
}

struct Settling<'a> {
    context: BundleContext<'a>,
    by_directory: HashMap<&'a str, &'a ParsedSkill<'a>>,
    /// What comments allow, by the file that they stand in and the code of the rule: of several, the first one.
    allowances: HashMap<(FileId, &'static str), &'a Allowance>,
}

/// What became of findings.
#[derive(Default)]
struct Settled {
    /// What is reported.
    found: Vec<Finding>,
    /// What comments allow.
    allowed: Vec<Allowed>,
    used: Used,
}

impl Settled {
    fn add(&mut self, other: Self) {
        self.found.extend(other.found);
        self.allowed.extend(other.allowed);
        self.used.extend(other.used);
    }
}

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
        let settings = configuration.settings_of(skill.path);
        let context = SkillContext {
            settings: &settings,
            levels: &levels,
            tree,
            skill,
        };
        let mut found = Vec::new();
        for (index, check) in rules {
            if levels.get(*index).is_some_and(|setting| !setting.is_off()) {
                check(&context, &mut found);
            }
        }
        let mut settled = Settled::default();
        for finding in found {
            self.settle(finding, Some(skill), &levels, &mut settled);
        }
        settled
    }

    /// Findings that may be about any skill, or about none.
    fn all(&self, found: Vec<Finding>) -> Settled {
        let mut settled = Settled::default();
        for finding in found {
            let skill = self.skill_of(&finding);
            let levels = self
                .context
                .configuration
                .levels
                .of(skill.map_or("", |skill| skill.path));
            self.settle(finding, skill, &levels, &mut settled);
        }
        settled
    }

    /// Gives a finding its level, and puts it where it belongs; one whose rule is off belongs nowhere.
    fn settle(
        &self,
        mut finding: Finding,
        skill: Option<&ParsedSkill<'_>>,
        levels: &[Setting],
        settled: &mut Settled,
    ) {
        let Some(setting) = index(finding.rule).and_then(|index| levels.get(index)) else {
            settled.found.push(finding);
            return;
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
        self.fit(&mut finding);
        if finding.level == Level::Allow {
            return;
        }
        match skill.and_then(|skill| self.allowing(&finding, skill)) {
            None => settled.found.push(finding),
            Some((file, allowance)) => {
                let key = (file, allowance.span.start, finding.rule.code);
                settled.used.insert(key);
                let reason = allowance.reason.clone().unwrap_or_default();
                settled.allowed.push(Allowed { finding, reason });
            }
        }
    }

    /// Fits repairs to their files: what a link leads to is repaired where it is itself, and new lines end as those of the file do.
    fn fit(&self, finding: &mut Finding) {
        for help in &mut finding.helps {
            let Some(file) = help.file.map(|file| self.context.tree.file(file)) else {
                continue;
            };
            if file.link.is_some() && help.certainty == Certainty::Certain {
                help.certainty = Certainty::Possible;
            }
            let mut lines = file.bytes.split_inclusive(|byte| *byte == b'\n');
            if !lines.next().is_some_and(|line| line.ends_with(b"\r\n")) {
                continue;
            }
            for patch in &mut help.patches {
                if patch.replacement.contains('\n') && !patch.replacement.contains('\r') {
                    patch.replacement = patch.replacement.replace('\n', "\r\n");
                }
            }
        }
    }

    /// The comment that allows a finding, and its file. One in `SKILL.md` is about the whole skill, any other about its own file.
    fn allowing(&self, finding: &Finding, skill: &ParsedSkill<'_>) -> Option<(FileId, &Allowance)> {
        let here = match finding.place {
            Place::Bytes(file, _) => file,
            Place::Path(_) => skill.document,
        };
        let files = [here.min(skill.document), here.max(skill.document)];
        files.into_iter().find_map(|file| {
            let allowance = self.allowances.get(&(file, finding.rule.code))?;
            Some((file, *allowance))
        })
    }

    /// The innermost skill in which a finding is.
    fn skill_of(&self, finding: &Finding) -> Option<&ParsedSkill<'_>> {
        let path = finding.path(self.context.tree);
        let mut around = std::iter::once(path).chain(ancestors(path)).chain([""]);
        around.find_map(|directory| self.by_directory.get(directory).copied())
    }
}

/// What the comments of all skills allow.
fn allowances<'a>(skills: &'a [ParsedSkill<'_>]) -> HashMap<(FileId, &'static str), &'a Allowance> {
    let mut all = HashMap::new();
    for (file, allowance) in skills.iter().flat_map(|skill| &skill.allowances) {
        for rule in allowance.rules.iter().filter_map(|(name, _)| find(name)) {
            if is_meant(rule, allowance) {
                all.entry((*file, rule.code)).or_insert(allowance);
            }
        }
    }
    all
}

/// Whether a comment allows a rule.
pub(super) fn is_meant(rule: &Rule, allowance: &Allowance) -> bool {
    let names = |name: &str| find(name).is_some_and(|named| named.code == rule.code);
    allowance.reason.is_some()
        && may_be_allowed(rule)
        && allowance.rules.iter().any(|(name, _)| names(name))
}
