//! Who may see which skills, as sets of scopes in the rows of skills and files.

use skills_model::Scopes;

use super::{ResourcePlan, Served, SkillPlan};
use crate::config::Access;

/// Gives skills and files what they require; the scopes that the bits stand for.
///
/// A file belongs to all skills around it, which require the same: a rule sees to that.
pub(super) fn require(
    access: &Access,
    served: &Served<'_>,
    skills: &mut [SkillPlan],
    resources: &mut [ResourcePlan],
) -> Vec<String> {
    let mut scopes = Vec::<String>::new();
    for skill in skills {
        let Some(checked) = served.skill(&skill.path) else {
            continue;
        };
        for scope in access.required(checked.path()) {
            let known = scopes.iter().position(|known| known == scope);
            let index = known.unwrap_or_else(|| {
                scopes.push(scope.to_owned());
                scopes.len() - 1
            });
            skill.required = skill.required.with(Scopes::of(index));
        }
        let (first, count) = skill.resources;
        for resource in resources.iter_mut().skip(first).take(count) {
            resource.required = resource.required.with(skill.required);
        }
    }
    scopes
}
