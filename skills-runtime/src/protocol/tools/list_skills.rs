//! The tool `list_skills`: what there is, a page at a time, optionally only what fits some words.

use std::fmt::Write;

use rmcp::model::{ContentBlock, JsonObject};
use serde::Deserialize;
use serde_json::{Value, json};
use skills_model::Skill;
use skills_model::limits::PAGE_ITEMS;

use super::failure::Failure;
use super::{Answer, Entry, Schemas, object, schema, tool};
use crate::catalog::Catalog;
use crate::error::Error;

/// The longest query that is searched for; every word costs a pass over all descriptions.
const QUERY_CHARS: usize = 200;

const DESCRIPTION: &str = "Lists the skills of this server: tested instructions for particular kinds of task, some with \
scripts, references and templates. Call it at the start of a task to see whether a skill fits, before working it out \
yourself; then call read_skill with the path of the one that does.";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    query: Option<String>,
    cursor: Option<String>,
}

pub(super) fn entry() -> Entry {
    let input = schema(
        &json!({
            "query": {
                "type": "string",
                "maxLength": QUERY_CHARS,
                "description": "Words that must all occur in a skill's path or description, in any case. Without it, \
                    all skills are listed.",
            },
            "cursor": {
                "type": "string",
                "description": "The nextCursor of the page before. Leave it out for the first page.",
            },
        }),
        &[],
    );
    let output = schema(
        &json!({
            "skills": { "type": "array", "items": skill_schema() },
            "total": { "type": "integer", "description": "How many skills fit, on all pages together." },
            "nextCursor": {
                "type": "string",
                "description": "Call list_skills again with this cursor for the next page. Absent on the last.",
            },
        }),
        &["skills", "total"],
    );
    Entry {
        tool: tool(
            "list_skills",
            "List skills",
            DESCRIPTION,
            Schemas { input, output },
        ),
        call,
    }
}

fn skill_schema() -> Value {
    object(
        &json!({
            "name": { "type": "string" },
            "path": { "type": "string", "description": "What read_skill takes; unique, which a name need not be." },
            "uri": { "type": "string", "description": "The URI of its SKILL.md." },
            "description": { "type": "string", "description": "What the skill does and when to use it." },
            "files": { "type": "integer", "description": "How many files it has, SKILL.md included." },
        }),
        &["name", "path", "uri", "description", "files"],
    )
}

fn call(catalog: Catalog, arguments: JsonObject) -> Result<Answer, Failure> {
    let arguments: Arguments = serde_json::from_value(Value::Object(arguments))?;
    let query = arguments.query.unwrap_or_default();
    if query.chars().count() > QUERY_CHARS {
        let limit = format!("`query` is longer than {QUERY_CHARS} characters");
        return Err(Failure::Arguments(limit));
    }
    let mut found = catalog.matching(&query);
    found.retain(|skill| skill.is_for_models());
    let start = start(arguments.cursor, found.len())?;
    let page: Vec<_> = found.iter().skip(start).take(PAGE_ITEMS).copied().collect();
    let next = start + page.len();
    let next_cursor = (next < found.len()).then(|| next.to_string());
    Ok(Answer {
        content: vec![ContentBlock::text(text(
            &page,
            found.len(),
            next_cursor.as_deref(),
        ))],
        structured: structured(&page, found.len(), next_cursor),
    })
}

/// The position that a cursor stands for: it is the number of skills on the pages before.
fn start(cursor: Option<String>, total: usize) -> Result<usize, Error> {
    let Some(cursor) = cursor.filter(|cursor| !cursor.is_empty()) else {
        return Ok(0);
    };
    let position = cursor.parse().ok();
    let announced = |position: &usize| position.is_multiple_of(PAGE_ITEMS) && *position < total;
    position
        .filter(announced)
        .ok_or(Error::UnknownCursor { cursor })
}

fn text(page: &[Skill], total: usize, next_cursor: Option<&str>) -> String {
    let mut text = match (page.len(), total) {
        (_, 0) => {
            "No skill fits. Call list_skills with other words, or without a query.".to_owned()
        }
        (_, 1) => "1 skill:".to_owned(),
        (shown, _) if shown == total => format!("{total} skills:"),
        (shown, _) => format!("{shown} of {total} skills:"),
    };
    for skill in page {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n- `{}`: {}", skill.path(), skill.description());
    }
    if let Some(cursor) = next_cursor {
        let _ = write!(
            text,
            "\n\nFor more, call list_skills with the cursor \"{cursor}\"."
        );
    }
    text
}

fn structured(page: &[Skill], total: usize, next_cursor: Option<String>) -> Value {
    let skills: Vec<Value> = page.iter().copied().map(item).collect();
    let mut structured = json!({ "skills": skills, "total": total });
    if let (Some(cursor), Some(object)) = (next_cursor, structured.as_object_mut()) {
        object.insert("nextCursor".into(), cursor.into());
    }
    structured
}

fn item(skill: Skill) -> Value {
    json!({
        "name": skill.name(),
        "path": skill.path(),
        "uri": skill.uri(),
        "description": skill.description(),
        "files": skill.resources().len(),
    })
}
