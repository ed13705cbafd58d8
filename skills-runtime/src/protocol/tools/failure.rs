//! Why a tool could not do what it was asked, in words that let a model ask again and be right.

use std::fmt::Write;

use rmcp::model::Tool;
use serde_json::Value;
use skills_model::{Skill, ToolNames};

use crate::catalog::{Catalog, relative_path};
use crate::error::Error;
use crate::protocol::refusal::EXCERPT;
use crate::text::excerpt;

/// How many candidates an explanation lists.
const LISTED: usize = 50;

/// What was wrong with a call.
pub(super) enum Failure {
    /// The arguments do not fit the schema; the text says how.
    Arguments(String),
    /// What they ask for does not exist, or is ambiguous.
    Error(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Arguments(error.to_string())
    }
}

impl Failure {
    /// What was wrong and what to do instead.
    pub(super) fn explain(&self, tool: &Tool, names: &ToolNames, catalog: Catalog) -> String {
        match self {
            Self::Arguments(problem) => {
                let name = &tool.name;
                let problem = excerpt(problem, EXCERPT);
                format!(
                    "{name} was called with wrong arguments: {problem}.{}",
                    usage(tool)
                )
            }
            Self::Error(error) => {
                let nearest = error.nearest();
                let hint = nearest.map(|nearest| format!(" Did you mean `{nearest}`?"));
                let problem = error.to_string();
                let problem = excerpt(&problem, EXCERPT);
                format!(
                    "{problem}.{}{}",
                    hint.unwrap_or_default(),
                    advice(error, names, catalog)
                )
            }
        }
    }
}

/// The arguments of a tool, from its own schema.
fn usage(tool: &Tool) -> String {
    let schema = tool.input_schema.as_ref();
    let required = schema.get("required").and_then(Value::as_array);
    let properties = schema.get("properties").and_then(Value::as_object);
    let mut usage = String::from(" It takes:");
    for (name, property) in properties.into_iter().flatten() {
        let is_required = required.is_some_and(|names| names.iter().any(|other| other == name));
        let mark = if is_required { " (required)" } else { "" };
        let description = property.get("description").and_then(Value::as_str);
        // Writing to a string cannot fail.
        let _ = write!(
            usage,
            "\n- `{name}`{mark}: {}",
            description.unwrap_or_default()
        );
    }
    usage
}

/// What to do about an error.
fn advice(error: &Error, names: &ToolNames, catalog: Catalog) -> String {
    let ToolNames {
        list_skills,
        read_skill,
        ..
    } = names;
    match error {
        Error::AmbiguousSkill { candidates, .. } => choices(candidates),
        Error::UnknownFile { skill, .. } => files(*skill, read_skill),
        Error::UnknownSkill { .. } | Error::UnknownSkillUri { .. } => {
            let server = catalog.server_name();
            format!(
                " This is the server `{server}`: call {list_skills} for the skills that it has."
            )
        }
        Error::UnknownResource { .. } | Error::IsDirectory { .. } => {
            format!(" Call {read_skill} for the files of a skill.")
        }
        Error::UnknownCursor { .. } => {
            " Pass the cursor that the page before named, or none for the first page.".to_owned()
        }
        _ => String::new(),
    }
}

fn choices(candidates: &[Skill]) -> String {
    let mut text = String::from(" Ask for one of them by its path:");
    for skill in candidates.iter().take(LISTED) {
        let _ = write!(text, "\n- `{}`: {}", skill.path(), skill.description());
    }
    text
}

fn files(skill: Skill, read_skill: &str) -> String {
    let mut text = String::from(" Its files are:");
    for file in skill.resources().iter().take(LISTED) {
        let _ = write!(text, "\n- `{}`", relative_path(skill, file));
    }
    if skill.resources().len() > LISTED {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n- ... (call {read_skill} for the rest)");
    }
    text
}
