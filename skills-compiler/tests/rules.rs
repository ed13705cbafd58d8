//! Rules through the public door: what their documentation shows is what they do, and each has a fixture.
//!
//! `BLESS=1 cargo test -p skills-compiler --test rules` rewrites the expected texts.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    reason = "a test is an edge, and fails by panicking"
)]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use skills_compiler::diagnostics::{Finding, Level, Style, render};
use skills_compiler::rules::{RULES, Rule};
use skills_compiler::source::SourceTree;
use skills_compiler::{Options, fixture};

/// What is found where a rule that is off by default is on.
fn lint(rule: &Rule, tree: &SourceTree) -> Vec<Finding> {
    let mut options = Options::default();
    if rule.default_level == Level::Allow {
        options
            .set_level(rule.code, Level::Warn, "the test")
            .expect("there is such a rule");
    }
    skills_compiler::lint(tree, &options)
}

fn codes(rule: &Rule, tree: &str) -> BTreeSet<&'static str> {
    lint(rule, &fixture::tree(tree))
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
        let findings = lint(rule, &tree);
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
