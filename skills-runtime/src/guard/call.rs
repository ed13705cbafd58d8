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
        let arguments = params.arguments.filter(|_| method == "tools/call");
        let arguments = arguments
            .and_then(|arguments| serde_json::from_str::<Arguments<'a>>(arguments.get()).ok());
        Self {
            method,
            target: params.uri.or(params.name),
            skill: arguments.and_then(|arguments| arguments.skill),
        }
    }

    /// The tool that is called.
    pub(crate) fn tool(&self) -> Option<&str> {
        let target = self.target.as_deref();
        target.filter(|_| self.method == "tools/call")
    }

    /// What is required of who asks this, for what there is in a catalog.
    pub(super) fn required(&self, catalog: Catalog) -> Scopes {
        let of = |skill: Option<Skill>| skill.map(Skill::required);
        let required = match (self.method, self.target.as_deref()) {
            ("resources/read", Some(uri)) => {
                catalog.file_at(uri).map(skills_model::Resource::required)
            }
            ("skills/get", Some(uri)) => of(catalog.skill_with(uri)),
            ("prompts/get", Some(name)) => of(catalog.prompt(name).ok()),
            ("tools/call", Some(_)) => {
                let skill = self.skill.as_deref();
                of(skill.and_then(|asked| catalog.skill(asked.trim()).ok()))
            }
            _ => None,
        };
        required.unwrap_or_default()
    }
}
