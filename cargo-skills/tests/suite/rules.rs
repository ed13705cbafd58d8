//! What there is to know about rules, and a skill to start from.

use std::fs;

use serde_json::Value;
use skills_compiler::rules::RULES;

use crate::folder::Folder;
use crate::process::run;

#[test]
fn every_rule_is_explained_by_code_and_by_name() {
    let folder = Folder::empty();
    for rule in RULES {
        let page = run(&folder, &["explain", rule.code]).clean();
        assert!(
            page.starts_with(&format!("{} {} (", rule.code, rule.name)),
            "{page}"
        );
        assert!(
            page.contains("\nWhy\n") && page.contains("\nInstead\n"),
            "{page}"
        );
        // It is ours and shown as it is, also where an example has what looks like a secret.
        let example = rule.block("Example").expect("an example");
        let shown = |line: &str| page.contains(line.trim_end());
        assert!(example.lines().all(shown), "{page}");
        assert!(!page.contains("```") && !page.contains('\u{1b}'), "{page}");
        assert_eq!(run(&folder, &["explain", rule.name]).clean(), page);
        assert_eq!(
            run(&folder, &["explain", &rule.code.to_lowercase()]).clean(),
            page
        );
    }
}

#[test]
fn a_misspelt_rule_is_answered_with_what_was_probably_meant() {
    let folder = Folder::empty();
    for (asked, meant) in [
        ("unqoted-colon", "unquoted-colon"),
        ("SK05", "SK005"),
        ("Broken-Link", "broken-link"),
    ] {
        let refusal = run(&folder, &["explain", asked]).refused();
        assert!(
            refusal.contains(&format!("did you mean `{meant}`?")),
            "{asked}: {refusal}"
        );
    }
    assert!(
        run(&folder, &["explain", "kubernetes"])
            .refused()
            .contains("`cargo skills rules`")
    );
}

#[test]
fn the_list_has_every_rule() {
    let folder = Folder::empty();
    let table = run(&folder, &["rules"]).clean();
    let list = run(&folder, &["rules", "--format", "json"]).clean();
    let list: Vec<Value> = serde_json::from_str(&list).expect("it is JSON");
    assert_eq!(
        (table.lines().count(), list.len()),
        (RULES.len(), RULES.len())
    );
    for ((line, entry), rule) in table.lines().zip(&list).zip(RULES) {
        assert!(
            line.starts_with(&format!("{}  {} ", rule.code, rule.name)),
            "{line}"
        );
        assert_eq!(
            (&entry["code"], &entry["name"]),
            (&rule.code.into(), &rule.name.into())
        );
        assert_eq!(entry["level"], rule.default_level.to_string());
        assert_eq!(entry["group"], rule.group.name());
        assert_eq!(entry["summary"], rule.summary());
    }
}

#[test]
fn a_new_skill_has_nothing_wrong_with_it() {
    let folder = Folder::empty();
    let told = run(&folder, &["new-skill", "pdf-forms"]).clean();
    assert!(
        told.starts_with("skills/pdf-forms/SKILL.md is there"),
        "{told}"
    );
    run(&folder, &["new-skill", "a1", "--in", "skills/acme"]).clean();
    let shown = run(&folder, &["check", "-D", "warnings"]).clean();
    assert_eq!(shown, "2 skills checked in `skills`, nothing found\n");
    let text = folder.read("skills/pdf-forms/SKILL.md");
    assert!(
        text.contains("\n# Pdf forms\n") && !text.contains('{'),
        "{text}"
    );
}

#[test]
fn a_new_skill_replaces_nothing_and_goes_nowhere_else() {
    let folder = Folder::empty();
    run(&folder, &["new-skill", "pdf"]).clean();
    fs::write(folder.path("skills/pdf/SKILL.md"), "mine").expect("it can be written");
    assert!(
        run(&folder, &["new-skill", "pdf"])
            .refused()
            .contains("is there already")
    );
    assert_eq!(folder.read("skills/pdf/SKILL.md"), "mine");
    for name in [
        "", ".", "..", "../x", "a/b", "Pdf", "a--b", "-x", "a b", "a\nb", "\u{430}b",
    ] {
        let refusal = run(&folder, &["new-skill", "--", name]).refused();
        assert!(
            refusal.contains("no skill can be called"),
            "{name}: {refusal}"
        );
    }
    assert_eq!(folder.contents().len(), 1);
}
