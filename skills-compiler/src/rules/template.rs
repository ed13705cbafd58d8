//! What to propose where a name or a description is missing.

use crate::rules::name::nearest;
use crate::rules::value::quoted;
use crate::syntax::{ParsedSkill, Scalar};

/// The longest first line of a text that is proposed as its description, in characters.
const LONGEST: usize = 200;

/// The name that a skill has to have: that of its directory.
pub(super) fn name(skill: &ParsedSkill<'_>) -> String {
    let name = skill.directory_name();
    let nearest = nearest(name);
    let name = nearest.as_deref().unwrap_or(name);
    let plain = name
        .chars()
        .all(|symbol| symbol.is_ascii_alphanumeric() || symbol == '-');
    let is_text = Scalar::of_plain(name) == Scalar::Text(name.to_owned());
    if plain && is_text && !name.starts_with('-') {
        name.to_owned()
    } else {
        quoted(name)
    }
}

/// A description: the first line of prose in a Markdown text, or a form to fill in.
pub(super) fn description(text: &str) -> String {
    let prose = |line: &&str| {
        let is_entry = line
            .split(' ')
            .next()
            .is_some_and(|word| word.ends_with(':'));
        line.starts_with(char::is_alphabetic)
            && line.contains(' ')
            && !line.contains('|')
            && !is_entry
    };
    let mut lines = text
        .lines()
        .map(str::trim)
        .skip_while(|line| line.is_empty() || line.starts_with('#'));
    match lines.next().filter(prose) {
        Some(line) if line.chars().count() <= LONGEST && !line.ends_with(':') => quoted(line),
        _ => "What it does. Use when the user asks for it.".to_owned(),
    }
}
