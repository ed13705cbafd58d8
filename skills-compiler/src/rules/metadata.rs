//! The entries of `metadata`, for the rules about them.

use std::ops::Range;

use super::field;
use super::listed::listed;
use super::rule::{Rule, SkillContext};
use crate::diagnostics::Finding;
use crate::syntax::{Entry, NodeKind, ParsedSkill};

/// How many values of one skill are pointed at.
const MARKED: usize = 8;

/// The entries of `metadata`; none where it is missing or no mapping.
pub(super) fn entries<'skill>(skill: &'skill ParsedSkill<'_>) -> &'skill [Entry] {
    let frontmatter = skill.frontmatter.as_ref();
    match frontmatter.and_then(|frontmatter| frontmatter.get("metadata")) {
        Some(Entry { value, .. }) => match &value.kind {
            NodeKind::Mapping(entries, _) => entries,
            _ => &[],
        },
        None => &[],
    }
}

/// The keys under which `openclaw` looks for a mapping (docs.openclaw.ai/tools/skills), its former names among them.
pub(super) const OPENCLAW: &[&str] = &["openclaw", "clawdbot", "clawdis", "moltbot"];

/// What `openclaw` reads in that mapping.
const OF_OPENCLAW: &[&str] = &[
    "always",
    "emoji",
    "homepage",
    "install",
    "os",
    "primaryEnv",
    "requires",
    "skillKey",
];

/// Where an entry belongs that stands a level too low or too high, so that its client does not see it: written as text it
/// would still not be seen.
pub(super) fn misplaced(skill: &ParsedSkill<'_>, wrong: &[&Entry]) -> Option<String> {
    let mapping = entries(skill)
        .iter()
        .find(|entry| OPENCLAW.contains(&&*entry.key) && is_mapping(entry));
    wrong.iter().find_map(|entry| {
        let key = entry.key.as_str();
        if field::SPELLED.contains(&key) {
            return Some(format!(
                "move `{key}` out of `metadata`, to the top level, where clients look for it"
            ));
        }
        let mapping = mapping.filter(|_| OF_OPENCLAW.contains(&key))?;
        Some(format!(
            "move `{key}` into `{}`, where its client looks for it",
            mapping.key
        ))
    })
}

fn is_mapping(entry: &Entry) -> bool {
    matches!(entry.value.kind, NodeKind::Mapping(..))
}

/// The finding about entries that are no text, if there are any: it stands at the first of them and points at the others.
/// `kinds` says what several of them are, `place` where one of them is.
pub(super) fn not_text(
    cx: &SkillContext<'_>,
    rule: &'static Rule,
    wrong: &[&Entry],
    kinds: &str,
    place: impl Fn(&Entry) -> Range<usize>,
) -> Option<Finding> {
    let (first, others) = wrong.split_first()?;
    let names = listed(wrong.iter().map(|entry| &*entry.key));
    let message = if others.is_empty() {
        let kind = first.value.describe();
        format!("the metadata {names} is {kind}, not text")
    } else {
        format!("the metadata {names} are {kinds}not text")
    };
    let document = cx.skill.document;
    let finding = Finding::at(rule, document, place(first), message).label(first.value.describe());
    Some(others.iter().take(MARKED).fold(finding, |finding, entry| {
        finding.related(document, place(entry), entry.value.describe())
    }))
}
