//! SK014: a field that almost has the name of a known one.

use crate::diagnostics::{Finding, Level, Patch};
use crate::rules::field;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::rules::tool::is_tool_of_client;
use crate::syntax::{Entry, Frontmatter, Node, NodeKind};

declare_rule! {
    /// A top-level key of the frontmatter is a known field with a wrong spelling, such as `Name` or `allowed_tools`.
    ///
    /// ## Why
    ///
    /// Clients ignore fields that they do not know. A misspelled `disable-model-invocation` does nothing, and with a misspelled
    /// `description` the skill is not loaded at all. What `known-fields` names is no misspelling, and a list of tools that no
    /// client has is a warning: a program of the author's may read it.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// allowed_tools: Read
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// allowed-tools: Read
    /// ---
    /// Open the form and fill it.
    /// ```
    MISSPELLED_FIELD = "SK014", "misspelled-field", Format, Deny, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let Some(frontmatter) = &cx.skill.frontmatter else {
        return;
    };
    for entry in &frontmatter.entries {
        if cx.settings.known_fields.contains(&entry.key) {
            continue;
        }
        if let Some(field) = meant(frontmatter, entry) {
            if is_own(field, entry) {
                out.push(of_own_reader(cx, entry, field));
                continue;
            }
            let message = format!("`{}` is not a field; `{field}` is", entry.key);
            let mut finding = Finding::at(
                &MISSPELLED_FIELD,
                cx.skill.document,
                entry.key_span.clone(),
                message,
            )
            .label("clients ignore this field")
            .patch(
                format!("call it `{field}`"),
                [Patch::replace(entry.key_span.clone(), field)],
            );
            if field == "license" {
                finding.level = Level::Warn;
            }
            out.push(finding.note(consequence(field)));
        }
    }
}

/// Whether a field lists tools of no client, so that a program of the author's may read it under its own name.
fn is_own(field: &str, entry: &Entry) -> bool {
    let NodeKind::Sequence(items, _) = &entry.value.kind else {
        return false;
    };
    let is_tool_of_client = |item: &Node| item.as_text().is_none_or(is_tool_of_client);
    field == "allowed-tools" && !items.is_empty() && !items.iter().any(is_tool_of_client)
}

fn of_own_reader(cx: &SkillContext<'_>, entry: &Entry, field: &'static str) -> Finding {
    let message = format!(
        "no known client reads `{}`; `{field}` is a field",
        entry.key
    );
    let mut finding = Finding::at(&MISSPELLED_FIELD, cx.skill.document, entry.key_span.clone(), message)
        .label("clients ignore this field")
        .note("the tools in it are those of no known client, so that a program of yours may read it")
        .offer(
            format!("if no program of yours reads it, call it `{field}`, or else name it in `known-fields` of skills.toml"),
            [Patch::replace(entry.key_span.clone(), field)],
        );
    finding.level = Level::Warn;
    finding
}

/// The field that a key was meant to be, if it is none itself and that field is not there already.
pub(super) fn meant(frontmatter: &Frontmatter, entry: &Entry) -> Option<&'static str> {
    if field::is_known(&entry.key) || entry.key.chars().count() > 40 {
        return None;
    }
    let key = normal(&entry.key);
    let fields = || field::SPECIFIED.iter().chain(field::SPELLED);
    // The frontmatter is searched last: it may have thousands of keys, and few of them are like a field.
    let is_candidate = |field: &&&'static str| frontmatter.get(field).is_none();
    let same = fields()
        .filter(|field| normal(field) == key)
        .find(is_candidate);
    let near = || {
        // A word that is much longer or shorter needs no comparison.
        fields()
            .filter(|field| {
                key.len().abs_diff(field.len()) <= 2 + field.matches(['-', '_']).count()
            })
            .filter(|field| distance(&key, field) <= tolerance(field))
            .filter(is_candidate)
            .min_by_key(|field| distance(&key, field))
    };
    same.or_else(near).copied()
}

/// A key without what people vary: case, hyphens and underscores.
fn normal(key: &str) -> String {
    key.chars()
        .filter(|symbol| !matches!(symbol, '-' | '_' | ' '))
        .flat_map(char::to_lowercase)
        .collect()
}

fn distance(key: &str, field: &str) -> usize {
    strsim::osa_distance(key, &normal(field))
}

/// How many slips still make the same word. In short words another word is soon reached: `game` is not `name`.
fn tolerance(field: &str) -> usize {
    match field.len() {
        0..=5 => 0,
        6..=8 => 1,
        _ => 2,
    }
}

fn consequence(field: &str) -> &'static str {
    match field {
        "name" | "description" => "without it the skill is not loaded",
        "disable-model-invocation" | "user-invocable" => {
            "without it the skill can be invoked in ways its author did not want"
        }
        _ => "what it says has no effect",
    }
}
