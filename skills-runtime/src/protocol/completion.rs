//! `completion/complete`: values for the variables of the resource templates. A prompt's argument is free text, for which
//! nothing is proposed.

use rmcp::model::{ArgumentInfo, CompleteRequestParams, CompleteResult, CompletionInfo, Reference};
use skills_model::Skill;
use skills_model::limits::URI_PREFIX;

use super::resources::{FILE_TEMPLATE, SKILL_TEMPLATE};
use crate::catalog::{Catalog, relative_uri, root_uri};
use crate::error::Error;

pub(super) fn complete(
    catalog: Catalog,
    params: &CompleteRequestParams,
) -> Result<CompleteResult, Error> {
    let candidates = match &params.r#ref {
        Reference::Resource(template) => match template.uri.as_str() {
            SKILL_TEMPLATE | FILE_TEMPLATE => candidates(catalog, params),
            unknown => {
                return Err(Error::UnknownTemplate {
                    template: unknown.into(),
                });
            }
        },
        _ => Vec::new(),
    };
    Ok(CompleteResult::new(best(&candidates, &params.argument)))
}

/// Every value that the argument can have.
fn candidates(catalog: Catalog, params: &CompleteRequestParams) -> Vec<&'static str> {
    match params.argument.name.as_str() {
        "skill" => catalog.skills().map(skill_value).collect(),
        "file" => chosen_skill(catalog, params)
            .map(file_values)
            .unwrap_or_default(),
        _ => Vec::new(),
    }
}

/// The skill that the client has filled in already.
fn chosen_skill(catalog: Catalog, params: &CompleteRequestParams) -> Option<Skill> {
    let arguments = params.context.as_ref()?.arguments.as_ref()?;
    let chosen = arguments.get("skill")?;
    catalog.skill(&format!("{URI_PREFIX}{chosen}")).ok()
}

/// The path of a skill as it stands in URIs: what the expansion of a template leaves as it is.
fn skill_value(skill: Skill) -> &'static str {
    let root = root_uri(skill);
    root.strip_prefix(URI_PREFIX).unwrap_or(root)
}

fn file_values(skill: Skill) -> Vec<&'static str> {
    let files = skill.resources().iter();
    files.filter_map(|file| relative_uri(skill, file)).collect()
}

/// The candidates that begin with what was typed, then those that contain it; as many as an answer may have.
fn best(candidates: &[&'static str], argument: &ArgumentInfo) -> CompletionInfo {
    let typed = argument.value.as_str();
    let begins = |value: &&&str| value.starts_with(typed);
    let contains = |value: &&&str| !value.starts_with(typed) && value.contains(typed);
    let found: Vec<&str> = candidates
        .iter()
        .filter(begins)
        .chain(candidates.iter().filter(contains))
        .copied()
        .collect();
    let shown = found.iter().take(CompletionInfo::MAX_VALUES);
    let mut info = CompletionInfo::default();
    info.values = shown.map(|value| (*value).to_owned()).collect();
    info.has_more = Some(found.len() > info.values.len());
    info.total = Some(found.len() as u32);
    info
}

#[cfg(test)]
mod tests {
    use rmcp::model::CompletionContext;

    use super::*;
    use crate::guard::Permit;
    use crate::testing::BUNDLE;

    fn values(name: &str, typed: &str, skill: Option<&str>) -> Vec<String> {
        let reference = Reference::for_resource(FILE_TEMPLATE);
        let mut params = CompleteRequestParams::new(reference, ArgumentInfo::new(name, typed));
        if let Some(skill) = skill {
            let arguments = [("skill".to_owned(), skill.to_owned())].into();
            params = params.with_context(CompletionContext::with_arguments(arguments));
        }
        let result = complete(Catalog::new(&BUNDLE, Permit::owner()), &params).unwrap();
        assert_eq!(result.completion.has_more, Some(false));
        result.completion.values
    }

    #[test]
    fn skills_that_begin_with_the_text_come_before_those_that_contain_it() {
        assert_eq!(values("skill", "com", None), ["commit-message"]);
        assert_eq!(
            values("skill", "refunds", None),
            ["acme/refunds", "globex/refunds"]
        );
        assert_eq!(values("skill", "", None).len(), BUNDLE.skills.len());
    }

    #[test]
    fn files_are_those_of_the_chosen_skill() {
        let files = values("file", "references/", Some("commit-message"));
        assert_eq!(files, ["references/style%20guide.md"]);
        assert!(values("file", "", None).is_empty());
        assert!(values("file", "", Some("no-such-skill")).is_empty());
        assert!(values("other", "", None).is_empty());
    }

    #[test]
    fn an_unknown_template_is_an_error_and_a_prompt_has_no_proposals() {
        let argument = || ArgumentInfo::new("skill", "");
        let template = CompleteRequestParams::new(Reference::for_resource("x://{y}"), argument());
        let prompt = CompleteRequestParams::new(Reference::for_prompt("p"), argument());
        let catalog = Catalog::new(&BUNDLE, Permit::owner());
        assert!(complete(catalog, &template).is_err());
        let proposals = complete(catalog, &prompt).unwrap().completion;
        assert!(proposals.values.is_empty());
    }
}
