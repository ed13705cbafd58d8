//! The conformance suite of the protocol, in both eras and for the skills extension. What does not apply to a server of
//! skills is listed in `tests/conformance/`, with reasons.

use std::path::Path;

use crate::installation::{package, run};
use crate::service::{Service, folder};

const SUITE: &str = "@modelcontextprotocol/conformance/dist/index.js";

/// What the suite says of a server, if it is content.
fn passes(service: &Service, name: &str, arguments: &[&str]) -> String {
    let mut command = package(SUITE);
    command
        .args(["server", "--url", service.url(), "--output-dir"])
        .arg(folder(&format!("conformance/{name}")))
        .args(arguments);
    run(&mut command)
}

fn era(revision: &str, scored: &[&str]) {
    let service = Service::start(&[]);
    let exceptions = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/conformance")
        .join(format!("{revision}.yml"));
    let exceptions = exceptions.to_str().expect("a path in UTF-8");
    let flags = [
        "--requirements",
        revision,
        "--expected-failures",
        exceptions,
    ];
    let report = passes(&service, revision, &flags);
    // A scenario that has gone from the suite would otherwise not be missed.
    for scenario in scored {
        let line = format!("✓ {scenario}: ");
        let passed = report
            .lines()
            .find_map(|found| found.trim().strip_prefix(&line));
        let passed = passed.unwrap_or_else(|| panic!("{scenario} did not pass:\n{report}"));
        assert!(!passed.starts_with("0 passed"), "{scenario}: {passed}");
    }
}

#[test]
fn what_applies_of_protocol_2025_11_25_passes() {
    era(
        "2025-11-25",
        &[
            "server-initialize",
            "ping",
            "completion-complete",
            "tools-list",
            "resources-list",
            "prompts-list",
            "dns-rebinding-protection",
        ],
    );
}

#[test]
fn what_applies_of_protocol_2026_07_28_passes() {
    era(
        "2026-07-28",
        &[
            "completion-complete",
            "tools-list",
            "resources-list",
            "prompts-list",
            "sep-2164-resource-not-found",
            "dns-rebinding-protection",
            "caching",
            "http-header-validation",
            "input-required-result-unsupported-methods",
            "input-required-result-validate-input",
        ],
    );
}

#[test]
fn the_skills_extension_passes_whole() {
    let service = Service::start(&[]);
    for scenario in ["directory", "enumeration", "manifest"] {
        let name = format!("sep-2640-skills-{scenario}");
        let report = passes(&service, &name, &["--scenario", &name]);
        assert!(report.contains(", 0 failed, 0 warnings"), "{report}");
    }
}
