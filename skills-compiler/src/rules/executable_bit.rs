//! SK310: a script that is called as if it could be executed, which over MCP it cannot.

use crate::diagnostics::{Finding, Patch};
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::{FileId, SourceFile, resolved};
use crate::syntax::Outline;

declare_rule! {
    /// A skill calls one of its scripts by its path alone, which needs the permission to execute it.
    ///
    /// This rule is off by default: agents mostly find out how to run a script when the first try fails.
    ///
    /// ## Why
    ///
    /// MCP serves bytes without permissions. A host that writes the files of a skill to a disk does not know which of them
    /// were executable, and the call ends with "permission denied". Called through its interpreter, a script always runs.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Run `./scripts/fill.sh --all`.
    /// === pdf/scripts/fill.sh executable
    /// #!/usr/bin/env bash
    /// echo "fill the form"
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
    /// Run `bash scripts/fill.sh --all`.
    /// === pdf/scripts/fill.sh executable
    /// #!/usr/bin/env bash
    /// echo "fill the form"
    /// ```
    EXECUTABLE_BIT = "SK310", "executable-bit", Resources, Allow, Check::Skill(check)
}

/// Languages of code blocks that are commands.
const SHELLS: &[&str] = &["bash", "console", "sh", "shell", "terminal", "zsh"];

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let is_script = |&id: &FileId| {
        let file = cx.tree.file(id);
        file.executable && file.bytes.starts_with(b"#!")
    };
    if !cx.skill.own_files.iter().any(is_script) {
        return;
    }
    for (&id, outline) in &cx.skill.outlines {
        let text = cx.text(id);
        for (at, path) in commands(text, outline) {
            let target = resolved(cx.skill.directory, path).and_then(|path| cx.tree.find(&path));
            if let Some(script) = target.filter(is_script) {
                out.push(finding(id, at, path, cx.tree.file(script)));
            }
        }
    }
}

/// The paths that stand where a shell expects a command, and where they stand.
fn commands<'text>(
    text: &'text str,
    outline: &'text Outline,
) -> impl Iterator<Item = (usize, &'text str)> {
    let in_block = |block: &'text crate::syntax::CodeBlock| {
        let is_shell = SHELLS
            .iter()
            .any(|shell| block.language.eq_ignore_ascii_case(shell));
        let code = text
            .get(block.span.clone())
            .filter(|_| is_shell)
            .unwrap_or_default();
        code.split_inclusive('\n')
            .scan(block.span.start, |at, line| {
                *at += line.len();
                Some((*at - line.len(), line))
            })
    };
    // A path alone is a mention; with `./` in front or arguments behind it is a call.
    let spans = outline.code_spans.iter().filter_map(|span| {
        let code = text.get(span.clone())?;
        let trimmed = code.trim_matches('`');
        (trimmed.starts_with("./") || trimmed.contains(' ')).then_some((span.start, code))
    });
    outline
        .code_blocks
        .iter()
        .flat_map(in_block)
        .chain(spans)
        .filter_map(|(start, line)| {
            let code = line.trim_start_matches(['`', ' ', '\t', '$']);
            let path = code
                .split(|symbol: char| symbol.is_whitespace() || symbol == '`')
                .next()?;
            path.contains('/')
                .then_some((start + line.len() - code.len(), path))
        })
}

fn finding(file: FileId, at: usize, path: &str, script: &SourceFile) -> Finding {
    let message =
        format!("`{path}` is called as a program, but arrives over MCP without that permission");
    let finding = Finding::at(&EXECUTABLE_BIT, file, at..at + path.len(), message)
        .note("MCP serves bytes; whether a file was executable is lost");
    match interpreter(&script.bytes) {
        Some(interpreter) => {
            let call = format!("{interpreter} {}", path.trim_start_matches("./"));
            finding.patch(
                "call it through its interpreter",
                [Patch::replace(at..at + path.len(), call)],
            )
        }
        None => finding.help("call it through its interpreter"),
    }
}

/// The interpreter that the first line of a script names, if it can be called by that name alone.
fn interpreter(bytes: &[u8]) -> Option<&str> {
    let line = bytes.split(|&byte| byte == b'\n').next()?;
    let mut words = std::str::from_utf8(line)
        .ok()?
        .strip_prefix("#!")?
        .split_whitespace();
    let program = words.next()?.rsplit('/').next()?;
    let name = if program == "env" {
        words.next()?
    } else {
        program
    };
    let is_plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'.');
    (is_plain && words.next().is_none()).then_some(name)
}
