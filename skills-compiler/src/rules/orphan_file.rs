//! SK211: a file that nothing in the skill speaks of.

use std::collections::{BTreeMap, BTreeSet};

use super::destination::directory_of;
use super::target::is_chronicle;
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::{SourceFile, ancestors};

declare_rule! {
    /// No text file of the skill names this file, its directory, or, for code, the module that it is.
    ///
    /// Files about the project such as `README.md`, licences, package manifests and hidden files need no mention.
    ///
    /// ## Why
    ///
    /// An agent reads what `SKILL.md` and the files below it speak of. A file that nothing speaks of is never read, but it is
    /// served, digested and reviewed; often it is a leaving of an earlier version.
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
    /// === pdf/references/forms.md
    /// # How to fill forms
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
    /// Open the form and fill it, as [the guide](references/forms.md) says.
    /// === pdf/references/forms.md
    /// # How to fill forms
    /// ```
    ORPHAN_FILE = "SK211", "orphan-file", Content, Allow, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let skill = cx.skill;
    if skill.own_files.len() < 2 {
        return;
    }
    let mut words = Words::default();
    for (file, text) in cx.texts() {
        // A file that names itself is not named by another.
        words.add(text, name_of(cx.inner(file)));
    }
    let mut orphans = BTreeMap::<&str, (&SourceFile, usize)>::new();
    for &id in skill.own_files.iter().filter(|id| **id != skill.document) {
        let (file, inner) = (cx.tree.file(id), cx.inner(id));
        if !is_exempt(inner) && !words.speak_of(inner) {
            let orphan = orphans.entry(directory_of(inner));
            orphan
                .and_modify(|(_, more)| *more += 1)
                .or_insert((file, 0));
        }
    }
    out.extend(orphans.values().map(|(file, more)| finding(file, *more)));
}

/// The extensions of code that other code imports.
const CODE: [&str; 9] = ["py", "js", "mjs", "cjs", "ts", "tsx", "jsx", "rb", "sh"];

/// The words of all texts that may be names of files or directories.
#[derive(Default)]
struct Words<'text> {
    all: BTreeSet<&'text str>,
    /// Those with a `/` after them and no name after that: directories that are spoken of as a whole.
    directories: BTreeSet<&'text str>,
}

impl<'text> Words<'text> {
    fn add(&mut self, text: &'text str, own: &str) {
        for word in text.split(|symbol| !is_part(symbol)) {
            let name = word.trim_end_matches('.');
            if name.len() > 1 && name != own {
                self.all.insert(name);
            }
        }
        for (at, _) in text.match_indices('/') {
            let (head, tail) = text.split_at(at);
            let start = head.rfind(|symbol| !is_part(symbol));
            let start = start.and_then(|at| Some(at + head.get(at..)?.chars().next()?.len_utf8()));
            let has_name = tail
                .chars()
                .nth(1)
                .is_some_and(|next| is_part(next) && next != '.');
            if !has_name {
                self.directories
                    .extend(head.get(start.unwrap_or_default()..));
            }
        }
    }

    fn speak_of(&self, inner: &str) -> bool {
        let name = name_of(inner);
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
        // Code is imported by its name without the extension.
        let is_imported = CODE.contains(&extension) && self.all.contains(stem);
        // A name with blanks is several words, and may be percent-encoded.
        let mut parts = name
            .split(|symbol| !is_part(symbol))
            .filter(|part| part.len() > 1);
        is_imported
            || parts.all(|part| self.all.contains(part) || self.all.contains(&*format!("20{part}")))
            || ancestors(inner).any(|directory| self.speak_of_directory(name_of(directory)))
    }

    /// `references` and the like are words of every skill, and name the directory only with a `/`.
    fn speak_of_directory(&self, name: &str) -> bool {
        let is_usual = matches!(
            name,
            "references" | "scripts" | "resources" | "assets" | "examples" | "docs" | "data"
        );
        self.directories.contains(name) || !is_usual && self.all.contains(name)
    }
}

fn is_part(symbol: char) -> bool {
    symbol.is_alphanumeric() || matches!(symbol, '.' | '_' | '-' | '+' | '@')
}

fn is_exempt(inner: &str) -> bool {
    const NAMES: [&str; 11] = [
        "_meta.json",
        "__init__.py",
        "package.json",
        "package-lock.json",
        "pyproject.toml",
        "requirements.txt",
        "Cargo.toml",
        "Cargo.lock",
        "tsconfig.json",
        "go.mod",
        "go.sum",
    ];
    let name = name_of(inner);
    is_chronicle(inner)
        || NAMES.contains(&name)
        || inner.split('/').any(|segment| segment.starts_with('.'))
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

fn finding(file: &SourceFile, more: usize) -> Finding {
    let message = "nothing in the skill speaks of this file";
    let finding = Finding::at_path(&ORPHAN_FILE, &file.path, message)
        .note("an agent reads what `SKILL.md` and the files below it speak of, and never this")
        .help("say in `SKILL.md` when to read or run it, or remove it");
    match more {
        0 => finding,
        1 => finding.note("another file of this directory is not spoken of either"),
        more => finding.note(format!(
            "{more} more files of this directory are not spoken of either"
        )),
    }
}
