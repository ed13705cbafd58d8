//! Rules through the public door: what their documentation shows is what they do, and each has a fixture.
//!
//! `BLESS=1 cargo test -p skills-compiler --test rules` rewrites the expected texts.
#![expect(clippy::disallowed_methods, reason = "a test is an edge")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use skills_compiler::diagnostics::{Finding, Help, Level, Style, render};
use skills_compiler::rules::{RULES, Rule};
use skills_compiler::source::{SourceFile, SourceTree};
use skills_compiler::{Options, fixture, lint};

/// The options with which a rule is on, if it is not by itself.
fn options(rule: &Rule) -> Options {
    let mut options = Options::default();
    if rule.default_level == Level::Allow {
        let is_set = options.set_level(rule.code, Level::Warn, "the test");
        assert_eq!(is_set, Ok(()), "{}", rule.code);
    }
    // Fixtures say what they are about, and have one description for all their skills.
    if rule.name != "shared-description" {
        let is_set = options.set_level("shared-description", Level::Allow, "the test");
        assert_eq!(is_set, Ok(()), "{}", rule.code);
    }
    options
}

fn codes(rule: &Rule, tree: &str) -> BTreeSet<&'static str> {
    lint(&fixture::tree(tree), &options(rule))
        .iter()
        .map(|finding| finding.rule.code)
        .collect()
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

fn file_stem(rule: &Rule) -> String {
    format!("{}-{}", rule.code, rule.name)
}

#[test]
fn codes_and_names_are_unique_and_ascending() {
    assert!(
        RULES.is_sorted_by(|left, right| left.code < right.code),
        "codes ascend"
    );
    let names: BTreeSet<_> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len());
}

#[test]
fn every_rule_finds_its_example_and_nothing_in_its_instead() {
    for rule in RULES {
        let example = rule
            .block("Example")
            .unwrap_or_else(|| panic!("{} has no Example", rule.code));
        let instead = rule
            .block("Instead")
            .unwrap_or_else(|| panic!("{} has no Instead", rule.code));
        assert_eq!(
            codes(rule, &example),
            BTreeSet::from([rule.code]),
            "the Example of {}",
            rule.code
        );
        assert_eq!(
            codes(rule, &instead),
            BTreeSet::new(),
            "the Instead of {}",
            rule.code
        );
        assert!(
            rule.documentation().contains("\n## Why\n"),
            "{} says why",
            rule.code
        );
        assert!(rule.summary().ends_with('.'), "{} has a summary", rule.code);
    }
}

#[test]
fn every_rule_has_a_fixture_and_says_what_is_expected() {
    let mut differences = String::new();
    for rule in RULES {
        let path = fixtures().join(file_stem(rule));
        let source = fs::read_to_string(path.with_extension("skill"))
            .unwrap_or_else(|error| panic!("{} has no fixture: {error}", rule.code));
        let tree = fixture::tree(&source);
        let findings = lint(&tree, &options(rule));
        assert!(
            findings
                .iter()
                .any(|finding| finding.rule.code == rule.code),
            "the fixture of {}",
            rule.code
        );
        let texts: Vec<_> = findings
            .iter()
            .map(|finding| render(&tree, finding, Style::Plain))
            .collect();
        let actual = format!("{}\n", texts.join("\n\n"));
        let expected = path.with_extension("stderr");
        if env::var_os("BLESS").is_some() {
            fs::write(&expected, &actual).expect("fixtures can be written");
        } else if fs::read_to_string(&expected).ok().as_deref() != Some(&*actual) {
            writeln!(differences, "{}:\n{actual}", expected.display()).expect("a string takes it");
        }
    }
    assert!(
        differences.is_empty(),
        "these differ; BLESS=1 accepts them\n{differences}"
    );
}

/// What is found under one configuration.
fn configured(settings: &str, skill: &str) -> BTreeSet<&'static str> {
    let tree = fixture::tree(&format!("=== ../skills.toml\n{settings}\n{skill}"));
    let found = lint(&tree, &Options::default());
    found.iter().map(|finding| finding.rule.code).collect()
}

#[test]
fn known_fields_name_clients_or_fields() {
    let skill = |field: &str| {
        format!(
            "=== pdf/SKILL.md\n---\nname: pdf\ndescription: Fills PDF forms. Use always.\n{field}: x\n---\nDo it.\n"
        )
    };
    let check = |settings: &str, field: &str, is_known: bool| {
        let found = configured(settings, &skill(field));
        assert_eq!(
            found.is_empty(),
            is_known,
            "{field} with {settings}: {found:?}"
        );
    };
    check("", "when_to_use", true);
    check("", "homepage", true);
    check("", "version", true);
    check("", "team", false);
    check("known-fields = [\"team\"]", "team", true);
    check("known-fields = [\"team\"]", "when_to_use", true);
    check("known-fields = [\"cursor\"]", "paths", true);
    check("known-fields = [\"cursor\"]", "when_to_use", false);
    check(
        "known-fields = [\"cursor\", \"claude-code\"]",
        "when_to_use",
        true,
    );
    check("known-fields = [\"codex\"]", "license", true);
    check("known-fields = [\"codex\"]", "version", false);
    check("known-fields = [\"clawhub\"]", "version", true);
    check("profile = \"portable\"", "version", false);
    check("profile = \"portable\"", "paths", false);
    check(
        "profile = \"portable\"\nknown-fields = [\"cursor\"]",
        "paths",
        true,
    );
}

#[test]
fn names_may_be_of_any_script_where_that_is_set() {
    let check = |settings: &str, name: &str, expected: &[&'static str]| {
        let skill = format!(
            "=== {name}/SKILL.md\n---\nname: {name}\ndescription: Fills PDF forms. Use always.\n---\nDo it.\n"
        );
        let found = configured(settings, &skill);
        let found: Vec<_> = found.into_iter().filter(|code| *code != "SK503").collect();
        assert_eq!(found, expected, "{name} with {settings}");
    };
    let unicode = "unicode-names = true";
    for name in ["技能", "отчёты-2", "café"] {
        check("", name, &["SK101"]);
        check(unicode, name, &[]);
    }
    check(unicode, "pdf", &[]);
    check(unicode, "Été", &["SK101"]);
    check(unicode, "技能²", &["SK101"]);
    check(unicode, "技能--x", &["SK101"]);
    check(unicode, "cafe\u{301}", &["SK106"]);
}

/// The files of the tree after the edits of one help.
fn repaired(tree: &SourceTree, help: &Help) -> SourceTree {
    let empty = SourceTree::new(tree.label(), tree.root_name());
    let bytes = |id, file: &SourceFile| {
        let mut bytes = file.bytes.clone();
        for patch in help.patches.iter().filter(|_| help.file == Some(id)).rev() {
            bytes.splice(patch.span.clone(), patch.replacement.bytes());
        }
        bytes
    };
    let tree_of_files = tree.files().fold(empty, |tree, (id, file)| {
        tree.with_file(&file.path, bytes(id, file))
    });
    tree.configurations()
        .fold(tree_of_files, |repaired, (id, file)| {
            repaired.with_configuration(&tree.display(&file.path), bytes(id, file))
        })
}

#[test]
fn every_patch_repairs_what_was_found() {
    for rule in RULES {
        let source = fs::read_to_string(fixtures().join(file_stem(rule)).with_extension("skill"))
            .expect("a fixture");
        let tree = fixture::tree(&source);
        let found = lint(&tree, &options(rule));
        let own = |finding: &&Finding| finding.rule.code == rule.code;
        for finding in found.iter().filter(own) {
            let is_same = |other: &Finding| {
                (other.rule.code, &other.place, &other.message)
                    == (rule.code, &finding.place, &finding.message)
            };
            for help in finding.helps.iter().filter(|help| !help.patches.is_empty()) {
                let after = lint(&repaired(&tree, help), &options(rule));
                assert!(
                    !after.iter().any(is_same),
                    "{} is still there: {}",
                    rule.code,
                    render(&tree, finding, Style::Plain)
                );
            }
        }
    }
}

#[test]
fn every_fixture_belongs_to_a_rule() {
    let known: BTreeSet<_> = RULES.iter().map(|rule| file_stem(rule)).collect();
    for entry in fs::read_dir(fixtures()).expect("there are fixtures") {
        let path = entry.expect("a fixture").path();
        let stem = path
            .file_stem()
            .and_then(|stem| stem.to_str())
            .expect("a name");
        assert!(
            known.contains(stem),
            "{} belongs to no rule",
            path.display()
        );
    }
}

#[test]
fn the_page_of_rules_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/rules.md");
    let page = skills_compiler::rules::page();
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &page).expect("the page can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == page,
        "docs/rules.md is stale; BLESS=1 writes it anew"
    );
}
