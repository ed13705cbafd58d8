//! Pages of JSON for the list methods of MCP: `skills/list`, `resources/list`, `prompts/list` and
//! `resources/directory/read`.

use std::collections::BTreeMap;

use skills_model::limits::{DIRECTORY_MEDIA_TYPE, PAGE_ITEMS, SKILL_FILE};
use skills_model::{Cursors, Digest};

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

/// Cuts listings into pages.
pub(super) struct Pages {
    cursors: Cursors,
}

impl Pages {
    /// For listings of these skills, which ascend by URI.
    pub(super) fn new(skills: &[SkillPlan]) -> Self {
        let digests = skills.iter().map(|skill| Digest::new(skill.digest));
        Self {
            cursors: Cursors::new(digests),
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
            PagePlan {
                cursor: self.cursors.of(number),
                items,
            }
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

/// `user-invocable: false` is how Claude Code hides a skill from its users; absent means true.
fn is_for_users(skill: &CheckedSkill<'_>) -> bool {
    !skill.says("user-invocable", false)
}

/// The pages of `prompts/list` for who may see all skills, ascending by prompt name: the name of the skill where no other has it, else
/// its path. Fills in what each prompt is, whatever its name.
pub(super) fn prompts(
    plans: &mut [SkillPlan],
    served: &Served<'_>,
    pages: &Pages,
    blob: &mut Blob,
) -> Vec<PagePlan> {
    let mut names = BTreeMap::<_, usize>::new();
    for plan in plans.iter() {
        *names.entry(plan.name.as_str()).or_default() += 1;
    }
    let prompts = plans.iter().enumerate().filter_map(|(index, plan)| {
        let skill = served
            .skill(&plan.path)
            .filter(|skill| is_for_users(skill))?;
        let is_alone = names.get(plan.name.as_str()) == Some(&1);
        let name = if is_alone { &plan.name } else { &plan.path };
        Some((name.as_str(), (index, prompt(name, skill))))
    });
    let prompts: BTreeMap<_, _> = prompts.collect();
    let (places, prompts): (Vec<_>, Vec<_>) = prompts
        .into_values()
        .map(|(index, (prompt, named))| ((index, named), prompt))
        .unzip();
    pages.add(blob, &prompts, |number, part| {
        if let Some(&(index, named)) = places.get(number)
            && let Some(plan) = plans.get_mut(index)
        {
            plan.prompt = part.after(named);
        }
    })
}

/// The MCP `Prompt` of a skill, and where in it the name ends.
fn prompt(name: &str, skill: &CheckedSkill<'_>) -> (String, usize) {
    let hint = skill
        .frontmatter()
        .text("argument-hint")
        .unwrap_or("What to use the skill for; empty to just load it");
    let head = format!("{{\"name\":{}", json::string(name));
    let prompt = format!(
        "{head},\"description\":{},\"arguments\":[{{\"name\":\"task\",\"description\":{},\"required\":false}}]}}",
        json::string(skill.description()),
        json::string(hint),
    );
    (prompt, head.len())
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
