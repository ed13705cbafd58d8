//! SK313: a script whose lines end as those of Windows do.

use super::occurrence::line_around;
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::source::FileId;

declare_rule! {
    /// A script begins with `#!`, and its lines end with a carriage return and a line feed.
    ///
    /// What no shell runs counts if it is executable, or if the skill runs it by its path alone: `python3 scripts/fill.py` does
    /// not read that line.
    ///
    /// ## Why
    ///
    /// The system takes the carriage return for a part of the interpreter's name, so that the script does not start: "env:
    /// 'python3\r': No such file or directory". A shell takes it for a part of every command.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Run `bash scripts/fill.sh`.
    /// === pdf/scripts/fill.sh escaped
    /// #!/usr/bin/env bash\r
    /// echo "fill the form"\r
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
    /// Run `bash scripts/fill.sh`.
    /// === pdf/scripts/fill.sh
    /// #!/usr/bin/env bash
    /// echo "fill the form"
    /// ```
    CRLF_SCRIPT = "SK313", "crlf-script", Resources, Warn, Check::Skill(check)
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for &id in &cx.skill.own_files {
        let file = cx.tree.file(id);
        // `#![..]` begins an attribute of Rust.
        if !file.bytes.starts_with(b"#!") || file.bytes.starts_with(b"#![") {
            continue;
        }
        let is_shell = is_shell(&file.bytes);
        let first = file
            .bytes
            .split_inclusive(|&byte| byte == b'\n')
            .scan(0, |at, line| {
                *at += line.len();
                Some((*at, line.ends_with(b"\r\n")))
            })
            .take(if is_shell { usize::MAX } else { 1 })
            .find(|&(_, is_crlf)| is_crlf);
        if let Some((end, _)) = first
            && (is_shell || file.executable || is_run_by_path(cx, cx.inner(id)))
        {
            out.push(finding(id, end, &cx.tree.display(&file.path)));
        }
    }
}

fn finding(file: FileId, end: usize, path: &str) -> Finding {
    let message = "the lines of this script end with a carriage return (CRLF)";
    let extension = path
        .rsplit('/')
        .next()
        .and_then(|name| name.rsplit_once('.'))
        .map_or_else(
            || path.to_owned(),
            |(_, extension)| format!("*.{extension}"),
        );
    Finding::at(&CRLF_SCRIPT, file, end.saturating_sub(2)..end.saturating_sub(1), message)
        .label("an invisible carriage return")
        .note("Linux and macOS take it for a part of the interpreter's name or of the command, and find neither")
        .help(format!("remove them: `perl -pi -e 's/\\r$//' {path}`"))
        .help(format!("keep Git from adding them: `{extension} text eol=lf` in `.gitattributes`"))
}

/// How much of a long line may stand before the path of a script, in bytes.
const REACH: usize = 400;

/// Whether a command in a page of the skill begins with the path of a script, so that the system looks for its interpreter.
fn is_run_by_path(cx: &SkillContext<'_>, path: &str) -> bool {
    let mut pages = cx.skill.outlines.iter();
    pages.any(|(&file, outline)| {
        let text = cx.text(file);
        text.match_indices(path).any(|(at, _)| {
            let line = line_around(text, at, REACH);
            let head = text.get(line.start..at).unwrap_or_default();
            let tail = text.get(at + path.len()..).unwrap_or_default();
            // The path may begin with a directory that is not of the skill, such as `./` or `{baseDir}/`.
            let is_between = |symbol: char| symbol.is_whitespace() || symbol == '`';
            let before = head.trim_end_matches(|symbol| !is_between(symbol));
            let above = head.get(before.len()..).unwrap_or_default();
            let before = before.trim_end_matches([' ', '\t']);
            let before = before
                .strip_suffix('$')
                .unwrap_or(before)
                .trim_end_matches([' ', '\t']);
            let begins = before.is_empty() || before.ends_with(['`', '&', ';']);
            let is_run = above.ends_with('/') || above.is_empty() && tail.starts_with(' ');
            outline.is_code(at) && begins && is_run
        })
    })
}

/// Whether a shell runs the script, which stumbles over carriage returns in every line.
fn is_shell(bytes: &[u8]) -> bool {
    let line = bytes
        .split(|&byte| byte == b'\n')
        .next()
        .unwrap_or_default();
    line.trim_ascii_end().ends_with(b"sh")
}
