//! The tool that lists skills: what there is, in pages of a size that hosts hand on whole, optionally only what fits some words.

use std::fmt::Write;

use rmcp::model::{ContentBlock, JsonObject};
use serde::Deserialize;
use serde_json::{Value, json};
use skills_model::{Skill, ToolNames};

use super::failure::Failure;
use super::{Answer, Call, Entry, Settings, arguments, object, schema};
use crate::catalog::Found;
use crate::error::Error;

/// The longest query that is searched for; every word costs a pass over all descriptions.
const QUERY_CHARS: usize = 200;

/// The most bytes of a page: the host with the smallest cap takes 8,000 characters of JSON.
const PAGE_BYTES: usize = 7_000;

/// How much of a description is shown where all of them would fill several pages, in characters.
const SHORT_CHARS: usize = 110;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    #[serde(default, deserialize_with = "arguments::text")]
    query: Option<String>,
    #[serde(default, deserialize_with = "arguments::text")]
    cursor: Option<String>,
}

/// The tool; what it says of itself depends on who asks, and is put in where it is listed.
pub(super) fn entry(settings: &Settings) -> Entry {
    let input = schema(
        &json!({
            "query": {
                "type": "string",
                "maxLength": QUERY_CHARS,
                "description": "Words to find in names and descriptions, in any case. Without it, all skills are listed.",
            },
            "cursor": {
                "type": "string",
                "description": "What the page before named for the next one. Leave it out for the first page.",
            },
        }),
        &[],
    );
    let name = settings.names.list_skills.clone();
    Entry {
        tool: settings.tool(name, "List skills", String::new(), input, output),
        call,
    }
}

fn output() -> JsonObject {
    schema(
        &json!({
            "skills": { "type": "array", "items": skill_schema() },
            "total": { "type": "integer", "description": "How many skills fit, on all pages together." },
            "nextCursor": { "type": "string", "description": "The cursor of the next page. Absent on the last." },
        }),
        &["skills", "total"],
    )
}

fn skill_schema() -> Value {
    object(
        &json!({
            "name": { "type": "string" },
            "path": { "type": "string", "description": "Unique, which a name need not be." },
            "uri": { "type": "string", "description": "The URI of its SKILL.md." },
            "description": { "type": "string", "description": "What the skill does and when to use it." },
            "files": { "type": "integer", "description": "How many files it has, SKILL.md included." },
        }),
        &["name", "path", "uri", "description", "files"],
    )
}

fn call(call: &Call<'_>, arguments: JsonObject) -> Result<Answer, Failure> {
    let arguments: Arguments = serde_json::from_value(Value::Object(arguments))?;
    let query = arguments.query.unwrap_or_default();
    if query.chars().count() > QUERY_CHARS {
        let limit = format!("`query` is longer than {QUERY_CHARS} characters");
        return Err(Failure::Arguments(limit));
    }
    let found = call.catalog.matching(&query);
    let listing = Listing::new(&found, query.trim().is_empty());
    let (start, end) = listing.page(arguments.cursor)?;
    let next = (end < found.skills.len()).then(|| end.to_string());
    let names = &call.settings.names;
    let text = listing.text(start..end, next.as_deref(), names);
    Ok(Answer {
        content: vec![ContentBlock::text(text)],
        structured: call
            .is_structured
            .then(|| structured(&found, start..end, next)),
    })
}

/// What was found, a line each.
struct Listing<'a> {
    found: &'a Found,
    lines: Vec<String>,
    is_shortened: bool,
}

impl<'a> Listing<'a> {
    /// Descriptions are whole where that fits one page, and where words were searched for.
    fn new(found: &'a Found, is_everything: bool) -> Self {
        let whole = |skill: &Skill| line(*skill, skill.description());
        let short = |skill: &Skill| line(*skill, &shortened(skill.description()));
        let mut lines: Vec<_> = found.skills.iter().map(whole).collect();
        let bytes: usize = lines.iter().map(String::len).sum();
        let is_shortened = is_everything && bytes > PAGE_BYTES;
        if is_shortened {
            lines = found.skills.iter().map(short).collect();
        }
        Self {
            found,
            lines,
            is_shortened,
        }
    }

    /// Where the page begins and ends that a cursor stands for: it is the number of skills on the pages before.
    fn page(&self, cursor: Option<String>) -> Result<(usize, usize), Error> {
        let wanted = cursor
            .as_deref()
            .map_or(Some(0), |cursor| cursor.trim().parse().ok());
        let mut start = 0;
        loop {
            let mut bytes = 0;
            let rest = self.lines.iter().skip(start);
            let fitting = rest.take_while(|line| {
                bytes += line.len();
                bytes <= PAGE_BYTES
            });
            let end = start + fitting.count();
            if wanted == Some(start) {
                return Ok((start, end));
            }
            if end >= self.lines.len() || wanted < Some(end) {
                let cursor = cursor.unwrap_or_default();
                return Err(Error::UnknownCursor { cursor });
            }
            start = end;
        }
    }

    fn text(&self, page: std::ops::Range<usize>, next: Option<&str>, names: &ToolNames) -> String {
        let (list_skills, total) = (&names.list_skills, self.lines.len());
        let mut text = match (page.len(), total) {
            (_, 0) => {
                return format!(
                    "No skill fits. Call {list_skills} with other words, or without a query."
                );
            }
            (_, 1) => "1 skill:".to_owned(),
            (shown, _) if shown == total => format!("{total} skills:"),
            _ => format!("Skills {} to {} of {total}:", page.start + 1, page.end),
        };
        if !self.found.is_complete {
            text.insert_str(
                0,
                "No skill has all of these words; some have some of them. ",
            );
        }
        for line in self.lines.iter().skip(page.start).take(page.len()) {
            text.push_str(line);
        }
        if self.is_shortened {
            // Writing to a string cannot fail.
            let _ = write!(
                text,
                "\n\nDescriptions are shortened. Call {list_skills} with words of the task as `query` to see whole ones."
            );
        }
        if let Some(cursor) = next {
            let _ = write!(
                text,
                "\n\nFor more, call {list_skills} again with the cursor \"{cursor}\"."
            );
        }
        text
    }
}

fn line(skill: Skill, description: &str) -> String {
    format!("\n- `{}`: {description}", skill.path())
}

/// The beginning of a description, up to a word.
fn shortened(description: &str) -> String {
    let line = description.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHORT_CHARS) {
        None => line,
        Some((end, _)) => {
            let head = line.get(..end).unwrap_or_default();
            format!("{}…", head.rsplit_once(' ').map_or(head, |(head, _)| head))
        }
    }
}

fn structured(found: &Found, page: std::ops::Range<usize>, next: Option<String>) -> Value {
    let shown = found.skills.iter().skip(page.start).take(page.len());
    let skills: Vec<Value> = shown.copied().map(item).collect();
    let mut structured = json!({ "skills": skills, "total": found.skills.len() });
    if let (Some(cursor), Some(object)) = (next, structured.as_object_mut()) {
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
