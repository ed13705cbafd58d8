//! SK301: a file that is larger than a model or a host wants to read.

use skills_model::limits::SKILL_FILE;

use super::native_binary::binary;
use super::size::{MIB, shown};
use crate::diagnostics::{Finding, Level};
use crate::rules::rule::{BundleContext, Check, declare_rule};
use crate::source::{OddityKind, SourceFile};

declare_rule! {
    /// A file of a skill is larger than 1 MiB, or a `SKILL.md` larger than 100 KiB.
    ///
    /// ## Why
    ///
    /// A host reads a `SKILL.md` whole into the model's context and holds any other file in memory while it checks its
    /// digest. Hosts bound what they read: above 16 MiB, or 1 MiB for a `SKILL.md`, this is an error, below a warning.
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
    /// === pdf/references/glossary.txt padded:1200000
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
    /// === pdf/references/glossary-a-to-m.txt padded:600000
    /// === pdf/references/glossary-n-to-z.txt padded:600000
    /// ```
    FILE_TOO_LARGE = "SK301", "file-too-large", Resources, Deny, Check::Bundle(check)
}

/// Above which sizes in bytes a file is warned about and denied, and why.
struct Limit {
    warned: u64,
    denied: u64,
    note: &'static str,
    help: &'static str,
}

const DOCUMENT: Limit = Limit {
    warned: 100 * 1024,
    denied: MIB,
    note: "a client puts the whole `SKILL.md` into the model's context before anything else is read",
    help: "move parts into files under `references/` and link to them, so that they are read when they are needed",
};

const ANY_FILE: Limit = Limit {
    warned: MIB,
    denied: 16 * MIB,
    note: "a host holds the whole file in memory while it checks its digest, and may refuse one that is too large",
    help: "split the file, or let the skill say where it can be downloaded",
};

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    let owners = cx.owners;
    for (_, file) in cx
        .tree
        .files()
        .filter(|(_, file)| owners.is_inside(&file.path))
    {
        let limit = if is_document(&file.path) {
            &DOCUMENT
        } else {
            &ANY_FILE
        };
        // An executable has no place in a skill at any size; `native-binary` says so.
        if size(file) > limit.warned && binary(&file.bytes).is_none() {
            out.push(finding(&file.path, size(file), limit));
        }
    }
    for oddity in cx
        .tree
        .oddities()
        .iter()
        .filter(|oddity| owners.is_inside(&oddity.path))
    {
        if let OddityKind::TooLarge(size) = oddity.kind {
            out.push(finding(&oddity.path, size, &ANY_FILE));
        }
    }
}

/// Whether the file alone is refused, so that its skill need not be judged by it again.
pub(super) fn is_denied(file: &SourceFile) -> bool {
    size(file)
        > if is_document(&file.path) {
            DOCUMENT.denied
        } else {
            ANY_FILE.denied
        }
}

fn finding(path: &str, size: u64, limit: &Limit) -> Finding {
    let is_denied = size > limit.denied;
    let bound = if is_denied {
        limit.denied
    } else {
        limit.warned
    };
    let what = if is_document(path) {
        format!("this `{SKILL_FILE}`")
    } else {
        "this file".to_owned()
    };
    let message = format!(
        "{what} has {}, {} more than {}",
        shown(size),
        shown(size.saturating_sub(bound)),
        shown(bound)
    );
    let mut finding = Finding::at_path(&FILE_TOO_LARGE, path, message)
        .note(limit.note)
        .help(help(path, limit));
    finding.level = if is_denied { Level::Deny } else { Level::Warn };
    finding
}

/// A picture or a film cannot be split.
fn help(path: &str, limit: &Limit) -> &'static str {
    const MEDIA: [&str; 10] = [
        "png", "jpg", "jpeg", "gif", "webp", "svg", "bmp", "mp4", "mov", "webm",
    ];
    let extension = path.rsplit('.').next().unwrap_or_default();
    if MEDIA.contains(&extension.to_ascii_lowercase().as_str()) {
        "make it smaller, or let the skill say where it can be downloaded"
    } else {
        limit.help
    }
}

fn is_document(path: &str) -> bool {
    path.rsplit('/').next() == Some(SKILL_FILE)
}

fn size(file: &SourceFile) -> u64 {
    file.bytes.len() as u64
}
