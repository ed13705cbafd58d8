//! The barrier between checking and lowering: only skills that passed can be lowered, and the type says so.

use skills_model::limits::{DESCRIPTION_CHARS, NAME_CHARS, SKILL_FILE};

use super::duplicate_name::DUPLICATE_NAME;
use super::name::{is_letter_or_digit, is_well_formed};
use super::name_format::NAME_FORMAT;
use crate::diagnostics::Finding;
use crate::lower;
use crate::source::{FileId, SourceFile, SourceTree};
use crate::syntax::{Frontmatter, NodeKind, ParsedSkill, Scalar};

/// A skill that can be served: it has frontmatter with a name and a description. Only rules make one.
#[derive(Debug)]
pub struct CheckedSkill<'tree> {
    parsed: ParsedSkill<'tree>,
    frontmatter: Frontmatter,
    name: String,
    description: String,
}

/// Lets all skills through, or says which cannot be served although the rules that would have said so are switched off.
pub(super) fn barrier<'tree>(
    tree: &SourceTree,
    skills: Vec<ParsedSkill<'tree>>,
) -> Result<Vec<CheckedSkill<'tree>>, Vec<Finding>> {
    let mut findings = Vec::new();
    let mut checked = Vec::with_capacity(skills.len());
    for skill in skills {
        let document = skill.document;
        let Some(skill) = CheckedSkill::new(skill) else {
            findings.push(unservable(document));
            continue;
        };
        checked.push(skill);
    }
    if findings.is_empty() {
        findings.extend(lower::collision(tree, &checked).map(same_place));
    }
    if findings.is_empty() {
        Ok(checked)
    } else {
        Err(findings)
    }
}

fn unservable(document: FileId) -> Finding {
    let message =
        "without a name that can stand in a URI and a description, this skill cannot be served";
    Finding::at(&NAME_FORMAT, document, 0..0, message)
        .note("a rule that would have said what is wrong is switched off")
        .help("repair the name, or remove the skill from the bundle")
}

fn same_place([first, second]: [FileId; 2]) -> Finding {
    let message = "two directories would be served as one";
    Finding::at(&DUPLICATE_NAME, second, 0..0, message)
        .related(first, 0..0, "the other one")
        .note("a skill is served under its name, and here that is the path of another directory")
        .help("give the skill the name of its directory")
}

impl<'tree> CheckedSkill<'tree> {
    /// `None` when something is missing without which the skill cannot be served.
    fn new(mut parsed: ParsedSkill<'tree>) -> Option<Self> {
        let frontmatter = parsed.frontmatter.take()?;
        let name = frontmatter.text("name")?.to_owned();
        let description = frontmatter.text("description")?.trim().to_owned();
        parsed.fence.as_ref()?;
        let fits_a_uri = |symbol: char| {
            // Letters of other scripts are percent-encoded; a name that has them was let through by `unicode-names`.
            symbol.is_ascii_alphanumeric()
                || matches!(symbol, '-' | '.' | '_' | '~')
                || is_letter_or_digit(symbol)
        };
        let servable = !name.is_empty() && name.chars().all(fits_a_uri) && !description.is_empty();
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

    /// Whether a field of the frontmatter is this boolean.
    #[must_use]
    pub fn says(&self, field: &str, value: bool) -> bool {
        let kind = self.frontmatter.get(field).map(|entry| &entry.value.kind);
        matches!(kind, Some(NodeKind::Scalar(Scalar::Bool(found), _)) if *found == value)
    }

    /// The text of its `SKILL.md`.
    #[must_use]
    pub fn text(&self) -> &'tree str {
        self.parsed.text
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

    /// Whether name and description are what the Agent Skills specification allows; configuration can let others pass.
    #[must_use]
    pub fn is_to_specification(&self) -> bool {
        is_well_formed(&self.name)
            && self.name.len() <= NAME_CHARS
            && self.description.chars().count() <= DESCRIPTION_CHARS
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
