//! The bill of materials: one CycloneDX document with the crates and the skills of an executable.
//!
//! It is of version 1.6, which the tools of today read. Its serial number is computed from what it says, so that the same build
//! has the same one.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::crates::{Crate, Crates, Toolchain};
use super::license::licenses;
use super::{Origin, Package, purl};
use crate::emit::hexadecimal;
use crate::lower::{BundlePlan, ResourcePlan, SkillPlan};
use crate::source::ancestors;

/// The reference of the executable within the document.
const EXECUTABLE: &str = "executable";

/// The document, as one line of JSON.
pub(super) fn document(plan: &BundlePlan, package: &Package, crates: &Crates) -> String {
    let document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": metadata(plan, package, crates),
        "components": components(plan, crates),
        "dependencies": dependencies(plan, crates),
        "compositions": compositions(plan, crates),
    });
    let text = document.to_string();
    let serial = serial_number(&text);
    // Put in front by hand: with many skills, to write the document once more takes as long as all else here.
    let members = text.strip_prefix('{').unwrap_or_default();
    format!("{{\"serialNumber\":\"{serial}\",{members}\n")
}

/// A UUID of version 8 (RFC 9562), which is made of a digest.
fn serial_number(text: &str) -> String {
    let mut bytes = [0; 16];
    for (byte, digest) in bytes.iter_mut().zip(Sha256::digest(text)) {
        *byte = digest;
    }
    let mut number = u128::from_be_bytes(bytes);
    number = (number & !(0xf << 76)) | (0x8 << 76);
    number = (number & !(0x3 << 62)) | (0x2 << 62);
    let part = |from: u32, bits: u32| (number >> from) & ((1 << bits) - 1);
    format!(
        "urn:uuid:{:08x}-{:04x}-{:04x}-{:04x}-{:012x}",
        part(96, 32),
        part(80, 16),
        part(64, 16),
        part(48, 16),
        part(0, 48)
    )
}

fn metadata(plan: &BundlePlan, package: &Package, crates: &Crates) -> Value {
    let mut executable = json!({
        "type": "application",
        "bom-ref": EXECUTABLE,
        "name": package.name,
        "version": package.version,
    });
    set(&mut executable, "description", text(&package.description));
    set(&mut executable, "licenses", terms(&package.license));
    let digest = format!("sha256:{}", hexadecimal(&plan.digest));
    let mut properties = vec![property("skills:bundle:digest", &digest)];
    if let Crates::Unknown(reason) = crates {
        let said = format!("unknown: {reason}");
        properties.push(property("skills:crates", &said));
    }
    json!({
        "lifecycles": [{ "phase": "build" }],
        "tools": { "components": [{
            "type": "application",
            "name": "skills-compiler",
            "version": env!("CARGO_PKG_VERSION"),
        }] },
        "component": executable,
        "properties": properties,
    })
}

/// The crates but for the package itself, which is the executable; the standard library; the skills.
fn components(plan: &BundlePlan, crates: &Crates) -> Vec<Value> {
    let mut components = Vec::new();
    if let Crates::Known(crates, toolchain) = crates {
        components.extend(crates.iter().skip(1).map(of_crate));
        components.push(standard_library(toolchain));
    }
    let owned = owned(plan);
    let skills = plan.skills.iter().zip(&owned);
    components.extend(skills.map(|(skill, files)| of_skill(skill, files)));
    components
}

fn of_crate(item: &Crate) -> Value {
    let purl = purl::of_crate(item);
    let mut component = json!({
        "type": "library",
        "bom-ref": purl,
        "name": item.name,
        "version": item.version,
        "purl": purl,
    });
    let digest = item.checksum.as_deref().map(sha256);
    set(&mut component, "hashes", digest);
    set(&mut component, "licenses", terms(&item.license));
    component
}

/// The standard library and what comes with it, which no manifest names.
fn standard_library(toolchain: &Toolchain) -> Value {
    let Toolchain { release, commit } = toolchain;
    let mut component = json!({
        "type": "library",
        "bom-ref": standard_reference(toolchain),
        "name": "rust-std",
        "version": release,
        "description": "The standard library of Rust, as rustc links it",
        "licenses": licenses("MIT OR Apache-2.0"),
    });
    let commit = (!commit.is_empty()).then(|| json!([property("skills:rust:commit", commit)]));
    set(&mut component, "properties", commit);
    component
}

fn standard_reference(toolchain: &Toolchain) -> String {
    format!("rust-std@{}", toolchain.release)
}

fn of_skill(skill: &SkillPlan, files: &[&ResourcePlan]) -> Value {
    let Origin {
        version,
        license,
        author,
    } = &skill.origin;
    let mut component = json!({
        "type": "data",
        "bom-ref": skill_reference(skill),
        "name": skill.name,
        "description": skill.description,
        "hashes": sha256(&hexadecimal(&skill.digest)),
        "data": [{ "type": "other", "name": "Agent Skill", "contents": { "url": skill.uri } }],
        "properties": [property("skills:path", &skill.path)],
        "components": files.iter().map(|file| of_file(file)).collect::<Vec<_>>(),
    });
    set(&mut component, "version", version.as_deref().and_then(text));
    set(
        &mut component,
        "licenses",
        license.as_deref().and_then(terms),
    );
    let author = author.as_ref().map(|name| json!([{ "name": name }]));
    set(&mut component, "authors", author);
    component
}

fn of_file(file: &ResourcePlan) -> Value {
    let mut component = json!({
        "type": "file",
        "bom-ref": file.uri,
        "name": file.path,
        "hashes": sha256(&hexadecimal(&file.digest)),
    });
    // CycloneDX knows lower-case letters only.
    let media_type = text(&file.media_type.to_ascii_lowercase());
    set(&mut component, "mime-type", media_type);
    component
}

/// Who uses whom: the executable its crates and the skills, crates one another, a skill those that are nested in it.
fn dependencies(plan: &BundlePlan, crates: &Crates) -> Vec<Value> {
    let mut edges = Vec::new();
    let mut direct = Vec::new();
    if let Crates::Known(crates, toolchain) = crates {
        let reference = |index: &usize| crates.get(*index).map(purl::of_crate);
        for (index, item) in crates.iter().enumerate() {
            let uses: Vec<_> = item.uses.iter().filter_map(reference).collect();
            if index == 0 {
                direct = uses;
            } else {
                edges.push(json!({ "ref": purl::of_crate(item), "dependsOn": uses }));
            }
        }
        let standard = standard_reference(toolchain);
        edges.push(json!({ "ref": standard }));
        direct.push(standard);
    }
    let mut nested: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for skill in &plan.skills {
        for above in ancestors(&skill.path) {
            nested
                .entry(above)
                .or_default()
                .push(skill_reference(skill));
        }
    }
    for skill in &plan.skills {
        let nested = nested.remove(skill.path.as_str()).unwrap_or_default();
        edges.push(json!({ "ref": skill_reference(skill), "dependsOn": nested }));
        direct.push(skill_reference(skill));
    }
    edges.insert(0, json!({ "ref": EXECUTABLE, "dependsOn": direct }));
    edges
}

/// What is all of something: of the skills always; of what the executable depends on only if the crates are known.
fn compositions(plan: &BundlePlan, crates: &Crates) -> Value {
    let aggregate = match crates {
        Crates::Known(..) => "complete",
        Crates::Unknown(_) => "incomplete",
    };
    let mut compositions = vec![json!({ "aggregate": aggregate, "dependencies": [EXECUTABLE] })];
    let skills: Vec<_> = plan.skills.iter().map(skill_reference).collect();
    if !skills.is_empty() {
        compositions.push(json!({ "aggregate": "complete", "assemblies": skills }));
    }
    Value::Array(compositions)
}

/// The files of each skill that no nested skill has: every file once.
pub(super) fn owned(plan: &BundlePlan) -> Vec<Vec<&ResourcePlan>> {
    let mut owned: Vec<Vec<_>> = plan.skills.iter().map(|_| Vec::new()).collect();
    let mut owners = vec![None; plan.resources.len()];
    // The innermost skill is the one with the longest path.
    for (index, skill) in plan.skills.iter().enumerate() {
        let (first, count) = skill.resources;
        for owner in owners.iter_mut().skip(first).take(count) {
            let longer = |other: &usize| {
                let other = plan.skills.get(*other);
                other.is_none_or(|other| other.path.len() < skill.path.len())
            };
            if owner.as_ref().is_none_or(longer) {
                *owner = Some(index);
            }
        }
    }
    for (file, owner) in plan.resources.iter().zip(owners) {
        if let Some(files) = owner.and_then(|owner| owned.get_mut(owner)) {
            files.push(file);
        }
    }
    owned
}

/// The URI of a skill's directory.
fn skill_reference(skill: &SkillPlan) -> String {
    let directory = skill.uri.rsplit_once('/').map(|(directory, _)| directory);
    directory.unwrap_or(&skill.uri).to_owned()
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": name, "value": value })
}

fn sha256(digest: &str) -> Value {
    json!([{ "alg": "SHA-256", "content": digest }])
}

fn text(text: &str) -> Option<Value> {
    (!text.is_empty()).then(|| Value::String(text.to_owned()))
}

fn terms(license: &str) -> Option<Value> {
    (!license.is_empty()).then(|| licenses(license))
}

/// Sets a member that there may not be.
fn set(object: &mut Value, member: &str, value: Option<Value>) {
    if let (Value::Object(members), Some(value)) = (object, value) {
        members.insert(member.to_owned(), value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Configuration, configure};
    use crate::{Options, fixture, lower, rules, syntax};

    const SKILLS: &str = "=== acme/SKILL.md
---
name: acme
description: Does what Acme does. Use when somebody asks for Acme.
license: MIT/Apache-2.0
---
See [it](2trips/SKILL.md).
=== acme/2trips/SKILL.md
---
name: 2trips
description: Plans trips. Use when somebody wants to go somewhere.
---
Go.
";

    fn read(crates: &Crates) -> Value {
        let tree = fixture::tree(SKILLS);
        let configuration: Configuration = configure(&tree, &Options::default());
        let (checked, findings, _) = rules::check(&tree, syntax::parse(&tree), &configuration);
        assert_eq!(checked.len(), 2, "{findings:?}");
        let plan = lower::lower(&tree, &checked, &configuration);
        let text = document(&plan, &Package::default(), crates);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_file_stands_once_and_a_skill_depends_on_those_in_it() {
        let sbom = read(&Crates::Unknown("nobody asks".to_owned()));
        let skills = sbom["components"].as_array().unwrap();
        let files = |skill: &Value| skill["components"].as_array().unwrap().len();
        assert_eq!(skills.iter().map(files).collect::<Vec<_>>(), [1, 1]);
        let edges = sbom["dependencies"].as_array().unwrap();
        let outer = edges.iter().find(|edge| edge["ref"] == "skill://acme");
        let nested = json!(["skill://acme/2trips"]);
        assert_eq!(outer.unwrap()["dependsOn"], nested);
        assert_eq!(sbom["compositions"][0]["aggregate"], "incomplete");
    }

    #[test]
    fn the_serial_number_follows_from_the_rest() {
        let unknown = |why: &str| read(&Crates::Unknown(why.to_owned()))["serialNumber"].clone();
        assert_eq!(unknown("a"), unknown("a"));
        assert_ne!(unknown("a"), unknown("b"));
        let serial = unknown("a").to_string();
        assert_eq!(
            (serial.len(), serial.as_bytes()[24]),
            (47, b'8'),
            "{serial}"
        );
    }
}
