//! The tool `read_skill_file`: one file of a skill; text as text, a picture as a picture, anything else in base64.

use rmcp::model::{ContentBlock, JsonObject};
use serde::Deserialize;
use serde_json::{Value, json};
use skills_model::{Content, Resource};

use super::failure::Failure;
use super::{Answer, Entry, Schemas, schema, tool};
use crate::catalog::{Catalog, file};
use crate::protocol::resources::{base64, contents};

const DESCRIPTION: &str = "Reads one file of a skill, such as a reference, a script or a template: text as text, a \
picture as a picture, anything else in base64. Pass the skill and the path of the file as the skill's instructions \
write it (relative to the skill), or the URI of the file.";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    skill: Option<String>,
    path: Option<String>,
    uri: Option<String>,
}

pub(super) fn entry() -> Entry {
    let input = schema(
        &json!({
            "skill": {
                "type": "string",
                "description": "The path of the skill, its name if no other skill has it, or its URI. Goes with path.",
            },
            "path": {
                "type": "string",
                "description": "The path of the file relative to the skill, such as references/forms.md. Goes with \
                    skill.",
            },
            "uri": {
                "type": "string",
                "description": "The full URI of the file, such as skill://pdf/references/forms.md. Instead of skill \
                    and path.",
            },
        }),
        &[],
    );
    let output = schema(
        &json!({
            "uri": { "type": "string" },
            "mediaType": { "type": "string" },
            "size": { "type": "integer", "description": "In bytes." },
            "text": {
                "type": "string",
                "description": "The text of the file. Absent for a file that is not text, which is in the content.",
            },
        }),
        &["uri", "mediaType", "size"],
    );
    let schemas = Schemas { input, output };
    Entry {
        tool: tool(
            "read_skill_file",
            "Read a file of a skill",
            DESCRIPTION,
            schemas,
        ),
        call,
    }
}

fn call(catalog: Catalog, arguments: JsonObject) -> Result<Answer, Failure> {
    let arguments: Arguments = serde_json::from_value(Value::Object(arguments))?;
    let found = find(catalog, &arguments)?;
    Ok(Answer {
        content: vec![content(found)?],
        structured: structured(found),
    })
}

fn find(catalog: Catalog, arguments: &Arguments) -> Result<Resource, Failure> {
    let Arguments { skill, path, uri } = arguments;
    match (skill, path, uri) {
        (None, None, Some(uri)) => Ok(catalog.resource(uri)?),
        (Some(skill), Some(path), None) => Ok(file(catalog.skill(skill.trim())?, path)?),
        _ => Err(Failure::Arguments(
            "pass either `skill` and `path`, or `uri` alone".into(),
        )),
    }
}

fn content(file: Resource) -> Result<ContentBlock, Failure> {
    Ok(match file.content() {
        Content::Text(text) => ContentBlock::text(text),
        Content::Blob(bytes) if file.media_type().starts_with("image/") => {
            ContentBlock::image(base64(bytes), file.media_type())
        }
        Content::Blob(_) => ContentBlock::resource(contents(file)?),
    })
}

fn structured(file: Resource) -> Value {
    let mut structured = json!({
        "uri": file.uri(),
        "mediaType": file.media_type(),
        "size": file.size(),
    });
    if let (Content::Text(text), Some(object)) = (file.content(), structured.as_object_mut()) {
        object.insert("text".into(), text.into());
    }
    structured
}
