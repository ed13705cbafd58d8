//! SARIF, judged by its official schema; `tests/sarif` has the judge.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use crate::folder::{BAD, Folder, GOOD, ODD};
use crate::process::{done, run};

/// The npm package that carries the schema; its digest is in `judge.py`.
const SCHEMA: &str = "@microsoft/jest-sarif@1.0.0-beta.0";

/// Where the schema and what `requirements.txt` pins are; they are fetched once.
static TOOLS: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sarif");
    let pins = fs::read_to_string(source("requirements.txt")).expect("pins are readable") + SCHEMA;
    let stamp = folder.join("installed");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == pins) {
        return folder;
    }
    // What another version left behind would be mixed with this one.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder below target/");
    let mut pip = Command::new("python3");
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ])
    .args(["--target", "packages", "--requirement"])
    .arg(source("requirements.txt"));
    done(pip.current_dir(&folder));
    done(
        Command::new("npm")
            .args(["pack", "--silent", SCHEMA])
            .current_dir(&folder),
    );
    fs::write(stamp, pins).expect("a stamp below target/");
    folder
});

fn source(file: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/sarif")
        .join(file)
}

fn judge(folder: &Folder) -> Value {
    let log = run(folder, &["check", "--format", "sarif"]).stdout;
    let path = folder.path("log.sarif");
    fs::write(&path, &log).expect("it can be written");
    let mut judge = Command::new("python3");
    judge
        .arg(source("judge.py"))
        .args([&*TOOLS, &path])
        .env("PYTHONPATH", TOOLS.join("packages"))
        .env("PYTHONDONTWRITEBYTECODE", "1");
    assert_eq!(done(&mut judge), "");
    serde_json::from_str(&log).expect("it is JSON")
}

#[test]
fn the_official_schema_has_nothing_against_it() {
    let odd_paths = Folder::empty();
    odd_paths.write("skills/a b%c\u{1b}#?:ü/skill.md", b"x");
    odd_paths.write("skills/pdf/SKILL.md", b"\xff\xfe");
    for folder in [
        Folder::of(GOOD),
        Folder::of(BAD),
        Folder::of(ODD),
        odd_paths,
    ] {
        judge(&folder);
    }
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../skills-compiler/tests/fixtures");
    for stem in [
        "SK004-invalid-yaml",
        "SK205-broken-link",
        "SK401-bidi-control",
        "SK403-hardcoded-secret",
    ] {
        let text = fs::read_to_string(fixtures.join(stem).with_extension("skill"));
        judge(&Folder::of(&text.expect("a fixture is text")));
    }
}

#[test]
fn results_have_rules_regions_fixes_and_fingerprints() {
    let log = judge(&Folder::of(BAD));
    let run = &log["runs"][0];
    let result = &run["results"][0];
    let index = result["ruleIndex"].as_u64().expect("an index") as usize;
    assert_eq!(run["tool"]["driver"]["rules"][index]["id"], "SK005");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "skills/pdf/SKILL.md");
    assert_eq!(
        (
            &place["region"]["startLine"],
            &place["region"]["startColumn"],
            &place["region"]["endColumn"]
        ),
        (&3.into(), &22.into(), &23.into())
    );
    let replacement = &result["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(replacement["insertedContent"]["text"], "\"");
    assert_eq!(replacement["deletedRegion"]["byteLength"], 0);
}

#[test]
fn fingerprints_follow_a_finding_and_tell_findings_apart() {
    let fingerprints = |text: &str| -> Vec<String> {
        let log = run(&Folder::of(text), &["check", "--format", "sarif"]).stdout;
        let log: Value = serde_json::from_str(&log).expect("it is JSON");
        let results = log["runs"][0]["results"].as_array().expect("results");
        let prints = results
            .iter()
            .map(|result| &result["partialFingerprints"]["skillsFinding/v1"]);
        prints
            .map(|print| print.as_str().expect("a fingerprint").to_owned())
            .collect()
    };
    let skill = |body: &str| format!("=== pdf/SKILL.md\n{GOOD}{body}");
    let before = fingerprints(&skill("[a](gone.md)\n[b](away.md)\n"));
    assert_eq!(before.len(), 2);
    assert_ne!(before[0], before[1]);
    assert_eq!(
        before,
        fingerprints(&skill("\n\nMore.\n\n[a](gone.md)\n[b](away.md)\n"))
    );
}
