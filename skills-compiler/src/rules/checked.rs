//! The barrier between checking and lowering: only skills that passed can be lowered, and the type says so.

use skills_model::limits::SKILL_FILE;

use crate::source::{SourceFile, SourceTree};
use crate::syntax::{Frontmatter, ParsedSkill};

/// A skill that can be served: it has frontmatter with a name and a description. Only rules make one.
#[derive(Debug)]
pub struct CheckedSkill<'tree> {
    parsed: ParsedSkill<'tree>,
    frontmatter: Frontmatter,
    name: String,
    description: String,
}

impl<'tree> CheckedSkill<'tree> {
    /// `None` when something is missing without which the skill cannot be served.
    pub(super) fn new(mut parsed: ParsedSkill<'tree>) -> Option<Self> {
        let frontmatter = parsed.frontmatter.take()?;
        let name = frontmatter.text("name")?.to_owned();
        let description = frontmatter.text("description")?.trim().to_owned();
        parsed.fence.as_ref()?;
        let servable = !name.is_empty() && !name.contains('/') && !description.is_empty();
        servable.then_some(Self {
            parsed,
            frontmatter,
            name,
            description,
        })
    }

    /// The directory below the root of the tree.
    #[must_use]
    pub fn directory(&self) -> &'tree str {
        self.parsed.directory
    }

    /// The path that the directory gives it.
    #[must_use]
    pub fn path(&self) -> &'tree str {
        self.parsed.path
    }

    /// The frontmatter.
    #[must_use]
    pub fn frontmatter(&self) -> &Frontmatter {
        &self.frontmatter
    }

    /// The `name`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The `description`, trimmed.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The bytes of the `SKILL.md` after the frontmatter, as an offset.
    #[must_use]
    pub fn body_start(&self) -> usize {
        self.parsed
            .fence
            .as_ref()
            .map_or(0, |fence| fence.body.start)
    }

    /// The path of the `SKILL.md` below the root of the tree.
    #[must_use]
    pub fn document_path(&self) -> String {
        match self.directory() {
            "" => SKILL_FILE.to_owned(),
            directory => format!("{directory}/{SKILL_FILE}"),
        }
    }

    /// Its files, those of nested skills included.
    pub fn files<'a>(&'a self, tree: &'a SourceTree) -> impl Iterator<Item = &'a SourceFile> {
        self.parsed.files.iter().map(|&id| tree.file(id))
    }
}
