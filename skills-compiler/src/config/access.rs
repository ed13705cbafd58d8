//! Who may see which skills: `[access]` of `skills.toml`.

use std::collections::BTreeSet;
use std::ops::Range;

use skills_model::Scope;

use super::Pattern;
use crate::source::FileId;

/// What callers have to be granted to see skills.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// In the order of the files.
    pub requirements: Vec<Requirement>,
}

/// What callers have to be granted to see the skills of a pattern, and all skills inside of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Requirement {
    /// The file.
    pub file: FileId,
    /// The bytes of the pattern.
    pub span: Range<usize>,
    /// Which skills.
    pub pattern: Pattern,
    /// All of these.
    pub scopes: Vec<String>,
}

impl Access {
    /// The scopes that are required of anybody for anything, ascending.
    pub fn scopes(&self) -> BTreeSet<&str> {
        let scopes = self.requirements.iter().flat_map(|one| &one.scopes);
        scopes.map(String::as_str).collect()
    }

    /// The scopes that are required for the skill of a path: its own, and those of every directory that it lies in.
    pub fn required(&self, path: &str) -> BTreeSet<&str> {
        let concerned = self.requirements.iter().filter(|one| one.concerns(path));
        let scopes = concerned.flat_map(|one| &one.scopes);
        scopes.map(String::as_str).collect()
    }
}

impl Requirement {
    /// Whether the skill of a path is one of those, or inside of one.
    #[must_use]
    pub fn concerns(&self, path: &str) -> bool {
        let ends = path.match_indices('/').map(|(slash, _)| slash);
        let mut above = ends.chain([path.len()]).filter_map(|end| path.get(..end));
        above.any(|path| self.pattern.matches(path))
    }
}

/// Whether a text can be a scope (RFC 6749, section 3.3).
pub(super) fn is_scope(text: &str) -> bool {
    let is_plain = |byte: u8| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    !text.is_empty() && text.bytes().all(is_plain)
}

/// The most scopes that can be told apart.
pub(super) const MOST_SCOPES: usize = Scope::MOST;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceTree;

    fn access_to(requirements: &[(&str, &[&str])]) -> Access {
        let tree = SourceTree::new("skills", "skills").with_file("a", Vec::new());
        let (file, _) = tree.files().next().unwrap();
        let requirements = requirements.iter().map(|(pattern, scopes)| Requirement {
            file,
            span: 0..0,
            pattern: Pattern::new(pattern),
            scopes: scopes.iter().map(ToString::to_string).collect(),
        });
        Access {
            requirements: requirements.collect(),
        }
    }

    #[test]
    fn a_skill_requires_what_the_directories_above_it_require() {
        let access = access_to(&[
            ("internal", &["staff"]),
            ("internal/hr/*", &["hr", "staff"]),
        ]);
        let required = |path| access.required(path).into_iter().collect::<Vec<_>>();
        assert_eq!(required("internal"), ["staff"]);
        assert_eq!(required("internal/it"), ["staff"]);
        assert_eq!(required("internal/hr/payroll/forms"), ["hr", "staff"]);
        assert_eq!(required("public/internal"), [""; 0]);
    }

    #[test]
    fn a_scope_has_no_blanks_and_no_quotes() {
        assert!(is_scope("skills:internal") && is_scope("https://example.com/read"));
        for text in ["", "two words", "\"quoted\"", "back\\slash", "b\u{fc}ro"] {
            assert!(!is_scope(text), "{text}");
        }
    }
}
