//! SK311: a file that a look at the directory does not show.

use std::collections::BTreeMap;

use serde_json::Value;

use super::mention::is_mentioned;
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// A skill has a file or directory whose name begins with a dot, and does not mention it.
    ///
    /// Empty files, such as `.gitkeep`, what Git itself reads, such as `.gitignore`, and the manifests of a plugin below
    /// `.claude-plugin`, as long as they start no programs, are left alone.
    ///
    /// ## Why
    ///
    /// File managers, `ls` and search tools pass over such names, so that a review misses what is in them, but they are
    /// embedded and served like all other files. Mostly they are settings of a tool for the repository that the skill came
    /// from. Where the skill says what the file is for, it is part of the skill.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// === pdf/.prettierrc
    /// semi: false
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
    /// Open the form and fill it.
    /// ```
    HIDDEN_FILE = "SK311", "hidden-file", Resources, Warn, Check::Skill(check)
}

/// Files whose purpose everybody knows, and that say nothing to an agent.
const OF_GIT: &[&str] = &[".gitignore", ".gitattributes"];

/// Files that a plugin has to have just there.
const MANIFESTS: &[&str] = &[
    ".claude-plugin/plugin.json",
    ".claude-plugin/marketplace.json",
];

/// What in a manifest makes a client start programs.
const PROGRAMS: &[&str] = &["hooks", "lspServers", "mcpServers"];

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let mut hidden = BTreeMap::<&str, usize>::new();
    for &id in &cx.skill.own_files {
        let file = cx.tree.file(id);
        if let Some(top) = hidden_top(&file.path, cx.skill.directory.len())
            && !file.bytes.is_empty()
            && !is_known(from_top(&file.path, top), &file.bytes)
        {
            *hidden.entry(top).or_default() += 1;
        }
    }
    hidden.retain(|path, _| !is_mentioned(cx.skill, name(path)));
    let Some((path, files)) = hidden.first_key_value() else {
        return;
    };
    let (kind, extent) = if cx.tree.has_directory(path) {
        let plural = if *files == 1 { "" } else { "s" };
        ("directory", format!(", with {files} file{plural} in it"))
    } else {
        ("file", String::new())
    };
    let message = format!(
        "the hidden {kind} `{}` is served with the skill{extent}",
        name(path)
    );
    let finding = Finding::at_path(&HIDDEN_FILE, *path, message)
        .note("most tools do not show names that begin with a dot, so a review of the skill misses what is served");
    let others: Vec<_> = hidden
        .keys()
        .skip(1)
        .map(|path| format!("`{}`", name(path)))
        .collect();
    let finding = if others.is_empty() {
        finding
    } else {
        finding.note(format!("hidden too: {}", shown(&others)))
    };
    out.push(finding.help("move it out of the skill, or let the skill say what it is for"));
}

/// Whether a file, by its path from the outermost hidden segment on, needs no word.
fn is_known(path: &str, bytes: &[u8]) -> bool {
    let is_quiet =
        || serde_json::from_slice(bytes).is_ok_and(|manifest| !starts_programs(&manifest));
    OF_GIT.contains(&path) || MANIFESTS.contains(&path) && is_quiet()
}

/// Whether a manifest names programs, at any depth: one of a marketplace has a plugin in each entry.
fn starts_programs(manifest: &Value) -> bool {
    match manifest {
        Value::Object(fields) => fields
            .iter()
            .any(|(key, value)| PROGRAMS.contains(&key.as_str()) || starts_programs(value)),
        Value::Array(items) => items.iter().any(starts_programs),
        _ => false,
    }
}

/// A path from its outermost hidden segment on, which ends `top`.
fn from_top<'path>(path: &'path str, top: &str) -> &'path str {
    path.get(top.len() - name(top).len()..).unwrap_or_default()
}

fn name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// How many names are told.
const TOLD: usize = 5;

fn shown(names: &[String]) -> String {
    let told = names
        .iter()
        .take(TOLD)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len().saturating_sub(TOLD) {
        0 => told,
        more => format!("{told} and {more} more"),
    }
}

/// The outermost hidden path that a path of a skill is in, below the directory whose name has this length.
fn hidden_top(path: &str, directory: usize) -> Option<&str> {
    let inner = path.get(directory..)?;
    let from = if inner.starts_with('.') {
        0
    } else {
        inner.find("/.")? + 1
    };
    let end = inner
        .get(from..)?
        .find('/')
        .map_or(inner.len(), |slash| from + slash);
    path.get(..directory + end)
}
