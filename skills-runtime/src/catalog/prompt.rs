//! Skills as prompts. How a prompt is called depends on who asks: by the name of its skill where no other skill that the caller sees has
//! it, else by its path. This is the one place that says so.

use skills_model::Skill;

use super::{Catalog, nearest::nearest};
use crate::error::Error;

/// A skill that users can invoke, and what they call it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Prompt {
    pub(crate) name: &'static str,
    pub(crate) skill: Skill,
}

impl Catalog {
    /// All prompts, ascending by name.
    pub(super) fn prompts(self) -> Vec<Prompt> {
        let skills = self.by_name();
        let alike = skills.chunk_by(|one, other| one.name() == other.name());
        let mut prompts: Vec<_> = alike.flat_map(called).collect();
        prompts.sort_unstable_by_key(|prompt| prompt.name);
        prompts
    }

    /// The prompt with a name.
    pub(crate) fn prompt(self, name: &str) -> Result<Prompt, Error> {
        let last = name.rsplit('/').next().unwrap_or(name);
        let alike: Vec<_> = self.named(last).collect();
        let found = called(&alike).find(|prompt| prompt.name == name);
        found.ok_or_else(|| {
            let prompts = self.prompts();
            Error::UnknownPrompt {
                name: name.into(),
                nearest: nearest(name, prompts.iter().map(|prompt| prompt.name)),
            }
        })
    }

    /// What the prompt of a skill is called, if it is one.
    pub(crate) fn prompt_name(self, skill: Skill) -> Option<&'static str> {
        let alike: Vec<_> = self.named(skill.name()).collect();
        let found = called(&alike).find(|prompt| prompt.skill.uri() == skill.uri());
        found.map(|prompt| prompt.name)
    }
}

/// The prompts of all skills of one name.
fn called(alike: &[Skill]) -> impl Iterator<Item = Prompt> {
    let is_alone = alike.len() == 1;
    let skills = alike.iter().copied();
    let invocable = skills.filter(|skill| skill.prompt().is_some());
    invocable.map(move |skill| Prompt {
        name: if is_alone { skill.name() } else { skill.path() },
        skill,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Permit;
    use crate::testing::BUNDLE;

    #[test]
    fn a_prompt_is_found_by_its_own_name_only() {
        let catalog = Catalog::new(&BUNDLE, Permit::owner());
        let found = catalog.prompt("acme/refunds").unwrap();
        assert_eq!(found.skill.path(), "acme/refunds");
        assert!(catalog.prompt("refunds").is_err());
        assert!(
            catalog.prompt("internal-notes").is_err(),
            "not invocable by users"
        );
    }

    #[test]
    fn every_prompt_has_the_name_that_is_listed() {
        let catalog = Catalog::new(&BUNDLE, Permit::owner());
        let prompts = catalog.prompts();
        let names: Vec<_> = prompts.iter().map(|prompt| prompt.name).collect();
        assert_eq!(names, ["acme/refunds", "commit-message", "globex/refunds"]);
        for Prompt { name, skill } in prompts {
            assert_eq!(catalog.prompt_name(skill), Some(name));
        }
    }
}
