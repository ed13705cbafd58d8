//! Skills as tools, for the many hosts that know nothing else of MCP: three tools that list, open and read. What a model can
//! put right itself comes back as a tool error that says how; only an unknown tool is a protocol error.
//!
//! They answer with text, pictures and files alone: most hosts that get the same as data, too, show models the data, as JSON
//! with escapes, and drop what is no text. `[tools] structured-content` brings the data back, for programs.

mod arguments;
mod failure;
mod list_skills;
mod part;
mod read_skill;
mod read_skill_file;

use std::sync::{Arc, OnceLock};

use rmcp::ErrorData;
use rmcp::model::{
    CallToolRequestParams, CallToolResult, ContentBlock, JsonObject, ListToolsResult, MetaObject,
    PaginatedRequestParams, ProtocolVersion, Tool, ToolAnnotations,
};
use serde_json::{Value, json};
use skills_model::{Bundle, ToolNames};

use self::failure::Failure;
use super::identity::cache_scope;
use super::listing::{listing, only_page};
use super::own;
use super::refusal::unknown_tool;
use crate::catalog::Catalog;
use crate::error::Error;

/// What Claude Code keeps of a result, in characters, before it puts it into a file: more than it does unasked, because a model
/// that asks for many lines wants them.
const RESULT_CHARS: u32 = 500_000;

/// The first version of the protocol that has `outputSchema` and `structuredContent`.
const STRUCTURED: ProtocolVersion = ProtocolVersion::V_2025_06_18;

/// The tools for skills in this process, settled once before anything is served.
static SETTLED: OnceLock<Toolset> = OnceLock::new();

/// Settles how the tools are called.
pub(super) fn settle(bundle: &Bundle) {
    // The first server of a process is the only one: it runs until the process ends.
    let _ = SETTLED.set(Toolset::new(bundle));
}

fn settled() -> &'static Toolset {
    SETTLED.get_or_init(|| Toolset::of(&skills_model::Tools::DEFAULT))
}

/// What a tool takes and gives; what it says of itself depends on who asks.
#[cfg(feature = "http")]
pub(super) fn definition(name: &str) -> Option<&'static Tool> {
    settled().all().find(|tool| tool.name == name)
}

/// The names of all tools.
pub(super) fn names() -> Vec<&'static str> {
    let ToolNames {
        list_skills,
        read_skill,
        read_skill_file,
    } = settled().names();
    let built_in: [&'static str; 3] = [list_skills, read_skill, read_skill_file];
    let own = own::definitions().map(|tool| &*tool.name);
    built_in.into_iter().chain(own).collect()
}

/// The tools of one server, those of its author included.
#[derive(Debug)]
pub(super) struct Toolset {
    settings: Settings,
    /// The order is the one in which a model should think of them.
    entries: [Entry; 3],
}

/// How tools are named and how they answer.
#[derive(Debug)]
struct Settings {
    names: ToolNames,
    /// Whether results are data as well as text.
    is_structured: bool,
    /// The most bytes of text in an answer for which no more was asked.
    answer_bytes: usize,
}

/// One tool: what hosts are told of it, and what it does.
#[derive(Debug)]
struct Entry {
    tool: Tool,
    call: fn(&Call<'_>, JsonObject) -> Result<Answer, Failure>,
}

/// What a call has to do with.
struct Call<'a> {
    catalog: Catalog,
    settings: &'a Settings,
    /// Whether the answer is to be data, too.
    is_structured: bool,
}

/// What a tool answers: content that suffices on its own, and for programs that want it, the same as data.
struct Answer {
    content: Vec<ContentBlock>,
    structured: Option<Value>,
}

impl Toolset {
    pub(super) fn new(bundle: &Bundle) -> Self {
        Self::of(&bundle.server.tools)
    }

    fn of(tools: &skills_model::Tools) -> Self {
        let settings = Settings {
            names: ToolNames::new(tools.prefix),
            is_structured: tools.structured_content,
            answer_bytes: tools.answer_bytes as usize,
        };
        let entries = [
            list_skills::entry(&settings),
            read_skill::entry(&settings),
            read_skill_file::entry(&settings),
        ];
        Self { settings, entries }
    }

    /// How the tools for skills are called.
    pub(super) const fn names(&self) -> &ToolNames {
        &self.settings.names
    }

    pub(super) fn list(
        &self,
        catalog: Catalog,
        version: Option<&ProtocolVersion>,
        params: Option<PaginatedRequestParams>,
    ) -> Result<ListToolsResult, Error> {
        only_page(params)?;
        let mut tools = self.definitions(catalog);
        if !is_structured(version) {
            for tool in &mut tools {
                tool.output_schema = None;
            }
        }
        Ok(listing!(
            ListToolsResult,
            (tools, None),
            cache_scope(catalog)
        ))
    }

    /// What hosts are told of all tools: of those for skills, as far as the caller can see these.
    pub(super) fn definitions(&self, catalog: Catalog) -> Vec<Tool> {
        let guidance = catalog.guidance();
        let mut tools: Vec<_> = self.all().cloned().collect();
        if let Some(list_skills) = tools.first_mut() {
            list_skills.description = Some(guidance.list_description);
        }
        for tool in tools.iter_mut().take(self.entries.len()) {
            tool.meta = Some(meta(&guidance.search_hint));
        }
        tools
    }

    pub(super) fn definition(&self, name: &str) -> Option<Tool> {
        self.all().find(|tool| tool.name == name).cloned()
    }

    /// The tools for skills.
    pub(super) fn built_in(&self) -> impl Iterator<Item = &Tool> {
        self.entries.iter().map(|entry| &entry.tool)
    }

    /// These, and then those of the server's author.
    fn all(&self) -> impl Iterator<Item = &Tool> {
        let own = own::definitions().map(|tool| -> &Tool { tool });
        self.built_in().chain(own)
    }

    pub(super) fn call(
        &self,
        catalog: Catalog,
        version: Option<&ProtocolVersion>,
        params: CallToolRequestParams,
    ) -> Result<CallToolResult, ErrorData> {
        let mut entries = self.entries.iter();
        let Some(entry) = entries.find(|entry| entry.tool.name == params.name) else {
            let known: Vec<_> = self.all().map(|tool| &*tool.name).collect();
            return Err(unknown_tool(&params.name, &known));
        };
        let call = Call {
            catalog,
            settings: &self.settings,
            is_structured: self.settings.is_structured && is_structured(version),
        };
        let answer = (entry.call)(&call, params.arguments.unwrap_or_default());
        Ok(match answer {
            Ok(answer) => {
                let mut result = CallToolResult::success(answer.content);
                result.structured_content = answer.structured;
                result
            }
            Err(failure) => {
                let explanation = failure.explain(&entry.tool, &self.settings.names, catalog);
                CallToolResult::error(vec![ContentBlock::text(explanation)])
            }
        })
    }
}

/// Whether a version of the protocol has results that are data.
fn is_structured(version: Option<&ProtocolVersion>) -> bool {
    version.is_some_and(|version| *version >= STRUCTURED)
}

/// What hosts beyond the specification read of a tool, each by its own key; all others pass over it. Claude Code loads such a
/// tool at once instead of hiding it behind a search, searches these words where it does hide it, and takes long results.
fn meta(search_hint: &str) -> MetaObject {
    let mut meta = MetaObject::default();
    meta.insert("anthropic/alwaysLoad".into(), true.into());
    meta.insert("anthropic/maxResultSizeChars".into(), RESULT_CHARS.into());
    meta.insert("anthropic/searchHint".into(), search_hint.into());
    meta
}

impl Settings {
    /// A tool that only reads what never changes, with a schema of what it gives where it gives data.
    fn tool(
        &self,
        name: String,
        title: &str,
        description: String,
        input: JsonObject,
        output: fn() -> JsonObject,
    ) -> Tool {
        let tool = self.tool_without_output(name, title, description, input);
        if self.is_structured {
            tool.with_raw_output_schema(Arc::new(output()))
        } else {
            tool
        }
    }

    /// The same for a tool that does not always give data: where there is a schema, there has to be.
    #[expect(clippy::unused_self, reason = "so that both are made in one way")]
    fn tool_without_output(
        &self,
        name: String,
        title: &str,
        description: String,
        input: JsonObject,
    ) -> Tool {
        let annotations = ToolAnnotations::with_title(title)
            .read_only(true)
            .destructive(false)
            .idempotent(true)
            .open_world(false);
        Tool::new(name, description, input)
            .with_title(title)
            .with_annotations(annotations)
    }
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

/// Adds the parameters by which a part of a text is asked for.
fn line_properties(properties: &mut Value) {
    let lines = json!({
        "line": {
            "type": "integer",
            "description": "The line to begin at, counted from 1: where the part before said to go on.",
        },
        "lines": {
            "type": "integer",
            "description": "How many lines to read, whatever their size. Without it, as many as make a part.",
        },
        "column": {
            "type": "integer",
            "description": "The character of the line to begin at, where the part before named one.",
        },
    });
    if let (Some(properties), Value::Object(lines)) = (properties.as_object_mut(), lines) {
        properties.extend(lines);
    }
}
