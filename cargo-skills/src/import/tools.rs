//! `tools`: each becomes a function in Rust with the arguments that its schema says. The program behind it cannot be taken over;
//! until it is written, the build fails and says which it is.

use std::collections::BTreeSet;
use std::fmt::Write;

use serde_json::{Map, Value};

use super::Mapped;
use super::reader::{Left, Object};
use super::rust::{camel, literal, snake, type_of};

const OPENING: &str =
    "//! Tools, with the arguments that their configuration said. Each wants its body in Rust.

use schemars::JsonSchema;
use serde::Deserialize;
use skills_runtime::rmcp;
use skills_runtime::rmcp::handler::server::wrapper::Parameters;
use skills_runtime::rmcp::{tool, tool_router};

/// What the tools work on; there is one for all callers.
#[derive(Clone, Debug, Default)]
pub struct Tools;
";

/// One tool in Rust.
struct Rust {
    arguments: String,
    function: String,
}

/// Maps the tools, and takes them out of the root.
pub(super) fn map(root: &mut Object, mapped: &mut Mapped, left: &mut Left) {
    let mut tools = Vec::new();
    let mut names = BTreeSet::new();
    for (pointer, tool) in root.array("tools", left) {
        let Some(mut tool) = Object::at(pointer, tool, left) else {
            continue;
        };
        let Some(name) = tool.text("name") else {
            left.add(tool.pointer_to("name"), "a tool needs a name");
            continue;
        };
        if !names.insert(snake(&name)) {
            left.add(
                tool.pointer_to("name"),
                format!("there is another tool `{name}`, or one that Rust cannot tell from it"),
            );
            continue;
        }
        tools.push(map_one(&name, &mut tool, mapped, left));
        tool.leave("nothing here corresponds to it", left);
    }
    if tools.is_empty() {
        return;
    }
    let mut text = OPENING.to_owned();
    for tool in &tools {
        let _ = write!(text, "\n{}", tool.arguments);
    }
    text.push_str("\n#[tool_router(vis = \"pub\")]\nimpl Tools {\n");
    let functions: Vec<_> = tools.iter().map(|tool| &*tool.function).collect();
    text.push_str(&functions.join("\n"));
    text.push_str("}\n");
    mapped.tools = Some(text);
}

fn map_one(name: &str, tool: &mut Object, mapped: &mut Mapped, left: &mut Left) -> Rust {
    let (function, arguments) = (snake(name), format!("{}Arguments", camel(name)));
    let handler = tool.text("handler");
    let description = tool.text("description").unwrap_or_default();
    let so_far = handler.map_or_else(String::new, |handler| {
        format!(": do here what {handler} did")
    });
    mapped.done.push(format!(
        "the arguments of the tool `{name}` are `{arguments}` in src/tools.rs"
    ));
    mapped.to_do.push(format!(
        "write the function `{function}` in src/tools.rs, which has no body yet{so_far}"
    ));
    let problem = format!("the tool `{name}` has no body yet{so_far}");
    Rust {
        arguments: structure(&arguments, name, tool, left),
        function: format!(
            "    #[tool(name = {}, description = {})]
    async fn {function}(&self, Parameters(_arguments): Parameters<{arguments}>) -> Result<String, String> {{
        compile_error!({})
    }}
",
            literal(name),
            literal(&description),
            literal(&problem),
        ),
    }
}

/// The arguments of a tool as a structure.
fn structure(arguments: &str, name: &str, tool: &mut Object, left: &mut Left) -> String {
    let empty = || {
        Object::at(
            String::new(),
            Value::Object(Map::new()),
            &mut Left::default(),
        )
    };
    let schema = tool.object("inputSchema", left).or_else(empty);
    let mut text = format!(
        "/// What `{}` takes.\n#[derive(Debug, Deserialize, JsonSchema)]\n",
        name.escape_default()
    );
    let Some(mut schema) = schema else {
        return text;
    };
    schema.take("type");
    if schema.take("additionalProperties") == Some(Value::Bool(false)) {
        text.push_str("#[serde(deny_unknown_fields)]\n");
    }
    let required = schema.array("required", left);
    let required: BTreeSet<_> = required
        .iter()
        .filter_map(|(_, name)| name.as_str())
        .collect();
    let _ = writeln!(text, "pub struct {arguments} {{");
    let mut fields = BTreeSet::new();
    for (key, pointer, property) in schema
        .object("properties", left)
        .into_iter()
        .flat_map(Object::into_members)
    {
        let field = snake(&key);
        if !fields.insert(field.clone()) {
            left.add(
                pointer,
                "there is another property that Rust cannot tell from it",
            );
            continue;
        }
        let (kind, lost) = type_of(&property);
        for lost in lost {
            left.add(
                format!("{pointer}/{lost}"),
                "the type does not check it; the function can",
            );
        }
        let description = property
            .get("description")
            .and_then(Value::as_str)
            .unwrap_or_default();
        for line in description.lines() {
            let _ = writeln!(text, "    /// {}", line.replace('\t', " "));
        }
        if field != key {
            let _ = writeln!(text, "    #[serde(rename = {})]", literal(&key));
        }
        let kind = if required.contains(&*key) {
            kind
        } else {
            format!("Option<{kind}>")
        };
        let _ = writeln!(text, "    pub {field}: {kind},");
    }
    schema.leave("the type does not check it; the function can", left);
    text.push_str("}\n");
    text
}
