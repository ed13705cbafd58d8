//! SK503: paths that look different in the `skill://` URI that serves them.

use std::collections::BTreeSet;

use skills_model::limits::URI_PREFIX as SCHEME;

use crate::diagnostics::Finding;
use crate::rules::rule::{BundleContext, Check, declare_rule};
use crate::source::ancestors;
use crate::syntax::ParsedSkill;

declare_rule! {
    /// A directory or file name cannot stand in a `skill://` URI as it is.
    ///
    /// ## Why
    ///
    /// The path of a file becomes its URI. Its first segment takes the place of a host name: clients lower-case it, and
    /// only a `reg-name` of RFC 3986 is valid there. In the other segments a blank, a letter beyond ASCII or a sign such as
    /// `%`, `#` and `[` has to be percent-encoded, so a link in the text and the URI differ, and clients that compare
    /// or decode carelessly do not find the file. The letters of all scripts are accepted in the names of files, because a
    /// skill for readers of Chinese has files with Chinese names.
    ///
    /// ## Example
    ///
    /// ```text
    /// === Office/pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === office/pdf/SKILL.md
    /// ---
    /// name: pdf
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    URI_PREFIX = "SK503", "uri-prefix", Protocol, Warn, Check::Bundle(check)
}

fn check(cx: &BundleContext<'_>, out: &mut Vec<Finding>) {
    // The name of a skill itself is the business of the rules about names.
    let prefixes: BTreeSet<_> = cx
        .skills
        .iter()
        .flat_map(|skill| ancestors(skill.directory))
        .collect();
    // In a repository that was searched, directories above skills are where their sources lie, and no part of an address.
    let is_search =
        cx.tree.reading().repository.is_some() && !cx.configuration.settings.only_skills;
    let prefixes = prefixes.into_iter().filter(|_| !is_search);
    out.extend(prefixes.filter_map(prefix_finding));
    out.extend(cx.skills.iter().filter_map(|skill| file_finding(cx, skill)));
}

fn prefix_finding(directory: &str) -> Option<Finding> {
    let (message, note) = match directory.rsplit_once('/') {
        None if is_portable(directory) && directory.chars().all(is_host) => {
            return lower_case_finding(directory);
        }
        None if is_portable(directory) => (
            format!("the directory name `{directory}` cannot be the first part of a URI"),
            format!(
                "it stands where a URI has its host: the skills below it are `{SCHEME}{}/...`",
                encoded(directory)
            ),
        ),
        Some((_, name)) if is_portable(name) && !name.chars().all(is_path) => (
            format!("the directory name `{name}` has to be percent-encoded in a URI"),
            format!(
                "the skills below it are `{SCHEME}{}/...`",
                encoded(directory)
            ),
        ),
        _ => return None,
    };
    Some(
        Finding::at_path(&URI_PREFIX, directory, message)
            .note(note)
            .help(RENAME),
    )
}

const RENAME: &str = "rename it, with lower-case letters, digits and hyphens";

fn lower_case_finding(directory: &str) -> Option<Finding> {
    let lower = directory.to_ascii_lowercase();
    (lower != directory).then(|| {
        Finding::at_path(&URI_PREFIX, directory, format!("the directory name `{directory}` is not lower-case"))
            .note("it stands where a URI has its host, which clients lower-case, and then the skills below it are not found")
            .help(format!("rename it to `{lower}`"))
    })
}

/// One finding for all files of a skill whose names have to be encoded.
fn file_finding(cx: &BundleContext<'_>, skill: &ParsedSkill<'_>) -> Option<Finding> {
    let mut found = skill
        .own_files
        .iter()
        .map(|&id| cx.tree.file(id).path.as_str())
        .filter(|path| {
            let below = path.strip_prefix(skill.directory).unwrap_or(path);
            let is_usual =
                |symbol: char| symbol == '/' || symbol.is_alphanumeric() || is_path(symbol);
            !below.chars().all(is_usual) && below.split('/').all(is_portable)
        });
    let first = found.next()?;
    let more = match found.count() {
        0 => String::new(),
        more => format!(", and so has that of {more} more in this skill"),
    };
    let below = first
        .strip_prefix(skill.directory)
        .unwrap_or(first)
        .trim_start_matches('/');
    let uri = format!("{SCHEME}{}/{}", encoded(skill.path), encoded(below));
    let finding = Finding::at_path(
        &URI_PREFIX,
        first,
        format!("the path of this file has to be percent-encoded{more}"),
    )
    .note(format!(
        "it is served as `{uri}`, which clients that compare or decode carelessly do not find"
    ))
    .help("rename it, with letters, digits, `-`, `_` and `.`");
    Some(finding)
}

/// Whether no rule about file names denies the name already.
fn is_portable(name: &str) -> bool {
    !name.chars().any(|symbol| {
        symbol.is_control() || matches!(symbol, '<' | '>' | ':' | '"' | '|' | '?' | '*' | '\\')
    })
}

/// Whether a character may stand in a `reg-name` as it is (RFC 3986, 3.2.2).
fn is_host(symbol: char) -> bool {
    symbol.is_ascii_alphanumeric()
        || matches!(
            symbol,
            '-' | '.'
                | '_'
                | '~'
                | '!'
                | '$'
                | '&'
                | '\''
                | '('
                | ')'
                | '*'
                | '+'
                | ','
                | ';'
                | '='
        )
}

/// Whether a character may stand in a path segment as it is (RFC 3986, 3.3).
fn is_path(symbol: char) -> bool {
    is_host(symbol) || matches!(symbol, ':' | '@')
}

fn encoded(path: &str) -> String {
    path.bytes()
        .fold(String::with_capacity(path.len()), |mut uri, byte| {
            if byte == b'/' || is_path(char::from(byte)) {
                uri.push(char::from(byte));
            } else {
                uri.extend(['%', hex(byte >> 4), hex(byte & 15)]);
            }
            uri
        })
}

fn hex(digit: u8) -> char {
    char::from_digit(u32::from(digit), 16)
        .unwrap_or('0')
        .to_ascii_uppercase()
}
