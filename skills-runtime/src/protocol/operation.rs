//! One request that was answered, as it is counted: the same on the fast path and on rmcp's. What clients write is turned into
//! one of the names that are known here, so that nobody can invent new ones.

use std::time::Duration;

use rmcp::model::{ErrorCode, ProtocolVersion};
use skills_model::limits::SKILL_FILE;

#[cfg(feature = "otel")]
use super::Context;
use super::tools;
use crate::catalog::Catalog;

/// What stands for a name that is not known.
pub(crate) const OTHER: &str = "_other";

/// The methods of MCP that this server has.
pub(crate) const METHODS: [&str; 15] = [
    "completion/complete",
    "initialize",
    "ping",
    "prompts/get",
    "prompts/list",
    "resources/directory/read",
    "resources/list",
    "resources/read",
    "resources/templates/list",
    "server/discover",
    "skills/get",
    "skills/list",
    "subscriptions/listen",
    "tools/call",
    "tools/list",
];

/// Who is told of every request that was answered.
pub(crate) trait Observer: Send + Sync + 'static {
    fn answered(&self, operation: &Operation<'_>);
}

/// Nobody.
impl Observer for () {
    fn answered(&self, _: &Operation<'_>) {}
}

impl<O: Observer> Observer for &'static O {
    fn answered(&self, operation: &Operation<'_>) {
        (**self).answered(operation);
    }
}

/// A request that was answered.
#[derive(Debug)]
pub(crate) struct Operation<'a> {
    pub(crate) method: &'a str,
    /// The URI, the name of the prompt or the name of the tool.
    pub(crate) target: Option<&'a str>,
    /// The protocol version.
    pub(crate) version: &'a str,
    /// What the caller sees, if it sees anything.
    pub(crate) catalog: Option<Catalog>,
    /// What went wrong: the code of a JSON-RPC error, or `tool_error`.
    pub(crate) error: Option<&'static str>,
    pub(crate) duration: Duration,
    /// The trace that the request says it is part of, as it says it (W3C Trace Context).
    #[cfg(feature = "otel")]
    pub(crate) traceparent: Option<&'a str>,
}

impl Operation<'_> {
    pub(crate) fn method_name(&self) -> &'static str {
        method_name(self.method)
    }

    pub(crate) fn version_name(&self) -> &'static str {
        let mut versions = ProtocolVersion::KNOWN_VERSIONS
            .iter()
            .map(ProtocolVersion::as_str);
        versions
            .find(|version| *version == self.version)
            .unwrap_or_default()
    }

    /// The tool that was called; empty for other methods.
    pub(crate) fn tool_name(&self) -> &'static str {
        match self.target {
            Some(tool) if self.method == "tools/call" => known(tool, &tools::names()),
            _ => "",
        }
    }

    /// The prompt that was asked for; empty for other methods.
    #[cfg(feature = "otel")]
    pub(crate) fn prompt_name(&self) -> &'static str {
        match self.target {
            Some(prompt) if self.method == "prompts/get" => {
                let prompt = self.catalog.and_then(|catalog| catalog.prompt(prompt).ok());
                prompt.map_or(OTHER, |prompt| prompt.name)
            }
            _ => "",
        }
    }

    /// The URI of the resource that was read; empty for other methods, and where there is none.
    #[cfg(feature = "otel")]
    pub(crate) fn resource_uri(&self) -> &'static str {
        match self.target {
            Some(uri) if self.method == "resources/read" => {
                let resource = self.catalog.and_then(|catalog| catalog.file_at(uri));
                resource.map_or("", |resource| resource.uri())
            }
            _ => "",
        }
    }

    /// The path of the skill that was taken up, if that is what the request did.
    pub(crate) fn skill(&self) -> Option<&'static str> {
        let (target, catalog) = (self.target?, self.catalog?);
        let skill = match self.method {
            "resources/read" if target.ends_with(SKILL_FILE) => catalog.skill_with(target),
            "prompts/get" => catalog.prompt(target).ok().map(|prompt| prompt.skill),
            _ => None,
        };
        skill.map(skills_model::Skill::path)
    }
}

/// The trace that a request says it is part of: in its `_meta` (SEP-414), or else in a header.
#[cfg(feature = "otel")]
pub(super) fn traceparent(context: &Context) -> Option<&str> {
    let said = context.meta.get("traceparent");
    said.and_then(serde_json::Value::as_str).or_else(|| {
        let parts = context.extensions.get::<http::request::Parts>()?;
        parts.headers.get("traceparent")?.to_str().ok()
    })
}

/// What the answer to a request of HTTP says that went wrong, for who records it.
#[cfg(feature = "http")]
#[derive(Clone, Debug, Default)]
pub(crate) struct Verdict(std::sync::Arc<std::sync::OnceLock<ErrorCode>>);

#[cfg(feature = "http")]
impl Verdict {
    /// Has the error, if there is one, known to who has the request.
    pub(super) fn pass(context: &super::Context, error: ErrorCode) {
        let parts = context.extensions.get::<http::request::Parts>();
        if let Some(verdict) = parts.and_then(|parts| parts.extensions.get::<Self>()) {
            verdict.0.get_or_init(|| error);
        }
    }

    /// The code of the error.
    pub(crate) fn error(&self) -> Option<i32> {
        self.0.get().map(|code| code.0)
    }
}

/// A method by one of the names that are known.
pub(crate) fn method_name(method: &str) -> &'static str {
    known(method, &METHODS)
}

/// A tool by its own name, if there is one.
#[cfg(feature = "http")]
pub(crate) fn tool(name: &str) -> Option<&'static str> {
    tools::names().into_iter().find(|known| *known == name)
}

fn known(name: &str, names: &[&'static str]) -> &'static str {
    let mut names = names.iter().copied();
    names.find(|known| *known == name).unwrap_or(OTHER)
}

/// The code of a JSON-RPC error as a name.
pub(super) fn code(code: ErrorCode) -> &'static str {
    match code.0 {
        -32700 => "-32700",
        -32600 => "-32600",
        -32601 => "-32601",
        -32602 => "-32602",
        -32603 => "-32603",
        -32002 => "-32002",
        -32020 => "-32020",
        -32021 => "-32021",
        -32022 => "-32022",
        _ => OTHER,
    }
}
