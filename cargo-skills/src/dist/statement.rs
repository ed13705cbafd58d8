//! Who built what from what: an in-toto statement with the predicate SLSA provenance 1. It is not signed; `docs/ship.md` says how to.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Executable;
use super::facts::Facts;
use super::surroundings::{Commit, Surroundings};

/// What the parameters mean: a page of ours.
pub(super) const BUILD_TYPE: &str =
    "https://github.com/skills-rs/skills/blob/main/docs/ship.md#build-type";

/// Who built: whoever ran this program, wherever that was.
const BUILDER: &str = "https://github.com/skills-rs/skills/blob/main/docs/ship.md#builder";

/// The statement about files and their digests.
pub(super) fn statement(
    executable: &Executable,
    facts: &Facts,
    surroundings: &Surroundings,
    files: &BTreeMap<String, String>,
) -> String {
    let subjects = files
        .iter()
        .map(|(path, digest)| json!({ "name": path, "digest": { "sha256": digest } }));
    let statement = json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subjects.collect::<Vec<_>>(),
        "predicateType": "https://slsa.dev/provenance/v1",
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {
                    "executable": executable.name,
                    "target": executable.target,
                    "features": executable.features,
                    "profile": executable.profile,
                },
                "internalParameters": { "cratesAreKnown": facts.crates.is_some() },
                "resolvedDependencies": dependencies(facts, surroundings),
            },
            "runDetails": {
                "builder": {
                    "id": BUILDER,
                    "version": {
                        "cargo": surroundings.cargo,
                        "cargo-skills": env!("CARGO_PKG_VERSION"),
                        "rustc": surroundings.rustc,
                        "skills-compiler": facts.compiler,
                    },
                },
            },
        },
    });
    format!("{statement:#}\n")
}

/// The source, the crates and the skills.
fn dependencies(facts: &Facts, surroundings: &Surroundings) -> Vec<Value> {
    let source = surroundings
        .commit
        .iter()
        .map(|commit| source(commit, facts));
    let crates = facts.crates.iter().flatten().map(|item| {
        let mut dependency = json!({ "name": item.name, "uri": item.purl });
        if let (Value::Object(members), Some(digest)) = (&mut dependency, &item.sha256) {
            members.insert("digest".to_owned(), json!({ "sha256": digest }));
        }
        dependency
    });
    let skills = facts.skills.iter().map(|skill| {
        let digest = skill.digest.trim_start_matches("sha256:");
        json!({ "name": skill.path, "uri": skill.uri, "digest": { "sha256": digest } })
    });
    source.chain(crates).chain(skills).collect()
}

fn source(commit: &Commit, facts: &Facts) -> Value {
    let Commit { digest, is_dirty } = commit;
    let mut source = json!({
        "name": "source",
        "digest": { "gitCommit": digest },
        "annotations": { "dirty": is_dirty },
    });
    let repository = &facts.server.repository;
    if let (Value::Object(members), false) = (&mut source, repository.is_empty()) {
        members.insert("uri".to_owned(), format!("git+{repository}").into());
    }
    source
}
