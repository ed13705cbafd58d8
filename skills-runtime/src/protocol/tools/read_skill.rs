//! The tool that reads a skill: its instructions, and what other files it has.

use rmcp::model::{ContentBlock, JsonObject};
use serde::Deserialize;
use serde_json::{Value, json};
use skills_model::{Resource, Skill};

use super::arguments;
use super::failure::Failure;
use super::part::{Cutting, Selection, part};
use super::{Answer, Call, Entry, Settings, line_properties, object, schema};
use crate::catalog::relative_path;
use crate::protocol::instructions::{instructions, supporting_files};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    #[serde(default, deserialize_with = "arguments::text")]
    skill: Option<String>,
    #[serde(default, deserialize_with = "arguments::number")]
    line: Option<usize>,
    #[serde(default, deserialize_with = "arguments::number")]
    lines: Option<usize>,
    #[serde(default, deserialize_with = "arguments::number")]
    column: Option<usize>,
}

pub(super) fn entry(settings: &Settings) -> Entry {
    let names = &settings.names;
    let description = format!(
        "Reads one skill: its instructions, and a list of its other files. Read a skill before acting on it and follow what \
         it says. A long one comes in parts, whose last line says how to go on: read all of them. Its files are read one by \
         one with {}, when the instructions call for them.",
        names.read_skill_file
    );
    let mut properties = json!({
        "skill": {
            "type": "string",
            "description": "The name of the skill; its path where several have one name; or its URI.",
        },
    });
    line_properties(&mut properties);
    Entry {
        tool: settings.tool(
            names.read_skill.clone(),
            "Read a skill",
            description,
            schema(&properties, &["skill"]),
            output,
        ),
        call,
    }
}

fn output() -> JsonObject {
    schema(
        &json!({
            "name": { "type": "string" },
            "path": { "type": "string" },
            "uri": { "type": "string", "description": "The URI of its SKILL.md." },
            "description": { "type": "string", "description": "What the skill does and when to use it." },
            "instructions": { "type": "string", "description": "All of the Markdown to follow." },
            "files": {
                "type": "array",
                "description": "Its files beside SKILL.md.",
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
    )
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

fn call(call: &Call<'_>, arguments: JsonObject) -> Result<Answer, Failure> {
    let Arguments {
        skill,
        line,
        lines,
        column,
    } = serde_json::from_value(Value::Object(arguments))?;
    let skill = arguments::required("skill", skill)?;
    let skill = call.catalog.skill(skill.trim())?;
    let names = &call.settings.names;
    let selection = Selection {
        line,
        lines,
        column,
    };
    let cutting = Cutting {
        most: call.settings.answer_bytes,
        is_markdown: true,
        tool: &names.read_skill,
    };
    let text = part(&instructions(skill, names), selection, cutting)?;
    Ok(Answer {
        content: vec![ContentBlock::text(text)],
        structured: call.is_structured.then(|| structured(skill)),
    })
}

fn structured(skill: Skill) -> Value {
    let files: Vec<Value> = supporting_files(skill)
        .map(|file| item(skill, file))
        .collect();
    json!({
        "name": skill.name(),
        "path": skill.path(),
        "uri": skill.uri(),
        "description": skill.description(),
        "instructions": skill.body(),
        "files": files,
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
