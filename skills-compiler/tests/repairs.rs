//! Repairs that are done unasked never do harm: frontmatter that could be read before can be read after, and says the same.

use std::collections::BTreeMap;

use proptest::prelude::*;
use skills_compiler::diagnostics::{Finding, Patch};
use skills_compiler::source::SourceTree;
use skills_compiler::syntax::{self, Node, NodeKind};
use skills_compiler::{Options, lint};

/// Keys, right and wrong ones.
const KEYS: [&str; 14] = [
    "name",
    "description",
    "license",
    "compatibility",
    "allowed-tools",
    "metadata",
    "allowed_tools",
    "Description",
    "argument-hint",
    "user-invokable",
    "author",
    "version",
    "when_to_use",
    "tags",
];

/// Values as people write them.
const VALUES: [&str; 30] = [
    "Sorts letters. Use when the user has letters to sort.",
    "Use when: the user asks, or not",
    "\"Sorts letters: all of them\"",
    "'it''s \"quoted\" # no comment'",
    "\"a \\\"b\\\" c \\\\ d\"",
    "text # with a comment",
    "MIT",
    "1.10",
    "1.0",
    "2026-01-02",
    "12:30",
    "0777",
    "yes",
    "true",
    "null",
    "~",
    "Read, Write, Bash(git:*)",
    "Read Write",
    "[Read, Write, 'Bash(git log:*, git diff:*)']",
    "[a, \"b, c\"]",
    "\n  - Read\n  - Write",
    "\n  author: me\n  version: 1.0\n  since: 2026-01-02",
    "\n  nested:\n    deep: true\n  list: [a, b]",
    ">-\n  Sorts letters: all\n  of them # here",
    "|\n  Sorts letters\n  and \"parcels\"",
    "Sorts letters\n  and parcels of\n  all sizes",
    "\"Sorts letters\n  and parcels\"",
    "\u{201c}curly\u{201d} quotes",
    "{a: b, c: 1}",
    "",
];

/// Frontmatter with some of these, with either kind of line end, with or without a byte order mark.
fn documents() -> impl Strategy<Value = String> {
    let entry = (prop::sample::select(&KEYS), prop::sample::select(&VALUES));
    let entries = prop::collection::vec(entry, 1..6);
    (entries, any::<bool>(), 0..8_u8).prop_map(|(entries, has_returns, mark)| {
        let mut known = BTreeMap::new();
        for (key, value) in entries {
            known.entry(plain(key)).or_insert((key, value));
        }
        let mut lines = String::new();
        for (key, value) in known.into_values() {
            lines.push_str(&[key, ": ", value, "\n"].concat());
        }
        let mark = if mark == 0 { "\u{feff}" } else { "" };
        let text = format!("{mark}---\n{lines}---\nSort the letters.\n");
        if has_returns {
            text.replace('\n', "\r\n")
        } else {
            text
        }
    })
}

fn tree(text: &str) -> SourceTree {
    SourceTree::new("skills", "skills").with_file("letters/SKILL.md", text)
}

/// What a frontmatter says, by key; nothing where it cannot be read. What repairs may change is the notation: how a key is spelt, how
/// a list is written, and whether a number is text.
fn said(text: &str) -> Option<BTreeMap<String, String>> {
    let tree = tree(text);
    let skills = syntax::parse(&tree);
    let skill = skills.first()?;
    let frontmatter = skill.frontmatter.as_ref()?;
    if !skill.faults.is_empty() {
        return None;
    }
    let entries = frontmatter.entries.iter();
    let entries = entries.map(|entry| (plain(&entry.key), value(text, &entry.value)));
    Some(entries.collect())
}

fn value(text: &str, node: &Node) -> String {
    match &node.kind {
        NodeKind::Sequence(items, _) => {
            let items: Vec<_> = items.iter().map(|item| value(text, item)).collect();
            items.join(" ")
        }
        NodeKind::Mapping(entries, _) => {
            let entries = entries.iter();
            let entries =
                entries.map(|entry| format!("{} {}", entry.key, value(text, &entry.value)));
            entries.collect::<Vec<_>>().join(" ")
        }
        _ => {
            let written = node.as_text().unwrap_or_else(|| &text[node.span.clone()]);
            let words = written.split(|symbol: char| symbol.is_whitespace() || symbol == ',');
            words
                .filter(|word| !word.is_empty())
                .collect::<Vec<_>>()
                .join(" ")
        }
    }
}

fn plain(key: &str) -> String {
    let letters = key.chars().filter(char::is_ascii_alphanumeric);
    // `user-invokable` is the old spelling of `user-invocable`.
    letters
        .collect::<String>()
        .to_lowercase()
        .replace("invok", "invoc")
}

fn applied(text: &str, patches: &[Patch]) -> String {
    let mut text = text.to_owned();
    for patch in patches.iter().rev() {
        text.replace_range(patch.span.clone(), &patch.replacement);
    }
    text
}

/// The findings that are repaired unasked.
fn certain(text: &str) -> Vec<Finding> {
    let mut found = lint(&tree(text), &Options::default());
    found.retain(|finding| finding.certain_repair().is_some());
    found
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 1_500,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn a_certain_repair_of_what_could_be_read_changes_no_value(text in documents()) {
        let before = said(&text);
        prop_assume!(before.is_some());
        let before = before.unwrap_or_default();
        for finding in certain(&text) {
            let repair = finding.certain_repair().expect("it was just there");
            let repaired = applied(&text, &repair.patches);
            let after = said(&repaired);
            prop_assert!(after.is_some(), "{}: {text:?} became {repaired:?}", finding.rule.code);
            let after = after.unwrap_or_default();
            for (key, value) in &before {
                let is_missing_name = key == "name" && finding.rule.name == "missing-name";
                let is_respelt = key == "name" && finding.rule.name.starts_with("name-");
                if !is_missing_name && !is_respelt {
                    prop_assert_eq!(
                        after.get(key), Some(value), "{} of {}: {:?} became {:?}",
                        finding.rule.code, key, &text, &repaired
                    );
                }
            }
        }
    }

    #[test]
    fn a_certain_repair_of_what_could_not_be_read_ends_no_value_early(text in documents()) {
        let found = if said(&text).is_none() { certain(&text) } else { Vec::new() };
        for finding in found {
            let repair = finding.certain_repair().expect("it was just there");
            let repaired = applied(&text, &repair.patches);
            // Whatever can be read after says all words that were written.
            if let Some(after) = said(&repaired) {
                let all = after.values().cloned().collect::<Vec<_>>().join(" ");
                for word in ["Sorts", "parcels", "asks"] {
                    let is_written = text.contains(word);
                    prop_assert!(
                        !is_written || all.contains(word),
                        "{}: {:?} became {:?}", finding.rule.code, &text, &repaired
                    );
                }
            }
        }
    }
}

/// What lint finds certain is not what a person would take a moment to decide: a comment may be meant.
#[test]
fn a_comment_is_not_made_text_unasked() {
    let text = "---\nname: letters\ndescription: Sorts letters # and parcels\n---\nSort them.\n";
    assert!(certain(text).is_empty());
}

#[test]
fn a_quote_that_is_closed_on_a_line_with_a_colon_is_not_closed_before() {
    let text = "---\nname: letters\ndescription: \"Sorts letters by date.\nUse for letters to sort: old or new.\"\n---\nSort them.\n";
    let found = certain(text);
    let repair = found
        .first()
        .and_then(Finding::certain_repair)
        .expect("a repair");
    let said = said(&applied(text, &repair.patches)).expect("it can be read");
    let description = said.get("description").expect("it is there");
    assert_eq!(
        description,
        "Sorts letters by date. Use for letters to sort: old or new."
    );
}
