//! Skills as MCP prompts, for hosts in which a user picks one: `prompts/list` and `prompts/get`.

use rmcp::model::{
    GetPromptRequestParams, GetPromptResult, ListPromptsResult, PaginatedRequestParams,
    PromptMessage, Role,
};
use serde_json::Value;
use skills_model::{Skill, ToolNames};

use super::identity::cache_scope;
use super::instructions::instructions;
use super::listing::{cursor, items, listing};
use crate::catalog::Catalog;
use crate::error::Error;

pub(super) fn list(
    catalog: Catalog,
    params: Option<PaginatedRequestParams>,
) -> Result<ListPromptsResult, Error> {
    let page = items(&catalog.prompt_page(cursor(params).as_deref())?)?;
    Ok(listing!(ListPromptsResult, page, cache_scope(catalog)))
}

pub(super) fn get(
    catalog: Catalog,
    params: &GetPromptRequestParams,
    names: &ToolNames,
) -> Result<GetPromptResult, Error> {
    let skill = catalog.prompt(&params.name)?.skill;
    // Every skill's prompt has one optional argument, the task in the user's words, whatever a host calls it.
    let arguments = params
        .arguments
        .iter()
        .flat_map(|arguments| arguments.values());
    let task: Vec<&str> = arguments.filter_map(Value::as_str).collect();
    let message =
        PromptMessage::new_text(Role::User, message(skill, task.join("\n").trim(), names));
    Ok(GetPromptResult::new(vec![message]).with_description(skill.description()))
}

/// The instructions of the skill, where its files are, and the task.
fn message(skill: Skill, task: &str, names: &ToolNames) -> String {
    let instructions = instructions(skill, names);
    if task.is_empty() {
        return instructions;
    }
    format!("{instructions}\n\n---\n\nThe task: {task}")
}
