//! SK411: a command that runs whatever version of a package is the newest.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::code::Code;
use super::occurrence::{and_more, begins_word};
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::words::Words;

declare_rule! {
    /// A command such as `npx x` or `uvx x` runs a package without saying which version of it.
    ///
    /// Commands in scripts and in the code of Markdown files are meant. Paths, variables and placeholders are left alone.
    ///
    /// ## Why
    ///
    /// The newest version is downloaded and run each time. It can have other options than the skill says, and whoever takes over
    /// the package takes over the machine of everybody who uses the skill.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: markdown-lint
    /// description: Checks Markdown files. Use when the user edits documentation.
    /// ---
    /// Run `npx markdownlint-cli2 docs`.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: markdown-lint
    /// description: Checks Markdown files. Use when the user edits documentation.
    /// ---
    /// Run `npx markdownlint-cli2@0.18.1 docs`.
    /// ```
    UNPINNED_RUNNER = "SK411", "unpinned-runner", Security, Allow, Check::Skill(check)
}

/// The runners, each with what stands between a package and its version.
const RUNNERS: &[(&str, &str)] = &[
    ("npx ", "@"),
    ("bunx ", "@"),
    ("pnpm dlx ", "@"),
    ("yarn dlx ", "@"),
    ("uvx ", "@"),
    ("uv tool run ", "@"),
    ("pipx run ", "=="),
];

static COMMANDS: LazyLock<Words> =
    LazyLock::new(|| Words::new(RUNNERS.iter().map(|(runner, _)| *runner)));

/// The longest command that is read, in bytes.
const REACH: usize = 300;

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for (file, text) in cx.texts() {
        let code = Code::of(cx, file);
        let mut packages = BTreeMap::<&str, (Range<usize>, usize, &str)>::new();
        for (at, which) in COMMANDS.places_by_word(text) {
            let (runner, sign) = RUNNERS.get(which).copied().unwrap_or_default();
            let package = package(text, at + runner.len())
                .filter(|_| code.contains(at) && begins_word(text, at));
            let Some(span) = package else {
                continue;
            };
            let name = text.get(span.clone()).unwrap_or_default();
            let entry = packages.entry(name).or_insert((span, 0, sign));
            entry.1 += 1;
        }
        out.extend(packages.into_iter().map(|(name, (span, count, sign))| {
            let message = format!("`{name}` is run without a version{}", and_more(count));
            let bare = name.strip_suffix("@latest").unwrap_or(name);
            Finding::at(&UNPINNED_RUNNER, file, span, message)
                .note("whatever is the newest version is downloaded and run each time")
                .help(format!(
                    "name the version that the skill was tested with, as in `{bare}{sign}1.2.3`"
                ))
        }));
    }
}

/// Where the package of a command stands, if it has no version.
fn package(text: &str, at: usize) -> Option<Range<usize>> {
    let mut end = (at + REACH).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let line = text
        .get(at..end)?
        .split(['\n', '`', '|', ';', '&'])
        .next()?;
    let (mut offset, mut skips_value) = (at, false);
    let mut found = None;
    for word in line.split_inclusive([' ', '\t']) {
        let bare = word
            .trim()
            .trim_end_matches(['"', '\'', ')', ',', '.', ':', ']']);
        let start = offset;
        offset += word.len();
        if matches!(bare, "--no-install" | "--no" | "--offline")
            || bare.starts_with("--package=")
            || bare.starts_with("--from=")
        {
            return None;
        }
        if !bare.is_empty() && !bare.starts_with('-') && !skips_value {
            found = Some(start..start + bare.len());
            break;
        }
        skips_value = matches!(bare, "--with" | "--python");
    }
    let span = found?;
    let name = text.get(span.clone())?;
    let is_name = name.starts_with(|symbol: char| symbol == '@' || symbol.is_ascii_alphanumeric())
        && name.bytes().all(|byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'@' | b'/' | b'-' | b'_' | b'.')
        })
        && name.bytes().any(|byte| byte.is_ascii_lowercase())
        && (name.starts_with('@') || !name.contains('/'));
    let is_pinned = name.get(1..)?.contains('@') && !name.ends_with("@latest");
    (is_name && !is_pinned).then_some(span)
}
