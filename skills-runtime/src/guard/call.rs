//! What a caller asks for, as far as it matters for whether it may.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use skills_model::{Scopes, Skill};

use crate::catalog::Catalog;

/// A request of MCP.
#[derive(Clone, Debug)]
pub(crate) struct Call<'a> {
    pub(crate) method: &'a str,
    /// The URI, the name of the prompt or the name of the tool.
    pub(crate) target: Option<Cow<'a, str>>,
    /// The arguments of a prompt or a tool.
    pub(super) arguments: Option<&'a RawValue>,
    /// The skill that a tool is to work on.
    skill: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow)]
    uri: Option<Cow<'a, str>>,
    #[serde(borrow)]
    name: Option<Cow<'a, str>>,
    #[serde(borrow)]
    arguments: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Arguments<'a> {
    #[serde(borrow)]
    skill: Option<Cow<'a, str>>,
}

impl<'a> Call<'a> {
    /// A request for something with a URI, or for nothing in particular.
    pub(crate) fn of(method: &'a str, uri: Option<&'a str>) -> Self {
        Self {
            method,
            target: uri.map(Cow::Borrowed),
            arguments: None,
            skill: None,
        }
    }

    /// A request with any parameters. What they lack is for others to say.
    pub(crate) fn read(method: &'a str, params: Option<&'a RawValue>) -> Self {
        let params =
            params.and_then(|params| serde_json::from_str::<Params<'a>>(params.get()).ok());
        let Some(params) = params else {
            return Self::of(method, None);
        };
        let read = params.arguments.filter(|_| method == "tools/call");
        let read =
            read.and_then(|arguments| serde_json::from_str::<Arguments<'a>>(arguments.get()).ok());
        Self {
            method,
            target: params.uri.or(params.name),
            arguments: params.arguments,
            skill: read.and_then(|arguments| arguments.skill),
        }
    }

    /// The tool that is called.
    pub(crate) fn tool(&self) -> Option<&str> {
        let target = self.target.as_deref();
        target.filter(|_| self.method == "tools/call")
    }

    /// What is required of who asks this, for what there is in a catalog.
    pub(super) fn required(&self, catalog: Catalog) -> Scopes {
        let skill = self.skill(catalog);
        skill.map(Skill::required).unwrap_or_default()
    }

    /// The skill that it is about.
    pub(super) fn skill(&self, catalog: Catalog) -> Option<Skill> {
        match (self.method, self.target.as_deref()?) {
            ("resources/read" | "skills/get", uri) => {
                catalog.file_at(uri)?;
                catalog.skill_around(uri)
            }
            ("prompts/get", name) => catalog.prompt(name).ok(),
            ("tools/call", _) => catalog.skill(self.skill.as_deref()?.trim()).ok(),
            _ => None,
        }
    }
}
