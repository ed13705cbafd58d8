//! SK409: a file that other programs run by themselves.

use std::ops::Range;

use serde_json::{Map, Value};

use super::mention::is_mentioned;
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::SourceFile;

declare_rule! {
    /// A file of the skill is run without anybody asking for it, because of its name or of what it declares.
    ///
    /// These are `conftest.py`, `sitecustomize.py`, `usercustomize.py`, `.envrc`, `.pth` files with an `import`, the scripts of a
    /// `package.json` that `npm install` runs, and the tasks of an editor that start when the folder is opened.
    ///
    /// ## Why
    ///
    /// The text of a skill can be clean while such a file does the harm: running the tests, installing packages or just
    /// entering the directory is enough. Mostly nothing in the text shows that code will run. A script of a `package.json` that
    /// only prints something or only compiles TypeScript is left alone.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Fill in the form.
    /// === pdf/package.json
    /// {
    ///   "scripts": { "postinstall": "node scripts/setup.js" }
    /// }
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
    /// Run `npm run setup` once, then fill in the form.
    /// === pdf/package.json
    /// {
    ///   "scripts": { "setup": "node scripts/setup.js" }
    /// }
    /// ```
    AUTO_EXECUTED_FILE = "SK409", "auto-executed-file", Security, Warn, Check::Skill(check)
}

/// The scripts that `npm install` runs in the package itself.
const ON_INSTALL: &[&str] = &[
    "preinstall",
    "install",
    "postinstall",
    "prepare",
    "preprepare",
    "postprepare",
];

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for &id in &cx.skill.own_files {
        let file = cx.tree.file(id);
        let name = file.path.rsplit('/').next().unwrap_or_default();
        if is_for_tests(cx.below(&file.path)) {
            continue;
        }
        let Some((who, span)) = runner(name, file) else {
            continue;
        };
        let what = if span.is_empty() {
            format!("`{name}`")
        } else {
            "this".to_owned()
        };
        let message = format!("{who} runs {what} by itself");
        let help = if name == "conftest.py" {
            "leave it out if the skill needs no tests; else look through it as through any other script"
        } else {
            "leave it out, or give it another name and let the text say when to run it"
        };
        let finding = if span.is_empty() {
            Finding::at_path(&AUTO_EXECUTED_FILE, &file.path, message)
        } else {
            Finding::at(&AUTO_EXECUTED_FILE, id, span, message)
        };
        let note = if is_mentioned(cx.skill, name) {
            "what the text of the skill says of it may not be all that it does"
        } else {
            "nothing in the text of the skill shows that this code runs"
        };
        out.push(finding.note(note).help(help));
    }
}

/// Whether a file lies among tests, which nobody runs who uses the skill.
fn is_for_tests(inner: &str) -> bool {
    let mut directories = inner.split('/').rev().skip(1);
    directories.any(|name| matches!(name, "test" | "tests" | "__tests__" | "evals" | "fixtures"))
}

/// Who runs a file, and what in it says so; nothing in it if its name does.
fn runner(name: &str, file: &SourceFile) -> Option<(&'static str, Range<usize>)> {
    let text = || std::str::from_utf8(&file.bytes).ok();
    match name {
        "conftest.py" => Some(("`pytest`", 0..0)),
        "sitecustomize.py" | "usercustomize.py" => Some(("Python", 0..0)),
        ".envrc" => Some(("direnv", 0..0)),
        "package.json" => Some(("`npm install`", install_script(text()?)?)),
        "tasks.json" if file.path.ends_with(".vscode/tasks.json") => {
            let text = text()?;
            let at = text.find("\"folderOpen\"")?;
            Some(("VS Code", at..at + "\"folderOpen\"".len()))
        }
        _ if name.rsplit_once('.')?.1 == "pth" => {
            let text = text()?;
            let is_code = text
                .lines()
                .any(|line| line.starts_with("import ") || line.starts_with("import\t"));
            is_code.then_some(("Python", 0..0))
        }
        _ => None,
    }
}

/// The key of a script that runs on installation.
fn install_script(text: &str) -> Option<Range<usize>> {
    let package: Value = serde_json::from_str(text).ok()?;
    let scripts = package.get("scripts")?.as_object()?;
    let section = text.find("\"scripts\"")?;
    let is_harmful = |name: &str| scripts.contains_key(name) && !is_harmless(scripts, name);
    ON_INSTALL
        .iter()
        .filter(|name| is_harmful(name))
        .find_map(|name| {
            let key = format!("\"{name}\"");
            let at = section + text.get(section..)?.find(&key)?;
            Some(at..at + key.len())
        })
}

/// Whether a script is one command that prints something or compiles TypeScript, or runs another script that does.
fn is_harmless(scripts: &Map<String, Value>, name: &str) -> bool {
    let is_alone = |name: &str| {
        let around = [format!("pre{name}"), format!("post{name}")];
        !around.iter().any(|name| scripts.contains_key(name))
    };
    let is_plain = |name: &str| {
        let command = scripts.get(name).and_then(Value::as_str);
        command
            .is_some_and(|command| is_plain_word(command, "echo") || is_plain_word(command, "tsc"))
    };
    let other = scripts
        .get(name)
        .and_then(Value::as_str)
        .and_then(|command| command.trim().strip_prefix("npm run "))
        .map(str::trim);
    is_plain(name) || other.is_some_and(|other| is_plain(other) && is_alone(other))
}

/// Whether a command is this program and nothing else.
fn is_plain_word(command: &str, program: &str) -> bool {
    let arguments = command.trim().strip_prefix(program);
    let is_operator = |symbol: char| "&|;<>`$\\\n\r%^".contains(symbol);
    arguments.is_some_and(|arguments| {
        (arguments.is_empty() || arguments.starts_with(' ')) && !arguments.contains(is_operator)
    })
}
