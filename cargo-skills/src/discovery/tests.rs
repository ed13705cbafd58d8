//! Trees as listings, and what is found in them.

use super::listing::{Listing, Manifest, parent};
use super::sorting::sort_out;
use super::{Discovery, NoSkill};

/// A listing from lines: `a/SKILL.md`, `a -> b`, `a/` for a folder with something in it, `a!` for an empty one.
fn listing(text: &str) -> Listing {
    let mut listing = Listing::default();
    for line in text
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .split(", ")
    {
        match line {
            line if line.contains(" -> ") => {
                let (place, target) = line.split_once(" -> ").expect("a link");
                let target = Some(target.to_owned()).filter(|target| target != "?");
                listing.links.insert(place.to_owned(), target);
            }
            line if line.ends_with('!') => {
                listing
                    .hosts
                    .insert(line.trim_end_matches('!').to_owned(), false);
            }
            line if line.ends_with('/') => {
                listing
                    .hosts
                    .insert(line.trim_end_matches('/').to_owned(), true);
            }
            line if line.ends_with("skill.md") => {
                listing.misnamed.insert(parent(line).to_owned());
            }
            line => {
                listing.documents.insert(parent(line).to_owned());
            }
        }
    }
    listing
}

fn found(text: &str) -> Discovery {
    sort_out(&listing(text), "")
}

/// `folder: skill, skill` for each folder.
fn folders(found: &Discovery) -> Vec<String> {
    let folders = found.folders.iter();
    let shown = folders.map(|folder| format!("{}: {}", folder.path, folder.skills.join(", ")));
    shown.collect()
}

fn check(text: &str, expected: &[&str]) {
    assert_eq!(folders(&found(text)), expected, "{text}");
}

#[test]
fn all_folders_of_hosts_are_looked_at() {
    check(
        ".claude/skills/a/SKILL.md, .agents/skills/b/SKILL.md, plugins/p/skills/c/SKILL.md, skills/x/d/SKILL.md",
        &[
            ".agents/skills: .agents/skills/b",
            ".claude/skills: .claude/skills/a",
            "plugins/p/skills: plugins/p/skills/c",
            "skills: skills/x/d",
        ],
    );
}

#[test]
fn what_links_lead_to_is_checked_once_where_it_is() {
    let text = ".agents/skills/a/SKILL.md, .claude/skills/a -> .agents/skills/a, docs/b/SKILL.md, .claude/skills/b -> docs/b";
    check(text, &[".agents/skills: .agents/skills/a", "docs: docs/b"]);
    assert_eq!(found(text).copies.len(), 2);
    let whole = ".agents/skills/a/SKILL.md, .claude/skills -> .agents/skills";
    check(whole, &[".agents/skills: .agents/skills/a"]);
}

#[test]
fn a_broken_link_in_a_folder_of_skills_keeps_the_folder() {
    check(".claude/skills/a -> ?", &[".claude/skills: "]);
}

#[test]
fn a_skill_at_the_top_counts_beside_others() {
    let text = "SKILL.md, skills/a/SKILL.md, extra/SKILL.md, assets/blank/SKILL.md";
    check(text, &[": extra", ": ", "skills: skills/a"]);
    let top = found(text)
        .folders
        .into_iter()
        .find(|folder| folder.skills == [""]);
    let no_skills = top.expect("the one at the top").reading.no_skills;
    assert_eq!(no_skills.get("skills"), Some(&NoSkill::Elsewhere));
    assert_eq!(no_skills.get("extra"), Some(&NoSkill::Elsewhere));
    assert_eq!(no_skills.get("assets/blank"), Some(&NoSkill::Material));
}

#[test]
fn tests_templates_and_stray_files_are_left_out_and_said() {
    let text = "skills/a/SKILL.md, skills/SKILL.md, tests/fixtures/x/SKILL.md, template/SKILL.md, skills/a/templates/SKILL.md";
    check(text, &["skills: skills/a"]);
    let looked = found(text).looked();
    let remark = "4 SKILL.md below `skills`, `skills/a/templates`, `template` and `tests` left out";
    assert_eq!(looked.remarks, [remark]);
}

#[test]
fn an_empty_folder_does_not_end_the_search() {
    let text = ".claude/skills!, packages/cli/skills/a/SKILL.md";
    check(text, &["packages/cli/skills: packages/cli/skills/a"]);
    assert_eq!(
        found(text).looked().remarks,
        ["no skill in `.claude/skills`"]
    );
}

#[test]
fn a_manifest_says_where_skills_are_and_with_what_they_come() {
    let mut listing = listing("docs/mine/a/SKILL.md, skills/b/SKILL.md, skills/c/SKILL.md");
    let plugins = r#"{"plugins": [{"name": "one", "source": "./", "skills": ["./skills/b"]},
        {"name": "two", "source": "./", "skills": ["./skills/c", "./docs/mine"]}]}"#;
    listing.manifests.push(Manifest {
        directory: String::new(),
        is_marketplace: true,
        text: plugins.to_owned(),
    });
    let found = sort_out(&listing, "");
    assert_eq!(
        folders(&found),
        ["docs/mine: docs/mine/a", "skills: skills/b, skills/c"]
    );
    let reading = &found.folders.last().expect("skills").reading;
    assert_eq!((reading.plugin("b"), reading.plugin("c")), ("one", "two"));
}

#[test]
fn where_the_user_is_names_of_directories_above_say_nothing() {
    let found = sort_out(
        &listing("tests/demo/skills/a/SKILL.md, .agents/skills/b/SKILL.md"),
        "tests/demo",
    );
    assert_eq!(
        folders(&found),
        [
            ".agents/skills: .agents/skills/b",
            "tests/demo/skills: tests/demo/skills/a"
        ]
    );
}

#[test]
fn copies_for_several_clients_are_checked_once() {
    let mut found = found(
        ".claude/skills/a/SKILL.md, .agents/skills/a/SKILL.md, skills/a/SKILL.md, .cursor/skills/a/SKILL.md",
    );
    found.check_copies_once(&|_, other| !other.starts_with(".cursor"));
    assert_eq!(
        folders(&found),
        [".cursor/skills: .cursor/skills/a", "skills: skills/a"]
    );
    assert_eq!(found.copies.len(), 2);
}

#[test]
fn a_search_is_summed_up_on_one_line() {
    let looked = found(
        "plugins/a/skills/x/SKILL.md, plugins/b/skills/y/SKILL.md, .claude/skills/z/SKILL.md",
    )
    .looked();
    assert_eq!(
        looked.places(),
        " in `.claude/skills` and `plugins/*/skills`"
    );
}
