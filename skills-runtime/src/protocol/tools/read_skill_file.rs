//! The tool that reads one file of a skill: text as text, a picture as a picture, anything else in base64.

use rmcp::model::{ContentBlock, JsonObject};
use serde::Deserialize;
use serde_json::{Value, json};
use skills_model::{Content, Resource, Skill};

use super::failure::Failure;
use super::part::{Cutting, Selection, part};
use super::{Answer, Call, Entry, Settings, arguments, line_properties, schema};
use crate::catalog::{Catalog, file, root_uri};
use crate::protocol::resources::{base64, contents};

const DESCRIPTION: &str = "Reads one file of a skill, such as a reference, a script or a template: text as text, a \
picture as a picture, anything else in base64. A long text comes in parts, whose last line says how to go on.";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    #[serde(default, deserialize_with = "arguments::text")]
    skill: Option<String>,
    #[serde(default, deserialize_with = "arguments::text")]
    path: Option<String>,
    /// Not in the schema: what some models call a path that is a URI.
    #[serde(default, deserialize_with = "arguments::text")]
    uri: Option<String>,
    #[serde(default, deserialize_with = "arguments::number")]
    line: Option<usize>,
    #[serde(default, deserialize_with = "arguments::number")]
    lines: Option<usize>,
    #[serde(default, deserialize_with = "arguments::number")]
    column: Option<usize>,
}

pub(super) fn entry(settings: &Settings) -> Entry {
    let mut properties = json!({
        "skill": {
            "type": "string",
            "description": "The name of the skill; its path where several have one name; or its URI.",
        },
        "path": {
            "type": "string",
            "description": "The path of the file as the skill writes it, relative to the skill; or its URI.",
        },
    });
    line_properties(&mut properties);
    Entry {
        tool: settings.tool_without_output(
            settings.names.read_skill_file.clone(),
            "Read a file of a skill",
            DESCRIPTION.to_owned(),
            schema(&properties, &["skill", "path"]),
        ),
        call,
    }
}

fn call(call: &Call<'_>, arguments: JsonObject) -> Result<Answer, Failure> {
    let arguments: Arguments = serde_json::from_value(Value::Object(arguments))?;
    let found = find(call.catalog, &arguments)?;
    let Content::Text(text) = found.content() else {
        return Ok(Answer {
            content: binary(found)?,
            structured: None,
        });
    };
    let selection = Selection {
        line: arguments.line,
        lines: arguments.lines,
        column: arguments.column,
    };
    let cutting = Cutting {
        most: call.settings.answer_bytes,
        is_markdown: found.media_type() == "text/markdown",
        tool: &call.settings.names.read_skill_file,
    };
    let shown = if text.is_empty() {
        format!("({} is empty.)", found.name())
    } else {
        part(text, selection, cutting)?
    };
    Ok(Answer {
        content: vec![ContentBlock::text(shown)],
        structured: call.is_structured.then(|| structured(found, text)),
    })
}

/// The file that is meant: by its skill and its path, by a URI, or by several of these that agree.
fn find(catalog: Catalog, arguments: &Arguments) -> Result<Resource, Failure> {
    let Arguments {
        skill, path, uri, ..
    } = arguments;
    let is_uri = |text: &&String| text.contains("://");
    let uris = [uri.as_ref(), path.as_ref().filter(is_uri)];
    let path = path.as_ref().filter(|path| !is_uri(path));
    let mut found = None;
    for uri in uris.into_iter().flatten() {
        agree(&mut found, catalog.resource(uri.trim())?)?;
    }
    match (skill, path, found) {
        (Some(skill), Some(path), _) => {
            agree(
                &mut found,
                in_skill(catalog.skill(skill.trim())?, path.trim())?,
            )?;
        }
        (Some(skill), None, Some(file)) => {
            let skill = catalog.skill(skill.trim())?;
            if !is_in(skill, file) {
                let (path, uri) = (skill.path(), file.uri());
                let problem = format!("{uri} is not a file of the skill `{path}`");
                return Err(Failure::Arguments(problem));
            }
        }
        (Some(_), None, None) => return Err(arguments::missing("path")),
        (None, Some(_), None) => return Err(arguments::missing("skill")),
        (None, _, _) => {}
    }
    found.ok_or_else(|| arguments::missing("skill"))
}

/// Takes a file for the one that is meant, unless another one is.
fn agree(found: &mut Option<Resource>, file: Resource) -> Result<(), Failure> {
    let first = *found.get_or_insert(file);
    if first.uri() == file.uri() {
        return Ok(());
    }
    Err(Failure::Arguments(format!(
        "the arguments mean two files, {} and {}",
        first.uri(),
        file.uri()
    )))
}

/// A file by its path in a skill; the path of the skill may stand in front of it.
fn in_skill(skill: Skill, path: &str) -> Result<Resource, Failure> {
    file(skill, path).or_else(|error| {
        let inner = [skill.path(), skill.name()].into_iter().find_map(|head| {
            let inner = path.strip_prefix(head)?.strip_prefix('/')?;
            file(skill, inner).ok()
        });
        inner.ok_or_else(|| error.into())
    })
}

fn is_in(skill: Skill, file: Resource) -> bool {
    let inner = file.uri().strip_prefix(root_uri(skill));
    inner.is_some_and(|inner| inner.starts_with('/'))
}

/// A file that is no text, and a line on it: some hosts drop what is no text, and then the model learns at least that.
fn binary(file: Resource) -> Result<Vec<ContentBlock>, Failure> {
    let (path, media_type, size) = (file.path(), file.media_type(), file.size());
    let line = ContentBlock::text(format!("`{path}`, {media_type}, {size} bytes"));
    let content = match file.content() {
        Content::Blob(bytes) if media_type.starts_with("image/") => {
            ContentBlock::image(base64(bytes), media_type)
        }
        _ => ContentBlock::resource(contents(file)?),
    };
    Ok(vec![line, content])
}

fn structured(file: Resource, text: &str) -> Value {
    json!({
        "uri": file.uri(),
        "mediaType": file.media_type(),
        "size": file.size(),
        "text": text,
    })
}
