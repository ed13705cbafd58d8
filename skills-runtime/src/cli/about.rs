//! `about`: what the executable holds and how it was built, as facts for people or as JSON for programs.

use std::fmt::Write;

use rmcp::model::ProtocolVersion;
use serde::Serialize;
use skills_model::{Bundle, Resource};

use super::sbom::Summary;
use crate::error::Error;
use crate::text::{count, escape_line, printable_json, size};

/// What this crate was compiled for; `build.rs` says.
const TARGET: &str = env!("SKILLS_TARGET");
const PROFILE: &str = env!("SKILLS_PROFILE");
const RUNTIME: &str = env!("CARGO_PKG_VERSION");

/// The features of this crate that can be left out.
const FEATURES: &[&str] = &[
    #[cfg(feature = "audit")]
    "audit",
    #[cfg(feature = "http")]
    "http",
    #[cfg(feature = "install")]
    "install",
    #[cfg(feature = "oauth")]
    "oauth",
    #[cfg(feature = "redis")]
    "redis",
    #[cfg(feature = "otel")]
    "otel",
    #[cfg(feature = "sandbox")]
    "sandbox",
    #[cfg(feature = "stdio")]
    "stdio",
    #[cfg(feature = "tls")]
    "tls",
];

/// `sandbox` is what this system lets a process close itself off with.
pub(super) fn about(
    bundle: &'static Bundle,
    sandbox: Option<&str>,
    json: bool,
) -> Result<String, Error> {
    let bytes = bundle.resources.iter().map(Resource::size).sum();
    if json {
        return as_json(bundle, sandbox, bytes);
    }
    Ok(as_text(bundle, sandbox, bytes, &Summary::of(bundle)?))
}

fn protocols() -> Vec<&'static str> {
    let versions = ProtocolVersion::KNOWN_VERSIONS.iter();
    versions.map(ProtocolVersion::as_str).collect()
}

fn as_text(bundle: &Bundle, sandbox: Option<&str>, bytes: u64, sbom: &Summary) -> String {
    let files = count(bundle.resources.len(), "file");
    let facts = [
        ("skills", bundle.skills.len().to_string()),
        ("content", format!("{files}, {}", size(bytes))),
        ("digest", bundle.digest.to_string()),
        ("sbom", sbom.to_text()),
        ("protocols", protocols().join(", ")),
        ("features", FEATURES.join(", ")),
        (
            "compiler",
            format!("skills-compiler {}", bundle.server.compiler),
        ),
        (
            "runtime",
            format!("skills-runtime {RUNTIME} ({PROFILE}, {TARGET})"),
        ),
    ];
    let mut text = escape_line(
        &format!("{} {}", bundle.server.name, bundle.server.version),
        usize::MAX,
    );
    text.push('\n');
    let sandbox = sandbox.map(|sandbox| ("sandbox", sandbox.to_owned()));
    for (name, value) in facts.into_iter().chain(sandbox) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "  {name:<9}  {}", escape_line(&value, usize::MAX));
    }
    text
}

fn as_json(bundle: &'static Bundle, sandbox: Option<&str>, bytes: u64) -> Result<String, Error> {
    let text = serde_json::to_string_pretty(&Facts {
        name: bundle.server.name,
        version: bundle.server.version,
        digest: bundle.digest.to_string(),
        skills: bundle.skills.len(),
        files: bundle.resources.len(),
        bytes,
        protocol_versions: protocols(),
        features: FEATURES,
        compiler_version: bundle.server.compiler,
        runtime_version: RUNTIME,
        target: TARGET,
        profile: PROFILE,
        sandbox,
        sbom: Summary::of(bundle)?,
    })?;
    Ok(printable_json(&text) + "\n")
}

/// The executable as a program gets to know it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Facts<'a> {
    name: &'static str,
    version: &'static str,
    digest: String,
    skills: usize,
    files: usize,
    bytes: u64,
    protocol_versions: Vec<&'static str>,
    features: &'static [&'static str],
    compiler_version: &'static str,
    runtime_version: &'static str,
    target: &'static str,
    profile: &'static str,
    sandbox: Option<&'a str>,
    sbom: Summary,
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::testing::BUNDLE;

    #[test]
    fn the_facts_are_there_in_both_forms() {
        let text = about(&BUNDLE, None, false).unwrap();
        assert!(text.starts_with("sample 1.2.3\n  skills     4\n"), "{text}");
        let json: Value =
            serde_json::from_str(&about(&BUNDLE, Some("off"), true).unwrap()).unwrap();
        assert_eq!(json["digest"], BUNDLE.digest.to_string());
        assert_eq!(json["files"], 7);
        assert_eq!(json["sandbox"], "off");
        assert_eq!(json["sbom"]["skills"], 1);
    }
}
