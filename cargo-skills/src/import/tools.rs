//! `tools`: each becomes a function in Rust with the arguments that its schema says. The program behind it cannot be taken over;
//! until it is written, the build fails and says which it is.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::Mapped;
use super::arguments::structure;
use super::reader::{Left, Object};
use super::report::code;
use super::rust::{camel, literal, snake, unique};
use super::secrets;

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

/// Names that functions of `Tools` cannot have: those of its other functions, and those that its traits are called by.
const RESERVED: [&str; 4] = ["clone", "default", "fmt", "tool_router"];

/// How the functions are called that describe tools; `#[tool_router]` makes one for each.
const DESCRIBES: &str = "_tool_attr";

/// The tools that every server of skills has.
const OURS: [&str; 3] = ["list_skills", "read_skill", "read_skill_file"];

/// One tool in Rust.
struct Rust {
    arguments: String,
    function: String,
}

/// The names that are taken.
#[derive(Debug, Default)]
struct Names {
    tools: BTreeSet<String>,
    functions: BTreeSet<String>,
    structures: BTreeSet<String>,
}

impl Names {
    /// A function for a tool, and the structure of its arguments.
    fn of(&mut self, tool: &str) -> (String, String) {
        let mut function = snake(tool);
        let is_reserved = RESERVED.contains(&&*function) || function.ends_with(DESCRIBES);
        // rustc warns of two underscores in the names that the macro makes.
        if is_reserved || function.ends_with('_') {
            function = format!("{}_tool", function.trim_end_matches('_'));
        }
        (
            unique(&mut self.functions, &function, "_"),
            unique(
                &mut self.structures,
                &format!("{}Arguments", camel(tool)),
                "",
            ),
        )
    }
}

/// Maps the tools, and takes them out of the root.
pub(super) fn map(root: &mut Object, mapped: &mut Mapped, left: &mut Left) {
    let mut tools = Vec::new();
    let mut names = Names::default();
    for (pointer, tool) in root.array("tools", left) {
        let Some(mut tool) = Object::at(pointer, tool, left) else {
            continue;
        };
        let pointer = tool.pointer_to("name");
        let Some(name) = tool.text("name") else {
            left.add(pointer, "a tool needs a name");
            continue;
        };
        if OURS.contains(&&*name) {
            left.add(
                pointer,
                format!("every server of skills has a tool `{name}`; give this one another name, and import it again"),
            );
        } else if names.tools.insert(name.clone()) {
            tools.push(map_one(&name, &mut names, &mut tool, mapped, left));
            tool.leave("nothing here corresponds to it", left);
        } else {
            left.add(pointer, format!("there is another tool {}", code(&name)));
        }
    }
    if !tools.is_empty() {
        mapped.tools = Some(source(&tools));
    }
}

/// The file of all tools.
fn source(tools: &[Rust]) -> String {
    let mut text = OPENING.to_owned();
    for tool in tools {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n{}", tool.arguments);
    }
    text.push_str("\n#[tool_router(vis = \"pub\")]\nimpl Tools {\n");
    let functions: Vec<_> = tools.iter().map(|tool| &*tool.function).collect();
    text.push_str(&functions.join("\n"));
    text.push_str("}\n");
    text
}

fn map_one(
    name: &str,
    names: &mut Names,
    tool: &mut Object,
    mapped: &mut Mapped,
    left: &mut Left,
) -> Rust {
    let (function, arguments) = names.of(name);
    let handler = tool.text("handler").map(|text| secrets::handler(&text));
    let description = tool.text("description").unwrap_or_default();
    let so_far = |shown: fn(&str) -> String| {
        let handler = handler.as_deref().filter(|handler| !handler.is_empty());
        handler.map_or_else(String::new, |handler| {
            format!(": do here what {} did", shown(handler))
        })
    };
    mapped.done.push(format!(
        "the arguments of the tool {} are `{arguments}` in src/tools.rs",
        code(name)
    ));
    mapped.to_do.push(format!(
        "write the function `{function}` in src/tools.rs, which has no body yet{}",
        so_far(code)
    ));
    let problem = format!("the tool `{name}` has no body yet{}", so_far(str::to_owned));
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
