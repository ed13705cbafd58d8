//! SK210: a file that the text tells the agent to use, and that the skill does not have.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::brief::brief;
use super::code::is_script;
use super::destination::{directory_of, path_of, relative};
use super::link_repair::left_out;
use super::named_path::{is_rooted, mentions};
use super::similar::Paths;
use super::target::{exists, is_chronicle, links, pages};
use super::unseen::MAX_EDITS;
use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::{FileId, resolved};
use crate::syntax::Outline;

declare_rule! {
    /// Inline code or a command names a file below a directory of the skill, such as `scripts/` or `templates/`, that is not there.
    ///
    /// A path counts if the skill has that directory, or if it begins with `${CLAUDE_SKILL_DIR}/` or the like, is not a placeholder, and does not stand in a sentence about an example.
    /// Data that a script of the skill names and writes, such as a log or a session, is there once the script has run.
    ///
    /// ## Why
    ///
    /// The agent tries to read or run the file, fails, and goes on without it or writes one of its own.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Run `scripts/fill.py` on the form.
    /// === pdf/scripts/fill_form.py
    /// print("filled")
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Run `scripts/fill_form.py` on the form.
    /// === pdf/scripts/fill_form.py
    /// print("filled")
    /// ```
    MISSING_MENTIONED_FILE = "SK210", "missing-mentioned-file", Content, Warn, Check::Skill(check)
}

/// How many missing files of one skill are told: a list of more is about another place.
const MANY: usize = 100;

/// How much of a long line says what a mention in it is about, in bytes before and after it.
const AROUND: usize = 200;

/// Directories of which a text mostly speaks as those of its user's project.
const OF_PROJECTS: [&str; 34] = [
    "app",
    "apps",
    "bin",
    "build",
    "client",
    "components",
    "config",
    "configs",
    "content",
    "core",
    "data",
    "dist",
    "docs",
    "doc",
    "e2e",
    "lib",
    "logs",
    "migrations",
    "models",
    "output",
    "outputs",
    "packages",
    "pages",
    "plans",
    "public",
    "server",
    "services",
    "site",
    "specs",
    "src",
    "static",
    "test",
    "tests",
    "tmp",
];

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    // A skill about skills names files of skills that are yet to be written.
    if cx.skill.directory_name().contains("skill") {
        return;
    }
    let directories = directories(cx);
    let pages = pages(cx).filter(|(file, _, _)| !is_chronicle(cx.inner(*file)));
    let missing: Vec<_> = pages
        .flat_map(|(file, path, outline)| missing(cx, &directories, (file, path, outline)))
        .take(MANY)
        .collect();
    if missing.is_empty() {
        return;
    }
    let mut paths = Paths::of(cx.tree, cx.skill);
    let mut names = BTreeMap::<&str, Vec<&str>>::new();
    for &id in &cx.skill.files {
        let path = cx.tree.file(id).path.as_str();
        names.entry(name_of(path)).or_default().push(path);
    }
    let is_elsewhere = |written: &str| {
        let mut same = names.get(name_of(written)).into_iter().flatten();
        same.any(|path| path.ends_with(&format!("/{written}")))
    };
    for mention in missing {
        let Missing { file, written, .. } = mention;
        if !is_elsewhere(written)
            // What the repository has lies elsewhere, and is not missing there.
            && !cx.tree.reading().files.has_end(written)
            && !is_of_another_skill(cx, file, written)
            && !is_written(cx, written)
        {
            out.push(finding(cx, &mention, &mut paths));
        }
    }
}

/// A path that a file of the skill names, and that leads to nothing.
struct Missing<'text> {
    file: FileId,
    written: &'text str,
    /// Where the file names it first.
    first: Range<usize>,
    /// Where it does so again.
    more: Vec<Range<usize>>,
}

fn missing<'a>(
    cx: &SkillContext<'a>,
    directories: &BTreeSet<&str>,
    (file, document, outline): (FileId, &str, &Outline),
) -> Vec<Missing<'a>> {
    let text = cx.text(file);
    let linked: BTreeSet<_> = links(outline)
        .map(|link| path_of(&link.destination))
        .collect();
    let mut missing = BTreeMap::<&str, Missing<'_>>::new();
    for (path, span) in mentions(text, outline) {
        let is_ours = path
            .split_once('/')
            .is_some_and(|(first, _)| directories.contains(first));
        let is_rooted = is_rooted(text, span.start);
        if !is_ours && !is_rooted
            || linked.contains(path)
            || !is_rooted && is_example(text, span.start)
            || is_link_text(text, span.end)
        {
            continue;
        }
        let from = [cx.skill.directory, directory_of(document)];
        let is_there = from
            .iter()
            .any(|from| resolved(from, path).is_some_and(|path| exists(cx, &path)));
        if !is_there {
            let found = missing.entry(path);
            found
                .and_modify(|missing| missing.more.push(span.clone()))
                .or_insert(Missing {
                    file,
                    written: path,
                    first: span,
                    more: Vec::new(),
                });
        }
    }
    missing.into_values().collect()
}

/// Whether a skill that the text speaks of has the file.
fn is_of_another_skill(cx: &SkillContext<'_>, file: FileId, written: &str) -> bool {
    let text = cx.text(file);
    let mut files = cx.tree.named(name_of(written));
    files.any(|(_, other)| {
        let directory = other
            .path
            .strip_suffix(written)
            .and_then(|path| path.strip_suffix('/'));
        directory.is_some_and(|directory| text.contains(name_of(directory)))
    })
}

/// Whether a script of the skill writes the file: it is data, and the script has its name, or its stem, as the end of a
/// path in quotes. What programs keep their state in is written by opening it; of other data the script has to say so.
fn is_written(cx: &SkillContext<'_>, written: &str) -> bool {
    const STATE: [&str; 8] = [
        "db", "lock", "log", "pid", "session", "sqlite", "sqlite3", "state",
    ];
    const DATA: [&str; 5] = ["csv", "json", "jsonl", "txt", "yaml"];
    const WRITES: [&str; 6] = ["\"w\"", "'w'", "\"a\"", "'a'", "write", "dump("];
    let name = name_of(written);
    let Some((stem, extension)) = name.rsplit_once('.') else {
        return false;
    };
    let is_state = STATE.contains(&extension);
    if !is_state && !DATA.contains(&extension) {
        return false;
    }
    let mut scripts = cx
        .texts()
        .filter(|(file, _)| is_script(&cx.tree.file(*file).path))
        .map(|(_, text)| text);
    let writes = |text: &str| is_state || WRITES.iter().any(|sign| text.contains(sign));
    scripts.any(|text| {
        (ends_a_string(text, name) || is_state && ends_a_string(text, stem)) && writes(text)
    })
}

/// Whether a text has a string that ends in a path with this name.
fn ends_a_string(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let head = text.get(..at).unwrap_or_default();
        let tail = text.get(at + name.len()..).unwrap_or_default();
        head.ends_with(['"', '\'', '/']) && tail.starts_with(['"', '\''])
    })
}

/// The directories that the skill has, but for those that projects have too.
fn directories<'a>(cx: &SkillContext<'a>) -> BTreeSet<&'a str> {
    let files = cx.skill.files.iter();
    let paths = files.map(|file| cx.below(&cx.tree.file(*file).path));
    let directories = paths.filter_map(|path| Some(path.split_once('/')?.0));
    let is_own = |name: &&str| !OF_PROJECTS.contains(name) && !name.starts_with('.');
    directories.filter(is_own).collect()
}

/// Whether a mention is the text of a link, of which other rules speak.
fn is_link_text(text: &str, end: usize) -> bool {
    let rest = text.get(end..).unwrap_or_default();
    let rest = rest.trim_start_matches(['`', '*', '_']);
    rest.starts_with("](") || rest.starts_with("][")
}

/// Whether the line around a mention, up to it, says that it is no file of this skill.
fn is_example(text: &str, at: usize) -> bool {
    const SIGNS: [&str; 16] = [
        "e.g.", "example", "such as", "like ", "create", "new ", "add ", "if ", "✅", "❌", "save",
        "write", "generate", "optional", "示例", "would be",
    ];
    let bytes = text.as_bytes();
    let head = bytes.get(at.saturating_sub(AROUND)..at).unwrap_or_default();
    let tail = bytes
        .get(at..bytes.len().min(at + AROUND))
        .unwrap_or_default();
    let is_end = |byte: &u8| *byte == b'\n';
    let head = head.rsplit(is_end).next().unwrap_or_default();
    let tail = tail.split(is_end).next().unwrap_or_default();
    let line = String::from_utf8_lossy(&[head, tail].concat()).to_ascii_lowercase();
    // What stands in code is what is spoken of.
    let line: String = line.split('`').step_by(2).collect();
    SIGNS.iter().any(|sign| line.contains(sign))
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

fn finding(
    cx: &SkillContext<'_>,
    Missing {
        file,
        written,
        first,
        more,
    }: &Missing<'_>,
    paths: &mut Paths<'_>,
) -> Finding {
    let document = cx.tree.file(*file).path.as_str();
    let target = resolved(cx.skill.directory, written).unwrap_or_default();
    let message = format!("the skill has no file `{}`", brief(written));
    let finding = Finding::at(&MISSING_MENTIONED_FILE, *file, first.clone(), message)
        .note("an agent that is told to use it fails, or makes up one of its own");
    if let Some(left_out) = left_out(cx, &target) {
        return finding
            .note(left_out)
            .help("move the file to where it is embedded");
    }
    let from_root = |path: &str| relative(cx.skill.directory, path);
    if let Some(path) = paths.meant(&target, document) {
        let mut places: Vec<_> = std::iter::once(first).chain(more).take(MAX_EDITS).collect();
        // Commands come after inline code, wherever they stand.
        places.sort_by_key(|span| span.start);
        let edits = places
            .into_iter()
            .map(|span| Patch::replace(span.clone(), from_root(path)));
        return finding.patch("there is such a file at another path", edits);
    }
    match paths.similar(&target) {
        Some(path) => finding.help(format!(
            "there is a file with a similar name: `{}`",
            from_root(path)
        )),
        None => finding.help("add the file, correct the path, or leave out what needs it"),
    }
}
