//! `import`: from the configuration of a declarative tool server, a JSON file, to a project. What maps is mapped; what does not is
//! named, with the reason, so that nothing is lost without a word.

mod reader;
mod report;
mod secrets;

mod arguments;
mod limits;
mod policy;
mod rust;
mod server;
mod tools;

use std::io;
use std::path::{Path, PathBuf};

use serde_json::Value;

use self::reader::{Left, Object};
use crate::error::Error;
use crate::machine;
use crate::project::{self, Draft, Name};

/// The largest configuration that is read, in bytes.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// What to import, and where to.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) configuration: PathBuf,
    /// The project to make; named after the server unless given.
    pub(crate) into: Option<PathBuf>,
    pub(crate) checkout: Option<PathBuf>,
}

/// What came of it.
#[derive(Debug, Default)]
struct Mapped {
    /// Lines of the policy.
    policy: String,
    /// Lines of `[server]` in skills.toml.
    server: String,
    /// The tools in Rust, if there are any.
    tools: Option<String>,
    /// What became of what, for people.
    done: Vec<String>,
    /// What somebody has to do.
    to_do: Vec<String>,
}

/// Makes the project, and says what became of everything.
pub(crate) fn import(order: &Order) -> Result<String, Error> {
    let mut left = Left::default();
    let mut root = read(&order.configuration)?;
    let mut mapped = Mapped::default();
    let named = server::map(&mut root, &mut mapped, &mut left);
    tools::map(&mut root, &mut mapped, &mut left);
    policy::map(&mut root, &mut mapped, &mut left);
    root.leave("nothing here corresponds to it", &mut left);
    let into = order
        .into
        .clone()
        .unwrap_or_else(|| PathBuf::from(Name::near(Path::new(&named)).as_str()));
    let report = report::report(&order.configuration, &mapped, &left);
    let draft = draft(mapped, &report);
    let new = project::Order {
        path: into,
        skills: None,
        checkout: order.checkout.clone(),
    };
    project::make(&new, draft)?;
    Ok(report)
}

/// The configuration, without its secrets.
fn read(path: &Path) -> Result<Object, Error> {
    let refused = |reason: String| Error::Configuration {
        path: path.to_owned(),
        reason,
    };
    let bytes = machine::read_regular(path, MAX_BYTES).map_err(|source| match source.kind() {
        io::ErrorKind::InvalidInput => refused(source.to_string()),
        _ => Error::Read {
            path: path.to_owned(),
            source,
        },
    })?;
    match serde_json::from_slice(json(&bytes).map_err(|reason| refused(reason.into()))?) {
        Ok(Value::Object(members)) => secrets::covered(members)
            .map(Object::root)
            .ok_or_else(|| refused("it has more keys than can be covered".into())),
        Ok(_) => Err(refused("it is no object".into())),
        Err(error) => Err(refused(error.to_string())),
    }
}

/// The bytes that are JSON: without the mark in front that some editors write.
fn json(bytes: &[u8]) -> Result<&[u8], &'static str> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err("it is UTF-16; save it as UTF-8");
    }
    Ok(bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes))
}

/// The files that are different from those of the template.
fn draft(mapped: Mapped, report: &str) -> Draft {
    let mut draft = Draft::default();
    draft.add("IMPORT.md", report);
    draft.add("policy.toml", &mapped.policy);
    if !mapped.server.is_empty() {
        draft.edit(
            "skills.toml",
            "[server]\n",
            &format!("[server]\n{}", mapped.server),
        );
    }
    if let Some(tools) = mapped.tools {
        let values = if tools.contains("serde_json::") {
            "serde_json = \"1\"\n"
        } else {
            ""
        };
        draft.add("src/tools.rs", &tools);
        draft.edit(
            "src/main.rs",
            "use std::process::ExitCode;\n",
            "use std::process::ExitCode;\n\nmod tools;\n",
        );
        draft.edit(
            "src/main.rs",
            "        .run()",
            "        .tools(tools::Tools::default(), tools::Tools::tool_router())\n        .run()",
        );
        draft.edit("Cargo.toml", "\"tls\"] }", "\"tls\", \"tools\"] }");
        draft.edit(
            "Cargo.toml",
            "[build-dependencies]\n",
            &format!(
                "schemars = \"1\"\nserde = {{ version = \"1\", features = [\"derive\"] }}\n{values}\n[build-dependencies]\n"
            ),
        );
    }
    draft
}
