//! SK101: a name that is not lower-case words joined by hyphens.

use std::borrow::Cow;
use std::ops::Range;

use skills_model::limits::NAME_CHARS;

use super::brief::brief;
use super::confusable_name::confusion;
use super::name::{Name, is_letter_or_digit, is_well_formed, is_well_formed_anywhere, nearest};
use crate::diagnostics::Finding;
use crate::rules::rule::{Check, SkillContext, declare_rule};

declare_rule! {
    /// A `name` is not made of lower-case ASCII letters, digits, and single hyphens between them.
    ///
    /// ## Why
    ///
    /// The specification allows `a-z`, `0-9` and `-`, and the name has to be the name of the skill's directory and the last
    /// segment of its URI. Loaders disagree on everything beyond that: some lower-case it, some refuse it, some show it and
    /// then cannot find it.
    ///
    /// With `unicode-names = true` in `skills.toml`, lower-case letters and digits of any script are fine, in Unicode's composed
    /// form (NFC). Most other validators refuse such a name.
    ///
    /// ## Example
    ///
    /// ```text
    /// === pdf-forms/SKILL.md
    /// ---
    /// name: PDF Forms
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    ///
    /// ## Instead
    ///
    /// ```text
    /// === pdf-forms/SKILL.md
    /// ---
    /// name: pdf-forms
    /// description: Fills PDF forms. Use when the user has a form to fill.
    /// ---
    /// Open the form and fill it.
    /// ```
    NAME_FORMAT = "SK101", "name-format", Naming, Deny, Check::Skill(check)
}

/// How many places in one name are marked.
const MARKED: usize = 8;

fn check(cx: &SkillContext<'_>, out: &mut Vec<Finding>) {
    let Some(name) = Name::of(cx.skill) else {
        return;
    };
    let is_fine = if cx.settings.unicode_names {
        is_well_formed_anywhere(name.text)
    } else {
        is_well_formed(name.text)
    };
    if !is_fine && confusion(name.text).is_none() {
        out.extend(finding(cx, &name));
    }
}

fn finding(cx: &SkillContext<'_>, name: &Name<'_>) -> Option<Finding> {
    let wrong = offences(name.text, cx.settings.unicode_names);
    let kinds = kinds(&wrong);
    let mut wrong = wrong.into_iter();
    let (first, what) = wrong.next()?;
    let message = format!(
        "`{}` is not a valid name: it contains {kinds}",
        brief(name.text)
    );
    let start =
        Finding::at(&NAME_FORMAT, cx.skill.document, name.bytes(first), message).label(what);
    let marked = wrong.take(MARKED).fold(start, |finding, (range, what)| {
        let span = name.bytes(range);
        if span == name.span {
            finding
        } else {
            finding.related(cx.skill.document, span, what)
        }
    });
    let note = if cx.settings.unicode_names {
        "a name is lower-case letters, digits, and single hyphens between them"
    } else {
        "a name is lower-case ASCII letters, digits, and single hyphens between them"
    };
    Some(help(cx, name, marked.note(note)))
}

/// Everything that is wrong, each once: `a blank, a hyphen at the end and other punctuation`.
fn kinds(wrong: &[(Range<usize>, Cow<'static, str>)]) -> String {
    let mut kinds = Vec::<&str>::new();
    for (_, what) in wrong {
        if !kinds.contains(&&**what) {
            kinds.push(what);
        }
    }
    match kinds.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

fn help(cx: &SkillContext<'_>, name: &Name<'_>, finding: Finding) -> Finding {
    let directory_name = cx.skill.directory_name();
    if let Some(meant) = name.respelt(directory_name) {
        return finding.patch(
            "spell it as its directory is spelt",
            [name.rewritten(meant)],
        );
    }
    match nearest(name.text) {
        // `name-too-long` says what to do first.
        Some(nearest) if nearest.len() > NAME_CHARS => finding,
        Some(nearest) if name.text == directory_name => {
            finding.help(format!("call both the skill and its directory `{nearest}`"))
        }
        // `name-dir-mismatch` wants this one.
        Some(_) if is_well_formed(directory_name) => finding.help(format!(
            "`{directory_name}`, the name of its directory, is a valid one"
        )),
        Some(nearest) => finding.help(format!("`{nearest}` would be a valid name")),
        None => {
            finding.help("find a name in English letters; the description may be in any language")
        }
    }
}

/// What is wrong with a name and where, in order; neighbours with the same fault are one. With `any_script`, letters need not
/// be ASCII.
fn offences(name: &str, any_script: bool) -> Vec<(Range<usize>, Cow<'static, str>)> {
    let mut found: Vec<(Range<usize>, Cow<'static, str>)> = Vec::new();
    let mut before = None;
    for (at, symbol) in name.char_indices() {
        let end = at + symbol.len_utf8();
        let is_last = end == name.len();
        let offence = if any_script && !symbol.is_ascii() {
            offence_of_script(symbol)
        } else {
            offence(symbol, before, is_last)
        };
        if let Some(what) = offence {
            match found.last_mut() {
                Some((range, same)) if range.end == at && *same == what => range.end = end,
                _ => found.push((at..end, what)),
            }
        }
        before = Some(symbol);
    }
    found
}

fn offence(symbol: char, before: Option<char>, is_last: bool) -> Option<Cow<'static, str>> {
    let what = match symbol {
        '-' if before.is_none() => "a hyphen at the start",
        '-' if before == Some('-') => "two hyphens in a row",
        '-' if is_last => "a hyphen at the end",
        '-' | 'a'..='z' | '0'..='9' => return None,
        'A'..='Z' => "upper-case letters",
        '_' => "an underscore",
        blank if blank.is_whitespace() => "a space",
        letter if letter.is_alphanumeric() => "letters that are not ASCII",
        sign => return Some(sign_name(sign)),
    };
    Some(what.into())
}

/// What a punctuation mark is called.
fn sign_name(sign: char) -> Cow<'static, str> {
    let name = match sign {
        '/' => "a slash",
        '\\' => "a backslash",
        ':' => "a colon",
        '.' => "a dot",
        ',' => "a comma",
        '&' => "an ampersand",
        '(' | ')' => "parentheses",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "a dash that is no ASCII hyphen",
        sign if sign.is_control() => return format!("U+{:04X}", u32::from(sign)).into(),
        sign => return format!("`{sign}`").into(),
    };
    name.into()
}

/// What is wrong with a character that is not ASCII, where such characters are allowed.
fn offence_of_script(symbol: char) -> Option<Cow<'static, str>> {
    match symbol {
        letter if is_letter_or_digit(letter) => None,
        letter if letter.is_alphabetic() && !letter.to_lowercase().eq([letter]) => {
            Some("upper-case letters".into())
        }
        blank if blank.is_whitespace() => Some("a space".into()),
        sign if sign.is_alphanumeric() => Some("signs that are no plain letters or digits".into()),
        sign => Some(sign_name(sign)),
    }
}
