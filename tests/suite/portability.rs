//! Whatever the profile `portable` lets pass is read alike by six readers: `PyYAML`, `ruamel.yaml`, `js-yaml`, `yaml`, `skills-ref`
//! and the `skills` installer.
//!
//! `tests/portability/accepted` holds frontmatter that looks bad and is not, `denied` what some reader trips over; both are
//! written as fixtures of rules are. `tests/corpus/portable.py` asks the same about real skills.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use skills_compiler::diagnostics::Level;
use skills_compiler::source::SourceTree;
use skills_compiler::syntax::{self, Entry, Node, NodeKind, ParsedSkill, Scalar};
use skills_compiler::{Options, fixture, lint};

use crate::installation::{TARGET, offline, package, python, run, run_with, yaml_package};
use crate::tree;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const INSTALLER: &str = "skills/bin/cli.mjs";

/// A skill that somebody reads.
struct Skill {
    /// Where it comes from, for messages.
    origin: String,
    name: String,
    document: String,
    frontmatter: String,
    /// What we make of the frontmatter.
    value: Value,
    is_denied: bool,
}

/// A reader, and what it makes of every skill.
type Readings = BTreeMap<&'static str, Vec<Value>>;

#[test]
fn what_is_portable_is_read_alike_by_all() {
    let skills: Vec<_> = [own(), of_rules(), nasty("accepted")]
        .into_iter()
        .flatten()
        .collect();
    let nasty = skills.iter().filter(|skill| skill.origin == "accepted");
    let denied = names(nasty.filter(|skill| skill.is_denied));
    assert_eq!(denied, [""; 0], "these are denied");
    let skills: Vec<_> = skills
        .into_iter()
        .filter(|skill| !skill.is_denied)
        .collect();
    for origin in ["skills/", "SK", "accepted"] {
        assert!(
            skills.iter().any(|skill| skill.origin.starts_with(origin)),
            "some of {origin} are portable"
        );
    }
    for (reader, values) in read(&skills, "portable") {
        for (skill, value) in skills.iter().zip(values) {
            assert_eq!(
                value,
                expected(reader, skill),
                "{reader} reads {}:\n{}",
                skill.origin,
                skill.document
            );
        }
    }
}

#[test]
fn what_some_reader_trips_over_is_denied() {
    let skills = nasty("denied");
    let portable = skills.iter().filter(|skill| !skill.is_denied);
    assert_eq!(names(portable), [""; 0], "these are not denied");
    let readings = read(&skills, "not-portable");
    let agreed = skills.iter().enumerate().filter(|(index, skill)| {
        let mut readings = readings.iter();
        readings.all(|(reader, values)| values[*index] == expected(reader, skill))
    });
    let agreed = agreed.map(|(_, skill)| skill);
    assert_eq!(names(agreed), [""; 0], "all readers agree on these");
}

fn names<'skill>(skills: impl Iterator<Item = &'skill Skill>) -> Vec<&'skill str> {
    skills.map(|skill| &*skill.name).collect()
}

/// What a reader should make of a skill. The installer shows its name and description alone, on one line each.
fn expected(reader: &str, skill: &Skill) -> Value {
    if reader != "skills" {
        return json!({ "value": skill.value });
    }
    let line = |key: &str| {
        let text = skill.value[key].as_str().unwrap_or_default();
        let breaks = text.split(['\r', '\n']).filter(|line| !line.is_empty());
        breaks.collect::<Vec<_>>().join(" ").trim().to_owned()
    };
    json!({ "value": { "name": line("name"), "description": line("description") } })
}

/// The skills of this repository.
fn own() -> Vec<Skill> {
    let skills = tree::skills().into_iter();
    let trees = skills.map(|path| {
        let name = path.rsplit('/').next().unwrap_or(path);
        let own = tree::FILES.iter().filter_map(|file| {
            let below = file.path.strip_prefix(path)?.strip_prefix('/')?;
            Some((format!("{name}/{below}"), file))
        });
        let tree = own.fold(SourceTree::new("skills", "skills"), |tree, (path, file)| {
            tree.with_file(&path, file.bytes.clone())
        });
        (format!("skills/{path}"), tree)
    });
    trees
        .flat_map(|(origin, tree)| skills_of(&tree, &origin))
        .collect()
}

/// The skills that the rules are tested with. A tree in which anything is denied counts as denied.
fn of_rules() -> Vec<Skill> {
    let folder = Path::new(ROOT).join("skills-compiler/tests/fixtures");
    let entries = fs::read_dir(folder).expect("fixtures");
    let mut paths: Vec<_> = entries
        .map(|entry| entry.expect("a fixture").path())
        .collect();
    paths.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "skill")
    });
    paths.sort();
    let skills = paths.iter().flat_map(|path| {
        let text = fs::read_to_string(path).expect("fixtures are text");
        skills_of(
            &fixture::tree(&text),
            &path.file_stem().expect("a name").to_string_lossy(),
        )
    });
    skills.collect()
}

/// The skills of a file in `tests/portability`, each a tree of its own.
fn nasty(name: &str) -> Vec<Skill> {
    let path = Path::new(ROOT).join("tests/portability").join(name);
    let text = fs::read_to_string(path).expect("a fixture");
    let parts = text.split("\n=== ").filter(|part| !part.is_empty());
    let skills: Vec<_> = parts
        .map(|part| format!("=== {}", part.trim_start_matches("=== ")))
        .flat_map(|part| skills_of(&fixture::tree(&part), name))
        .collect();
    let names: BTreeSet<_> = skills.iter().map(|skill| &skill.name).collect();
    assert_eq!(
        names.len(),
        skills.len(),
        "the names of {name} are different"
    );
    skills
}

fn skills_of(tree: &SourceTree, origin: &str) -> Vec<Skill> {
    let mut options = Options::default();
    options.set_profile("portable").expect("a profile");
    let findings = lint(tree, &options);
    let is_denied = findings.iter().any(|finding| finding.level == Level::Deny);
    let skills = syntax::parse(tree);
    let read = skills.iter().filter_map(|skill| {
        Some(Skill {
            origin: origin.to_owned(),
            name: skill.directory_name().to_owned(),
            document: skill.text.to_owned(),
            frontmatter: skill
                .text
                .get(skill.fence.as_ref()?.frontmatter.clone())?
                .to_owned(),
            value: value(skill),
            is_denied,
        })
    });
    read.collect()
}

/// What we make of a frontmatter.
fn value(skill: &ParsedSkill<'_>) -> Value {
    let frontmatter = skill.frontmatter.as_ref();
    mapping(frontmatter.map_or(&[], |frontmatter| &frontmatter.entries))
}

fn mapping(entries: &[Entry]) -> Value {
    let values = entries.iter();
    let values = values.map(|entry| (entry.key.clone(), node(&entry.value)));
    Value::Object(values.collect::<Map<_, _>>())
}

fn node(value: &Node) -> Value {
    match &value.kind {
        NodeKind::Mapping(entries, _) => mapping(entries),
        NodeKind::Sequence(items, _) => items.iter().map(node).collect(),
        NodeKind::Scalar(Scalar::Text(text), _) => json!(text),
        NodeKind::Scalar(Scalar::Bool(flag), _) => json!(flag),
        NodeKind::Scalar(Scalar::Int(number), _) => json!(i64::try_from(*number).ok()),
        NodeKind::Scalar(Scalar::Float(number), _) => json!(number),
        NodeKind::Scalar(Scalar::Null, _) | NodeKind::Faulty => Value::Null,
    }
}

/// What all readers make of the skills, which are written below `target/` for those that want files.
fn read(skills: &[Skill], folder: &str) -> Readings {
    let folder = Path::new(TARGET).join("portability").join(folder);
    // What an earlier run left.
    let _ = fs::remove_dir_all(&folder);
    // The installer takes one skill of each name, so that the second one of a name goes into another folder.
    let mut rounds = Vec::<BTreeMap<&str, usize>>::new();
    let mut directories = Vec::new();
    for (index, skill) in skills.iter().enumerate() {
        let free = |round: &BTreeMap<&str, usize>| !round.contains_key(&*skill.name);
        let round = rounds.iter().position(free).unwrap_or(rounds.len());
        if round == rounds.len() {
            rounds.push(BTreeMap::new());
        }
        rounds[round].insert(&skill.name, index);
        let directory = folder.join(round.to_string()).join(&skill.name);
        fs::create_dir_all(&directory).expect("a folder below target/");
        fs::write(directory.join("SKILL.md"), &skill.document).expect("a file below target/");
        directories.push(directory);
    }
    let texts: Vec<_> = skills.iter().map(|skill| &skill.frontmatter).collect();
    let mut readings = in_python(skills, &directories);
    for package in ["js-yaml", "yaml"] {
        let output = run_with(&mut yaml_package(package), &json!(texts).to_string());
        readings.insert(package, values(&output));
    }
    let mut listed = vec![json!({ "error": "not listed" }); skills.len()];
    for (index, round) in rounds.iter().enumerate() {
        for (name, description) in installer(&folder.join(index.to_string())) {
            if let Some(&skill) = round.get(&*name) {
                listed[skill] = json!({ "value": { "name": name, "description": description } });
            }
        }
    }
    readings.insert("skills", listed);
    assert_eq!(readings.len(), 6);
    readings
}

fn in_python(skills: &[Skill], directories: &[PathBuf]) -> Readings {
    let input: Vec<_> = skills
        .iter()
        .zip(directories)
        .map(|(skill, directory)| {
            json!({ "directory": directory, "frontmatter": skill.frontmatter })
        })
        .collect();
    let output = run_with(&mut python("loaders.py"), &json!(input).to_string());
    let output: Value = serde_json::from_str(&output).expect("JSON");
    let loaders = ["PyYAML", "ruamel.yaml", "skills-ref"].into_iter();
    loaders
        .map(|loader| (loader, output[loader].as_array().expect("a list").clone()))
        .collect()
}

/// A list of `{"value": ..}` or `{"error": ..}`.
fn values(output: &str) -> Vec<Value> {
    serde_json::from_str(output).expect("a JSON list")
}

/// The names and descriptions that `skills add FOLDER --list` shows: lines behind a bar, indented by four and by six.
fn installer(folder: &Path) -> Vec<(String, String)> {
    let mut command = package(INSTALLER);
    command
        .args(["add", ".", "--list"])
        .current_dir(folder)
        .env("HOME", folder)
        .env("DISABLE_TELEMETRY", "1")
        // On the console of Linux the bars are of ASCII.
        .env("TERM", "dumb");
    offline(&mut command);
    let output = run(&mut command);
    let (_, listed) = output.split_once("Available Skills").unwrap_or_default();
    let mut shown = Vec::<(String, String)>::new();
    for line in listed.lines().filter_map(|line| line.strip_prefix("│    ")) {
        match (line.strip_prefix("  "), shown.last_mut()) {
            (Some(description), Some(last)) => description.clone_into(&mut last.1),
            _ => shown.push((line.to_owned(), String::new())),
        }
    }
    shown
}
