//! What models are told of skills before they ask. To who may see all, the compiler has written it; to others it is written anew
//! from what they may see, so that it says nothing of the rest.

use std::borrow::Cow;

use skills_model::{Guide, Skill, Telling};

use super::Catalog;

/// What a [`Guide`] says.
#[derive(Clone, Debug)]
pub(crate) struct Guidance {
    /// The `instructions` of the server.
    pub(crate) instructions: Cow<'static, str>,
    /// The description of the tool that lists skills.
    pub(crate) list_description: Cow<'static, str>,
    /// Words by which a host may search for the tools.
    pub(crate) search_hint: Cow<'static, str>,
}

impl Catalog {
    /// What the caller's model is told.
    pub(crate) fn guidance(self) -> Guidance {
        let server = &self.bundle.server;
        if self.is_whole() {
            let Telling {
                instructions,
                list_description,
                search_hint,
            } = server.guide;
            return Guidance {
                instructions: instructions.into(),
                list_description: list_description.into(),
                search_hint: search_hint.into(),
            };
        }
        let told = self.skills().filter(|skill| skill.is_for_models());
        let told = told.map(|skill: Skill| (skill.path(), skill.description()));
        let guide = Guide::new(server.tools.prefix, told);
        Guidance {
            instructions: guide.instructions(server.introduction).into(),
            list_description: guide.list_description().into(),
            search_hint: guide.search_hint().into(),
        }
    }
}
