//! The tool `read_skill`: the instructions of one skill and what other files it has.

use rmcp::model::{ContentBlock, JsonObject};
use serde::Deserialize;
use serde_json::{Value, json};
use skills_model::{Resource, Skill};

use super::failure::Failure;
use super::{Answer, Entry, Schemas, object, schema, tool};
use crate::catalog::{Catalog, relative_path};
use crate::protocol::instructions::{instructions, supporting_files};

const DESCRIPTION: &str = "Reads one skill: its instructions, and a list of its other files with their types and sizes. \
Read a skill before acting on it and follow what it says. Its files are read one by one with read_skill_file, when the \
instructions call for them.";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    skill: String,
}

pub(super) fn entry() -> Entry {
    let input = schema(
        &json!({
            "skill": {
                "type": "string",
                "description": "The path of the skill as list_skills gives it, its name if no other skill has it, or \
                    its URI.",
            },
        }),
        &["skill"],
    );
    let output = schema(
        &json!({
            "name": { "type": "string" },
            "path": { "type": "string" },
            "uri": { "type": "string", "description": "The URI of its SKILL.md." },
            "description": { "type": "string", "description": "What the skill does and when to use it." },
            "instructions": { "type": "string", "description": "The Markdown to follow." },
            "files": {
                "type": "array",
                "description": "Its files beside SKILL.md, which read_skill_file reads.",
                "items": file_schema(),
            },
        }),
        &[
            "name",
            "path",
            "uri",
            "description",
            "instructions",
            "files",
        ],
    );
    Entry {
        tool: tool(
            "read_skill",
            "Read a skill",
            DESCRIPTION,
            Schemas { input, output },
        ),
        call,
    }
}

fn file_schema() -> Value {
    object(
        &json!({
            "path": { "type": "string", "description": "Relative to the skill." },
            "uri": { "type": "string" },
            "mediaType": { "type": "string" },
            "size": { "type": "integer", "description": "In bytes." },
        }),
        &["path", "uri", "mediaType", "size"],
    )
}

fn call(catalog: Catalog, arguments: JsonObject) -> Result<Answer, Failure> {
    let arguments: Arguments = serde_json::from_value(Value::Object(arguments))?;
    let skill = catalog.skill(arguments.skill.trim())?;
    let files: Vec<Value> = supporting_files(skill)
        .map(|file| item(skill, file))
        .collect();
    Ok(Answer {
        content: vec![ContentBlock::text(instructions(skill))],
        structured: json!({
            "name": skill.name(),
            "path": skill.path(),
            "uri": skill.uri(),
            "description": skill.description(),
            "instructions": skill.body(),
            "files": files,
        }),
    })
}

fn item(skill: Skill, file: Resource) -> Value {
    json!({
        "path": relative_path(skill, file),
        "uri": file.uri(),
        "mediaType": file.media_type(),
        "size": file.size(),
    })
}
