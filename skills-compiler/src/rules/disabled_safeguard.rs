//! SK413: a command that switches off what protects its user.

use std::ops::Range;
use std::sync::LazyLock;

use super::code::Code;
use super::occurrence::{and_more, line_around};
use super::shell::warns;
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};
use crate::words::Words;

declare_rule! {
    /// A command starts an agent that asks for no permission (`--dangerously-skip-permissions`, `--yolo`), or connects without a look
    /// at certificates or host keys (`curl -k`, `verify=False`).
    ///
    /// Commands in scripts and in the code of Markdown files are meant. One on a line that warns of it, and a connection to the same
    /// machine, are left alone.
    ///
    /// ## Why
    ///
    /// An agent without permission checks does whatever the next text that it reads tells it to. Without certificates, whoever is
    /// on the way can answer in place of the server. Whoever installs the skill does not see that it gives this up for them.
    ///
    /// ## Example
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Fetch the form with `curl -k https://forms.acme.io/form.pdf`.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Fetch the form with `curl --cacert acme.pem https://forms.acme.io/form.pdf`.
    /// ```
    DISABLED_SAFEGUARD = "SK413", "disabled-safeguard", Security, Warn, Check::Skill(check)
}

/// What is switched off.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Safeguard {
    Permissions,
    Certificates,
}

/// What such a command contains.
const SIGNS: [(&str, Safeguard); 16] = [
    ("--dangerously-skip-permissions", Safeguard::Permissions),
    (
        "--allow-dangerously-skip-permissions",
        Safeguard::Permissions,
    ),
    (
        "--dangerously-bypass-approvals-and-sandbox",
        Safeguard::Permissions,
    ),
    ("--yolo", Safeguard::Permissions),
    ("--approval-mode yolo", Safeguard::Permissions),
    ("--approval-mode=yolo", Safeguard::Permissions),
    ("--trust-all-tools", Safeguard::Permissions),
    (
        "--permission-mode bypassPermissions",
        Safeguard::Permissions,
    ),
    ("curl ", Safeguard::Certificates),
    ("--no-check-certificate", Safeguard::Certificates),
    ("NODE_TLS_REJECT_UNAUTHORIZED=0", Safeguard::Certificates),
    ("verify=False", Safeguard::Certificates),
    ("http.sslVerify=false", Safeguard::Certificates),
    ("http.sslVerify false", Safeguard::Certificates),
    ("GIT_SSL_NO_VERIFY=", Safeguard::Certificates),
    ("StrictHostKeyChecking=no", Safeguard::Certificates),
];

static WORDS: LazyLock<Words> = LazyLock::new(|| Words::new(SIGNS.map(|(sign, _)| sign)));

/// How much of a line is read on each side of a sign.
const REACH: usize = 400;

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    for (file, text) in cx.texts() {
        let code = Code::of(cx, file);
        let (mut permissions, mut certificates) = (Vec::new(), Vec::new());
        for (at, which) in WORDS.places(text).filter(|(at, _)| code.contains(*at)) {
            let Some((sign, safeguard)) = SIGNS.get(which) else {
                continue;
            };
            let around = line_around(text, at, REACH);
            let line = text.get(around.clone()).unwrap_or_default();
            let Some(place) = place(text, at, sign, around.end) else {
                continue;
            };
            let is_only_named = is_alone(line, sign) || is_comment(line);
            if is_only_named
                || warns(line)
                || *safeguard == Safeguard::Certificates && is_own_machine(line)
            {
                continue;
            }
            match safeguard {
                Safeguard::Permissions => permissions.push(place),
                Safeguard::Certificates => certificates.push(place),
            }
        }
        let message = "this starts an agent that asks for no permission";
        let note = "what the agent reads there can make it do anything that its user could";
        let help = "name the tools that are needed, as with `--allowedTools`, or leave it to users to switch the checks off";
        out.extend(permissions.first().map(|place| {
            finding(file, place, message, permissions.len())
                .note(note)
                .help(help)
        }));
        let message = "this connects without a look at who answers";
        let note = "whoever is on the way can answer in place of the server";
        let help = "name the certificate, as with `--cacert`, or use an address whose certificate is valid";
        out.extend(certificates.first().map(|place| {
            finding(file, place, message, certificates.len())
                .note(note)
                .help(help)
        }));
    }
}

fn finding(
    file: crate::source::FileId,
    place: &Range<usize>,
    message: &str,
    count: usize,
) -> Finding {
    let message = format!("{message}{}", and_more(count));
    Finding::at(&DISABLED_SAFEGUARD, file, place.clone(), message)
}

/// What to point at: the sign, if it is a word of its own; of `curl`, the option.
fn place(text: &str, at: usize, sign: &str, end: usize) -> Option<Range<usize>> {
    if sign != "curl " {
        let next = text.get(at + sign.len()..)?.chars().next();
        let is_whole =
            !next.is_some_and(|next| next.is_alphanumeric() || next == '-' || next == '_');
        return (is_whole || sign.ends_with('=')).then(|| at..at + sign.len());
    }
    let command = text.get(at..end)?;
    let command = command.split(['|', ';', '`']).next()?;
    let mut start = at;
    for word in command.split(' ') {
        let is_short = word.strip_prefix('-').is_some_and(|flags| {
            !flags.starts_with('-')
                && flags.len() < 6
                && flags.ends_with(['k', 'L', 'S', 's', 'f'])
                && flags.contains('k')
        });
        if is_short || word == "--insecure" {
            return Some(start..start + word.len());
        }
        start += word.len() + 1;
    }
    None
}

/// Whether a line only speaks of an option, in code that is nothing but the option.
fn is_alone(line: &str, sign: &str) -> bool {
    line.contains(&format!("`{sign}`"))
}

/// Whether a line is a comment of a program.
fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with("# ") || line.starts_with("//") || line.starts_with("* ")
}

fn is_own_machine(line: &str) -> bool {
    [
        "localhost",
        "127.0.0.1",
        "[::1]",
        "0.0.0.0",
        "192.168.",
        "10.0.",
        ".local",
    ]
    .iter()
    .any(|host| line.contains(host))
}
