//! The names of the skills of a bundle, for `skill!`: they have to be known where the tables are not.

use crate::Compilation;
use crate::config::nearest;

/// What `skill!` needs to know of a bundle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Names {
    /// Whether the bundle has errors, and so no skills in its tables.
    pub(super) broken: bool,
    /// Path and name of each skill, in the order of the bundle's table.
    pub(super) skills: Vec<(String, String)>,
}

impl Names {
    /// The file in `OUT_DIR` that holds them.
    pub(super) const FILE: &'static str = "bundle.names";

    pub(super) fn of(compilation: &Compilation) -> Self {
        let skills = compilation
            .plan
            .skills
            .iter()
            .map(|skill| (skill.path.clone(), skill.name.clone()))
            .collect();
        Self {
            broken: compilation.denied().next().is_some(),
            skills,
        }
    }

    pub(super) fn to_text(&self) -> String {
        let state = if self.broken { "broken" } else { "complete" };
        let lines = self
            .skills
            .iter()
            .map(|(path, name)| format!("{path}\t{name}\n"));
        format!("{state}\n{}", lines.collect::<String>())
    }

    pub(super) fn from_text(text: &str) -> Self {
        let mut lines = text.lines();
        let broken = lines.next() != Some("complete");
        let skills = lines
            .filter_map(|line| line.split_once('\t'))
            .map(|(path, name)| (path.to_owned(), name.to_owned()));
        Self {
            broken,
            skills: skills.collect(),
        }
    }

    /// The index of the skill with this path, or with this name if only one has it.
    pub(super) fn find(&self, wanted: &str) -> Result<usize, String> {
        if let Some(index) = self.skills.iter().position(|(path, _)| path == wanted) {
            return Ok(index);
        }
        let mut named = self
            .skills
            .iter()
            .enumerate()
            .filter(|(_, (_, name))| name == wanted);
        match (named.next(), named.next()) {
            (Some((index, _)), None) => Ok(index),
            (Some((_, (first, _))), Some((_, (second, _)))) => Err(format!(
                "more than one skill is named `{wanted}`\n\nhelp: say which: `{first}` or `{second}`"
            )),
            (None, _) => Err(format!("no skill is named `{wanted}`{}", self.near(wanted))),
        }
    }

    fn near(&self, wanted: &str) -> String {
        let candidates = self.skills.iter().flat_map(|(path, name)| [path, name]);
        match nearest(wanted, candidates.map(String::as_str)) {
            Some(nearest) => format!("\n\nhelp: did you mean `{nearest}`?"),
            None if self.skills.is_empty() => "\n\nhelp: the bundle has no skills".to_owned(),
            None => {
                let known: Vec<_> = self
                    .skills
                    .iter()
                    .take(8)
                    .map(|(path, _)| format!("`{path}`"))
                    .collect();
                format!("\n\nhelp: there are {}", known.join(", "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        let skills = [
            ("a/refunds", "refunds"),
            ("b/refunds", "refunds"),
            ("pdf", "pdf"),
        ];
        let skills = skills
            .map(|(path, name)| (path.to_owned(), name.to_owned()))
            .to_vec();
        Names {
            broken: false,
            skills,
        }
    }

    #[test]
    fn a_text_says_the_same_names() {
        assert_eq!(Names::from_text(&names().to_text()), names());
    }

    #[test]
    fn a_skill_is_found_by_path_or_by_a_name_that_only_it_has() {
        assert_eq!(names().find("pdf"), Ok(2));
        assert_eq!(names().find("b/refunds"), Ok(1));
        assert!(
            names()
                .find("refunds")
                .is_err_and(|error| error.contains("`a/refunds` or `b/refunds`"))
        );
        assert!(
            names()
                .find("pfd")
                .is_err_and(|error| error.contains("did you mean `pdf`?"))
        );
    }
}
