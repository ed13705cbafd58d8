//! Which skill is meant: by URI, by path, and by name where that is enough.

use skills_model::limits::{SKILL_FILE, URI_PREFIX};
use skills_model::{Resource, Skill};

use super::{Catalog, find, nearest::nearest};
use crate::error::Error;

impl Catalog {
    /// The skill whose `SKILL.md` has exactly this URI.
    pub(crate) fn skill_at(self, uri: &str) -> Result<Skill, Error> {
        self.skill_with(uri).ok_or_else(|| Error::UnknownSkillUri {
            uri: uri.into(),
            nearest: nearest(uri, self.skills().map(Skill::uri)),
        })
    }

    /// The same, or nothing.
    pub(crate) fn skill_with(self, uri: &str) -> Option<Skill> {
        let found = find(self.bundle.skills, uri, Skill::uri);
        found.filter(|skill| self.permit.covers(skill.required()))
    }

    /// The innermost skill that a file lies in.
    #[cfg(feature = "http")]
    pub(crate) fn skill_around(self, uri: &str) -> Option<Skill> {
        let ends = uri.rmatch_indices('/').map(|(slash, _)| slash);
        let mut above = ends.filter_map(|end| uri.get(..=end));
        above.find_map(|directory| self.skill_with(&[directory, SKILL_FILE].concat()))
    }

    /// The skill that a person or a model means: its path, its name where no other skill has it, the URI of its
    /// `SKILL.md` or the URI of its directory.
    ///
    /// A path wins over a name, because a top-level skill has no other way to be told from a nested one of its name.
    pub(crate) fn skill(self, asked: &str) -> Result<Skill, Error> {
        if asked.starts_with(URI_PREFIX) {
            return self.skill_by_uri(asked);
        }
        let name = asked.rsplit('/').next().unwrap_or(asked);
        let candidates: Vec<_> = self.named(name).collect();
        if let Some(skill) = candidates.iter().find(|skill| skill.path() == asked) {
            return Ok(*skill);
        }
        match candidates.as_slice() {
            [skill] if name == asked => Ok(*skill),
            [_, ..] if name == asked => Err(Error::AmbiguousSkill {
                asked: asked.into(),
                candidates,
            }),
            _ => Err(self.unknown(asked)),
        }
    }

    /// The file that was probably meant by a URI at which nothing is: one of the skill that the URI lies in, else the
    /// `SKILL.md` of another.
    pub(super) fn nearest_resource(self, uri: &str) -> Option<&'static str> {
        let inside = |skill: &Skill| {
            uri.strip_prefix(root_uri(*skill))
                .is_some_and(|rest| rest.starts_with('/'))
        };
        // The last one is the innermost: a nested skill sorts after the skill around it.
        match self.skills().rfind(inside) {
            Some(skill) => nearest(uri, skill.resources().iter().map(Resource::uri)),
            None => nearest(uri, self.skills().map(Skill::uri)),
        }
    }

    fn skill_by_uri(self, uri: &str) -> Result<Skill, Error> {
        self.skill_at(uri).or_else(|error| {
            let document = format!("{}/{SKILL_FILE}", uri.trim_end_matches('/'));
            self.skill_at(&document).map_err(|_| error)
        })
    }

    fn unknown(self, asked: &str) -> Error {
        let names = self.skills().map(Skill::name);
        let paths = self.skills().map(Skill::path);
        Error::UnknownSkill {
            asked: asked.into(),
            nearest: nearest(asked, names.chain(paths)),
        }
    }

    /// The skills of this name, ascending by URI.
    pub(crate) fn named(self, name: &str) -> impl Iterator<Item = Skill> {
        let bundle = self.bundle;
        let at = move |index: u32| bundle.skills.get(index as usize);
        let order = bundle.skills_by_name;
        let start =
            order.partition_point(|index| at(index).is_some_and(|skill| skill.name() < name));
        order
            .iter()
            .skip(start)
            .filter_map(at)
            .take_while(move |skill| skill.name() == name)
            .filter(move |skill| self.permit.covers(skill.required()))
    }
}

/// The file at `path` in the directory of `skill`, spelled as a path or as it stands in the URI.
pub(crate) fn file(skill: Skill, path: &str) -> Result<Resource, Error> {
    let wanted = path.strip_prefix("./").unwrap_or(path);
    let has_path = |file: &Resource| relative_path(skill, *file) == wanted;
    let has_uri = |file: &Resource| relative_uri(skill, *file) == Some(wanted);
    let mut files = skill.resources().iter();
    // The path of one file may be how another one's is written in a URI.
    let found = files.clone().find(has_path).or_else(|| files.find(has_uri));
    found.ok_or_else(|| Error::UnknownFile {
        skill,
        path: path.into(),
        nearest: nearest(
            wanted,
            skill
                .resources()
                .iter()
                .map(|file| relative_path(skill, file)),
        ),
    })
}

/// The URI of the directory of `skill`, without a trailing slash.
pub(crate) fn root_uri(skill: Skill) -> &'static str {
    skill
        .uri()
        .strip_suffix(SKILL_FILE)
        .and_then(|uri| uri.strip_suffix('/'))
        .unwrap_or(skill.uri())
}

/// The path of a file as the skill itself writes it, such as `references/forms.md`.
pub(crate) fn relative_path(skill: Skill, file: Resource) -> &'static str {
    file.path()
        .strip_prefix(skill.path())
        .and_then(|path| path.strip_prefix('/'))
        .unwrap_or(file.path())
}

/// The same path, as it stands in URIs and in the links of Markdown, such as `style%20guide.md`.
pub(crate) fn relative_uri(skill: Skill, file: Resource) -> Option<&'static str> {
    file.uri().strip_prefix(root_uri(skill))?.strip_prefix('/')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::guard::Permit;
    use crate::testing::BUNDLE;

    fn path_of(asked: &str) -> Result<&'static str, Error> {
        Catalog::new(&BUNDLE, Permit::owner())
            .skill(asked)
            .map(Skill::path)
    }

    #[test]
    fn a_skill_is_found_by_name_path_uri_and_directory() {
        for asked in [
            "commit-message",
            "skill://commit-message/SKILL.md",
            "skill://commit-message",
            "skill://commit-message/",
        ] {
            assert_eq!(path_of(asked).unwrap(), "commit-message", "{asked}");
        }
        assert_eq!(path_of("acme/refunds").unwrap(), "acme/refunds");
    }

    #[test]
    fn a_name_that_two_skills_have_lists_both() {
        let Err(Error::AmbiguousSkill { candidates, .. }) = path_of("refunds") else {
            panic!("`refunds` is ambiguous");
        };
        let paths: Vec<_> = candidates.iter().map(|skill| skill.path()).collect();
        assert_eq!(paths, ["acme/refunds", "globex/refunds"]);
    }

    #[test]
    fn a_misspelt_name_suggests_the_right_one() {
        let Err(error) = path_of("comit-mesage") else {
            panic!("nothing is called that");
        };
        assert_eq!(error.nearest(), Some("commit-message"));
        assert_eq!(path_of("zzzzzz").unwrap_err().nearest(), None);
    }

    #[test]
    fn a_file_is_found_by_its_path_in_the_skill() {
        let skill = Catalog::new(&BUNDLE, Permit::owner())
            .skill("commit-message")
            .unwrap();
        for path in [
            "references/style guide.md",
            "./references/style guide.md",
            "references/style%20guide.md",
        ] {
            let uri = "skill://commit-message/references/style%20guide.md";
            assert_eq!(file(skill, path).unwrap().uri(), uri);
        }
        assert!(file(skill, "../acme/refunds/SKILL.md").is_err());
    }
}
