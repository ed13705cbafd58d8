//! Where levels come from, and which of two settings wins.

use std::fs;

use skills_compiler::diagnostics::{Level, Style, render};
use skills_compiler::{Compilation, Options, compile};

use crate::directory::{Directory, files};

/// A package whose skill `pdf` has one broken link, in the directory `skills`.
fn package(name: &str) -> Directory {
    let skill = "---\nname: pdf\ndescription: Fills PDF forms. Use when the user has one.\n---\n";
    Directory::new(name)
        .file("Cargo.toml", "[package]\nname = \"p\"\n")
        .file(
            "skills/pdf/SKILL.md",
            format!("{skill}See [this](missing.md).\n"),
        )
}

fn compiled(package: &Directory, options: &Options) -> Compilation {
    compile(&package.0.join("skills"), "skills", options).expect("the root can be read")
}

/// The level of the one finding, and what is said of where it comes from; nothing if there is no finding.
fn level(package: &Directory, options: &Options) -> Option<(Level, String)> {
    let compilation = compiled(package, options);
    let [finding] = compilation.findings.as_slice() else {
        assert!(
            compilation.findings.is_empty(),
            "{:?}",
            compilation.findings
        );
        return None;
    };
    let text = render(&compilation.tree, finding, Style::Plain);
    assert!(text.contains(&finding.source.to_string()), "{text}");
    Some((finding.level, finding.source.to_string()))
}

fn check(package: &Directory, options: &Options, expected: Option<(Level, &str)>) {
    let found = level(package, options);
    assert_eq!(
        found
            .as_ref()
            .map(|(level, source)| (*level, source.as_str())),
        expected
    );
}

#[test]
fn what_is_said_last_and_of_fewest_wins() {
    let mut options = Options::default();
    let package = package("levels");
    check(&package, &options, Some((Level::Deny, "by default")));

    let package = package.file("skills.toml", "profile = \"imported\"\n");
    let source = "by the profile `imported`";
    check(&package, &options, Some((Level::Warn, source)));

    let package = package.file(
        "skills.toml",
        "[lints]\nbroken-link = \"deny\"\ncontent = \"allow\"\n",
    );
    let source = "by `[lints]` in skills.toml:2";
    check(&package, &options, Some((Level::Deny, source)));

    let more = "[skills.\"p*\".lints]\nSK205 = \"warn\"\n[lints]\nbroken-link = \"deny\"\n";
    let package = package.file("skills.toml", more);
    let source = "by `[skills.\"p*\".lints]` in skills.toml:2";
    check(&package, &options, Some((Level::Warn, source)));

    options
        .set_flags("-D warnings", "SKILLS_LINTS")
        .expect("it makes sense");
    let source = "by `-D warnings` in SKILLS_LINTS";
    check(&package, &options, Some((Level::Deny, source)));

    options
        .set_level("broken-link", Level::Allow, "the build script")
        .expect("it makes sense");
    check(&package, &options, None);
}

#[test]
fn a_manifest_says_the_same_as_a_file_and_less_loudly() {
    let manifest =
        "[package]\nname = \"p\"\n[package.metadata.skills.lints]\nbroken-link = \"warn\"\n";
    let package = package("manifest").file("Cargo.toml", manifest);
    let source = "by `[lints]` in Cargo.toml:4";
    check(&package, &Options::default(), Some((Level::Warn, source)));
    let package = package.file("skills.toml", "[lints]\nbroken-link = \"deny\"\n");
    let source = "by `[lints]` in skills.toml:2";
    check(&package, &Options::default(), Some((Level::Deny, source)));
}

#[test]
fn a_comment_in_a_skill_allows_with_a_reason_and_nothing_that_protects_others() {
    let with = |comment: &str| {
        let package = package("comment");
        let path = package.0.join("skills/pdf/SKILL.md");
        let text = fs::read_to_string(&path).expect("it is there");
        package.file(
            "skills/pdf/SKILL.md",
            format!("{text}\n<!-- skills: {comment} -->\n"),
        )
    };
    let codes = |package: &Directory| {
        let findings = compiled(package, &Options::default()).findings;
        findings
            .iter()
            .map(|finding| finding.rule.code)
            .collect::<Vec<_>>()
    };
    assert!(codes(&with("allow(broken-link) reason=\"made later\"")).is_empty());
    assert!(codes(&with("allow(SK205) reason=\"made later\"")).is_empty());
    assert_eq!(codes(&with("allow(broken-link)")), ["SK205", "SK705"]);
    assert_eq!(
        codes(&with(
            "allow(broken-link, hardcoded-secret) reason=\"sample\""
        )),
        ["SK704"]
    );
    let mut options = Options::default();
    options
        .set_flags("-Dwarnings", "CI")
        .expect("it makes sense");
    let package = with("allow(broken-link) reason=\"made later\"");
    assert!(compiled(&package, &options).findings.is_empty());
}

#[test]
fn the_nearest_file_is_read_and_none_above_the_package_or_the_repository() {
    let outer = Directory::new("nearest").file("skills.toml", "profile = \"imported\"\n");
    let skill = "---\nname: pdf\ndescription: Fills PDF forms. Use when the user has one.\n---\n[a](b.md)\n";
    let at = |package: &Directory, path: &str, label: &str| {
        let compilation = compile(&package.0.join(path), label, &Options::default());
        let findings = compilation.expect("the root can be read").findings;
        findings
            .iter()
            .map(|finding| finding.source.to_string())
            .collect::<Vec<_>>()
    };
    let outer = outer.file("a/b/pdf/SKILL.md", skill);
    assert_eq!(at(&outer, "a/b", "a/b"), ["by the profile `imported`"]);
    let outer = outer.file("a/skills.toml", "[lints]\nbroken-link = \"warn\"\n");
    assert_eq!(at(&outer, "a/b", "b"), ["by `[lints]` in skills.toml:2"]);
    assert_eq!(at(&outer, "a/b", "."), ["by `[lints]` in ../skills.toml:2"]);
    let outer = outer.file("a/b/.git/HEAD", "");
    assert_eq!(at(&outer, "a/b", "b"), ["by default"]);
}

#[test]
fn settings_say_what_the_server_is_called_and_are_not_served() {
    let settings = "[server]\nname = \"forms\"\ninstructions = \"Read first.\"\n";
    let skill = "---\nname: served\ndescription: Fills PDF forms. Use when the user has one.\n---\nFill it.\n";
    let directory = Directory::new("served")
        .file("skills.toml", settings)
        .file("SKILL.md", skill);
    let compilation = directory.compile();
    assert_eq!(compilation.findings.len(), 0, "{:?}", compilation.findings);
    let server = &compilation.plan.server;
    assert_eq!(server.name.as_deref(), Some("forms"));
    assert_eq!(server.instructions.as_deref(), Some("Read first."));
    assert_eq!(files(&compilation.tree), ["SKILL.md"]);
}

#[test]
fn flags_that_make_no_sense_are_refused_with_advice() {
    let problem = |flags: &str| {
        Options::default()
            .set_flags(flags, "CI")
            .expect_err("it makes no sense")
    };
    assert!(problem("-W brokn-link").contains("did you mean `broken-link`?"));
    assert!(problem("--deny warnings").contains("-D RULE"));
    assert!(problem("-A unquoted-colon").contains("cannot be served"));
    let problem = Options::default()
        .set_profile("strict")
        .expect_err("there is none");
    assert!(problem.contains("`portable`"), "{problem}");
}

#[test]
fn what_lies_in_a_skill_does_not_lower_what_protects_others_from_it() {
    let skill = "---\nname: inside\ndescription: Fills PDF forms. Use when the user has one.\n---\nFill \u{202e}it.\n";
    for (name, text) in [
        ("skills.toml", "[lints]\nsecurity = \"allow\"\n"),
        ("skills.toml", "[lints]\nbidi-control = \"warn\"\n"),
        (
            "Cargo.toml",
            "[package]\nname = \"x\"\n[package.metadata.skills.lints]\nSK401 = \"allow\"\n",
        ),
    ] {
        let directory = Directory::new("inside")
            .file(name, text)
            .file("SKILL.md", skill);
        let findings = directory.compile().findings;
        let denied = findings
            .iter()
            .filter(|finding| finding.level == Level::Deny);
        let mut codes: Vec<_> = denied.map(|finding| finding.rule.code).collect();
        codes.sort_unstable();
        assert_eq!(codes, ["SK401", "SK704"], "{text}");
    }
    let outer = Directory::new("outside")
        .file("skills.toml", "[lints]\nsecurity = \"allow\"\n")
        .file("inside/SKILL.md", skill);
    assert_eq!(outer.compile().findings.len(), 0);
}

#[test]
fn a_profile_of_some_skills_is_theirs_alone_and_levels_win_over_it() {
    let skill = |name: &str| {
        format!(
            "---\nname: {name}\ndescription: Fills {name} forms. Use when the user has one.\nmodel: opus\n---\nFill it.\n"
        )
    };
    let settings = "[skills.\"strict*\"]\nprofile = \"portable\"\n\
                    [skills.strict-too]\nlints = { unknown-field = \"allow\" }\nprofile = \"portable\"\n";
    let directory = Directory::new("scoped")
        .file("skills.toml", settings)
        .file("loose/SKILL.md", skill("loose"))
        .file("strict/SKILL.md", skill("strict"))
        .file("strict-too/SKILL.md", skill("strict-too"));
    let compilation = directory.compile();
    let found = compilation.findings.iter();
    let found = found.map(|finding| (finding.rule.code, finding.path(&compilation.tree)));
    assert_eq!(
        found.collect::<Vec<_>>(),
        [("SK013", "strict/SKILL.md")],
        "{:?}",
        compilation.findings
    );
}

#[test]
fn one_fault_that_was_made_a_thousand_times_is_reported_a_hundred_times() {
    let links: Vec<_> = (0..1000)
        .map(|number| format!("[a](x{number}.md)"))
        .collect();
    let body = links.join(" ");
    let skill = format!(
        "---\nname: pdf\ndescription: Fills PDF forms. Use when the user has one.\n---\n{body}\n"
    );
    let findings = Directory::new("many")
        .file("pdf/SKILL.md", &skill)
        .compile()
        .findings;
    let broken = findings.iter();
    let broken: Vec<_> = broken
        .filter(|finding| finding.rule.code == "SK205")
        .collect();
    assert_eq!(broken.len(), 100);
    let last = broken.last().and_then(|finding| finding.notes.last());
    assert_eq!(
        last.map(String::as_str),
        Some("900 more of these in this file are not shown")
    );
}
