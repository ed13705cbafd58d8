//! What an executable says of what it holds: the crates that cargo built it of, and its skills.

use std::collections::BTreeMap;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

use crate::building::skill;
use crate::installation::run;
use crate::project::Project;
use crate::server::EXECUTABLE;

fn server(arguments: &[&str]) -> Value {
    let output = run(Command::new(EXECUTABLE).args(arguments));
    serde_json::from_str(&output).expect("it is JSON")
}

/// The components of a kind, by name.
fn components<'a>(sbom: &'a Value, kind: &str) -> BTreeMap<&'a str, &'a Value> {
    let components = sbom["components"].as_array().expect("components");
    let components = components
        .iter()
        .filter(|component| component["type"] == kind);
    components
        .map(|component| (component["name"].as_str().expect("a name"), component))
        .collect()
}

#[test]
fn the_bill_of_materials_has_what_cargo_built_in_and_nothing_else() {
    let sbom = server(&["sbom"]);
    let crates = components(&sbom, "library");
    for name in [
        "rmcp",
        "rust-std",
        "skills-model",
        "skills-runtime",
        "tokio",
    ] {
        assert!(crates.contains_key(name), "{name} is missing");
    }
    // Macros, what only build scripts need, and what only tests need.
    for name in ["serde_derive", "skills-compiler", "syn", "proptest"] {
        assert!(!crates.contains_key(name), "{name} is not in it");
    }
    let lock = include_str!("../../Cargo.lock");
    let digest = crates["rmcp"]["hashes"][0]["content"]
        .as_str()
        .expect("a digest");
    assert!(lock.contains(&format!("checksum = \"{digest}\"")));
    assert_eq!(crates["rmcp"]["licenses"][0]["expression"], "Apache-2.0");
    let edges = sbom["dependencies"].as_array().expect("dependencies");
    let of = |name: &Value| {
        let edge = edges.iter().find(|edge| edge["ref"] == *name);
        edge.expect("every component has an edge")["dependsOn"].to_string()
    };
    assert!(of(&"executable".into()).contains("pkg:cargo/skills-runtime@"));
    assert!(of(&crates["skills-runtime"]["bom-ref"]).contains("pkg:cargo/rmcp@"));
    assert_eq!(sbom["compositions"][0]["aggregate"], "complete");
}

#[test]
fn the_bill_of_materials_has_every_skill_and_every_file_once() {
    let sbom = server(&["sbom"]);
    let about = server(&["about", "--json"]);
    let skills = components(&sbom, "data");
    let listed = server(&["list", "--json"]);
    let listed = listed.as_array().expect("a list");
    assert_eq!(skills.len(), listed.len());
    let mut files = 0;
    for item in listed {
        let skill = skills[item["name"].as_str().expect("a name")];
        let digest = skill["hashes"][0]["content"].as_str().expect("a digest");
        assert_eq!(item["digest"], format!("sha256:{digest}"));
        files += skill["components"].as_array().expect("files").len();
    }
    assert_eq!(about["files"], files);
    assert_eq!(about["sbom"]["skills"], skills.len());
    let crates = components(&sbom, "library").len();
    assert!(about["sbom"]["crates"].as_u64() >= Some(crates as u64));
    assert_eq!(about["sbom"]["serialNumber"], sbom["serialNumber"]);
}

/// Where the build script of a project wrote.
fn out_dir(project: &Project) -> PathBuf {
    let messages = project.messages();
    let mut scripts = messages
        .iter()
        .filter_map(|message| message["out_dir"].as_str().map(PathBuf::from));
    scripts
        .find(|directory| directory.join("facts.json").is_file())
        .expect("the build script ran")
}

#[test]
fn cargo_is_asked_again_only_when_its_answer_may_be_another() {
    let project = Project::new("provenance-kept").good_skill("refunds").file(
        "skills/trips/SKILL.md",
        skill(
            "trips",
            "See [this](gone.md).\n\n<!-- skills: allow(broken-link) reason=\"it comes later\" -->",
        )
        .replace(
            "\n---\n\n",
            "\nlicense: MIT/Apache-2.0\nmetadata:\n  author: Acme\n  version: \"1.10\"\n---\n\n",
        ),
    );
    let out = out_dir(&project);
    let answer = || fs::metadata(out.join("crates.answer")).expect("it is kept");
    let facts = || -> Value {
        let facts = fs::read(out.join("facts.json")).expect("they are there");
        serde_json::from_slice(&facts).expect("it is JSON")
    };
    let first = answer().modified().expect("a time");
    assert_eq!(facts()["skills"][1]["version"], "1.10");
    assert_eq!(facts()["skills"][1]["author"], "Acme");
    let notice = &facts()["skills"][1]["notices"][0];
    assert_eq!(notice["rule"], "broken-link");
    assert_eq!(notice["reason"], "it comes later");
    let sbom: Value = serde_json::from_str(&project.run(&["sbom"])).expect("it is JSON");
    let trips = components(&sbom, "data")["trips"];
    assert_eq!(trips["licenses"][0]["expression"], "MIT OR Apache-2.0");

    project.write("skills/refunds/SKILL.md", skill("refunds", "Begin anew."));
    assert_eq!(out_dir(&project), out);
    assert_eq!(answer().modified().expect("a time"), first);

    let manifest = fs::read_to_string(project.folder().join("Cargo.toml")).expect("it is there");
    project.write("Cargo.toml", manifest + "\n# Another one.\n");
    out_dir(&project);
    assert_ne!(answer().modified().expect("a time"), first);
}

#[test]
fn what_cargo_does_not_tell_is_said_to_be_unknown() {
    let project = Project::new("provenance-macro").good_skill("refunds").file(
        "src/main.rs",
        "//! A server without a build script.

skills_macro::bundle!(\"skills\");

fn main() -> std::process::ExitCode {
    skills_runtime::run(&BUNDLE)
}
",
    );
    project.remove("build.rs");
    let sbom: Value = serde_json::from_str(&project.run(&["sbom"])).expect("it is JSON");
    assert_eq!(components(&sbom, "data").len(), 1);
    assert_eq!(components(&sbom, "library").len(), 0);
    assert_eq!(sbom["compositions"][0]["aggregate"], "incomplete");
    assert!(
        project
            .run(&["about"])
            .contains("CycloneDX 1.6, unknown crates, 1 skill")
    );
}
