//! What packages, executables and servers can be called.

use std::fmt::{self, Display, Formatter};
use std::path::Path;

use crate::error::Error;

/// Names that cargo does not take for a package with an executable, or that a project of ours depends on.
const TAKEN: [&str; 12] = [
    "build",
    "deps",
    "examples",
    "incremental",
    "proc-macro",
    "skills-compiler",
    "skills-macro",
    "skills-model",
    "skills-runtime",
    "std",
    "test",
    "core",
];

/// Words of Rust, which cargo does not take either.
const WORDS: [&str; 52] = [
    "Self", "abstract", "as", "async", "await", "become", "box", "break", "const", "continue",
    "crate", "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if",
    "impl", "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub",
    "ref", "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The longest name, so that paths below `target/` stay short.
const MOST: usize = 64;

/// A name that a package, its executable and its server can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Name(String);

impl Name {
    /// The name, if it is one.
    pub(crate) fn new(name: &str) -> Result<Self, Error> {
        match problem(name) {
            None => Ok(Self(name.to_owned())),
            Some(reason) => Err(Error::PackageName {
                name: name.to_owned(),
                reason,
            }),
        }
    }

    /// The name that is nearest to the last segment of a path; `skills` says nothing, and what is above it is taken.
    pub(crate) fn near(path: &Path) -> Self {
        let segments = path
            .components()
            .rev()
            .map(|segment| segment.as_os_str().to_string_lossy());
        let telling =
            segments.filter(|segment| !matches!(&**segment, "skills" | ".claude" | ".agents"));
        let mut names = telling.filter_map(|segment| Self::new(&simplified(&segment)).ok());
        names
            .next()
            .unwrap_or_else(|| Self("skills-server".to_owned()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl Display for Name {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

fn problem(name: &str) -> Option<&'static str> {
    let is_letter = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_');
    if name.is_empty() {
        Some("it has no letters")
    } else if !name.starts_with(|first: char| first.is_ascii_alphabetic()) {
        Some("it has to begin with a letter from a to z")
    } else if !name.chars().all(is_letter) {
        Some("it may have letters from a to z, digits, `-` and `_` only")
    } else if name.len() > MOST {
        Some("it is longer than 64 letters")
    } else if TAKEN.contains(&name) {
        Some("cargo or this project has another use for it, and another name is needed")
    } else if WORDS.contains(&name) {
        Some("it is a word of Rust")
    } else {
        None
    }
}

/// Text with a hyphen in place of whatever a name cannot have.
fn simplified(text: &str) -> String {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_');
    let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
    words.join("-").to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_what_cargo_takes() {
        for name in ["a", "pdf-tools", "My_Skills2"] {
            assert_eq!(Name::new(name).unwrap().as_str(), name);
        }
        for name in [
            "",
            "2a",
            "-a",
            "é",
            "a b",
            "a/b",
            "fn",
            "test",
            "skills-runtime",
            &"a".repeat(65),
        ] {
            assert!(Name::new(name).is_err(), "{name}");
        }
    }

    #[test]
    fn a_folder_gives_its_name() {
        for (path, name) in [
            ("/home/me/Acme Skills/skills", "acme-skills"),
            ("/srv/pdf.tools", "pdf-tools"),
            ("/srv/project/.claude/skills", "project"),
            ("/技能/skills", "skills-server"),
            ("/", "skills-server"),
        ] {
            assert_eq!(Name::near(Path::new(path)).as_str(), name, "{path}");
        }
    }
}
