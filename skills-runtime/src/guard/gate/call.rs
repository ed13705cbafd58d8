//! What a caller asks for, as far as it matters for whether it may.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::value::RawValue;
use skills_model::{Bundle, Skill};

use super::Permit;
use crate::catalog::Catalog;
use crate::protocol::operation;
use crate::transport::jsonrpc::message::present;

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
        let members = params.map(Members::read).unwrap_or_default();
        let target = match method {
            "tools/call" | "prompts/get" => members.name,
            _ => members.uri,
        };
        let read = members.arguments.filter(|_| method == "tools/call");
        let asked = read.map(Members::read).unwrap_or_default();
        Self {
            method,
            target: text(target),
            arguments: members.arguments,
            skill: text(asked.skill).or_else(|| text(asked.uri)),
        }
    }

    /// The tool that is called, by a name that is known here.
    pub(crate) fn tool(&self) -> Option<&'static str> {
        let target = self
            .target
            .as_deref()
            .filter(|_| self.method == "tools/call")?;
        Some(operation::tool(target).unwrap_or(operation::OTHER))
    }

    /// The skill that it is about: the one that the caller sees under this name, or else one that is hidden from it. A name may mean
    /// another skill to those who see more.
    pub(super) fn subject(&self, bundle: &'static Bundle, permit: Permit) -> Option<Skill> {
        let seen = self.skill(Catalog::new(bundle, permit));
        seen.or_else(|| self.skill(Catalog::new(bundle, Permit::owner())))
    }

    /// The same among what a catalog shows.
    fn skill(&self, catalog: Catalog) -> Option<Skill> {
        match (self.method, self.target.as_deref()?) {
            ("resources/read" | "skills/get", uri) => {
                catalog.file_at(uri)?;
                catalog.skill_around(uri)
            }
            ("prompts/get", name) => catalog.prompt(name).ok().map(|prompt| prompt.skill),
            ("tools/call", _) => {
                let asked = self.skill.as_deref()?.trim();
                let skill = catalog.skill(asked).ok();
                skill.or_else(|| catalog.skill_around(asked))
            }
            _ => None,
        }
    }
}

/// The members of an object that matter, each by itself: one that is not as it should be hides none of the others. The rest is
/// passed over, however much it is.
#[derive(Default, Deserialize)]
struct Members<'a> {
    #[serde(borrow, default, deserialize_with = "present")]
    name: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    uri: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    skill: Option<&'a RawValue>,
    #[serde(borrow, default, deserialize_with = "present")]
    arguments: Option<&'a RawValue>,
}

impl<'a> Members<'a> {
    fn read(object: &'a RawValue) -> Self {
        let text = object.get();
        // Derived types take a list for their members in order.
        let members = text
            .starts_with('{')
            .then(|| serde_json::from_str(text).ok());
        members.flatten().unwrap_or_default()
    }
}

/// A member that is text.
fn text(member: Option<&RawValue>) -> Option<Cow<'_, str>> {
    let text = serde_json::from_str(member?.get()).ok();
    text.map(|Text(text)| text)
}

/// Text, borrowed unless it has escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_member_hides_or_replaces_another() {
        for more in ["", ",\"uri\":5", ",\"uri\":\"x\"", ",\"cursor\":{}"] {
            let params = format!(r#"{{"name":"read_skill"{more},"arguments":{{"skill":"pdf"}}}}"#);
            let params = RawValue::from_string(params).unwrap();
            let call = Call::read("tools/call", Some(&params));
            assert_eq!(call.tool(), Some("read_skill"), "{more}");
            assert_eq!(call.skill.as_deref(), Some("pdf"), "{more}");
        }
        let params = r#"{"name":5,"uri":"skill://a"}"#.to_owned();
        let params = RawValue::from_string(params).unwrap();
        let call = Call::read("resources/read", Some(&params));
        assert_eq!(call.target.as_deref(), Some("skill://a"));
    }
}
