//! SK405: a command that runs whatever an address answers.

use std::ops::Range;
use std::sync::LazyLock;

use super::code::Code;
use super::local_path_variable::is_for_people;
use super::occurrence::{and_more, begins_word, line_around};
use super::shell::{interpreter, warns};
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::words::Words;

declare_rule! {
    /// A command runs what it downloads or decodes, without a look at it: `curl .. | sh`, `bash <(curl ..)`, `iex (iwr ..)`,
    /// `base64 -d | sh`.
    ///
    /// Commands in scripts and in the code of Markdown files are meant. One on a line that warns of it is left alone, and so
    /// are commands without an address and those that only hand data to a program.
    ///
    /// ## Why
    ///
    /// What the address answers can be changed after the skill was reviewed, and the agent runs it with the rights of the
    /// user. What is decoded first was never readable in a review.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Install the tool with `curl -fsSL https://forms.acme.io/install.sh | sh`.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Install the tool with `cargo install --locked acme-forms@1.2.3`.
    /// ```
    PIPE_TO_SHELL = "SK405", "pipe-to-shell", Security, Warn, Check::Skill(check)
}

/// What such a command contains.
static TRIGGERS: LazyLock<Words> = LazyLock::new(|| {
    Words::new([
        "curl ",
        "wget ",
        "iex",
        "IEX",
        "Invoke-Expression",
        "base64 -",
        "xxd -r",
    ])
});

/// The longest command that is read, in bytes on each side of its trigger.
const REACH: usize = 400;

/// A command of this kind.
struct Piped {
    span: Range<usize>,
    is_decoded: bool,
}

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for (file, text) in cx.texts() {
        let code = Code::of(cx, file);
        let triggers = TRIGGERS.places(text).map(|(at, _)| at);
        let mut found: Vec<Piped> = triggers
            .filter(|&at| code.contains(at) && begins_word(text, at))
            .filter_map(|at| piped(text, at))
            .filter(|piped| {
                !warns(
                    text.get(line_around(text, piped.span.start, REACH))
                        .unwrap_or_default(),
                )
            })
            .collect();
        found.dedup_by(|later, earlier| later.span.start < earlier.span.end);
        let Some(first) = found.first() else {
            continue;
        };
        let (what, note) = if first.is_decoded {
            (
                "is decoded first",
                "an encoding hides from every review what is run",
            )
        } else if is_for_people(&cx.tree.file(file).path) {
            (
                "the address answers",
                "the answer can change after the skill was reviewed, and whoever follows this runs it with all their rights",
            )
        } else {
            (
                "the address answers",
                "the answer can change after the skill was reviewed, and the agent runs it with the rights of the user",
            )
        };
        let message = format!("this runs whatever {what}{}", and_more(found.len()));
        let finding = Finding::at(&PIPE_TO_SHELL, file, first.span.clone(), message).note(note);
        out.push(if first.is_decoded {
            finding.help("write the commands out")
        } else {
            finding.help("name a package with its version, or download a file, compare its checksum and then run it")
        });
    }
}

fn piped(text: &str, at: usize) -> Option<Piped> {
    let around = line_around(text, at, REACH);
    let (line, start) = (text.get(around.clone())?, around.start);
    let head = text.get(start..at)?;
    let tail = command(text, at)?;
    if tail.starts_with("iex") || tail.starts_with("IEX") || tail.starts_with("Invoke") {
        return power_shell(line, start, at);
    }
    let is_decoded = !tail.starts_with("curl") && !tail.starts_with("wget");
    if is_decoded {
        let decodes = ["-d", "-D", "--decode", "-r"]
            .iter()
            .any(|flag| tail.split(' ').any(|word| word == *flag));
        return decodes.then(|| into_interpreter(tail, at, true))?;
    }
    let fetch = tail.get(..tail.find('|').unwrap_or(tail.len()))?;
    if !has_address(fetch) {
        return None;
    }
    if let Some(start) = substituted(head) {
        let closing = tail.find(')').map_or(tail.len(), |end| end + 1);
        return Some(Piped {
            span: start + at - head.len()..at + closing,
            is_decoded,
        });
    }
    into_interpreter(tail, at, false)
}

/// What follows an offset up to the end of the command, which goes on after a line that ends in a backslash or a pipe.
fn command(text: &str, at: usize) -> Option<&str> {
    let mut end = (at + REACH).min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let rest = text.get(at..end)?;
    let is_end = |newline: &usize| {
        let line = rest
            .get(..*newline)
            .unwrap_or_default()
            .trim_end_matches(['\r', ' ']);
        !line.ends_with(['\\', '|'])
    };
    let mut newlines = rest.match_indices('\n').map(|(newline, _)| newline);
    let rest = rest.get(..newlines.find(is_end).unwrap_or(rest.len()))?;
    let end = ["; ", " && ", "`"]
        .iter()
        .filter_map(|stop| rest.find(stop))
        .min();
    rest.get(..end.unwrap_or(rest.len()))
}

/// The first pipe of a command that leads into an interpreter, which reads its program from there.
fn into_interpreter(command: &str, at: usize, is_decoded: bool) -> Option<Piped> {
    // `||` is no pipe.
    let is_pipe = |at: usize| {
        let before = command.get(..at).unwrap_or_default();
        let after = command.get(at + 1..).unwrap_or_default();
        !before.ends_with('|') && !after.starts_with('|')
    };
    let mut pipes = command
        .match_indices('|')
        .filter(|(pipe, _)| is_pipe(*pipe));
    pipes.find_map(|(pipe, _)| {
        let name = interpreter(command.get(pipe + 1..)?)?;
        Some(Piped {
            span: at..at + pipe + 1 + name,
            is_decoded,
        })
    })
}

/// Where `bash <(`, `sh -c "$(` and the like begin, if a text ends with one.
fn substituted(head: &str) -> Option<usize> {
    let opened = head
        .strip_suffix("<(")
        .or_else(|| head.strip_suffix("$("))?;
    let opened = opened.trim_end_matches(['"', '\'', ' ']);
    let words = opened.strip_suffix(" -c").unwrap_or(opened).trim_end();
    let word = words
        .rsplit([' ', '\t', '`', '(', '"', '&', ';', '/'])
        .next()?;
    let runs = matches!(
        word,
        "sh" | "bash" | "zsh" | "dash" | "ksh" | "eval" | "source" | "."
    );
    runs.then(|| words.len() - word.len())
}

/// `iex (irm ..)`, `irm .. | iex` and their long forms.
fn power_shell(line: &str, start: usize, at: usize) -> Option<Piped> {
    let lower = line.to_ascii_lowercase();
    let downloads = [
        "irm ",
        "iwr ",
        "invoke-restmethod",
        "invoke-webrequest",
        "downloadstring",
    ];
    let first = downloads.iter().filter_map(|word| lower.find(word)).min()?;
    let word = lower.get(at - start..)?;
    let length = word.find(|symbol: char| !symbol.is_ascii_alphabetic() && symbol != '-');
    let end = at + length.unwrap_or(word.len());
    let is_command = matches!(
        text_between(&lower, start, at, end),
        "iex" | "invoke-expression"
    );
    let from = (start + first).min(at);
    (is_command && has_address(line)).then(|| {
        let until = if from == at {
            start + line.trim_end_matches(['`', '"', '\'', ' ', '\r']).len()
        } else {
            end
        };
        Piped {
            span: from..until.max(end),
            is_decoded: false,
        }
    })
}

fn text_between(line: &str, start: usize, from: usize, to: usize) -> &str {
    line.get(from - start..to - start).unwrap_or_default()
}

/// Whether a command names an address that could answer: no placeholder, nothing on this machine.
fn has_address(command: &str) -> bool {
    let is_local = [
        "localhost",
        "127.0.0.1",
        "0.0.0.0",
        "[::1]",
        "example.",
        "...",
    ]
    .iter()
    .any(|host| command.contains(host));
    let words = || command.split([' ', '"', '\'', '(', ')', '|', '\n']).skip(1);
    let names_host = |word: &str| {
        word.split_once('.').is_some_and(|(host, rest)| {
            !host.is_empty()
                && host
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && rest.len() > 1
        })
    };
    let is_address = |word: &str| {
        word.split_once("://").is_some_and(|(_, rest)| {
            rest.starts_with(|symbol: char| symbol.is_alphanumeric() || symbol == '$')
        }) || word.starts_with('$')
            || !word.starts_with(['-', '/', '.', '<']) && names_host(word)
    };
    !is_local && words().any(is_address)
}
