//! Pages of JSON for the list methods of MCP: `skills/list`, `resources/list`, `prompts/list` and
//! `resources/directory/read`.

use std::collections::BTreeMap;

use skills_model::limits::{DIRECTORY_MEDIA_TYPE, PAGE_ITEMS, SKILL_FILE};

use super::{Blob, DirectoryPlan, ResourcePlan, Served, SkillPlan, TextPart, json, uri};
use crate::emit::hexadecimal;
use crate::rules::CheckedSkill;
use crate::source::ancestors;

/// One page: the cursor that asks for it, empty for the first, and its items as a JSON array.
#[derive(Debug)]
pub struct PagePlan {
    /// The cursor.
    pub cursor: String,
    /// The JSON array.
    pub items: TextPart,
}

/// Cuts listings into pages. Cursors carry a piece of the bundle's digest, so that a cursor from another build of the
/// server is refused instead of skipping entries.
pub(super) struct Pages {
    stamp: String,
}

impl Pages {
    pub(super) fn new(digest: &[u8; 32]) -> Self {
        Self {
            stamp: hexadecimal(digest.get(..4).unwrap_or_default()),
        }
    }

    /// Adds a listing to the blob; `place` learns where each item came to lie.
    pub(super) fn add(
        &self,
        blob: &mut Blob,
        items: &[String],
        mut place: impl FnMut(usize, TextPart),
    ) -> Vec<PagePlan> {
        let chunks: Vec<_> = if items.is_empty() {
            vec![items]
        } else {
            items.chunks(PAGE_ITEMS).collect()
        };
        let pages = chunks.into_iter().enumerate().map(|(number, chunk)| {
            let (items, parts) = blob.add_array(chunk);
            parts
                .into_iter()
                .enumerate()
                .for_each(|(index, part)| place(number * PAGE_ITEMS + index, part));
            let cursor = if number == 0 {
                String::new()
            } else {
                format!("{}-{number}", self.stamp)
            };
            PagePlan { cursor, items }
        });
        pages.collect()
    }
}

/// The MCP `Resource` of a file.
pub(super) fn resource(resource: &ResourcePlan, served: &Served<'_>) -> String {
    let directory = resource
        .path
        .strip_suffix(SKILL_FILE)
        .and_then(|directory| directory.strip_suffix('/'));
    let skill = directory.and_then(|directory| served.skill(directory));
    let name = skill.map_or(resource.name.as_str(), CheckedSkill::name);
    let description =
        skill.map(|skill| format!(",\"description\":{}", json::string(skill.description())));
    format!(
        "{{\"uri\":{},\"name\":{}{},\"mimeType\":{},\"size\":{}}}",
        json::string(&resource.uri),
        json::string(name),
        description.unwrap_or_default(),
        json::string(resource.media_type),
        resource.size,
    )
}

/// The pages of `resources/list`; fills in where each file's entry came to lie.
pub(super) fn resources(
    resources: &mut [ResourcePlan],
    entries: &[String],
    pages: &Pages,
    blob: &mut Blob,
) -> Vec<PagePlan> {
    pages.add(blob, entries, |index, part| {
        if let Some(resource) = resources.get_mut(index) {
            resource.entry = part;
        }
    })
}

/// The pages of `skills/list`; fills in where each skill's entry and frontmatter came to lie.
pub(super) fn skills(
    plans: &mut [SkillPlan],
    served: &Served<'_>,
    resources: &[ResourcePlan],
    pages: &Pages,
    blob: &mut Blob,
) -> Vec<PagePlan> {
    let entries: Vec<_> = plans
        .iter()
        .map(|plan| {
            let entries = served
                .skill(&plan.path)
                .map_or(&[][..], |skill| &skill.frontmatter().entries);
            entry(plan, &json::object(entries), resources)
        })
        .collect();
    let (entries, frontmatters): (Vec<_>, Vec<_>) = entries.into_iter().unzip();
    pages.add(blob, &entries, |index, part| {
        if let (Some(plan), Some(&(start, len))) = (plans.get_mut(index), frontmatters.get(index)) {
            plan.entry = part;
            plan.frontmatter = part.inner(start, len);
        }
    })
}

/// One entry, and where in it the frontmatter stands.
fn entry(
    plan: &SkillPlan,
    frontmatter: &str,
    resources: &[ResourcePlan],
) -> (String, (usize, usize)) {
    let (first, count) = plan.resources;
    let files = resources.iter().skip(first).take(count).map(|resource| {
        let (uri, digest) = (json::string(&resource.uri), hexadecimal(&resource.digest));
        format!(
            "{{\"uri\":{uri},\"digest\":\"sha256:{digest}\",\"size\":{}}}",
            resource.size
        )
    });
    let files: Vec<_> = files.collect();
    let head = format!("{{\"uri\":{},\"frontmatter\":", json::string(&plan.uri));
    let entry = format!("{head}{frontmatter},\"resources\":[{}]}}", files.join(","));
    (entry, (head.len(), frontmatter.len()))
}

/// Decides which skills are prompts and how they are called: by name, or by path where the name is not unique.
pub(super) fn name_prompts(plans: &mut [SkillPlan], served: &Served<'_>) {
    let mut names = BTreeMap::<String, usize>::new();
    for plan in plans.iter() {
        *names.entry(plan.name.clone()).or_default() += 1;
    }
    let invocable = |plan: &&mut SkillPlan| served.skill(&plan.path).is_some_and(is_for_users);
    for plan in plans.iter_mut().filter(invocable) {
        let unique = names.get(&plan.name) == Some(&1);
        plan.prompt = Some(if unique {
            plan.name.clone()
        } else {
            plan.path.clone()
        });
    }
}

/// `user-invocable: false` is how Claude Code hides a skill from its users; absent means true.
fn is_for_users(skill: &CheckedSkill<'_>) -> bool {
    !skill.says("user-invocable", false)
}

/// The pages of `prompts/list`, ascending by prompt name.
pub(super) fn prompts(
    plans: &[SkillPlan],
    served: &Served<'_>,
    pages: &Pages,
    blob: &mut Blob,
) -> Vec<PagePlan> {
    let prompts: BTreeMap<_, _> = plans
        .iter()
        .filter_map(|plan| Some((plan.prompt.as_deref()?, plan)))
        .collect();
    let prompts: Vec<_> = prompts
        .into_iter()
        .map(|(name, plan)| {
            let hint = served
                .skill(&plan.path)
                .and_then(|skill| skill.frontmatter().text("argument-hint"));
            prompt(name, &plan.description, hint)
        })
        .collect();
    pages.add(blob, &prompts, |_, _| ())
}

fn prompt(name: &str, description: &str, hint: Option<&str>) -> String {
    let hint = hint.map_or(
        "What to use the skill for; empty to just load it".to_owned(),
        str::to_owned,
    );
    format!(
        "{{\"name\":{},\"description\":{},\"arguments\":[{{\"name\":\"task\",\"description\":{},\"required\":false}}]}}",
        json::string(name),
        json::string(description),
        json::string(&hint),
    )
}

/// The directories with pages of their direct children, in the order of their names.
pub(super) fn directories(
    resources: &[ResourcePlan],
    entries: &[String],
    pages: &Pages,
    blob: &mut Blob,
) -> Vec<DirectoryPlan> {
    let mut children = BTreeMap::<&str, BTreeMap<&str, String>>::new();
    for (resource, entry) in resources.iter().zip(entries) {
        let Some((parent, name)) = resource.path.rsplit_once('/') else {
            continue;
        };
        children
            .entry(parent)
            .or_default()
            .insert(name, entry.clone());
        for (parent, directory) in
            ancestors(parent).zip(std::iter::once(parent).chain(ancestors(parent)))
        {
            let name = directory.rsplit('/').next().unwrap_or(directory);
            children
                .entry(parent)
                .or_default()
                .entry(name)
                .or_insert_with(|| directory_entry(directory, name));
        }
    }
    let mut directories: Vec<_> = children
        .into_iter()
        .map(|(path, children)| {
            let items: Vec<_> = children.into_values().collect();
            DirectoryPlan {
                uri: uri::of_path(path),
                pages: pages.add(blob, &items, |_, _| ()),
            }
        })
        .collect();
    directories.sort_unstable_by(|left, right| left.uri.cmp(&right.uri));
    directories
}

fn directory_entry(path: &str, name: &str) -> String {
    let (uri, name) = (json::string(&uri::of_path(path)), json::string(name));
    format!("{{\"uri\":{uri},\"name\":{name},\"mimeType\":\"{DIRECTORY_MEDIA_TYPE}\"}}")
}
