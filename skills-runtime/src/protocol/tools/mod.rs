//! Skills as tools, for the many hosts that know nothing else of MCP: three tools that list, open and read. What a model can
//! put right itself comes back as a tool error that says how; only an unknown tool is a protocol error.

mod failure;
mod list_skills;
mod read_skill;
mod read_skill_file;

use std::sync::{Arc, LazyLock};

use rmcp::ErrorData;
use rmcp::model::{
    CallToolRequestParams, CallToolResult, ContentBlock, JsonObject, ListToolsResult,
    PaginatedRequestParams, Tool, ToolAnnotations,
};
use serde_json::{Value, json};

use self::failure::Failure;
use super::identity::cache_scope;
use super::listing::{listing, only_page};
use super::own;
use super::refusal::unknown_tool;
use crate::catalog::Catalog;
use crate::error::Error;

/// One tool: what hosts are told of it, and what it does.
struct Entry {
    tool: Tool,
    call: fn(Catalog, JsonObject) -> Result<Answer, Failure>,
}

/// The order is the one in which a model should think of them.
static TOOLS: LazyLock<[Entry; 3]> = LazyLock::new(|| {
    [
        list_skills::entry(),
        read_skill::entry(),
        read_skill_file::entry(),
    ]
});

/// What a tool answers: content that suffices on its own, and the same as data.
struct Answer {
    content: Vec<ContentBlock>,
    structured: Value,
}

pub(super) fn list(
    catalog: Catalog,
    params: Option<PaginatedRequestParams>,
) -> Result<ListToolsResult, Error> {
    only_page(params)?;
    let tools = definitions();
    Ok(listing!(
        ListToolsResult,
        (tools, None),
        cache_scope(catalog)
    ))
}

/// What hosts are told of all tools.
pub(super) fn definitions() -> Vec<Tool> {
    all().cloned().collect()
}

pub(super) fn definition(name: &str) -> Option<&'static Tool> {
    all().find(|tool| tool.name == name)
}

/// The names of all tools.
pub(super) fn names() -> Vec<&'static str> {
    all().map(|tool| &*tool.name).collect()
}

/// The tools of every server.
pub(super) fn built_in() -> impl Iterator<Item = &'static Tool> {
    TOOLS.iter().map(|entry| &entry.tool)
}

/// These, and then those of the server's author.
fn all() -> impl Iterator<Item = &'static Tool> {
    built_in().chain(own::definitions())
}

pub(super) fn call(
    catalog: Catalog,
    params: CallToolRequestParams,
) -> Result<CallToolResult, ErrorData> {
    let Some(entry) = find(&params.name) else {
        let known = names();
        return Err(unknown_tool(&params.name, &known));
    };
    Ok(
        match (entry.call)(catalog, params.arguments.unwrap_or_default()) {
            Ok(answer) => {
                let mut result = CallToolResult::success(answer.content);
                result.structured_content = Some(answer.structured);
                result
            }
            Err(failure) => {
                CallToolResult::error(vec![ContentBlock::text(failure.explain(&entry.tool))])
            }
        },
    )
}

fn find(name: &str) -> Option<&'static Entry> {
    TOOLS.iter().find(|entry| entry.tool.name == name)
}

/// A tool that only reads what never changes.
fn tool(name: &'static str, title: &str, description: &'static str, schemas: Schemas) -> Tool {
    let annotations = ToolAnnotations::with_title(title)
        .read_only(true)
        .destructive(false)
        .idempotent(true)
        .open_world(false);
    Tool::new(name, description, schemas.input)
        .with_title(title)
        .with_raw_output_schema(Arc::new(schemas.output))
        .with_annotations(annotations)
}

/// What a tool takes and what it gives.
struct Schemas {
    input: JsonObject,
    output: JsonObject,
}

/// The JSON Schema of an object with exactly these properties.
fn object(properties: &Value, required: &[&str]) -> Value {
    json!({
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn schema(properties: &Value, required: &[&str]) -> JsonObject {
    rmcp::model::object(object(properties, required))
}
